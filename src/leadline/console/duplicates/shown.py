"""What speaks for and against a pair as bars one under the other: each begins where the one above it ends."""

from __future__ import annotations

from itertools import accumulate

from leadline.console.language import _, signed
from leadline.console.retold import retold
from leadline.identity.same_person import Score, lines
from leadline.model import Struct

NARROWEST = 0.6  # percent, so that a bar can be seen


class Bar(Struct, frozen=True):
    """One reason. begin, width: percent of the whole. kind: `for`, `against`, or `sum` for what it comes to."""

    words: str
    points: str
    begin: float
    width: float
    kind: str


def bars(score: Score) -> tuple[Bar, ...]:
    """The reasons of a pair, the strongest first, and their sum."""
    reasons = lines(score)
    reached = [0, *accumulate(tenths for _, tenths in reasons)]
    lowest, highest = min(reached), max(*reached, 1)
    found = [
        _bar(retold(words), before, before + tenths, lowest, highest, "for" if tenths >= 0 else "against")
        for (words, tenths), before in zip(reasons, reached[:-1], strict=True)
    ]
    return (*found, _bar(_("together"), 0, reached[-1], lowest, highest, "sum"))


def reasons(score: Score) -> str:
    """The same as one line."""
    return ", ".join(f"{retold(words)} {signed(tenths / 10)}" for words, tenths in lines(score))


def _bar(words: str, start: int, end: int, lowest: int, highest: int, kind: str) -> Bar:
    whole = highest - lowest
    begin, width = (min(start, end) - lowest) / whole * 100, abs(end - start) / whole * 100
    return Bar(words, signed((end - start) / 10), round(begin, 1), round(max(width, NARROWEST), 1), kind)
