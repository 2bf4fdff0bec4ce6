"""Whether two names may be one person's. Only used to doubt a match or to suggest one, never to make one."""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

from leadline.identity.east_asian import parts, spelt

LONGEST_NAME = 1000
"""Letters of a name that are read: to put accents in order (NFC, NFKD) takes the square of their number."""


def differ(one: str, other: str) -> bool:
    """True where both names say something and share no word, whatever their case and accents."""
    left, right = _words(one), _words(other)
    return bool(left) and bool(right) and not left & right and not _run_together(one) & _run_together(other)


def unlike(one: str, other: str) -> bool:
    """True where each says something that the other does not: relatives share a name, nicknames only leave out."""
    left, right = _words(one), _words(other)
    apart = bool(left) and bool(right) and not (left <= right or right <= left)
    return apart and not _run_together(one) & _run_together(other)


def folded(name: str) -> str:
    """The name without case, accents and needless spaces; empty where it has no letter."""
    plain = " ".join(_plain(name).split())
    return plain if any(map(str.isalpha, plain)) else ""


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.strip()[:LONGEST_NAME].casefold())
    return "".join(char for char in letters if not unicodedata.combining(char))


def _words(name: str) -> frozenset[str]:
    given, family, rest = parts(name.strip()[:LONGEST_NAME])
    plain = _latin(rest)
    found = {*map(spelt, (given, family))} - {""} | {*re.findall(r"[^\W\d_]{2,}", plain)}
    return frozenset(found or re.findall(r"[^\W\d_]", plain))


def _run_together(name: str) -> frozenset[str]:
    """The letters without what stands between them: `MacDonald` and `Mac Donald`."""
    return frozenset({re.sub(r"[\W\d_]", "", _latin(name[:LONGEST_NAME]))} - {""})


def _latin(name: str) -> str:
    """A name in Latin letters; `ö` and `oe`, `y` and `i`, `x` and the `ks` of other alphabets are one."""
    letters = "".join(anyascii(char) if char.isalpha() else char for char in _plain(name)).casefold()
    return re.sub("(?<=[aou])e", "", letters).replace("ks", "x").replace("y", "i")
