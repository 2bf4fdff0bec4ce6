"""Whether two names may be one person's. Only used to doubt a match, never to make one."""

from __future__ import annotations

import re
import unicodedata


def differ(one: str, other: str) -> bool:
    """True where both names say something and share no word, whatever their case and accents."""
    left, right = _words(one), _words(other)
    return bool(left) and bool(right) and not left & right


def _words(name: str) -> frozenset[str]:
    plain = "".join(char for char in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(char))
    return frozenset(re.findall(r"[^\W\d_]{2,}", plain)) or frozenset(re.findall(r"[^\W\d_]", plain))
