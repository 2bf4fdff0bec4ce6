"""`leadline merge`: two contacts become one, after a preview. `merges.py` has the way back."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Sequence
from typing import Annotated, Any, cast, get_args

import msgspec
import typer

from leadline.app import Leadline
from leadline.cli.asking import confirm
from leadline.cli.console import Columns, out, show, show_json
from leadline.cli.office import open_for_one
from leadline.cli.options import AsJson, Yes
from leadline.cli.whom import contact_named
from leadline.errors import SettingError
from leadline.identity.merge import Option, Preview, Side, Way
from leadline.identity.merge_changes import OUTCOMES
from leadline.identity.words import address, counted
from leadline.merging import Merged
from leadline.merging.desk import Wishes
from leadline.people.contact_search import intercom_id

UNASKED = "With --yes nobody is asked whether it is the right one."
ARCHIVED = "For an archived contact, give its Intercom id and --restore."
FIELDS: Columns = {
    "Field": "field",
    "From": "from",
    "Into": "into",
    "Lead's value": "outcome",
    "After the merge": "result",
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


def author() -> str:
    """Who is at the keyboard, as the journal names them."""
    return f"{getpass.getuser()} (command line)"
