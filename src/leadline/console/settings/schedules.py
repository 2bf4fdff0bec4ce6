"""The schedules on the settings page: what each is, who goes by it, and a line to make another one."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from nicegui import ui

from leadline.console.drawing import box, text
from leadline.console.shell import Column, Entry, Table, Visit, button
from leadline.spaces import Schedule, Schedules
from leadline.spaces.hours import FORM


class SchedulesPart:
    """Below the settings, whosever they are."""

    def __init__(self, visit: Visit, names: dict[int, str]) -> None:
        self._visit = visit
        self._names = names
        self._schedules = Schedules(visit.leadline.book)
        self._table: Table[Schedule] = Table(
            [
                Column("Schedule", self._draw_name, "24%"),
                Column("Hours", self._draw_hours),
                Column("Used by", self._draw_users, "20%"),
                Column("", self._draw_acts, "14%"),
            ],
            lambda one: one.name,
            title="Schedules",
            empty="There are no schedules. Channels go by the opening hours that are set for them or the workspace.",
            testid="schedules",
            row="schedule",
        )
        if visit.seat.may("settings"):
            with box("ll-acts", testid="new-schedule"):
                self._name = Entry("Name of a new schedule", testid="name")
                self._hours = Entry("Opening hours", testid="hours", hint=FORM.removeprefix("Write them like: "))
                button(visit, "Add", "settings", self._add, testid="add")

    def refresh(self) -> None:
        """Show what others changed."""
        self._table.show(self._schedules.listed(self._visit.workspace_id))

    def _draw_name(self, one: Schedule) -> None:
        ui.link(one.name, f"{self._visit.request.url.path}?{urlencode({'schedule': one.name})}").classes("ll-name")
        text(one.now, "ll-faint")

    def _draw_hours(self, one: Schedule) -> None:
        text(one.opening_hours, "ll-text")
        text(f"{one.time_zone}{f'; closed on {one.closed_dates}' if one.closed_dates else ''}", "ll-faint")

    def _draw_users(self, one: Schedule) -> None:
        users = (self._names.get(number, "a removed channel") if number else "the workspace" for number in one.users)
        text(", ".join(users) or "nobody", "ll-soft")

    def _draw_acts(self, one: Schedule) -> None:
        ask = f"Take the schedule {one.name} away?"
        button(self._visit, "Remove", "settings", partial(self._remove, one), ask=ask, testid="remove")

    async def _add(self) -> str:
        made = await self._schedules.add(self._visit.workspace_id, self._name.value, self._hours.value)
        self._name.clear()
        self._hours.clear()
        return f"{made.name} is made. Channels go by it once their setting Schedule names it."

    async def _remove(self, one: Schedule) -> str:
        await self._schedules.remove(self._visit.workspace_id, one.name)
        return f"{one.name} is no schedule any more."
