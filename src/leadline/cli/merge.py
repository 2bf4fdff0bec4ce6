"""`leadline merge` and `leadline merges list|show|undo|erase`: two contacts become one, with a way back."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Sequence
from typing import Annotated, Any, cast, get_args

import msgspec
import typer
from rich.table import Table

from leadline.app import open_leadline
from leadline.cli.console import confirm, out, show, show_json
from leadline.errors import SettingError
from leadline.identity.merge import Option, Preview, Way
from leadline.intercom.contacts import Contact
from leadline.merging.desk import MergeRecord, Merging
from leadline.settings import load

Json = Annotated[bool, typer.Option("--json", help="Print JSON")]
Number = Annotated[int, typer.Argument(help="Number of the merge, as `merges list` shows it")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask")]
COLUMNS = ["merge_id", "planned_at", "from", "into", "way", "author", "state", "explanation"]


def merge(
    from_: Annotated[
        str, typer.Argument(metavar="FROM", help="The lead that goes: id, user id, e-mail, phone, address")
    ],
    into: Annotated[str, typer.Argument(help="The contact that stays, in the same spellings")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would happen")] = False,
    way: Annotated[str, typer.Option(help="merge, promote (a lead becomes a user first) or reroute")] = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Merge a lead into another contact.

    Shows both side by side first, and asks.
    """
    asyncio.run(_merge(from_, into, dry_run, way, yes, as_json))


def list_(
    contact: Annotated[str, typer.Option(help="Only merges of this Intercom id")] = "",
    as_json: Json = False,
    count: int = 50,
) -> None:
    """List merges, newest first.

    The list includes merges made in Intercom itself.
    """
    asyncio.run(_list(contact, as_json, count))


def show_(merge_id: Number, as_json: Json = False) -> None:
    """Show everything about one merge.

    Shows who merged what and when, what moved, and what an undo brought back.
    """
    asyncio.run(_show(merge_id, as_json))


def undo(merge_id: Number, yes: Yes = False, as_json: Json = False) -> None:
    """Undo a merge as far as possible.

    Says what could not be brought back.
    """
    asyncio.run(_undo(merge_id, yes, as_json))


def erase(merge_id: Number, yes: Yes = False) -> None:
    """Delete what the journal keeps about both contacts of a merge.

    The merge cannot be undone after that.
    """
    asyncio.run(_erase(merge_id, yes))


async def _merge(from_: str, into: str, dry_run: bool, way: str, yes: bool, as_json: bool) -> None:
    if way and way not in get_args(Way):
        raise SettingError(f"--way {way} is none: {', '.join(get_args(Way))}")
    async with open_leadline(load()) as leadline:
        workspace_id, merging = leadline.workspace.workspace_id, leadline.merging
        source, target = [await _one(merging, workspace_id, text) for text in (from_, into)]
        plan = await merging.preview(workspace_id, source, target)
        option = plan.option(cast("Way", way)) if way else plan.options[0]
        if dry_run:
            _tell_plan(plan, option, as_json)
            return
        if not as_json:
            _tell_plan(plan, option, as_json)
        if not yes:
            confirm(f"{option.label}?", err=as_json)
        done = await merging.merge(
            workspace_id, source, target, author=_author(), token=plan.token, way=option.way, wait=30.0
        )
    if as_json:
        show_json(done)
    else:
        out.print(f"{done.sentence} Undo: leadline merges undo {done.merge_id}")


async def _one(merging: Merging, workspace_id: str, text: str) -> str:
    """The one contact a person means; raises SettingError naming all that fit."""
    found = await merging.find(workspace_id, text)
    if len(found) == 1:
        return found[0].contact_id
    if not found:
        raise SettingError(
            f"Nobody in Intercom is '{text}'. Give an Intercom id, a user id, an e-mail, a phone or the address of a "
            "profile; new contacts can take minutes to be found by anything but their id."
        )
    raise SettingError(f"'{text}' fits {len(found)} contacts, give the id of one: {'; '.join(map(_line, found))}")


def _line(contact: Contact) -> str:
    return " ".join(filter(None, (contact.contact_id, contact.role.value, contact.name, contact.email, contact.phone)))


def _tell_plan(plan: Preview, option: Option, as_json: bool) -> None:
    if as_json:
        show_json(plan)
        return
    out.print(_side_by_side(plan, option), soft_wrap=False)
    moves = option.moves
    counted = (("conversation", len(moves.conversations)), ("note", moves.notes))
    told = [f"{count} {what}{'s' * (count > 1)}" for what, count in counted if count]
    told += [*moves.tags, *moves.companies, *moves.handles]
    out.print(f"Moves: {', '.join(told) or 'nothing'}")
    for warning in plan.warnings:
        out.print(f"Careful: {warning.detail}")
    out.print(option.explanation)
    others = [f"--way {other.way} ({other.label.lower()})" for other in plan.options if other.way != option.way]
    if others:
        out.print(f"Or: {', '.join(others)}")


def _side_by_side(plan: Preview, option: Option) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    source, target = plan.source, plan.target
    heads = ("", f"{source.role.value} {source.contact_id}", f"{target.role.value} {target.contact_id}", "afterwards")
    for head in heads:
        table.add_column(head, overflow="fold")
    for change in option.changes:
        note = f"{change.result} ({change.outcome})" if change.outcome != "same" else change.result
        table.add_row(change.label, change.from_value, change.into_value, note)
    if not option.changes:
        table.add_row("Name", source.name, target.name, "both stay as they are")
    return table


async def _list(contact: str, as_json: bool, count: int) -> None:
    async with open_leadline(load()) as leadline:
        records = await leadline.merging.history(leadline.workspace.workspace_id, contact_id=contact, count=count)
    show([_row(record) for record in records], COLUMNS, as_json=as_json, empty="No merges.")


def _row(record: MergeRecord) -> dict[str, Any]:
    row = msgspec.structs.asdict(record)
    return row | {
        "from": f"{record.from_name} {record.from_id}".strip(),
        "into": f"{record.into_name} {record.into_id}".strip(),
    }


async def _show(merge_id: int, as_json: bool) -> None:
    async with open_leadline(load()) as leadline:
        record = await leadline.merging.record(leadline.workspace.workspace_id, merge_id)
    if as_json:
        show_json(record)
        return
    for line in _lines(record):
        out.print(line)


def _lines(record: MergeRecord) -> list[str]:
    row = _row(record)
    told = [
        f"Merge {record.merge_id} ({record.way}) by {record.author}, {record.planned_at:%Y-%m-%d %H:%M:%S}",
        f"From {row['from']}",
        f"Into {row['into']}",
        f"State: {record.state}" + (f", {record.explanation}" if record.explanation else ""),
    ]
    if record.handles:
        told.append(f"Messages of: {', '.join(record.handles)}")
    if record.undone_at:
        told.append(f"Undone by {record.undo_author}, {record.undone_at:%Y-%m-%d %H:%M:%S} {record.undo_contact_id}")
    if record.erased_at:
        told.append(f"Journal forgotten on {record.erased_at:%Y-%m-%d}")
    return told + _report(record.returned, record.lost)


def _report(returned: Sequence[str], lost: Sequence[str]) -> list[str]:
    return [f"  back: {line}" for line in returned] + [f"  not back: {line}" for line in lost]


async def _undo(merge_id: int, yes: bool, as_json: bool) -> None:
    async with open_leadline(load()) as leadline:
        workspace_id = leadline.workspace.workspace_id
        record = await leadline.merging.record(workspace_id, merge_id)
        if not yes:
            row = _row(record)
            confirm(f"Undo the merge of {row['from']} into {row['into']}?", err=as_json)
        done = await leadline.merging.undo(workspace_id, merge_id, author=_author(), wait=60.0)
    if as_json:
        show_json(done)
        return
    out.print(f"Merge {merge_id}: {done.state}. Messages go to contact {done.contact_id or '(not made yet)'}.")
    for line in _report(done.returned, done.lost):
        out.print(line)


async def _erase(merge_id: int, yes: bool) -> None:
    if not yes:
        confirm(f"Forget both contacts of merge {merge_id} for good?")
    async with open_leadline(load()) as leadline:
        await leadline.merging.erase(leadline.workspace.workspace_id, merge_id)
    out.print(f"Merge {merge_id}: the journal is forgotten.")


def _author() -> str:
    """Who is at the keyboard, as the journal names them."""
    return f"{getpass.getuser()} (command line)"
