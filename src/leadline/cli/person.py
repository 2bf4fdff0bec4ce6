"""`leadline person show|export|erase`: what a customer may ask for."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from leadline.cli.console import confirm, out, show, show_json
from leadline.cli.files import create
from leadline.cli.office import Office, open_for_one, open_office
from leadline.connections.workspaces import Workspaces
from leadline.directory.find import Find
from leadline.errors import BadHandle, SettingError
from leadline.people import Corrections
from leadline.privacy import Persons
from leadline.privacy.whom import Whom
from leadline.store.queries import queries

Who = Annotated[str, typer.Argument(help="A phone, an address like telegram:7/77, an e-mail, or an Intercom id")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON")]
CONTACT_ID = re.compile(r"[0-9a-f]{24}", re.ASCII)
COLUMNS = {"Where": "table", "Records": "records"}


def show_(who: Who, as_json: Json = False) -> None:
    """Show where a person is on record, and how often."""
    asyncio.run(_show(who, as_json))


def export(
    who: Who, to: Annotated[Path | None, typer.Option("--to", help="A new file; without it JSON is printed")] = None
) -> None:
    """Write everything that is on record about a person as JSON."""
    asyncio.run(_export(who, to))


def erase(
    who: Who,
    in_intercom: Annotated[bool, typer.Option("--in-intercom", help="Also delete their contacts in Intercom")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
    as_json: Json = False,
) -> None:
    """Erase everything about a person, for good, and print a receipt.

    Messages of theirs that wait or are parked go as well. That they refuse messages stays, under a hash.
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
            f"Contacts: {', '.join(person.contacts) or 'none'}. Addresses: {', '.join(person.handles) or 'none'}."
        )


async def _export(who: str, to: Path | None) -> None:
    async with open_office() as office:
        person = await _find(office, who)
        copy = await Persons(office.database).export(person)
        await office.note("person.exported", detail={"records": sum(map(len, copy.values()))})
    if to is None:
        show_json(copy)
        return
    with create(to) as file:
        file.write(msgspec.json.format(msgspec.json.encode(copy)))
    out.print(f"{sum(map(len, copy.values()))} records are in {to}; only you can read it.")


async def _erase(who: str, in_intercom: bool, yes: bool, as_json: bool) -> None:
    async with open_office() as office:
        person = await _find(office, who)
        if not yes:
            contacts = ", ".join(person.contacts) or "no contact"
            confirm(f"Erase {who} ({contacts}, {len(person.arrivals)} messages and notices) for good?", err=as_json)
        receipt = await Persons(office.database).erase(person, now=datetime.now(UTC))
        deleted = await _deleted(office, person) if in_intercom else []
    told: dict[str, Any] = msgspec.to_builtins(receipt) | {"deleted_in_intercom": deleted}
    if as_json:
        show_json(told)
        return
    for line in _lines(told, in_intercom):
        out.print(line)


def _lines(receipt: dict[str, Any], in_intercom: bool) -> list[str]:
    erased = ", ".join(f"{count} {table}" for table, count in receipt["erased"].items())
    told = [f"Erased on {receipt['erased_at']}: {erased or 'nothing, for nothing was on record'}."]
    if receipt["rewritten"]:
        told.append(f"Taken out of {receipt['rewritten']} decisions about others.")
    told += [f"Kept: {kept}." for kept in receipt["kept"]]
    if in_intercom:
        return [*told, f"Deleted in Intercom: {', '.join(receipt['deleted_in_intercom']) or 'nothing'}."]
    contacts = ", ".join(receipt["contacts"])
    return (
        [*told, f"Not touched: Intercom's own records of {contacts}; --in-intercom deletes them."] if contacts else told
    )


async def _find(office: Office, who: str) -> Whom:
    """The person somebody means; raises SettingError where nobody is known by that."""
    contacts, handles = set(), set()
    if CONTACT_ID.fullmatch(who):
        contacts.add(who)
    elif "@" in who and ":" not in who:
        async with office.database.connection() as connection:
            rows = queries.contacts_by_email(connection, workspace_id=office.workspace_id, email=who)
            contacts |= {row["contact_id"] async for row in rows}
    else:
        with suppress(BadHandle):
            find = Find(office.database, office.book)
            handles.add(await Corrections(office.database, Workspaces(), find).named(office.workspace_id, who))
    if not contacts and not handles:
        raise SettingError(f"'{who}' is nobody on record. Give a phone, an address, an e-mail or an Intercom id")
    return await Persons(office.database).find(office.workspace_id, contacts=contacts, handles=handles)


async def _deleted(office: Office, person: Whom) -> list[str]:
    from leadline.intercom import contacts

    async with open_for_one() as leadline:
        return [one for one in person.contacts if await contacts.delete(leadline.workspace.client, one)]
