"""`leadline directory status|fill|find`: the kept picture of the workspace's contacts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer

from leadline.app import Leadline
from leadline.cli.console import Columns, more, out, show, show_json
from leadline.cli.office import open_for_one, open_office
from leadline.cli.options import AsJson, Count
from leadline.directory import stored
from leadline.directory.find import FRESH, Find
from leadline.directory.keys import Entry
from leadline.directory.stored import State
from leadline.identity.words import addresses, counted
from leadline.store.database import Database
from leadline.store.queries import queries

COLUMNS: Columns = {
    "Name (plain letters)": "name",
    "Role": "role",
    "E-mail": "email",
    "Phones": lambda row: addresses(filter(None, row["phones"].split(", "))),
    "Contact id": "contact_id",
    "Updated": "updated_at",
}
PROGRESS = 2.0  # seconds between two lines of progress


def status(as_json: AsJson = False) -> None:
    """Show how complete and how fresh the directory is."""
    asyncio.run(_status(as_json))


def fill(as_json: AsJson = False) -> None:
    """Read all contacts from Intercom now.

    This fills the directory, or compares it with Intercom. The worker does it by itself: the first time at once, then
    every night. What was interrupted goes on where it stopped.
    """
    asyncio.run(_fill(as_json))


def find(
    text: Annotated[str, typer.Argument(help="A phone in any spelling, an e-mail, an external id, or a name")],
    as_json: AsJson = False,
    count: Count = 50,
) -> None:
    """Find contacts by phone, e-mail, external id or name.

    This asks the directory and not Intercom: names are shown as it keeps them, in plain letters, and numbers without a
    country code as they are read.
    """
    asyncio.run(_find(text, as_json, count))


async def _status(as_json: bool) -> None:
    async with open_office() as office:
        state, entries = await read(office.database, office.workspace_id)
    if as_json:
        fields = msgspec.to_builtins(state) | {
            "entries": entries,
            "complete": state.complete,
            "fresh": state.fresh(FRESH),
        }
        show_json(fields)
    else:
        for sentence in sentences(state, entries):
            out.print(sentence)


async def read(database: Database, workspace_id: str) -> tuple[State, int]:
    """The directory's state and how many contacts it holds."""
    async with database.connection() as connection:
        state = await stored.state(connection, workspace_id)
        count = await queries.directory_count(connection, workspace_id=workspace_id)
    return state, count["entries"]


def sentences(state: State, entries: int) -> list[str]:
    """What there is to say about a directory, for people."""
    told = [
        counted(entries, "contact") if state.complete else f"{counted(entries, 'contact')} so far, not complete yet"
    ]
    if state.walk_begun_at is not None:
        share = f" ({state.walked / state.total:.0%})" if state.total else ""
        doing = "comparing" if state.complete else "filling"
        told.append(f"{doing}: {state.walked:,} of {state.total:,} read from Intercom{share}")
    if state.caught_up_at is not None:
        age = state.now - state.caught_up_at
        late = "" if state.fresh(FRESH) else ", too long ago to rely on: is the worker running?"
        told.append(f"changes read {age:,.0f} seconds ago{late}")
    told.append(f"last webhook about a contact: {_when(state.heard_at)}")
    told.append(f"last compared with all of Intercom: {_when(state.walked_at)}")
    told += [f"numbers without a country code are read as {state.region}"] if state.region else []
    return told + ([f"waiting: {state.trouble}"] if state.trouble else [])


def _when(at: float | None) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC" if at else "never"


async def _fill(as_json: bool) -> None:
    async with open_for_one() as leadline, _progress(leadline) if not as_json else contextlib.nullcontext():
        walked = await leadline.directory.walk(leadline.workspace)
    if walked is None:
        out.print("Another process is reading the contacts now: see `leadline directory status`.")
    elif as_json:
        show_json(msgspec.structs.asdict(walked))
    else:
        out.print(f"{counted(walked.met, 'contact')} read, {walked.changed:,} of them new or changed.")
        if walked.failed:
            out.print(f"{walked.failed} could not be looked at now. The log says why; the next night tries again.")


@asynccontextmanager
async def _progress(leadline: Leadline) -> AsyncIterator[None]:
    async def tell() -> None:
        while True:
            await asyncio.sleep(PROGRESS)
            state, _ = await read(leadline.database, leadline.workspace.workspace_id)
            out.print(f"{state.walked:,} of {state.total:,} contacts read")

    task = asyncio.create_task(tell())
    try:
        yield
    finally:
        task.cancel()


async def _find(text: str, as_json: bool, count: int) -> None:
    async with open_office() as office:
        finder = Find(office.database, office.book)
        found = await finder.text(office.workspace_id, text)
        region = await finder.region(office.workspace_id)
    show(
        [_row(one, region) for one in found[:count]],
        COLUMNS,
        as_json=as_json,
        empty="The directory has no such contact.",
    )
    if not as_json:
        more(len(found) - count)


def _row(one: Entry, region: str) -> dict[str, Any]:
    return {
        "contact_id": one.contact_id,
        "role": one.role.value,
        "name": one.shown,
        "email": one.email,
        "phones": ", ".join(one.phones(region)),
        "updated_at": datetime.fromtimestamp(one.updated_at, UTC),
    }
