"""`leadline parked list|retry|drop`: what a machine must not guess, and what waits for another try."""

from __future__ import annotations

import asyncio
from textwrap import shorten
from typing import Annotated, Any

import typer

from leadline.cli.channel import find
from leadline.cli.console import Columns, more, out, show
from leadline.cli.office import open_office
from leadline.engine import parked
from leadline.errors import SettingError
from leadline.identity.words import phone
from leadline.intercom.pages import conversation_page

Ids = Annotated[list[int], typer.Argument(help="Numbers, as `parked list` shows them")]
COLUMNS: Columns = {
    "Number": "number",
    "State": "state",
    "What": parked.what,
    "Channel": "channel",
    "Customer": lambda row: " ".join(filter(None, (row["name"], phone(row["customer"])))),
    "Text": "text",
    "Why": "why",
    "Received": "arrived_at",
    "Conversation": "conversation",
}
LONGEST_TEXT = 60


def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False, count: int = 100) -> None:
    """List parked messages, and messages waiting for another try.

    Shows whose each one is, and why it is there. `leadline explain <number>` tells more.
    """
    asyncio.run(_list(as_json, count))


def retry(
    ids: Annotated[list[int] | None, typer.Argument(help="Numbers, as `parked list` shows them")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything that is parked")] = False,
    reason: Annotated[str, typer.Option(help="Everything parked for this reason, such as unreadable")] = "",
    channel: Annotated[str, typer.Option(help="Everything parked of this channel, by name or number")] = "",
) -> None:
    """Try parked or waiting messages again now.

    Each sender's messages are tried in the order in which they came, before later ones.
    """
    if bool(ids) + everything + bool(reason or channel) != 1:
        raise SettingError("Say which ones: numbers, or --all, or --reason and --channel")
    asyncio.run(_retry(ids, reason, channel))


def drop(ids: Ids) -> None:
    """Give up parked messages for good.

    Their raw form stays on record.
    """
    asyncio.run(_drop(ids))


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


async def _retry(ids: list[int] | None, reason: str, channel: str) -> None:
    async with open_office() as office:
        channel_id = (await find(office, channel)).channel_id if channel else None
        count = await parked.retry(
            office.database, office.workspace_id, ids=ids, reason=reason or None, channel_id=channel_id
        )
    of = f" of {len(ids)}" if ids else ""
    out.print(f"Trying {count}{of} again now.")


async def _drop(ids: list[int]) -> None:
    async with open_office() as office:
        count = await parked.drop(office.database, office.workspace_id, ids)
    out.print(f"{count} of {len(ids)} dropped.")
