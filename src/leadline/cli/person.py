"""`leadline person show|export|erase`: what a customer may ask for."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from leadline.cli.asking import confirm
from leadline.cli.console import Columns, out, say, show, show_json
from leadline.cli.files import create
from leadline.cli.office import Office, open_for_one, open_office
from leadline.cli.options import AsJson, Yes
from leadline.directory.find import Find
from leadline.identity.words import addresses, counted
from leadline.privacy import Persons
from leadline.privacy.meant import meant
from leadline.privacy.person import Receipt
from leadline.privacy.whom import Whom
from leadline.privacy.words import records, sentences

Who = Annotated[str, typer.Argument(help="A phone, an address like telegram:7/77, an e-mail, or an Intercom id")]
COLUMNS: Columns = {"What": lambda row: records(row["table"]), "Records": "records"}


def show_(who: Who, as_json: AsJson = False) -> None:
    """Show where a person is on record, and how often."""
    asyncio.run(_show(who, as_json))


def export(
    who: Who,
    to: Annotated[Path | None, typer.Option("--to", help="A new file; without it JSON is printed")] = None,
    as_json: AsJson = False,
) -> None:
    """Write everything that is on record about a person as JSON."""
    asyncio.run(_export(who, to, as_json))


def erase(
    who: Who,
    in_intercom: Annotated[bool, typer.Option("--in-intercom", help="Also delete their contacts in Intercom")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Erase everything about a person, for good, and print a receipt.

    Messages of theirs that wait or are parked go as well. That they refuse messages stays on record, as a hash.
    """
    asyncio.run(_erase(who, in_intercom, yes, as_json))


async def _show(who: str, as_json: bool) -> None:
    async with open_office() as office:
        person = await _find(office, who)
        counts = await Persons(office.database).counts(person)
    rows = [{"table": table, "records": count} for table, count in counts.items() if count]
    show(rows, COLUMNS, as_json=as_json, empty=f"Nothing is on record about {who}.")
    if not as_json and rows:
        out.print(
            f"Contacts: {', '.join(person.contacts) or 'none'}. Addresses: {addresses(person.handles) or 'none'}."
        )


async def _export(who: str, to: Path | None, as_json: bool) -> None:
    async with open_office() as office:
        person = await _find(office, who)
        copy = await Persons(office.database).export(person)
        count = sum(map(len, copy.values()))
        await office.note("person.exported", detail={"records": count})
    if to is None:
        show_json(copy)
        return
    with create(to) as file:
        file.write(msgspec.json.format(msgspec.json.encode(copy)))
    words = f"{counted(count, 'record')} written to {to}; only you can read it."
    say(words, {"file": str(to), "records": count}, as_json=as_json)


async def _erase(who: str, in_intercom: bool, yes: bool, as_json: bool) -> None:
    async with open_office() as office:
        person = await _find(office, who)
        if not yes:
            contacts = ", ".join(person.contacts) or "no contact"
            messages = counted(len(person.arrivals), "message or notice", "messages and notices")
            confirm(f"Erase {who} ({contacts}, {messages}) for good?")
        receipt = await Persons(office.database).erase(person, now=datetime.now(UTC))
        deleted = await _deleted(person) if in_intercom else None
    if as_json:
        show_json(msgspec.to_builtins(receipt) | {"deleted_in_intercom": deleted or []})
        return
    for line in _lines(receipt, deleted):
        out.print(line)


def _lines(receipt: Receipt, deleted: list[str] | None) -> list[str]:
    """deleted: contacts that Intercom deleted as well; None where that was not asked for."""
    if deleted is not None:
        return [*sentences(receipt), f"Deleted in Intercom: {', '.join(deleted) or 'nothing'}."]
    contacts = ", ".join(receipt.contacts)
    left = f"Not touched: Intercom's own records of {contacts}; --in-intercom deletes them."
    return [*sentences(receipt), left] if contacts else sentences(receipt)


async def _find(office: Office, who: str) -> Whom:
    return await meant(office.database, Find(office.database, office.book), office.workspace_id, who)


async def _deleted(person: Whom) -> list[str]:
    from leadline.intercom import contacts

    async with open_for_one() as leadline:
        return [one for one in person.contacts if await contacts.delete(leadline.workspace.client, one)]
