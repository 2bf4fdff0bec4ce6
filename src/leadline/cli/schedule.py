"""`leadline schedule list|add|remove`: opening hours with a name, which several channels share."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
import typer

from leadline.cli.console import Columns, say, show
from leadline.cli.office import open_office
from leadline.cli.options import AsJson
from leadline.spaces import Schedule, Schedules

Name = Annotated[str, typer.Argument(help="Name of the schedule")]
COLUMNS: Columns = {
    "Schedule": "name",
    "Hours": "opening_hours",
    "Time zone": "time_zone",
    "Closed dates": "closed_dates",
    "Used by": "used_by",
    "Now": "now",
}


def list_(as_json: AsJson = False) -> None:
    """List the schedules, who uses each, and whether it is open.

    `leadline settings list --schedule NAME` shows the other values of one.
    """
    asyncio.run(_list(as_json))


def add(
    name: Name,
    opening_hours: Annotated[str, typer.Argument(help="Like mon-fri 09:00-12:30, 13:30-18:00; sat 10:00-14:00")],
    time_zone: Annotated[str, typer.Option(help="Like Europe/Dublin. Empty: that of the workspace")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a schedule.

    What else it has is set by `leadline settings set … --schedule NAME`; a channel goes by it with
    `leadline settings set schedule NAME --channel CHANNEL`.
    """
    asyncio.run(_add(name, opening_hours, time_zone, as_json))


def remove(name: Name, as_json: AsJson = False) -> None:
    """Remove a schedule.

    Not while a channel still uses it.
    """
    asyncio.run(_remove(name, as_json))


async def _list(as_json: bool) -> None:
    async with open_office() as office:
        names = await office.channels.names(office.workspace_id)
        found = Schedules(office.book).listed(office.workspace_id)
    rows: list[dict[str, Any]] = [
        _row(one) | {"used_by": ", ".join(_user(number, names) for number in one.users)} for one in found
    ]
    show(rows, COLUMNS, as_json=as_json, empty="There are no schedules. Make one with `leadline schedule add`.")


def _user(number: int, names: dict[int, str]) -> str:
    return names.get(number, f"removed channel {number}") if number else "the workspace"


async def _add(name: str, opening_hours: str, time_zone: str, as_json: bool) -> None:
    async with open_office() as office:
        made = await Schedules(office.book).add(office.workspace_id, name, opening_hours, time_zone)
    words = f"{made.name} is made: {made.opening_hours}, {made.time_zone}. It is {made.now} now."
    say(words, _row(made), as_json=as_json)


def _row(one: Schedule) -> dict[str, Any]:
    return msgspec.structs.asdict(one) | {"now": one.now}


async def _remove(name: str, as_json: bool) -> None:
    async with open_office() as office:
        schedules = Schedules(office.book)
        known = schedules.by_name(office.workspace_id, name)
        await schedules.remove(office.workspace_id, known)
    say(f"{known} is no schedule any more.", {"name": known}, as_json=as_json)
