"""`leadline link list|detach|attach|share|undo|corrections`: whose a handle is, and how people correct it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer

from leadline.app import open_leadline
from leadline.cli.console import out, show, show_json
from leadline.cli.office import open_office
from leadline.connections.workspaces import Workspaces
from leadline.errors import BadHandle
from leadline.people import Correction, Corrections
from leadline.settings import load
from leadline.store.queries import queries

HandleArgument = Annotated[str, typer.Argument(help="A phone number, or scheme:scope/value as `link list` shows it")]
Author = Annotated[str, typer.Option("--author", help="Who says so; stands in the record")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
KINDS = {
    "detach": "is not {from_id} any more: its next message makes a new lead",
    "attach": "goes to contact {into_id} from now on",
    "share": "is used by several persons, so it proves nobody",
    "unshare": "is one person's own again",
    "undo": "is back where it was: {into_id}",
}


def list_(
    wanted: Annotated[str, typer.Argument(help="Only this handle, phone number or contact")] = "",
    as_json: AsJson = False,
    count: int = 50,
) -> None:
    """List the current links, newest first.

    Shows the contact of each sender, since when, on which evidence, and whether the link is in doubt.
    """
    asyncio.run(_list(wanted, as_json, count))


def history(handle: HandleArgument, as_json: AsJson = False) -> None:
    """List all links an address ever had, oldest first."""
    asyncio.run(_history(handle, as_json))


def detach(handle: HandleArgument, author: Author = "operator", as_json: AsJson = False) -> None:
    """Unlink a sender from its contact.

    The sender's next message makes a new lead. Nothing changes in Intercom.
    """
    asyncio.run(_detach(handle, author, as_json))


def attach(
    handle: HandleArgument,
    contact_id: Annotated[str, typer.Argument(help="Intercom's id of the contact")],
    author: Author = "operator",
    as_json: AsJson = False,
) -> None:
    """Link a sender to a contact.

    The sender's messages go to this contact from now on. If the link was in doubt, this confirms it.
    """
    asyncio.run(_attach(handle, contact_id, author, as_json))


def share(
    handle: HandleArgument,
    off: Annotated[bool, typer.Option("--off", help="Take the flag away")] = False,
    author: Author = "operator",
    as_json: AsJson = False,
) -> None:
    """Mark a phone as used by several people.

    Links on a shared phone are in doubt, and the phone identifies nobody any more.
    """
    asyncio.run(_share(handle, not off, author, as_json))


def undo(
    correction_id: Annotated[int, typer.Argument(help="Number, as `link corrections` shows it")],
    author: Author = "operator",
    as_json: AsJson = False,
) -> None:
    """Undo a correction.

    Links, marks and conversations are as they were before it.
    """
    asyncio.run(_undo(correction_id, author, as_json))


def corrections(
    contact_id: Annotated[str, typer.Argument(help="Only those from or to this contact")] = "",
    as_json: AsJson = False,
    count: int = 50,
) -> None:
    """List the corrections people made, newest first."""
    asyncio.run(_corrections(contact_id, as_json, count))


async def _list(wanted: str, as_json: bool, count: int) -> None:
    async with open_office() as office:
        desk = Corrections(office.database, Workspaces(), region=office.settings.default_region)
        with suppress(BadHandle):  # then it is a contact
            wanted = desk.named(wanted)
        async with office.database.connection() as connection:
            rows = queries.linked_handles(connection, workspace_id=office.workspace_id, wanted=wanted, count=count + 1)
            found = [row async for row in rows]
    columns = ["handle", "contact_id", "role", "name", "evidence", "doubt", "shared", "author", "linked_at"]
    nothing = f"{wanted} is linked to nobody, and nobody is linked to it." if wanted else "Nothing is linked yet."
    show(found, columns, as_json=as_json, empty=nothing, count=count)


async def _history(handle: str, as_json: bool) -> None:
    async with open_office() as office:
        name = Corrections(office.database, Workspaces(), region=office.settings.default_region).named(handle)
        async with office.database.connection() as connection:
            rows = queries.link_history(connection, workspace_id=office.workspace_id, handle=name)
            found = [row async for row in rows]
    columns = ["contact_id", "role", "evidence", "doubt", "author", "linked_at", "superseded_at"]
    show(found, columns, as_json=as_json, empty=f"{name} was never linked.")


async def _detach(handle: str, author: str, as_json: bool) -> None:
    async with open_office() as office:
        desk = Corrections(office.database, Workspaces(), region=office.settings.default_region)
        _tell(await desk.detach(office.workspace_id, handle, author=author), as_json)


async def _share(handle: str, shared: bool, author: str, as_json: bool) -> None:
    async with open_office() as office:
        desk = Corrections(office.database, Workspaces(), region=office.settings.default_region)
        _tell(await desk.share(office.workspace_id, handle, shared, author=author), as_json)


async def _attach(handle: str, contact_id: str, author: str, as_json: bool) -> None:
    async with open_leadline(load()) as leadline:
        workspace_id = leadline.workspace.workspace_id
        _tell(await leadline.corrections.attach(workspace_id, handle, contact_id, author=author), as_json)


async def _undo(correction_id: int, author: str, as_json: bool) -> None:
    async with open_leadline(load()) as leadline:
        workspace_id = leadline.workspace.workspace_id
        _tell(await leadline.corrections.undo(workspace_id, correction_id, author=author), as_json)


async def _corrections(contact_id: str, as_json: bool, count: int) -> None:
    async with open_office() as office:
        desk = Corrections(office.database, Workspaces())
        found = await desk.listed(office.workspace_id, contact_id=contact_id, count=count + 1)
    rows: list[dict[str, Any]] = [
        msgspec.structs.asdict(one) | {"at": datetime.fromtimestamp(one.at, UTC), "handles": list(one.handles)}
        for one in found
    ]
    columns = ["correction_id", "kind", "handle", "from_id", "into_id", "author", "at", "undone"]
    show(rows, columns, as_json=as_json, empty="Nobody has corrected anything yet.", count=count)


def _tell(made: Correction, as_json: bool) -> None:
    if as_json:
        show_json(msgspec.structs.asdict(made))
        return
    said = KINDS[made.kind].format(from_id=made.from_id, into_id=made.into_id or "linked to nobody")
    out.print(f"{', '.join(made.handles)} {said}.")
    if made.kind != "undo":
        out.print(f"`leadline link undo {made.correction_id}` takes it back.")
