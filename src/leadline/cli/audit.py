"""`leadline audit list|export|verify`: who did what, from where, and whether the record is whole."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from leadline.cli.console import Columns, more, out, say, show, show_json
from leadline.cli.files import create
from leadline.cli.office import Office, open_office
from leadline.cli.options import AsJson, Count
from leadline.errors import SettingError
from leadline.identity.acts import about, act, details
from leadline.identity.words import counted
from leadline.store.queries import queries

COLUMNS: Columns = {
    "Number": "audit_id",
    "When": "at",
    "Who": "actor",
    "From": "source",
    "What": lambda row: act(row["act"]),
    "About": "about",
}
PAGE = 500


def list_(as_json: AsJson = False, count: Count = 50) -> None:
    """List what people did, the latest last.

    Connecting and changing channels, correcting links, merging, retrying and dropping, beginning messages, exporting
    and erasing: from the command line, the panel and the console.
    """
    asyncio.run(_list(as_json, count))


def export(to: Annotated[Path, typer.Argument(help="A new file")], as_json: AsJson = False) -> None:
    """Write the whole audit as JSON, one act on each line."""
    asyncio.run(_export(to, as_json))


def verify(as_json: AsJson = False) -> None:
    """Check that nothing in the audit was changed, removed or added.

    Prints the latest hash. Note it somewhere else now and then: what was recorded up to it can then not be rewritten
    without showing.
    """
    asyncio.run(_verify(as_json))


async def _list(as_json: bool, count: int) -> None:
    async with open_office() as office:
        async with office.database.connection() as connection:
            rows = [row async for row in queries.last_audit(connection, workspace_id=office.workspace_id, count=count)]
        state = await _state(office)
    show([row | {"about": _about(row)} for row in rows], COLUMNS, as_json=as_json, empty="Nobody did anything yet.")
    if not as_json:
        more(state["count"] - len(rows))


def _about(row: dict[str, Any]) -> str:
    more_of_it = (f"{name} {value}" for name, value in details(row["detail"]))
    return ", ".join(filter(None, (about(row["subject"]), *more_of_it)))


async def _export(to: Path, as_json: bool) -> None:
    count, last = 0, 0
    with create(to) as file:
        async with open_office() as office:
            while rows := await _page(office, last):
                file.writelines(msgspec.json.encode(row, enc_hook=str) + b"\n" for row in rows)
                count, last = count + len(rows), rows[-1]["audit_id"]
    words = f"{counted(count, 'act')} written to {to}; only you can read it."
    say(words, {"file": str(to), "acts": count}, as_json=as_json)


async def _page(office: Office, after: int) -> list[dict[str, Any]]:
    async with office.database.connection() as connection:
        rows = queries.audit(connection, workspace_id=office.workspace_id, after=after, count=PAGE)
        return [row async for row in rows]


async def _verify(as_json: bool) -> None:
    async with open_office() as office:
        state = await _state(office)
    if as_json:
        show_json(state)
        raise typer.Exit(int(state["broken"] is not None))
    if state["broken"] is not None:
        raise SettingError(
            f"The audit was changed: number {state['broken']} is not what was recorded, or does not follow the one "
            "before. Compare it with an export or a backup."
        )
    out.print(f"{state['count']} acts, and the chain holds. Latest hash: {state['head'] or 'none'}")


async def _state(office: Office) -> dict[str, Any]:
    async with office.database.connection() as connection:
        return dict(await queries.audit_state(connection, workspace_id=office.workspace_id))
