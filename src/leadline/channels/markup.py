"""What a teammate emphasised, in each channel's own way: WhatsApp's marks, Telegram's entities, Slack's rich text.

Pure and total. No visible character is lost, and nothing that a teammate typed turns into markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from leadline.model import Mark

HAIR = "\u200a"
"""A space too thin to see. WhatsApp has no escape; a mark beside white space is none: FAQ on formatting, 2026."""

_SIGNS = {"bold": "*", "italic": "_", "strike": "~", "code": "```"}
_TYPED = "*_~`"
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
    return [
        {
            "type": _ENTITIES[mark.style],
            "offset": _units(text[: mark.start]),
            "length": _units(text[mark.start : mark.end]),
        }
        for mark in marks
    ]


def rich_text(text: str, marks: Sequence[Mark]) -> dict[str, Any]:
    """Slack's block of rich text: stretches with their style, nothing to escape."""
    edges = sorted({0, len(text), *(mark.start for mark in marks), *(mark.end for mark in marks)})
    stretches = [
        {"type": "text", "text": text[start:end]} | _style(marks, start, end) for start, end in pairwise(edges)
    ]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": stretches}]}


def _style(marks: Sequence[Mark], start: int, end: int) -> dict[str, Any]:
    styles = {mark.style: True for mark in marks if mark.start <= start and end <= mark.end}
    return {"style": styles} if styles else {}


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


# -- WhatsApp, comments on Slack --------------------------------------------------------------------------------------


def signed(text: str, marks: Sequence[Mark]) -> str:
    """The text with signs around what stands out: `*bold*`, `_italic_`, `~struck~`, three backticks for code.

    A mark that the app would not read (inside a word, over several lines) is left out. What a teammate typed and the
    app would read as a sign is parted from its words by a hair space.
    """
    lines, at = [], 0
    for line in text.split("\n"):
        lines.append(_line(line, _readable(line, clipped(marks, at, at + len(line)))))
        at += len(line) + 1
    return "\n".join(lines)


def _readable(line: str, marks: Iterable[Mark]) -> list[Mark]:
    """The marks that WhatsApp reads: around whole words, one inside the other or apart, with no such sign inside."""
    found: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        words = line[mark.start : mark.end]
        start = mark.start + len(words) - len(words.lstrip())
        end = start + len(words.strip())
        sign = _SIGNS[mark.style]
        inside_word = (start > 0 and line[start - 1].isalnum()) or line[end : end + 1].isalnum()
        nested = all(other.end <= start or (other.start <= start and end <= other.end) for other in found)
        again = any(other.style in (mark.style, "code") and start < other.end for other in found)
        edged = any(char in _TYPED for char in line[max(start - 1, 0) : start + 1] + line[end - 1 : end + 1])
        if start < end and not (inside_word or again or edged) and nested and sign[0] not in line[start:end]:
            found.append(Mark(start, end, mark.style))
    return found


def _line(line: str, marks: Sequence[Mark]) -> str:
    parted = _parted(line, marks)
    pieces = []
    for at in range(len(line) + 1):
        closing = [mark for mark in reversed(marks) if mark.end == at]
        opening = [mark for mark in marks if mark.start == at]
        pieces += [_SIGNS[mark.style] for mark in closing] + [_SIGNS[mark.style] for mark in opening]
        if at < len(line):
            before, after = parted.get(at, ("", ""))
            pieces.append(f"{before}{line[at]}{after}")
    return "".join(pieces)


def _parted(line: str, marks: Sequence[Mark]) -> dict[int, tuple[str, str]]:
    """Where a hair space goes before or after what was typed: only where the line could be read as marked by it."""
    spared = [found.span() for found in _ADDRESS.finditer(line)]
    spared += [(mark.start, mark.end) for mark in marks if mark.style == "code"]
    typed = [
        at for at, char in enumerate(line) if char in _TYPED and not any(start <= at < end for start, end in spared)
    ]
    parted: dict[int, tuple[str, str]] = {}
    for sign in _TYPED:
        places = [at for at in typed if line[at] == sign]
        ours = any(_SIGNS[mark.style][0] == sign for mark in marks)
        opens = [at for at in places if _opens(line, at)]
        closes = [at for at in places if _closes(line, at)]
        if (opens and closes) or (ours and (opens or closes)):
            parted |= {at: _hairs(line, at) for at in places if at in opens or at in closes}
    return parted


def _hairs(line: str, at: int) -> tuple[str, str]:
    """A hair space on both sides, but not at the ends of the line and not beside white space."""
    before, after = line[max(at - 1, 0) : at], line[at + 1 : at + 2]
    return (HAIR if before.strip() else "", HAIR if after.strip() else "")


def _opens(line: str, at: int) -> bool:
    before = line[at - 1] if at else " "
    return not before.isalnum() and at + 1 < len(line) and not line[at + 1].isspace()


def _closes(line: str, at: int) -> bool:
    return at > 0 and not line[at - 1].isspace() and not line[at + 1 : at + 2].isalnum()
