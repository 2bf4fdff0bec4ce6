"""Opening hours: blocks on each weekday in one time zone, without the closed dates. Pure.

`outbound/automatic.py` asks whether a channel is open; the settings check what people write by `read` and `dates`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from leadline.errors import SettingError
from leadline.model import Struct

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FULL = 24 * 60
AHEAD = 400  # days that are looked through for the next opening
EXAMPLE = "mon-fri 09:00-12:30, 13:30-18:00; sat 10:00-14:00"
FORM = f"Write them like: {EXAMPLE}"
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")


class Block(Struct, frozen=True, order=True):
    """From one minute of a day to another, by the clock on the wall; the last minute is not in it."""

    start: int
    end: int


Week = tuple[tuple[Block, ...], ...]
"""The blocks of each day, Monday first, in order and apart from each other."""


class Hours(Struct, frozen=True, kw_only=True):
    """When somebody is there."""

    week: Week
    zone: str
    closed: frozenset[date] = frozenset()

    def is_open(self, at: float) -> bool:
        """Whether somebody is there at a moment (unix seconds)."""
        local = datetime.fromtimestamp(at, ZoneInfo(self.zone))
        if local.date() in self.closed:
            return False
        minute = local.hour * 60 + local.minute
        return any(block.start <= minute < block.end for block in self.week[local.weekday()])

    def opens(self, at: float) -> datetime | None:
        """When somebody is there next, after a moment (unix seconds) at which nobody is; None for not within a year."""
        local = datetime.fromtimestamp(at, ZoneInfo(self.zone))
        for ahead in range(AHEAD):
            for moment in self._moments(local.date() + timedelta(days=ahead)):
                if moment > at and self.is_open(moment):
                    return datetime.fromtimestamp(moment, ZoneInfo(self.zone))
        return None

    def _moments(self, day: date) -> list[float]:
        """When it may open on a day: when a block begins, twice where that hour comes twice, and when the clock is
        changed, which can lead into the middle of a block.
        """
        if day in self.closed:
            return []
        zone = ZoneInfo(self.zone)
        begin = datetime(day.year, day.month, day.day, tzinfo=zone)
        walls = [begin.replace(hour=block.start // 60, minute=block.start % 60) for block in self.week[day.weekday()]]
        moments = {wall.replace(fold=fold).timestamp() for wall in walls for fold in (0, 1)}
        return sorted(moments | set(_changes(begin)))


def _changes(begin: datetime) -> Iterator[float]:
    """When the clock is put forward or back on the day that begins then."""
    zone, start = begin.tzinfo, int(begin.timestamp())

    def offset(moment: int) -> timedelta | None:
        return datetime.fromtimestamp(moment, zone).utcoffset()

    for hour in range(start, start + 26 * 3600, 3600):
        low, high = hour, hour + 3600
        if offset(low) == offset(high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
        if datetime.fromtimestamp(high, zone).date() == begin.date():
            yield float(high)


def read(text: str) -> Week:
    """The week that a person wrote; raises SettingError. Nothing written: always open is for the caller to say."""
    days: list[list[Block]] = [[] for _ in DAYS]
    for group in filter(None, (each.strip() for each in text.lower().split(";"))):
        names, _, blocks = group.partition(" ")
        for day in _days(names):
            days[day] += [_block(each.strip()) for each in blocks.split(",")]
    for name, blocks_of_day in zip(DAYS, days, strict=True):
        blocks_of_day.sort()
        if any(one.end > two.start for one, two in pairwise(blocks_of_day)):
            raise SettingError(f"Two opening hours of {name} overlap. {FORM}")
    return tuple(tuple(each) for each in days)


def shown(week: Week) -> str:
    """A week as `read` takes it, days alike in a row together."""
    groups: list[tuple[int, int, tuple[Block, ...]]] = []
    for day, blocks in enumerate(week):
        if groups and groups[-1][2] == blocks:
            groups[-1] = (groups[-1][0], day, blocks)
        else:
            groups.append((day, day, blocks))
    return "; ".join(
        f"{DAYS[first]}{f'-{DAYS[last]}' if last > first else ''} "
        + ", ".join(f"{_clock(block.start)}-{_clock(block.end)}" for block in blocks)
        for first, last, blocks in groups
        if blocks
    )


def dates(text: str) -> frozenset[date]:
    """Dates between commas, like 2026-12-25; raises SettingError."""
    found = set()
    for each in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.add(date.fromisoformat(each))
        except ValueError:
            raise SettingError(f"'{each}' is not a date. Write closed dates like 2026-12-25, 2027-01-01") from None
    return frozenset(found)


def _days(names: str) -> list[int]:
    first, dash, last = names.partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        raise SettingError(f"'{names}' names no days. {FORM}")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return [day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)]


def _block(text: str) -> Block:
    start, _, end = text.partition("-")
    block = Block(_minute(start.strip(), text), _minute(end.strip(), text))
    if block.start >= block.end:
        raise SettingError(f"'{text}' ends before it begins. Hours over midnight are two: until 24:00, and from 00:00")
    return block


def _minute(text: str, whole: str) -> int:
    found = _CLOCK.fullmatch(text)
    minute = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else FULL + 1
    if minute > FULL:
        raise SettingError(f"'{whole}' is not from one time to another. {FORM}")
    return minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
