"""`leadline settings list|set|reset|history`: what the workspace and its channels do their own way."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from leadline.cli.channel import find
from leadline.cli.console import Columns, more, say, show
from leadline.cli.office import Office, open_office
from leadline.cli.options import AsJson, Count
from leadline.errors import SettingError
from leadline.spaces import REGISTRY, Change, Schedules, Value

ForChannel = Annotated[str, typer.Option("--channel", help="Name or number of a channel, for a value of its own")]
OfSchedule = Annotated[str, typer.Option("--schedule", help="Name of a schedule, for a value of its own")]
Name = Annotated[str, typer.Argument(help="Name of the setting, as `settings list` shows it")]

VALUES: Columns = {
    "Setting": "name",
    "Value": "shown",
    "From": "origin",
    "Meaning": "meaning",
}
HISTORY: Columns = {
    "When": "set_at",
    "Setting": "name",
    "Of": lambda row: row["channel"] or (f"schedule {row['schedule']}" if row["schedule"] else "all"),
    "Value": "shown",
    "Who": "author",
    "From": "source",
}


def list_(channel: ForChannel = "", schedule: OfSchedule = "", as_json: AsJson = False) -> None:
    """List every setting with its value.

    With --channel those in which a channel may differ, with --schedule those of a schedule. `From` says whose value it
    is: the default, the environment's, the workspace's, the schedule's or the channel's own.
    """
    asyncio.run(_list(channel, schedule, as_json))


def set_(
    name: Name,
    value: Annotated[str, typer.Argument(help="The new value")],
    channel: ForChannel = "",
    schedule: OfSchedule = "",
    as_json: AsJson = False,
) -> None:
    """Change a setting; running processes act by it at once."""
    asyncio.run(_set(name, value, channel, schedule, as_json))


def reset(name: Name, channel: ForChannel = "", schedule: OfSchedule = "", as_json: AsJson = False) -> None:
    """Put a setting back to its default.

    A channel's or a schedule's goes back to that of its workspace.
    """
    asyncio.run(_set(name, None, channel, schedule, as_json))


def history(
    name: Annotated[str, typer.Argument(help="Name of a setting. Empty: all")] = "",
    as_json: AsJson = False,
    count: Count = 50,
) -> None:
    """Show who changed what and when, the latest first."""
    asyncio.run(_history(name, as_json, count))


async def _list(channel: str, schedule: str, as_json: bool) -> None:
    async with open_office() as office:
        channel_id, named = await _whose(office, channel, schedule)
        values = office.book.values(office.workspace_id, channel_id, named)
    rows = [_row(each) for each in values if each.setting.for_channel or not channel_id]
    show(rows, VALUES, as_json=as_json, empty="There are no settings.")


async def _set(name: str, value: str | None, channel: str, schedule: str, as_json: bool) -> None:
    async with open_office() as office:
        channel_id, named = await _whose(office, channel, schedule)
        schedules = Schedules(office.book)
        if named:
            schedules.check(name, value)
        now = await office.book.change(office.workspace_id, name, value, channel_id=channel_id, schedule=named)
        own = schedules.overruled(office.workspace_id, channel_id) if now.setting.name == "schedule" else ()
    whose = f" for {channel}" if channel else f" for schedule {named}" if named else ""
    words = f"{now.setting.name} is {now.shown or 'empty'} now{whose}."
    if own and now.value:
        words += (
            f" {channel} has {', '.join(own)} of its own, which go before the schedule's: `leadline settings reset`"
        )
    say(words, _row(now), as_json=as_json)


async def _whose(office: Office, channel: str, schedule: str) -> tuple[int, str]:
    """The channel's number and the schedule's name, of which one at most is given; raises SettingError."""
    if channel and schedule:
        raise SettingError(
            "Give either --channel or --schedule. A channel goes by a schedule with `settings set schedule`"
        )
    channel_id = (await find(office, channel)).channel_id if channel else 0
    return channel_id, Schedules(office.book).by_name(office.workspace_id, schedule) if schedule else ""


async def _history(name: str, as_json: bool, count: int) -> None:
    async with open_office() as office:
        found = await office.book.history(office.workspace_id, name, count=count + 1)
        rows = office.channels
        names = await rows.names(office.workspace_id) | await rows.names(office.workspace_id, removed=True)
    shown = [_change(each, names) for each in found[:count]]
    show(shown, HISTORY, as_json=as_json, empty="Nobody has changed a setting yet.")
    if not as_json:
        more(len(found) - len(shown))


def _row(one: Value) -> dict[str, Any]:
    return {
        "name": one.setting.name,
        "value": one.value,
        "shown": one.shown or "empty",
        "origin": one.origin,
        "meaning": one.setting.meaning,
        "takes": one.setting.takes,
        "author": one.author,
        "set_at": one.set_at,
    }


def _change(one: Change, channels: dict[int, str]) -> dict[str, Any]:
    known = REGISTRY.get(one.name)
    value = "" if one.value is None else one.value
    return {
        "set_at": one.set_at,
        "name": one.name,
        "channel": channels.get(one.channel_id, one.channel_id or ""),
        "schedule": one.schedule,
        "value": one.value,
        "shown": "default" if one.value is None else known.shown(value) if known else str(value),
        "author": one.author,
        "source": one.source,
    }
