"""`leadline link list|detach|attach|share|undo|corrections`: whose a handle is, and how people correct it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer

from leadline.cli.console import Columns, Row, out, show, show_json
from leadline.cli.office import Office, open_for_one, open_office
from leadline.cli.options import AsJson, Count
from leadline.connections.workspaces import Workspaces
from leadline.directory.find import Find
from leadline.errors import BadHandle
from leadline.identity.reasons import EVIDENCE, titles
from leadline.identity.words import address, addresses
from leadline.people import Correction, Corrections
from leadline.store.queries import queries

HandleArgument = Annotated[str, typer.Argument(help="A phone number, or an address as `link list` shows it")]
Author = Annotated[str, typer.Option("--author", help="Who says so, for the record")]
KINDS = {
    "detach": "{who} no longer belongs to contact {from_id}. The next message creates a new lead.",
    "attach": "{who} belongs to contact {into_id} from now on.",
    "share": "{who} is marked as used by several people, so it identifies nobody.",
    "unshare": "{who} is marked as used by one person again.",
    "undo": "{who} is back where it was: {into_id}.",
}
CHANGES = {
    "detach": "unlinked",
    "attach": "linked",
    "share": "marked as shared",
    "unshare": "marked as one person's",
    "undo": "undone",
}


def _typed(row: Row) -> str:
    """An address as people read it, with what commands take where that is not the same."""
    handle = row["handle"]
    return address(handle) if handle.startswith("tel:") else f"{address(handle)} ({handle})"


LINKS: Columns = {
    "Sender": _typed,
    "Name": "name",
    "Contact": lambda row: f"{row['role']} {row['contact_id']}",
    "Evidence": lambda row: EVIDENCE.get(row["evidence"], row["evidence"]),
    "In doubt": lambda row: ", ".join(filter(None, (titles(row["doubt"]), "shared" if row["shared"] else ""))),
    "Linked": "linked_at",
}
HISTORY: Columns = {
    "Contact": lambda row: f"{row['role']} {row['contact_id']}",
    "Evidence": lambda row: EVIDENCE.get(row["evidence"], row["evidence"]),
    "In doubt": lambda row: titles(row["doubt"]),
    "By": "author",
    "Linked": "linked_at",
    "Until": "superseded_at",
}
CORRECTIONS: Columns = {
    "Number": "correction_id",
    "Change": lambda row: CHANGES[row["kind"]],
    "Sender": _typed,
    "From": "from_id",
    "To": "into_id",
    "By": "author",
    "When": "at",
    "Undone": "undone",
}


def list_(
    wanted: Annotated[str, typer.Argument(help="Only links of this phone number, address or contact")] = "",
    as_json: AsJson = False,
    count: Count = 50,
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
    off: Annotated[bool, typer.Option("--off", help="Remove the mark")] = False,
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
    count: Count = 50,
) -> None:
    """List the corrections people made, newest first."""
    asyncio.run(_corrections(contact_id, as_json, count))


def _desk(office: Office) -> Corrections:
    return Corrections(office.database, Workspaces(), Find(office.database, office.book))


async def _list(wanted: str, as_json: bool, count: int) -> None:
    async with open_office() as office:
        with suppress(BadHandle):  # then it is a contact
            wanted = await _desk(office).read_handle(office.workspace_id, wanted)
        async with office.database.connection() as connection:
            rows = queries.linked_handles(connection, workspace_id=office.workspace_id, wanted=wanted, count=count + 1)
            found = [row async for row in rows]
    nothing = f"There is no link from or to {address(wanted)}." if wanted else "No sender is linked yet."
    show(found, LINKS, as_json=as_json, empty=nothing, count=count)


async def _history(handle: str, as_json: bool) -> None:
    async with open_office() as office:
        name = await _desk(office).read_handle(office.workspace_id, handle)
        async with office.database.connection() as connection:
            rows = queries.link_history(connection, workspace_id=office.workspace_id, handle=name)
            found = [row async for row in rows]
    show(found, HISTORY, as_json=as_json, empty=f"{address(name)} was never linked.")


async def _detach(handle: str, author: str, as_json: bool) -> None:
    async with open_office() as office:
        _tell(await _desk(office).detach(office.workspace_id, handle, author=author), as_json)


async def _share(handle: str, shared: bool, author: str, as_json: bool) -> None:
    async with open_office() as office:
        _tell(await _desk(office).share(office.workspace_id, handle, shared, author=author), as_json)


async def _attach(handle: str, contact_id: str, author: str, as_json: bool) -> None:
    async with open_for_one() as leadline:
        workspace_id = leadline.workspace.workspace_id
        _tell(await leadline.corrections.attach(workspace_id, handle, contact_id, author=author), as_json)


async def _undo(correction_id: int, author: str, as_json: bool) -> None:
    async with open_for_one() as leadline:
        workspace_id = leadline.workspace.workspace_id
        _tell(await leadline.corrections.undo(workspace_id, correction_id, author=author), as_json)


async def _corrections(contact_id: str, as_json: bool, count: int) -> None:
    async with open_office() as office:
        found = await _desk(office).listed(office.workspace_id, contact_id=contact_id, count=count + 1)
    rows: list[dict[str, Any]] = [
        msgspec.structs.asdict(one) | {"at": datetime.fromtimestamp(one.at, UTC), "handles": list(one.handles)}
        for one in found
    ]
    show(rows, CORRECTIONS, as_json=as_json, empty="Nobody has corrected anything yet.", count=count)


def _tell(made: Correction, as_json: bool) -> None:
    if as_json:
        show_json(msgspec.structs.asdict(made))
        return
    into = made.into_id or "linked to nobody"
    out.print(KINDS[made.kind].format(who=addresses(made.handles), from_id=made.from_id, into_id=into))
    if made.kind != "undo":
        out.print(f"Undo: leadline link undo {made.correction_id}")
