"""`leadline duplicates merge|resume|stop|undo|batches`: many merges, looked at before, on record, taken back as one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from leadline.app import Leadline
from leadline.cli.asking import confirm
from leadline.cli.console import Columns, out, say, show, show_json
from leadline.cli.duplicates import GROUPS, MinScore, row, write
from leadline.cli.files import write_over
from leadline.cli.merge import author
from leadline.cli.office import open_for_one
from leadline.cli.options import AsJson, Count, Yes
from leadline.cli.terminal import complain
from leadline.errors import SettingError
from leadline.identity.words import counted
from leadline.intercom import contacts
from leadline.merging.duplicates.batch_record import FIRST, within
from leadline.merging.duplicates.batch_seen import Batch, BatchMerge
from leadline.merging.duplicates.group_seen import GroupSeen, Listing, staying
from leadline.merging.duplicates.wording import became, proposed, question
from leadline.model import Struct

Number = Annotated[int, typer.Argument(help="Number of the batch, as `duplicates batches` shows it")]
SURE = 10.0
"""Points from which groups are merged where nobody names them: more than one thing must agree."""
BATCHES: Columns = {
    "Number": "batch_id",
    "When": "made_at",
    "By": "author",
    "State": "told",
    "Merges": "merges",
    "What became of them": "became",
}


class Chosen(Struct, frozen=True):
    """Which groups are to be merged: those of these contacts, else the best. into: who of the one group stays."""

    contacts: Sequence[str]
    into: str
    min_score: float
    count: int


def merge(
    contact: Annotated[
        list[str] | None, typer.Argument(help="Groups to merge, by a contact of each; else the best")
    ] = None,
    into: Annotated[
        str, typer.Option(help="Contact of the named group that stays, where it is to be another than the proposed one")
    ] = "",
    min_score: MinScore = SURE,
    dry_run: Annotated[bool, typer.Option(help="Show what would be merged, and change nothing")] = True,
    report: Annotated[Path, typer.Option(help="Folder for the report and the export made before the merges")] = Path(
        "."
    ),
    yes: Yes = False,
    as_json: AsJson = False,
    count: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="How many groups to merge at most, where none is named")
    ] = 100,
) -> None:
    """Merge groups of duplicates; by default it only shows how.

    A dry run, unless --no-dry-run is given.

    The first batch of a workspace is ten merges. Before it begins, a report and both sides of every merge are written
    into files. It goes on behind live messages; Ctrl+C stops it, `resume` goes on, `undo` takes it back.
    """
    chosen = Chosen(contact or [], into, min_score, count)
    asyncio.run(_merge(chosen, dry_run=dry_run, folder=report, yes=yes, as_json=as_json))


def resume(batch: Number, as_json: AsJson = False) -> None:
    """Go on with a batch that was stopped or broke off."""
    asyncio.run(_resume(batch, as_json))


def stop(batch: Number, as_json: AsJson = False) -> None:
    """Stop a batch that runs.

    The merge that is under way is finished.
    """
    asyncio.run(_stop(batch, as_json))


def undo(batch: Number, yes: Yes = False, as_json: AsJson = False) -> None:
    """Take back every merge of a batch.

    Says of each contact what did not come back.
    """
    asyncio.run(_undo(batch, yes, as_json))


def batches(as_json: AsJson = False, count: Count = 50) -> None:
    """List the batches, the latest first."""
    asyncio.run(_batches(as_json, count))


async def _merge(chosen: Chosen, *, dry_run: bool, folder: Path, yes: bool, as_json: bool) -> None:
    async with open_for_one() as leadline:
        groups = await _groups(leadline, chosen)
        if dry_run:
            _tell_plan(groups, as_json)
            return
        workspace_id, duplicates = leadline.workspace.workspace_id, leadline.duplicates
        most = await duplicates.record.most(workspace_id)
        groups = _at_most(groups, most)
        if not yes:
            confirm(question(groups))
        batch = await duplicates.batch_of(workspace_id, groups, author=author())
        await _leave(leadline, folder, batch, groups)
        done = await _run(leadline, batch, as_json)
        merges = await duplicates.record.merges(workspace_id, done.batch_id)
    _tell_done(done, merges, groups, as_json)


async def _groups(leadline: Leadline, chosen: Chosen) -> list[GroupSeen]:
    review, workspace_id = leadline.duplicates.review, leadline.workspace.workspace_id
    if chosen.contacts:
        named = [await review.group(workspace_id, each) for each in chosen.contacts]
        groups = [*{one.group_id: one for one in named}.values()]
    else:
        found = await review.groups(workspace_id, min_score=chosen.min_score, mergeable=True, count=chosen.count)
        groups = [group for group in found.groups if group.plain]
    if chosen.into:
        groups = [staying(_only(groups, chosen), chosen.into)]
    groups = await leadline.duplicates.previewed(workspace_id, groups)
    if not any(group.steps for group in groups):
        raise SettingError(
            "There is nothing to merge. Groups of leads alone, of which one becomes a user for good, and groups of "
            "which somebody was unsure are merged only where you name them. Intercom merges users only by its Preview "
            "API (LEADLINE_INTERCOM_PREVIEW), and only if they have the same e-mail or phone."
        )
    return [group for group in groups if group.steps]


def _only(groups: Sequence[GroupSeen], chosen: Chosen) -> GroupSeen:
    if not chosen.contacts or len(groups) != 1:
        raise SettingError("--into says who of one group stays. Name that group by one of its contacts.")
    return groups[0]


def _at_most(groups: list[GroupSeen], most: int) -> list[GroupSeen]:
    """As many merges as the next batch may have."""
    kept = within(groups, most)
    if sum(one.gain for one in kept) < sum(one.gain for one in groups):
        complain(f"The first {FIRST} merges come alone, so that you can look at them.")
    return kept


def _tell_plan(groups: Sequence[GroupSeen], as_json: bool) -> None:
    if as_json:
        show_json(groups)
        return
    show([row(group) for group in groups], GROUPS, as_json=False, empty="")
    for group in groups:
        for line in proposed(group):
            out.print(line)
    gain = sum(group.gain for group in groups)
    out.print(f"{counted(gain, 'merge')} would be made. Make them with --no-dry-run.")


async def _leave(leadline: Leadline, folder: Path, batch: Batch, groups: Sequence[GroupSeen]) -> None:
    """The report and the contacts as they are, before anything is merged; read behind live work."""
    listing = Listing(groups=tuple(groups), total=len(groups))
    name = f"duplicates-batch-{batch.batch_id}"
    for ending in (".csv", ".html"):
        write(folder / f"{name}{ending}", listing)
    client = leadline.workspace.client.in_background()
    with write_over(folder / f"{name}.jsonl") as file:
        for group in groups:
            for member in group.members:
                contact = await contacts.get(client, member.contact_id)
                file.write(msgspec.json.encode(contact.raw if contact else {"id": member.contact_id}) + b"\n")
    complain(f"Written to {folder / name}.csv, .html and, with the contacts as they are now, .jsonl")


async def _run(leadline: Leadline, batch: Batch, as_json: bool) -> Batch:
    """Until it is done. Ctrl+C leaves the rest for `resume`."""
    tell = _progress(as_json)
    try:
        return await leadline.duplicates.batches.run(leadline.workspace.workspace_id, batch.batch_id, tell)
    except asyncio.CancelledError:
        complain(f"Broken off. Go on with: leadline duplicates resume {batch.batch_id}")
        raise


def _progress(as_json: bool) -> Callable[[Batch], None]:
    def tell(batch: Batch) -> None:
        if not as_json:
            out.print(f"{batch.merges - batch.waiting:,} of {batch.merges:,}: {became(batch)}")

    return tell


def _tell_done(done: Batch, merges: Sequence[BatchMerge], groups: Sequence[GroupSeen], as_json: bool) -> None:
    if as_json:
        show_json({"batch": done, "merges": merges})
        return
    names = {one.contact_id: group.name(one.contact_id) for group in groups for one in group.members}
    for one in merges:
        if one.explanation:
            out.print(f"{names.get(one.from_id, one.from_id)} ({one.from_id}): {one.explanation}")
    out.print(f"Batch {done.batch_id} is {done.state_in_words}: {became(done)}. {_next(done)}".rstrip())


def _next(batch: Batch) -> str:
    """What a person can do with a batch now."""
    again = f"leadline duplicates undo {batch.batch_id}"
    if batch.state == "partly_undone":
        return f"{counted(batch.merged, 'merge')} could not be taken back, for the reasons above. Try again: {again}"
    if batch.state == "stopped":
        return f"Go on: leadline duplicates resume {batch.batch_id}. Undo: {again}"
    return "" if batch.state == "undone" else f"Undo: {again}"


async def _resume(batch_id: int, as_json: bool) -> None:
    async with open_for_one() as leadline:
        workspace_id, record = leadline.workspace.workspace_id, leadline.duplicates.record
        done = await _run(leadline, await record.batch(workspace_id, batch_id), as_json)
        merges = await record.merges(workspace_id, batch_id)
    _tell_done(done, merges, (), as_json)


async def _stop(batch_id: int, as_json: bool) -> None:
    async with open_for_one() as leadline:
        batch = await leadline.duplicates.batches.stop(leadline.workspace.workspace_id, batch_id)
    say(f"Batch {batch_id} is {batch.state_in_words}: {became(batch)}.", batch, as_json=as_json)


async def _undo(batch_id: int, yes: bool, as_json: bool) -> None:
    async with open_for_one() as leadline:
        workspace_id, record = leadline.workspace.workspace_id, leadline.duplicates.record
        batch = await record.batch(workspace_id, batch_id)
        if not yes:
            confirm(f"Take back the {counted(batch.merged, 'merge')} of batch {batch_id}?")
        tell = _progress(as_json)
        done = await leadline.duplicates.batches.undo(workspace_id, batch_id, author=author(), tell=tell)
        merges = await record.merges(workspace_id, batch_id)
    _tell_done(done, merges, (), as_json)


async def _batches(as_json: bool, count: int) -> None:
    async with open_for_one() as leadline:
        found = await leadline.duplicates.record.batches(leadline.workspace.workspace_id, count + 1)
    rows: list[dict[str, Any]] = [
        {**msgspec.structs.asdict(one), "told": one.state_in_words, "became": became(one)} for one in found
    ]
    show(rows, BATCHES, as_json=as_json, empty="There are no batches yet.", count=count)
