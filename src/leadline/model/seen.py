"""What people see of a text that somebody else wrote: a message, a name."""

from __future__ import annotations

import unicodedata

_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs of which nothing is seen."""
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of what stands behind them, in the page around it as well."""


def is_seen(text: str) -> bool:
    """Whether there is anything to see in a text; Intercom refuses a message of nothing but white space."""
    return any(unicodedata.category(char)[0] not in "ZC" and char not in _FILLERS for char in text)


def as_name(text: str) -> str:
    """A name on one line, which turns no letters around it; empty where there is nothing to see."""
    one_line = " ".join(text.split())
    name = "".join(char for char in one_line if char not in _TURNING and unicodedata.category(char) != "Cc")
    return name.strip() if is_seen(name) else ""
