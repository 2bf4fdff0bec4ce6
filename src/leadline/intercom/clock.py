"""Intercom's clock, learnt from the Date header of its answers, so that its times are never held against ours.

`client.py` keeps one; steps ask it when a write was begun.
"""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from time import monotonic


class Clock:
    """What time it is at Intercom: what the last answer said, and the seconds that have passed here since then."""

    def __init__(self) -> None:
        self._told = 0.0
        self._at: float | None = None

    def learn(self, date: str | None) -> None:
        """Take over a Date header (RFC 9110, 6.6.1); one that cannot be read teaches nothing."""
        moment = read_date(date)
        if moment is not None:
            self._told, self._at = moment, monotonic()

    @property
    def age(self) -> float:
        """Seconds since Intercom last told its time; infinite when it never did."""
        return float("inf") if self._at is None else monotonic() - self._at

    def now(self) -> float:
        """The earliest unix time it can be at Intercom. Headers tell whole seconds, and answers take their way."""
        return self._told + self.age


def read_date(date: str | None) -> float | None:
    """Unix seconds of a Date header, or None."""
    try:
        moment = parsedate_to_datetime(date or "")
    except (ValueError, OverflowError):  # of a number that is none of a date
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
