"""The schedules on the settings page: what each is, who goes by it, and a line to make another one."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from nicegui import ui

from leadline.console.drawing import box, moment, text
from leadline.console.language import _
from leadline.console.shell import Column, Entry, Table, Visit, button
from leadline.spaces import Schedule, Schedules
from leadline.spaces.hours import EXAMPLE


class SchedulesPart:
    """Below the settings, whosever they are."""

    def __init__(self, visit: Visit, names: dict[int, str]) -> None:
        self._visit = visit
        self._names = names
        self._schedules = Schedules(visit.leadline.book)
        self._table: Table[Schedule] = Table(
            [
                Column(_("Schedule"), self._draw_name, "24%"),
                Column(_("Hours"), self._draw_hours),
                Column(_("Used by"), self._draw_users, "20%"),
                Column("", self._draw_acts, "14%"),
            ],
            lambda one: one.name,
            title=_("Schedules"),
            empty=_("There are no schedules. Channels use their own opening hours, or those of the workspace."),
            testid="schedules",
            row="schedule",
        )
        if visit.seat.may("settings"):
            with box("ll-acts", testid="new-schedule"):
                self._name = Entry(_("Name of a new schedule"), testid="name")
                self._hours = Entry(_("Opening hours"), testid="hours", hint=EXAMPLE)
                button(visit, _("Add"), "settings", self._add, testid="add")

    def refresh(self) -> None:
        """Show what others changed."""
        self._table.show(self._schedules.listed(self._visit.workspace_id))

    def _draw_name(self, one: Schedule) -> None:
        ui.link(one.name, f"{self._visit.request.url.path}?{urlencode({'schedule': one.name})}").classes("ll-name")
        with box("ll-acts ll-faint"):
            text(_("open") if one.is_open else _("closed until") if one.opens else _("closed"))
            if one.opens:
                moment(one.opens)

    def _draw_hours(self, one: Schedule) -> None:
        text(one.opening_hours, "ll-text")
        text(one.time_zone, "ll-faint")
        if one.closed_dates:
            text(_("Closed on {dates}", dates=one.closed_dates), "ll-faint")

    def _draw_users(self, one: Schedule) -> None:
        users = (
            self._names.get(number, _("a removed channel")) if number else _("the workspace") for number in one.users
        )
        text(", ".join(users) or _("nobody"), "ll-soft")

    def _draw_acts(self, one: Schedule) -> None:
        ask = _("Remove the schedule {name}?", name=one.name)
        button(self._visit, _("Remove"), "settings", partial(self._remove, one), ask=ask, testid="remove")

    async def _add(self) -> str:
        made = await self._schedules.add(self._visit.workspace_id, self._name.value, self._hours.value)
        self._name.clear()
        self._hours.clear()
        return _("{name} has been created. A channel uses it once its setting Schedule names it.", name=made.name)

    async def _remove(self, one: Schedule) -> str:
        await self._schedules.remove(self._visit.workspace_id, one.name)
        return _("The schedule {name} has been removed.", name=one.name)
