"""`leadline import octopods|list|undo`: senders are linked to the contacts that another product had them on."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable, Coroutine
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import msgspec
import typer

from leadline.app import Leadline
from leadline.cli.asking import confirm
from leadline.cli.channel import channel_by_name
from leadline.cli.console import Columns, out, show, show_json
from leadline.cli.files import create
from leadline.cli.merge import author
from leadline.cli.office import open_for_one, open_office
from leadline.cli.options import AsJson, Count, Yes
from leadline.cli.terminal import complain
from leadline.errors import Retry, SettingError
from leadline.identity.claims import LEFT
from leadline.identity.words import counted
from leadline.people.imports import Asked, Import
from leadline.people.imports.octopods import MARK
from leadline.people.imports.reading import Source
from leadline.people.imports.record import ImportRecord, Left
from leadline.people.imports.report import HEAD, lines, reasons, row, sentence

PAGE = 1_000
EVERY = 2.0  # seconds between two lines of progress
Number = Annotated[int, typer.Argument(help="Number of the import, as `import list` shows it")]
IMPORTS: Columns = {
    "Number": "import_id",
    "When": "begun_at",
    "By": "author",
    "What": lambda row: "links" if row["applies"] else "dry run",
    "State": "told",
    "Contacts read": "met",
    "Senders": "senders",
}


def octopods(
    attribute: Annotated[
        list[str] | None,
        typer.Option(
            help="Contact attribute that holds ids, as NAME=CHANNEL; NAME alone where the mark tells the channel"
        ),
    ] = None,
    mark: Annotated[str, typer.Option(help="Contact attribute that holds the name of the channel")] = MARK,
    apply: Annotated[bool, typer.Option("--apply", help="Link; without it nothing is changed")] = False,
    to_csv: Annotated[
        Path | None, typer.Option("--csv", help="A new file for every address and what becomes of it")
    ] = None,
    as_json: AsJson = False,
    count: Count = 10,
) -> None:
    """Link senders as Octopods did; by default it only shows how.

    A dry run, unless --apply is given. It reads every contact of the workspace, behind live messages. Ids on channels
    without phones are linked by the attributes that Octopods left, and phones where the mark names a channel of phones.
    A link that stands is never touched. Ctrl+C stops it; the same command goes on where it stopped.
    """
    _stoppable(_octopods(attribute or [], mark, apply, to_csv, as_json, count))


def list_(as_json: AsJson = False, count: Count = 50) -> None:
    """List the imports, the latest first."""
    asyncio.run(_list(as_json, count))


def undo(number: Number, yes: Yes = False, as_json: AsJson = False) -> None:
    """Take back every link that an import made.

    What people or merges changed since stays. The next message of each sender decides anew. Ctrl+C stops it; the same
    command goes on.
    """
    _stoppable(_undo(number, yes, as_json))


async def _octopods(
    attributes: list[str], mark: str, apply: bool, to_csv: Path | None, as_json: bool, count: int
) -> None:
    async with open_for_one() as leadline:
        workspace_id, imports = leadline.workspace.workspace_id, leadline.imports
        asked = await imports.sources.resolve(
            workspace_id, mark, [await _source(leadline, text) for text in attributes]
        )
        if to_csv:
            _try(to_csv)
        done = await imports.run(workspace_id, asked, applies=apply, author=author(), tell=_progress(as_json))
        if to_csv:
            await _write(imports.record, workspace_id, done, to_csv)
        report = await _report(imports.record, workspace_id, done, count)
    if as_json:
        show_json(report | {"read": [msgspec.structs.asdict(one) for one in asked.sources]})
        return
    _tell(report, asked)
    if to_csv:
        out.print(f"Every address is in {to_csv}; only you can read it.")
    out.print(
        f"Undo: leadline import undo {done.import_id}"
        if apply
        else "Nothing was changed. Link them: the same command with --apply"
    )


async def _source(leadline: Leadline, text: str) -> Source:
    """What `--attribute` says; raises SettingError for a channel that is not there."""
    name, _, channel = text.partition("=")
    if not channel:
        return Source(attribute=name.strip())
    names = await leadline.channels.names(leadline.workspace.workspace_id)
    return Source(attribute=name.strip(), channel_id=channel_by_name(names, channel.strip())[0])


def _progress(as_json: bool) -> Callable[[str], None]:
    """Says now and then how far it is; not into JSON."""
    last = monotonic()

    def tell(words: str) -> None:
        nonlocal last
        if not as_json and monotonic() - last >= EVERY:
            last = monotonic()
            out.print(words)

    return tell


async def _report(record: ImportRecord, workspace_id: str, done: Import, count: int) -> dict[str, Any]:
    counts = await record.counts(workspace_id, done.import_id)
    left = {
        code: {
            "count": number,
            "reason": LEFT[code],
            "first": await record.claims(workspace_id, done.import_id, count, outcome=code),
        }
        for code, number in reasons(counts).items()
    }
    return {"import": done, "channels": lines(counts), "left": left}


def _tell(report: dict[str, Any], asked: Asked) -> None:
    done: Import = report["import"]
    for one in asked.sources:
        where = f"channel {one.channel_id}" if one.channel_id else f"the channel that {asked.mark} names"
        out.print(f"{one.attribute} was read as ids on {where}.")
    out.print(f"{counted(done.met, 'contact')} read.")
    linked = "Linked" if done.applies else "Would be linked"
    columns: Columns = {"Channel": "channel", linked: "linked", "Linked already": "already", "Left as they are": "left"}
    rows = [msgspec.structs.asdict(one) for one in report["channels"]]
    show(rows, columns, as_json=False, empty="No contact has anything of Octopods that this reads.")
    for found in report["left"].values():
        out.print(f"\n{counted(found['count'], 'address', 'addresses')} left: each {found['reason']}.")
        for one in found["first"]:
            out.print(f"  {sentence(one)}")
        # An address that stands on several contacts is listed once for each of them.
        hidden = found["count"] - len({one.handle or one.contact_id for one in found["first"]})
        if hidden > 0:
            out.print(f"  and {hidden:,} more. Use --count to see them, or --csv for all.")


def _try(file: Path) -> None:
    """Raises SettingError where a file cannot be made, before anything is read for it; leaves none behind."""
    create(file).close()
    file.unlink()


async def _write(record: ImportRecord, workspace_id: str, done: Import, file: Path) -> None:
    """All of it, page by page, as CSV."""
    with create(file) as raw, io.TextIOWrapper(raw, "utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(HEAD)
        last: Left | None = None
        while page := await record.claims(workspace_id, done.import_id, PAGE, after=last):
            writer.writerows(row(one, applied=done.applies) for one in page)
            last = page[-1]


async def _list(as_json: bool, count: int) -> None:
    async with open_office() as office:
        found = await ImportRecord(office.database).listed(office.workspace_id, count + 1)
    rows: list[dict[str, Any]] = [{**msgspec.structs.asdict(one), "told": one.state_in_words} for one in found]
    show(rows, IMPORTS, as_json=as_json, empty="Nothing was imported yet.", count=count)


async def _undo(number: int, yes: bool, as_json: bool) -> None:
    async with open_for_one() as leadline:
        workspace_id, imports = leadline.workspace.workspace_id, leadline.imports
        one = await imports.get(workspace_id, number)
        if not yes:
            confirm(f"Take back the {counted(one.linked, 'link')} of import {number}?")
        done = await imports.undo(workspace_id, number, tell=_progress(as_json))
        report = await _report(imports.record, workspace_id, done, PAGE)
    if as_json:
        show_json(report)
        return
    changed = report["left"].get("changed", {"count": 0})["count"]
    kept = f" {counted(changed, 'sender')} stayed: somebody has changed where they belong since." if changed else ""
    out.print(f"Import {number} is taken back.{kept}")


def _stoppable(work: Coroutine[Any, Any, None]) -> None:
    """Ctrl+C loses nothing, nor does an Intercom that is away, and that is said."""
    try:
        asyncio.run(work)
    except Retry as away:
        raise SettingError(f"{away} The same command goes on where it stopped.") from away
    except KeyboardInterrupt:
        complain("Stopped. The same command goes on where it stopped.")
        raise typer.Exit(130) from None
