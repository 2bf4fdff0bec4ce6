"""How work grows with the length of what is read, told by CPU time of this thread: the load of the machine does not
count, only how the time for ten times as much compares.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

from leadline.errors import LeadlineError

CORPUS = Path(__file__).parent / "corpus"
SHORT, LONG = 10_000, 100_000  # characters
MOST = 20.0  # times as long for ten times as much: linear work with much to spare, quadratic work is at 100
STEEP = 8.0  # times as long for four times as much: linear work is at 4, quadratic work at 16
HOPELESS = 1.0  # seconds for LONG above which nobody needs a second look
NEGLIGIBLE = 0.015  # seconds for LONG below which growth cannot be told from noise, and harms nobody
Reader = Callable[[str], object]


@cache
def shapes() -> dict[str, tuple[str, str, str]]:
    """The corpus: what stands before, the piece that is repeated, what stands after; by name."""
    read = tomllib.loads((CORPUS / "repeated.toml").read_text("utf-8"))
    return {name: (before, piece, after) for name, (before, piece, after) in read.items()}


def grown(before: str, piece: str, after: str, length: int) -> str:
    """The text of about this length."""
    return before + piece * max(1, (length - len(before) - len(after)) // len(piece)) + after


def seconds(reader: Reader, text: str, tries: int = 3) -> float:
    """CPU time of reading it, the least of several; what the reader refuses counts as read."""
    taken = []
    for _ in range(tries):
        begun = time.thread_time()
        with suppress(LeadlineError):
            reader(text)
        taken.append(time.thread_time() - begun)
    return min(taken)


def growth(reader: Reader, before: str, piece: str, after: str) -> float:
    """How many times as long LONG takes as SHORT; 0 where LONG is negligible, or where a longer text tells otherwise.

    A single pair of lengths misleads (a cache that LONG just leaves, a neighbour on the same core), so what looks bad
    is measured again, and then at four times LONG.
    """
    long_text, short_text = (grown(before, piece, after, length) for length in (LONG, SHORT))
    long = seconds(reader, long_text, tries=1)
    if long < NEGLIGIBLE:
        return 0.0
    short = seconds(reader, short_text, tries=1)
    if long > MOST * short:
        long, short = min(long, seconds(reader, long_text)), seconds(reader, short_text, tries=9)
    times = long / max(short, 1e-6)
    if times <= MOST or long > HOPELESS:
        return times
    longer = seconds(reader, grown(before, piece, after, 4 * LONG))
    return times if longer > STEEP * long else 0.0
