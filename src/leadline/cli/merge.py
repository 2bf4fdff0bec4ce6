"""`leadline merge` and `leadline merges list|show|undo|erase`: two contacts become one, with a way back."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Sequence
from typing import Annotated, Any, cast, get_args

import msgspec
import typer

from leadline.app import Leadline
from leadline.cli.asking import confirm
from leadline.cli.console import Columns, out, say, show, show_json
from leadline.cli.office import open_for_one
from leadline.cli.options import AsJson, Count, Yes
from leadline.cli.whom import contact_named
from leadline.errors import SettingError
from leadline.identity.merge import Option, Preview, Side, Way
from leadline.identity.merge_changes import OUTCOMES
from leadline.identity.words import address, addresses, counted
from leadline.merging import Merged, MergeRecord
from leadline.merging.desk import Wishes
from leadline.merging.records import STATES
from leadline.people.contact_search import intercom_id

Number = Annotated[int, typer.Argument(help="Number of the merge, as `merges list` shows it")]
WAYS = {"merge": "merged", "promote": "merged, after the lead became a user", "reroute": "only future messages"}
UNASKED = "With --yes nobody is asked whether it is the right one."
ARCHIVED = "For an archived contact, give its Intercom id and --restore."
FIELDS: Columns = {
    "Field": "field",
    "From": "from",
    "Into": "into",
    "Lead's value": "outcome",
    "After the merge": "result",
}
COLUMNS: Columns = {
    "Number": "merge_id",
    "When": "planned_at",
    "From": "from",
    "Into": "into",
    "How": lambda row: WAYS[row["way"]],
    "By": "author",
    "State": lambda row: ": ".join(filter(None, (STATES.get(row["state"], row["state"]), row["explanation"]))),
}


def merge(
    from_: Annotated[
        str, typer.Argument(metavar="FROM", help="The lead to merge: id, user id, e-mail, phone, profile link or name")
    ],
    into: Annotated[str, typer.Argument(help="The contact that stays, given the same way")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen, and change nothing")] = False,
    way: Annotated[str, typer.Option(help="merge, promote (a lead becomes a user first) or reroute")] = "",
    take: Annotated[list[str] | None, typer.Option(help="Keep the lead's value of this field; repeatable")] = None,
    keep_lost: Annotated[bool, typer.Option("--keep-lost", help="Keep what is lost as a note")] = False,
    restore: Annotated[
        bool, typer.Option("--restore", help="Take an archived contact out of the archive first")
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Merge a lead into another contact.

    Shows both side by side first, and asks.
    """
    wishes = Wishes(take=tuple(take or ()), keep_lost=keep_lost)
    asyncio.run(_merge((from_, into), wishes, dry_run=dry_run, way=way, restore=restore, yes=yes, as_json=as_json))


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


async def _merge(
    pair: tuple[str, str], wishes: Wishes, *, dry_run: bool, way: str, restore: bool, yes: bool, as_json: bool
) -> None:
    if way and way not in get_args(Way):
        raise SettingError(f"--way cannot be {way}. Choose one of: {', '.join(get_args(Way))}")
    async with open_for_one() as leadline:
        workspace_id, merging = leadline.workspace.workspace_id, leadline.merging
        sure = UNASKED if yes and not dry_run else ""
        source, target = [await _id_of(leadline, text, restore=restore, sure=sure) for text in pair]
        plan = await merging.preview(workspace_id, source, target)
        option = _option(plan, way)
        if wishes.take:
            wishes = msgspec.structs.replace(wishes, take=_keys(option, wishes.take))
            plan = await merging.preview(workspace_id, source, target, wishes.take)
            option = _option(plan, way)
        if dry_run or not as_json:
            _tell_plan(plan, option, as_json)
        if dry_run:
            return
        if not yes:
            confirm(f"{option.label}: {_side(plan.source)} into {_side(plan.target)}?")
        done = await merging.merge(
            workspace_id, source, target, author=author(), token=plan.token, way=option.way, wishes=wishes, wait=30.0
        )
        twins = await leadline.open_twins.of(workspace_id, done.contact_id) if option.way != "reroute" else ()
    _tell_done(done, as_json)
    for left in () if as_json else twins:
        out.print(f"{left.sentence} Make them one: leadline merges join {left.from_id} {left.into_id}")


def _side(side: Side) -> str:
    return f"{side.name} ({side.role.value} {side.contact_id})"


def _option(plan: Preview, way: str) -> Option:
    return plan.option(cast("Way", way)) if way else plan.options[0]


def _keys(option: Option, names: Sequence[str]) -> tuple[str, ...]:
    """The fields a person named as the table or as Intercom does; what fits nothing is refused later, by its name."""
    found = ([row.key for row in option.changes if name in (row.label, row.field, row.key)] for name in names)
    return tuple(key for name, keys in zip(names, found, strict=True) for key in keys or [name])


def _tell_done(done: Merged, as_json: bool) -> None:
    if as_json:
        show_json(done)
        return
    for difference in done.differences:
        out.print(f"Different from the preview: {difference}")
    out.print(f"{done.sentence} Undo: leadline merges undo {done.merge_id}")


async def _id_of(leadline: Leadline, text: str, *, restore: bool, sure: str) -> str:
    """The id of the one contact a person means; raises SettingError.

    An id stays itself, also when its contact was merged since: the refusal then says into whom and when.
    """
    contact_id = intercom_id(text)
    if contact_id and restore:
        await leadline.merging.restore(leadline.workspace.workspace_id, contact_id)
    if contact_id == text.strip().lower():
        return contact_id
    return (await contact_named(leadline, text, sure=sure, advice=ARCHIVED)).contact_id


def _tell_plan(plan: Preview, option: Option, as_json: bool) -> None:
    if as_json:
        show_json(plan)
        return
    source, target = plan.source, plan.target
    out.print(f"From {_side(source)}")
    out.print(f"Into {_side(target)}")
    out.print()
    show(_side_by_side(option), FIELDS, as_json=False, empty="Both contacts stay as they are.")
    moves = option.moves
    counts = (("conversation", len(moves.conversations)), ("note", moves.notes))
    told = [counted(count, what) for what, count in counts if count]
    told += [f"tag {name}" for name in moves.tags] + [f"company {name}" for name in moves.companies]
    told += [f"messages from {address(handle)}" for handle in moves.handles]
    told += [f"the opt-out from {name}" for name in moves.refusals]
    out.print(f"Moves: {', '.join(told) or 'nothing'}")
    for warning in plan.warnings:
        out.print(f"Careful: {warning.detail}")
    if plan.checked and option.way == "merge":
        for line in plan.apart:
            out.print(f"Intercom's own preview says otherwise: {line}")
        if not plan.apart:
            out.print("Intercom's own preview says the same.")
    out.print(option.explanation)
    others = [f"--way {other.way} ({other.label.lower()})" for other in plan.options if other.way != option.way]
    if others:
        out.print(f"Or: {', '.join(others)}")


def _side_by_side(option: Option) -> list[dict[str, Any]]:
    return [
        {
            "field": change.label,
            "from": change.from_value,
            "into": change.into_value,
            "result": change.result,
            "outcome": "" if change.outcome == "kept" else OUTCOMES[change.outcome],
        }
        for change in option.changes
    ]


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


def author() -> str:
    """Who is at the keyboard, as the journal names them."""
    return f"{getpass.getuser()} (command line)"
