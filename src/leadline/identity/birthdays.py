"""The year of birth in a custom attribute, however a team writes it there. The directory keeps it. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

FIRST, LAST = 1901, 2100
"""Years of people; 1900 is what forms fill in where nothing was said."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SECONDS = re.compile(r"-?\d{5,10}")


def year(value: object) -> int:
    """The year; 0 where none is told, or more than one. A number is one of unix seconds, as Intercom writes dates, or a
    year.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0
    text = value.strip() if isinstance(value, str) else f"{value:.0f}"
    if _SECONDS.fullmatch(text):
        return _possible((_EPOCH + timedelta(seconds=int(text))).year) if int(text) else 0
    years = {*_YEAR.findall(text)}
    return _possible(int(years.pop())) if len(years) == 1 and not text.startswith("1970-01-01") else 0


def _possible(found: int) -> int:
    return found if FIRST <= found <= LAST else 0
