"""`leadline merges list|show|undo|join|erase`: the merges that were made, and the way back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import typer

from leadline.cli.asking import confirm
from leadline.cli.console import Columns, out, say, show, show_json
from leadline.cli.merge import author
from leadline.cli.office import open_for_one
from leadline.cli.options import AsJson, Count, Yes
from leadline.identity.words import address, addresses
from leadline.merging import MergeRecord
from leadline.merging.records import STATES

Number = Annotated[int, typer.Argument(help="Number of the merge, as `merges list` shows it")]
WAYS = {"merge": "merged", "promote": "merged, after the lead became a user", "reroute": "only future messages"}
COLUMNS: Columns = {
    "Number": "merge_id",
    "When": "planned_at",
    "From": "from",
    "Into": "into",
    "How": lambda row: WAYS[row["way"]],
    "By": "author",
    "State": lambda row: ": ".join(filter(None, (STATES.get(row["state"], row["state"]), row["explanation"]))),
}


def list_(
    contact: Annotated[str, typer.Option(help="Only merges of this Intercom id")] = "",
    as_json: AsJson = False,
    count: Count = 50,
) -> None:
    """List merges, newest first.

    The list includes merges made in Intercom itself.
    """
    asyncio.run(_list(contact, as_json, count))


def show_(merge_id: Number, as_json: AsJson = False) -> None:
    """Show everything about one merge.

    Shows who merged what and when, what moved, and what an undo brought back.
    """
    asyncio.run(_show(merge_id, as_json))


def undo(merge_id: Number, yes: Yes = False, as_json: AsJson = False) -> None:
    """Undo a merge as far as possible.

    Says what could not be brought back.
    """
    asyncio.run(_undo(merge_id, yes, as_json))


def join(
    going: Annotated[str, typer.Argument(metavar="FROM", help="Number of the conversation that ends")],
    staying: Annotated[str, typer.Argument(metavar="INTO", help="Number of the conversation that goes on")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Merge two open conversations of one contact on one channel.

    Intercom closes the first and links it to the second, for good. New messages from both addresses go on there.
    """
    asyncio.run(_join(going, staying, yes, as_json))


def erase(merge_id: Number, yes: Yes = False, as_json: AsJson = False) -> None:
    """Delete what the journal keeps about both contacts of a merge.

    The merge cannot be undone after that.
    """
    asyncio.run(_erase(merge_id, yes, as_json))


async def _list(contact: str, as_json: bool, count: int) -> None:
    async with open_for_one() as leadline:
        records = await leadline.merging.history(leadline.workspace.workspace_id, contact_id=contact, count=count + 1)
    show([_row(record) for record in records], COLUMNS, as_json=as_json, empty="There are no merges yet.", count=count)


def _row(record: MergeRecord) -> dict[str, Any]:
    row = msgspec.structs.asdict(record)
    return row | {
        "from": f"{record.from_name} {record.from_id}".strip(),
        "into": f"{record.into_name} {record.into_id}".strip(),
    }


async def _show(merge_id: int, as_json: bool) -> None:
    async with open_for_one() as leadline:
        record = await leadline.merging.record(leadline.workspace.workspace_id, merge_id)
    if as_json:
        show_json(record)
        return
    for line in _lines(record):
        out.print(line)


def _lines(record: MergeRecord) -> list[str]:
    row = _row(record)
    told = [
        f"Merge {record.merge_id} ({WAYS[record.way]}) by {record.author}, {record.planned_at:%Y-%m-%d %H:%M:%S}",
        f"From {row['from']}",
        f"Into {row['into']}",
        f"State: {STATES.get(record.state, record.state)}" + (f", {record.explanation}" if record.explanation else ""),
    ]
    told += [f"Not as previewed: {line}" for line in record.differences]
    if record.take:
        told.append(f"Taken from the lead: {', '.join(record.take)}")
    if record.handles:
        told.append(f"Messages from: {addresses(record.handles)}")
    if record.undone_at:
        told.append(f"Undone by {record.undo_author}, {record.undone_at:%Y-%m-%d %H:%M:%S} {record.undo_contact_id}")
    if record.erased_at:
        told.append(f"Journal deleted on {record.erased_at:%Y-%m-%d}")
    return told + _report(record.returned, record.lost)


def _report(returned: Sequence[str], lost: Sequence[str]) -> list[str]:
    return [f"  Restored: {line}" for line in returned] + [f"  Not restored: {line}" for line in lost]


async def _undo(merge_id: int, yes: bool, as_json: bool) -> None:
    async with open_for_one() as leadline:
        workspace_id = leadline.workspace.workspace_id
        record = await leadline.merging.record(workspace_id, merge_id)
        if not yes:
            row = _row(record)
            confirm(f"Undo the merge of {row['from']} into {row['into']}?")
        done = await leadline.merging.undo(workspace_id, merge_id, author=author(), wait=60.0)
    if as_json:
        show_json(done)
        return
    out.print(
        f"Merge {merge_id}: {STATES.get(done.state, done.state)}. Messages go to "
        f"{f'contact {done.contact_id}' if done.contact_id else 'a lead that does not exist yet'}."
    )
    for line in _report(done.returned, done.lost):
        out.print(line)


async def _join(going: str, staying: str, yes: bool, as_json: bool) -> None:
    if not yes:
        confirm(f"Merge conversation {going} into {staying}? Intercom cannot undo that.")
    async with open_for_one() as leadline:
        pair = await leadline.open_twins.merge(leadline.workspace.workspace_id, going, staying, author=author())
    if as_json:
        show_json(pair)
        return
    who = f"{address(pair.from_handle)} and {address(pair.into_handle)}"
    out.print(f"Messages from {who} go on in conversation {pair.into_id}.")


async def _erase(merge_id: int, yes: bool, as_json: bool) -> None:
    if not yes:
        confirm(
            f"Delete what the journal keeps about both contacts of merge {merge_id}? The merge cannot be undone then."
        )
    async with open_for_one() as leadline:
        await leadline.merging.erase(leadline.workspace.workspace_id, merge_id)
    say(f"Merge {merge_id}: the journal is deleted.", {"merge_id": merge_id}, as_json=as_json)
