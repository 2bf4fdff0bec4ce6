"""What a teammate emphasised, in each channel's own way: WhatsApp's marks, Telegram's entities, Slack's rich text.

Pure and total. No visible character is lost, and nothing that a teammate typed turns into markup.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import Any

from leadline.model import Mark

HAIR = "\u200a"
"""A space too thin to see. WhatsApp has no escape; a mark beside white space is none: FAQ on formatting, 2026."""

_SIGNS = {"bold": "*", "italic": "_", "strike": "~", "code": "```"}
_TYPED = "*_~`"
_SIGN = re.compile(f"[{_TYPED}]")
_ALNUM = r"[^\W_]"  # what `str.isalnum` says of a letter
_BESIDE = {
    sign: re.compile(
        rf"(?<=[\W_])(?<=\S)({re.escape(sign)})(?=\S)(?!{_ALNUM})"  # opens and closes
        rf"|(?<!{_ALNUM})({re.escape(sign)})(?=\S)"  # opens
        rf"|(?<=\S)({re.escape(sign)})(?!{_ALNUM})"  # closes
    )
    for sign in _TYPED
}
_ADDRESS = re.compile(r"https?://\S+")
_ENTITIES = {"bold": "bold", "italic": "italic", "strike": "strikethrough", "code": "code"}


def clipped(marks: Iterable[Mark], start: int, end: int) -> tuple[Mark, ...]:
    """The marks of a stretch of a text, counted from its start."""
    inside = (
        Mark(max(mark.start, start) - start, min(mark.end, end) - start, mark.style)
        for mark in marks
        if mark.start < end and mark.end > start
    )
    return tuple(inside)


# -- Telegram, Slack --------------------------------------------------------------------------------------------------


def entities(text: str, marks: Iterable[Mark]) -> list[dict[str, Any]]:
    """Telegram's entities, which count UTF-16 units."""
    marks = tuple(marks)
    units = _units_before(text, sorted({edge for mark in marks for edge in (mark.start, mark.end)}))
    return [
        {
            "type": _ENTITIES[mark.style],
            "offset": units[mark.start],
            "length": units[mark.end] - units[mark.start],
        }
        for mark in marks
    ]


def rich_text(text: str, marks: Sequence[Mark]) -> dict[str, Any]:
    """Slack's block of rich text: stretches with their style, nothing to escape."""
    changes: dict[int, Counter[str]] = {0: Counter(), len(text): Counter()}
    for mark in marks:
        changes.setdefault(mark.start, Counter())[mark.style] += 1
        changes.setdefault(mark.end, Counter())[mark.style] -= 1
    stretches, inside = [], Counter[str]()
    for start, end in pairwise(sorted(changes)):
        inside.update(changes[start])
        styles = {style: True for style, depth in inside.items() if depth > 0}
        stretches.append({"type": "text", "text": text[start:end]} | ({"style": styles} if styles else {}))
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": stretches}]}


def _units_before(text: str, edges: Iterable[int]) -> dict[int, int]:
    """UTF-16 units in front of each of these places, which are in order."""
    found, units, last = {}, 0, 0
    for edge in edges:
        units += len(text[last:edge].encode("utf-16-le", "surrogatepass")) // 2
        found[edge] = units
        last = edge
    return found


# -- WhatsApp, comments on Slack --------------------------------------------------------------------------------------


def signed(text: str, marks: Sequence[Mark]) -> str:
    """The text with signs around what stands out: `*bold*`, `_italic_`, `~struck~`, three backticks for code.

    A mark that the app would not read (inside a word, over several lines) is left out. What a teammate typed and the
    app would read as a sign is parted from its words by a hair space.
    """
    lines = text.split("\n")
    of_lines = _by_line(lines, marks)
    for number in sorted({*of_lines, *(number for number, line in enumerate(lines) if _SIGN.search(line))}):
        lines[number] = _line(lines[number], _readable(lines[number], of_lines.get(number, ())))
    return "\n".join(lines)


def _by_line(lines: Sequence[str], marks: Iterable[Mark]) -> dict[int, list[Mark]]:
    """What of the marks stands in which line, counted from its start."""
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    found: dict[int, list[Mark]] = {}
    for mark in marks:
        number = bisect_right(starts, mark.start) - 1
        while number < len(lines) and starts[number] < mark.end:
            inside = clipped((mark,), starts[number], starts[number] + len(lines[number]))
            found.setdefault(number, []).extend(inside)
            number += 1
    return found


def _readable(line: str, marks: Iterable[Mark]) -> list[Mark]:
    """The marks that WhatsApp reads: around whole words, one inside the other or apart, with no such sign inside."""
    found: list[Mark] = []
    around: list[Mark] = []  # those of `found` that have not ended yet
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        words = line[mark.start : mark.end]
        start = mark.start + len(words) - len(words.lstrip())
        end = start + len(words.strip())
        sign = _SIGNS[mark.style]
        inside_word = (start > 0 and line[start - 1].isalnum()) or line[end : end + 1].isalnum()
        around = [other for other in around if start < other.end] if start < end else around
        nested = all(other.start <= start and end <= other.end for other in around)
        again = any(other.style in (mark.style, "code") for other in around)
        edged = any(char in _TYPED for char in line[max(start - 1, 0) : start + 1] + line[end - 1 : end + 1])
        if start < end and not (inside_word or again or edged) and nested and sign[0] not in line[start:end]:
            found.append(Mark(start, end, mark.style))
            around.append(found[-1])
    return found


def _line(line: str, marks: Sequence[Mark]) -> str:
    pieces = _parted(line, marks)
    for mark in reversed(marks):  # the inner ones first
        sign = _SIGNS[mark.style]
        pieces[mark.start] = sign + pieces[mark.start]
        pieces[mark.end - 1] += sign
    return "".join(pieces)


def _parted(line: str, marks: Sequence[Mark]) -> list[str]:
    """The letters; with hair spaces around what was typed, only where the line could be read as marked by it."""
    pieces = list(line)
    free = _free(line, marks)
    for sign in set(_SIGN.findall(line)):
        found = [(at, match.lastindex) for match in _BESIDE[sign].finditer(line) if free[at := match.start()]]
        kinds = {kind for _, kind in found}
        ours = any(_SIGNS[mark.style][0] == sign for mark in marks)
        if ours or 1 in kinds or {2, 3} <= kinds:
            for at, kind in found:
                pieces[at] = f"{HAIR}{sign}{HAIR}" if kind == 1 else _apart(line, at)
    return pieces


def _free(line: str, marks: Sequence[Mark]) -> bytearray:
    """For each letter whether it may be parted: addresses and code stay as they are."""
    spared = [found.span() for found in _ADDRESS.finditer(line)]
    spared += [(mark.start, mark.end) for mark in marks if mark.style == "code"]
    free = bytearray(b"\1" * len(line))
    for start, end in spared:
        free[start:end] = bytes(end - start)
    return free


def _apart(line: str, at: int) -> str:
    """A hair space on both sides, but not at the ends of the line and not beside white space."""
    before, after = line[max(at - 1, 0) : at], line[at + 1 : at + 2]
    return (HAIR if before.strip() else "") + line[at] + (HAIR if after.strip() else "")
