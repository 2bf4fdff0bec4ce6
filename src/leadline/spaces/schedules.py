"""Schedules: opening hours with a name, which several channels share. Their values are settings like all others.

A schedule is there as long as it has opening hours. The console and `leadline schedule` make and remove them here.
"""

from __future__ import annotations

import time
from datetime import datetime

from leadline.errors import SettingError, meant
from leadline.model import Struct
from leadline.spaces import hours
from leadline.spaces.book import Book
from leadline.spaces.hours import Hours
from leadline.spaces.registry import REGISTRY, setting

HOURS = "opening_hours"
LONGEST = 60


class Schedule(Struct, frozen=True, kw_only=True):
    """One schedule as people see it. users: channels that go by it, 0 for the workspace. is_open: at this moment.
    opens: when next; None while it is open, and where it opens not within a year.
    """

    name: str
    opening_hours: str
    time_zone: str
    closed_dates: str
    users: tuple[int, ...]
    is_open: bool
    opens: datetime | None

    @property
    def now(self) -> str:
        """Whether somebody is there, in words."""
        if self.is_open:
            return "open"
        return f"closed until {self.opens:%A %Y-%m-%d %H:%M}" if self.opens else "closed"


class Schedules:
    """The schedules of every workspace."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def listed(self, workspace_id: str, *, at: float | None = None) -> list[Schedule]:
        """All of them. at: the moment (unix seconds) that counts as now."""
        moment = time.time() if at is None else at
        return [self._one(workspace_id, name, moment) for name in self._book.schedules(workspace_id)]

    def by_name(self, workspace_id: str, text: str) -> str:
        """The schedule of that name, however its letters are written; raises SettingError that names one like it."""
        known = self._book.schedules(workspace_id)
        for name in known:
            if name.casefold() == text.strip().casefold():
                return name
        raise SettingError(f"There is no schedule '{text}'. {meant(text, known)}")

    async def add(self, workspace_id: str, text: str, opening_hours: str, time_zone: str = "") -> Schedule:
        """Make a schedule; raises SettingError for hours that cannot be read, and for a name that is taken or none.

        time_zone: empty for that of the workspace.
        """
        name = " ".join(text.split())
        if not name or len(name) > LONGEST or not name.isprintable():
            raise SettingError(f"A schedule needs a name of at most {LONGEST} letters.")
        taken = [one for one in self._book.schedules(workspace_id) if one.casefold() == name.casefold()]
        if taken:
            raise SettingError(f"There is a schedule '{taken[0]}' already. Change it, or choose another name.")
        self.check(HOURS, opening_hours)
        if time_zone:
            await self._book.set(workspace_id, "time_zone", time_zone, schedule=name)
        await self._book.set(workspace_id, HOURS, opening_hours, schedule=name)
        return self._one(workspace_id, name, time.time())

    def check(self, name: str, text: str | None) -> None:
        """Raises SettingError for a value (None: none) that a schedule cannot have: it needs opening hours."""
        if setting(name).name != HOURS:
            return
        if text is None:
            raise SettingError("A schedule needs opening_hours. Remove the schedule if nobody goes by it.")
        _some_hours(text)

    async def remove(self, workspace_id: str, schedule: str) -> None:
        """Take a schedule away; raises SettingError while anybody goes by it."""
        if users := self.users(workspace_id, schedule):
            who = ", ".join(f"channel {number}" if number else "the workspace" for number in users)
            raise SettingError(f"{schedule} is the schedule of {who}. Choose another one there first, or none.")
        for one in REGISTRY.values():
            if one.for_schedule:
                await self._book.reset(workspace_id, one.name, schedule=schedule)

    def users(self, workspace_id: str, schedule: str) -> tuple[int, ...]:
        """The channels that name it themselves, and 0 where the workspace does."""
        channels = [0, *sorted(self._book.channels(workspace_id))]
        return tuple(each for each in channels if self._own(workspace_id, each) == schedule)

    def overruled(self, workspace_id: str, channel_id: int) -> tuple[str, ...]:
        """Settings of a schedule for which the channel has a value of its own, which goes before."""
        values = self._book.values(workspace_id, channel_id)
        return tuple(one.setting.name for one in values if one.setting.for_schedule and one.origin == "channel")

    def _own(self, workspace_id: str, channel_id: int) -> str:
        value = next(one for one in self._book.values(workspace_id, channel_id) if one.setting.name == "schedule")
        return str(value.value) if value.origin == ("channel" if channel_id else "workspace") else ""

    def _one(self, workspace_id: str, name: str, moment: float) -> Schedule:
        found = {one.setting.name: str(one.value) for one in self._book.values(workspace_id, schedule=name)}
        week, closed = hours.read(found[HOURS]), hours.dates(found["closed_dates"])
        there = Hours(week=week, zone=found["time_zone"], closed=closed)
        is_open = there.is_open(moment)
        return Schedule(
            name=name,
            users=self.users(workspace_id, name),
            is_open=is_open,
            opens=None if is_open else there.opens(moment),
            **{field: found[field] for field in (HOURS, "time_zone", "closed_dates")},
        )


def _some_hours(text: str) -> None:
    if not any(hours.read(text)):
        raise SettingError(f"A schedule needs opening hours. {hours.FORM}")
