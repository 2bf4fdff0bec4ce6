"""`leadline parked list|retry|drop`: what a machine must not guess, and what waits for another try."""

from __future__ import annotations

import asyncio
from textwrap import shorten
from typing import Annotated, Any

import typer

from leadline.cli.asking import confirm
from leadline.cli.channel import find
from leadline.cli.console import Columns, more, say, show
from leadline.cli.office import Office, open_office
from leadline.cli.options import AsJson, Count, Yes
from leadline.engine import parked
from leadline.errors import SettingError
from leadline.identity.words import counted, phone
from leadline.intercom.pages import conversation_page

Ids = Annotated[list[int], typer.Argument(help="Numbers, as `parked list` shows them")]
COLUMNS: Columns = {
    "Number": "number",
    "State": "state",
    "What": parked.title,
    "Channel": "channel",
    "Customer": lambda row: " ".join(filter(None, (row["name"], phone(row["customer"])))),
    "Text": "text",
    "Why": "why",
    "Received": "arrived_at",
    "Conversation": "conversation",
}
LONGEST_TEXT = 60
NAMED = 5  # things in a question
SETTLED = {"done": "is done already", "dropped": "was given up before", "waiting": "is not parked, it waits"}
"""State of what is not tried or dropped → what there is to say of its number."""


def list_(as_json: AsJson = False, count: Count = 100) -> None:
    """List parked messages, and messages waiting for another try.

    Shows whose each one is, and why it is there. `leadline explain <number>` tells more.
    """
    asyncio.run(_list(as_json, count))


def retry(
    ids: Annotated[list[int] | None, typer.Argument(help="Numbers, as `parked list` shows them")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything that is parked")] = False,
    reason: Annotated[str, typer.Option(help="Everything parked for this reason, such as unreadable")] = "",
    channel: Annotated[str, typer.Option(help="Everything parked of this channel, by name or number")] = "",
    as_json: AsJson = False,
) -> None:
    """Try parked or waiting messages again now.

    Each sender's messages are tried in the order in which they came, before later ones.
    """
    if bool(ids) + everything + bool(reason or channel) != 1:
        raise SettingError("Say which ones: numbers, or --all, or --reason and --channel")
    asyncio.run(_retry(ids or [], reason, channel, as_json))


def drop(ids: Ids, yes: Yes = False, as_json: AsJson = False) -> None:
    """Give up parked messages for good.

    Names them first, and asks. Their raw form stays on record.
    """
    asyncio.run(_drop(ids, yes, as_json))


async def _list(as_json: bool, count: int) -> None:
    async with open_office() as office:
        stuck = await parked.parked(office.database, office.workspace_id, count=count)
        waiting = await parked.postponed(office.database, office.workspace_id, count=count)
        counts = await parked.stuck_counts(office.database, office.workspace_id)
        place = await office.place()
    rows = [_row(row, place) for row in [*stuck, *waiting]]
    show(rows, COLUMNS, as_json=as_json, empty="Nothing is parked and nothing waits.")
    if not as_json:
        more(sum(counts.values()) - len(rows))


def _row(row: dict[str, Any], place: tuple[str, str, str]) -> dict[str, Any]:
    return {
        **row,
        "number": row["arrival_id"],
        "from": " ".join(filter(None, (row["name"], row["customer"]))),
        "text": shorten(row["text"], LONGEST_TEXT, placeholder=" …"),
        "why": row["explanation"] or row["reason"],
        "conversation": conversation_page(*place, row["conversation_id"]) or row["conversation_id"],
    }


async def _retry(ids: list[int], reason: str, channel: str, as_json: bool) -> None:
    async with open_office() as office:
        channel_id = (await find(office, channel)).channel_id if channel else None
        chosen, left = await _chosen(office, ids, ("parked", "waiting"))
        count = 0
        if chosen or not ids:
            numbers = [row["arrival_id"] for row in chosen] or None
            count = await parked.retry(
                office.database, office.workspace_id, ids=numbers, reason=reason or None, channel_id=channel_id
            )
    words = f"Trying {count:,} again now." if count or ids else "Nothing is parked that fits."
    _tell(words, "retried", count, left, as_json)


async def _drop(ids: list[int], yes: bool, as_json: bool) -> None:
    async with open_office() as office:
        chosen, left = await _chosen(office, ids, ("parked",))
        if chosen and not yes:
            confirm(_question(chosen))
        numbers = [row["arrival_id"] for row in chosen]
        count = await parked.drop(office.database, office.workspace_id, numbers)
    _tell(f"{counted(count, 'message')} given up.", "dropped", count, left, as_json)


async def _chosen(
    office: Office, ids: list[int], states: tuple[str, ...]
) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """What these numbers are of, where it is in one of the states, and what is to be said of the others."""
    chosen, left = [], {}
    for number in dict.fromkeys(ids):
        row = await parked.get(office.database, office.workspace_id, number)
        if row and row["state"] in states:
            chosen.append(row)
        else:
            left[number] = SETTLED[row["state"]] if row else "is not the number of a message"
    return chosen, left


def _question(rows: list[dict[str, Any]]) -> str:
    names = [" ".join(filter(None, (parked.title(row), row["name"], phone(row["customer"])))) for row in rows[:NAMED]]
    rest = f" and {len(rows) - NAMED:,} more" if len(rows) > NAMED else ""
    return f"Give up for good: {'; '.join(names)}{rest}?"


def _tell(words: str, verb: str, count: int, left: dict[int, str], as_json: bool) -> None:
    """What was done; raises SettingError that names what was not."""
    if as_json or count or not left:
        say(words, {verb: count, "left": left}, as_json=as_json)
    if left:
        raise SettingError(f"{'; '.join(f'{number} {why}' for number, why in left.items())}: `leadline parked list`")
