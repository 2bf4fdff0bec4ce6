"""Texts on their way out: how many SMS parts they cost, and cut to a channel's limit. Adapters use it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from leadline.model import Struct

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_ADDRESS = re.compile(r"https?://\S+")


class Segments(Struct, frozen=True):
    """What a text costs as SMS: encoding `gsm7` or `ucs2`, how many parts, how many units (septets, UTF-16 units)."""

    encoding: str
    count: int
    units: int


def segments(text: str) -> Segments:
    """Count SMS parts by GSM 03.38: 160 septets or 70 UTF-16 units alone, 153 or 67 a part when there are several.

    An escaped septet pair and a surrogate pair are never divided between two parts.
    """
    gsm = _BASIC.union(_EXTENDED).issuperset(text)
    encoding, single, part = ("gsm7", 160, 153) if gsm else ("ucs2", 70, 67)
    wide = sum(map(text.count, _EXTENDED)) if gsm else len(text.encode("utf-16-le", "surrogatepass")) // 2 - len(text)
    units = len(text) + wide
    if units <= single:
        return Segments(encoding, 1, units)
    if not wide:
        return Segments(encoding, -(-units // part), units)
    sizes = [1 + (char in _EXTENDED if gsm else char > "\uffff") for char in text]
    return Segments(encoding, _parts(sizes, part), units)


def _parts(sizes: list[int], room: int) -> int:
    count, used = 1, 0
    for size in sizes:
        if used + size > room:
            count, used = count + 1, 0
        used += size
    return count


# -- cutting ----------------------------------------------------------------------------------------------------------


def utf16_units(char: str) -> int:
    """Size of one character as most providers count it."""
    return 2 if char > "\uffff" else 1


def split(text: str, limit: int, size: Callable[[str], int] = utf16_units) -> tuple[str, ...]:
    """Cut a text into pieces of at most `limit` (in `size` of each character), best between paragraphs, lines, words.

    A grapheme cluster (flag, family, accented letter) is cut only where it alone is longer than the limit.
    White space at the cuts is dropped; a blank text has no pieces.
    """
    pieces = []
    rest = text.strip()
    while rest:
        end = _fitting(rest, limit, size)
        if end < len(rest):
            end = _cut(rest, end)
        pieces.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return tuple(pieces)


def in_parts(text: str, parts: int) -> tuple[str, ...]:
    """Cut a text into SMS of at most so many parts each: 153 GSM characters a part, or 67 of any other alphabet.

    A character of two units is never divided between two parts, so that each part may stay one unit short.
    """
    counted = segments(text)
    short = counted.units > len(text)
    if counted.encoding == "gsm7":
        return split(text, parts * (153 - short), lambda char: 1 + (char in _EXTENDED))
    return split(text, parts * (67 - short))


def _fitting(text: str, limit: int, size: Callable[[str], int]) -> int:
    """How many leading characters fit; at least one, so that cutting always ends."""
    used = 0
    for index, char in enumerate(text):
        used += size(char)
        if used > limit:
            return max(index, 1)
    return len(text)


def _cut(text: str, end: int) -> int:
    """The best place to cut at or before `end`; words count only in the second half, lest pieces become tiny.

    An address that fits into a piece of its own is not cut: half of one leads nowhere.
    """
    if text[end].isspace() and not is_joined(text, end):
        return end
    at = text.rfind("http", 0, end)
    if (address := _ADDRESS.match(text, at) if at > 0 else None) and end < address.end() <= at + end:
        before = text[:at].rstrip("([<\"'“„«")
        if before.strip():
            return len(before)
    for mark in ("\n\n", "\n", " "):
        at = text.rfind(mark, end // 2, end)
        if at > 0 and text[:at].strip() and not is_joined(text, at):
            return at
    for at in range(end, 0, -1):
        if not is_joined(text, at):
            return at
    return end


def is_joined(text: str, at: int) -> bool:
    """Whether the characters before and after `at` belong to one grapheme cluster (the main rules of UAX #29)."""
    before, after = text[at - 1], text[at]
    if after < "\u0300" and before < "\u0300":
        return before == "\r" and after == "\n"
    return _is_pair(before, after) or _is_flag(text, at)


@lru_cache(maxsize=4096)  # one cluster that is longer than a channel takes is looked through for every piece
def _is_pair(before: str, after: str) -> bool:
    return _extends(after) or before == "\u200d" or _is_virama(before, after) or _is_jamo(before, after)


def _extends(char: str) -> bool:
    return (
        char in "\u200c\u200d\u0e33\u0eb3\uff9e\uff9f"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
        or unicodedata.category(char) in ("Mn", "Me", "Mc")
    )


def _is_virama(before: str, after: str) -> bool:
    return unicodedata.combining(before) == 9 and unicodedata.category(after) == "Lo"


def _is_flag(text: str, at: int) -> bool:
    """Flags are pairs of regional indicators: no cut after an odd number of them."""
    start = at
    while start and "\U0001f1e6" <= text[start - 1] <= "\U0001f1ff":
        start -= 1
    return "\U0001f1e6" <= text[at] <= "\U0001f1ff" and (at - start) % 2 == 1


def _is_jamo(before: str, after: str) -> bool:
    vowel_or_tail = "\u1160" <= after <= "\u11ff" or "\ud7b0" <= after <= "\ud7fb"
    return vowel_or_tail or (
        "\u1100" <= before <= "\u115f" and ("\u1100" <= after <= "\u115f" or "가" <= after <= "힣")
    )
