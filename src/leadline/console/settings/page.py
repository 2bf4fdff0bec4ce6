"""`/console/settings`: every setting with its value, whose value that is, and what it was before; and the schedules."""

from __future__ import annotations

from functools import partial

from leadline.console.drawing import box, moment, text
from leadline.console.language import _, marked, translated
from leadline.console.retold import retold
from leadline.console.settings.schedules import SchedulesPart
from leadline.console.settings.week import WEEKS, draw_week
from leadline.console.shell import Choice, Column, Entry, Pick, Table, Visit, button, filters
from leadline.errors import SettingError
from leadline.spaces import REGISTRY, Change, Schedules, Setting, Value

SWITCH = {"on": marked("on"), "off": marked("off")}
ORIGINS = {
    "default": marked("default"),
    "environment": marked("from the environment"),
    "workspace": marked("set for the workspace"),
    "schedule": marked("from its schedule"),
    "channel": marked("set for this channel"),
}
SHOWN = 50


class SettingsPage:
    """Of the workspace, or of the channel or schedule that the address names."""

    def __init__(self, visit: Visit, names: dict[int, str]) -> None:
        self._visit = visit
        self._book = visit.leadline.book
        self._names = names
        wanted = visit.number("channel") or 0
        self._channel_id = wanted if wanted in names else 0
        self._schedules = Schedules(self._book)
        known = self._book.schedules(visit.workspace_id)
        self._schedule = visit.param("schedule") if visit.param("schedule") in known and not self._channel_id else ""
        channels = {str(number): name for number, name in names.items()}
        choices = [Choice("channel", _("Whose settings"), channels)]
        if known:
            choices.append(Choice("schedule", _("Schedule"), {name: name for name in known}, every=_("None")))
        filters(visit, choices)
        self._values: Table[Value] = Table(
            [
                Column(_("Setting"), _draw_setting, "40%"),
                Column(_("Value"), self._draw_value),
                Column(_("Set by"), _draw_origin, "20%"),
            ],
            lambda value: value.setting.name,
            title=self._schedule or names.get(self._channel_id, _("Workspace")),
            empty=_("There are no settings."),
            testid="settings",
            row="setting",
        )
        self._history: Table[Change] = Table(
            [
                Column(_("When"), lambda change: moment(change.set_at), "140px"),
                Column(_("Setting"), self._draw_changed),
                Column(_("Value"), _draw_new_value, "30%"),
                Column(_("Who"), lambda change: text(change.author), "24%"),
            ],
            lambda change: (change.name, change.channel_id, change.set_at),
            title=_("What was changed"),
            empty=_("Nobody has changed a setting yet."),
            testid="history",
        )

    async def refresh(self) -> None:
        """Show what others changed; a row that did not change keeps what is being typed."""
        workspace_id = self._visit.workspace_id
        values = self._book.values(workspace_id, self._channel_id, self._schedule)
        self._values.show([each for each in values if each.setting.for_channel or not self._channel_id])
        self._history.show(await self._book.history(workspace_id, count=SHOWN))

    def _draw_value(self, value: Value) -> None:
        one = value.setting
        if one.name in WEEKS:
            draw_week(str(value.value))
        with box("ll-acts"):
            entry = _entry(value)
            button(self._visit, _("Save"), "settings", partial(self._set, one, entry), testid="save")
            if value.origin == self._whose and not (self._schedule and one.name == "opening_hours"):
                ask = _(self._back(), setting=_words(one.name))
                button(self._visit, _("Reset"), "settings", partial(self._reset, one), ask=ask, testid="reset")

    def _back(self) -> str:
        if self._channel_id or self._schedule:
            return marked("Put {setting} back to the workspace's value?")
        return marked("Put {setting} back to the default?")

    @property
    def _whose(self) -> str:
        return "channel" if self._channel_id else "schedule" if self._schedule else "workspace"

    async def _set(self, one: Setting, entry: Entry | Pick) -> str:
        return await self._change(one, entry.value)

    async def _reset(self, one: Setting) -> str:
        return await self._change(one, None)

    async def _change(self, one: Setting, typed: str | None) -> str:
        if self._schedule:
            self._schedules.check(one.name, typed)
        try:
            value = await self._book.change(
                self._visit.workspace_id, one.name, typed, channel_id=self._channel_id, schedule=self._schedule
            )
        except SettingError as error:
            raise SettingError(retold(str(error)).replace(one.name, _words(one.name))) from error
        return f"{_words(one.name)}: {_shown(one.name, value.value)}"

    def _draw_changed(self, change: Change) -> None:
        text(_words(change.name))
        if change.schedule:
            text(_("schedule {name}", name=change.schedule), "ll-faint")
        if change.channel_id:
            text(self._names.get(change.channel_id, _("a removed channel")), "ll-faint")


def _entry(value: Value) -> Entry | Pick:
    one, label = value.setting, _words(value.setting.name)
    if one.kind == "switch":
        return Pick(label, translated(SWITCH), testid="value", value=value.shown, named=True)
    if one.kind == "choice":
        choices = {choice: _(choice.replace("_", " ")) for choice in one.choices}
        return Pick(label, choices, testid="value", value=str(value.value), named=True)
    kind = "number" if one.kind == "number" else "text"
    return Entry(label, kind=kind, testid="value", value=value.shown, named=True)


def _draw_setting(value: Value) -> None:
    text(_words(value.setting.name), "ll-name")
    text(_(value.setting.meaning), "ll-faint")
    if value.setting.kind in ("number", "span"):
        text(retold(value.setting.takes), "ll-faint ll-begun")


def _draw_origin(value: Value) -> None:
    text(_(ORIGINS[value.origin]), "ll-soft")
    if value.set_at and value.origin in ("workspace", "schedule", "channel"):
        with box("ll-acts ll-faint"):
            text(value.author)
            moment(value.set_at)


def _draw_new_value(change: Change) -> None:
    text(_("back to the default") if change.value is None else _shown(change.name, change.value), "ll-text")


def _shown(name: str, value: bool | int | str) -> str:
    """A value as its field shows it."""
    one = REGISTRY.get(name)
    if one and one.kind == "choice":
        return _(str(value).replace("_", " "))
    if one and one.kind == "switch":
        return _(SWITCH[one.shown(value)])
    return (one.shown(value) if one else str(value)) or _("nothing")


def _words(name: str) -> str:
    """A setting's name as people read it."""
    return _(name.replace("_", " ").capitalize())


async def draw(visit: Visit) -> None:
    """The page."""
    rows = await visit.leadline.channels.listed(visit.workspace_id)
    names = {row.channel_id: row.name for row in rows}
    page, schedules = SettingsPage(visit, names), SchedulesPart(visit, names)

    async def refresh() -> None:
        await page.refresh()
        schedules.refresh()

    visit.refresh = refresh
    await refresh()
