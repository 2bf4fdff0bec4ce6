"""People on record by what somebody has at hand, page by page, without asking Intercom. The console's search.

The directory knows contacts by phone, e-mail, user id and name; links know them by a customer's address or id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from leadline.directory import keys, stored
from leadline.directory.find import Find
from leadline.directory.keys import Entry
from leadline.identity import phone_fields, resemblance, variants
from leadline.identity.handles import name
from leadline.model import Handle, Role, Struct
from leadline.people.contact_search import intercom_id, visible
from leadline.store.database import Connection, Database
from leadline.store.numbers import is_number
from leadline.store.queries import queries

LOOKED = 5_000  # names that fit and are looked at: some tens of milliseconds
MOST_LINKED = 200
MOST_ADDRESSES = 5  # of each contact in the list


class Address(Struct, frozen=True, kw_only=True):
    """One address that is linked to a contact now. name: as its owner is called there."""

    handle: str
    name: str = ""
    in_doubt: bool = False


class Found(Struct, frozen=True, kw_only=True):
    """One contact. name: as an address tells it, else the plain Latin words that the directory keeps.

    addresses: those linked last; more: how many others there are.
    """

    contact_id: str
    role: Role
    name: str = ""
    email: str = ""
    phones: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    more: int = 0


class Page(Struct, frozen=True, kw_only=True):
    """after: where the next page begins, empty where there is none. cut: more names fit than are looked at."""

    people: tuple[Found, ...] = ()
    after: str = ""
    cut: bool = False


class _Search(Struct, frozen=True, kw_only=True):
    """What is searched for, and how far it is. region: in which numbers without a country code are read.

    before: when the last one of the page before was updated, and which it is. exact: whether that one was surely meant.
    """

    workspace_id: str
    text: str
    region: str
    count: int
    before: tuple[int, str] | None = None
    exact: bool = False

    @property
    def parameters(self) -> dict[str, Any]:
        """As the queries take it; one more than a page tells whether there is a next one."""
        after_at, after_id = self.before or (None, "")
        return {
            "workspace_id": self.workspace_id,
            "after_at": after_at,
            "after_id": after_id,
            "count": self.count + 1,
        }


class Finding:
    """Searches one workspace at a time."""

    def __init__(self, database: Database, find: Find) -> None:
        self._database = database
        self._find = find

    async def page(self, workspace_id: str, text: str, *, after: str = "", count: int = 50) -> Page:
        """So many people that fit, the last updated first; without a text those who were linked last.

        after: what the page before named. A text is a phone in any spelling, an e-mail, an Intercom id or a link to a
        profile, a user id, an address like telegram:7/77, an id at a provider, or (the beginnings of) a name.
        """
        region = await self._find.region(workspace_id)
        search = _search(workspace_id, visible(text), region, after, count)
        async with self._database.connection() as connection:
            if not search.text:
                return await _latest(connection, search, after)
            entries = await _exact(connection, search)
            if entries or search.exact:
                return await _shown(connection, search, entries, mark="e")
            return await _named(connection, search)


def _search(workspace_id: str, text: str, region: str, after: str, count: int) -> _Search:
    search = _Search(workspace_id=workspace_id, text=text, region=region, count=count)
    at, _, contact_id = after[1:].partition(".")
    if after[:1] not in ("e", "n") or not contact_id or not is_number(at):
        return search
    return msgspec.structs.replace(search, before=(int(at), contact_id), exact=after[0] == "e")


async def _latest(connection: Connection, search: _Search, after: str) -> Page:
    before, count = int(after) if is_number(after) else None, search.count
    rows = queries.people_latest(connection, workspace_id=search.workspace_id, before=before, count=count + 1)
    latest = [row async for row in rows]
    ids = [row["contact_id"] for row in latest[:count]]
    known = {one.contact_id: one for one in await stored.listed(connection, search.workspace_id, ids)}
    entries = [known.get(key) or Entry(contact_id=key, role=Role.LEAD) for key in ids]
    page = await _shown(connection, search, entries, mark="")
    more = str(latest[count - 1]["link_id"]) if len(latest) > count else ""
    return msgspec.structs.replace(page, after=more)


async def _exact(connection: Connection, search: _Search) -> list[Entry]:
    """Those who surely have this; one more than a page where there is a next page."""
    linked = await _linked(connection, search)
    ids = [*linked, *filter(None, [intercom_id(search.text)])]
    rows = queries.people_with(connection, keys=_keys(search.text, search.region), contact_ids=ids, **search.parameters)
    found = [stored.entry_of(row) async for row in rows]
    if search.before is not None:
        return found
    known = {one.contact_id for one in found}
    return found + [Entry(contact_id=one, role=Role.LEAD) for one in linked if one not in known]


async def _named(connection: Connection, search: _Search) -> Page:
    text = search.text
    words = () if any(map(str.isdigit, text)) or "@" in text else resemblance.words(text)
    if not words:
        return Page()
    sought = keys.sought(search.workspace_id, [tuple(f"{word}*" for word in words)])
    rows = queries.people_named(connection, words=sought, looked=LOOKED + 1, **search.parameters)
    found = [dict(row) async for row in rows]
    fits = max((row.pop("fits") for row in found), default=0)
    page = await _shown(connection, search, [stored.entry_of(row) for row in found], mark="n")
    return msgspec.structs.replace(page, cut=fits > LOOKED)


async def _shown(connection: Connection, search: _Search, entries: Sequence[Entry], *, mark: str) -> Page:
    """With the addresses that are linked to them; mark: how the page's next one is found."""
    shown = entries[: search.count]
    ids = [one.contact_id for one in shown]
    rows = queries.addresses_of_contacts(
        connection, workspace_id=search.workspace_id, contact_ids=ids, most=MOST_ADDRESSES
    )
    linked: dict[str, list[dict[str, Any]]] = {}
    async for row in rows:
        linked.setdefault(row["contact_id"], []).append(row)
    last = shown[-1] if len(entries) > search.count else None
    return Page(
        people=tuple(_found(one, linked.get(one.contact_id, []), search.region) for one in shown),
        after=f"{mark}{last.updated_at}.{last.contact_id}" if last else "",
    )


async def _linked(connection: Connection, search: _Search) -> list[str]:
    """Contacts that an address of this spelling, or with this id at a provider, is linked to."""
    handles = _handles(search.text, search.region)
    rows = queries.contacts_linked(
        connection, workspace_id=search.workspace_id, handles=handles, value=search.text, most=MOST_LINKED
    )
    return [row["contact_id"] async for row in rows]


def _handles(text: str, region: str) -> list[str]:
    lines = [line for phone in phone_fields.read(text, region=region) for line in variants.lines(phone, whatsapp=True)]
    phones = [name(Handle("tel", line)) for line in lines]
    return [*dict.fromkeys([*phones, text])]


def _keys(text: str, region: str) -> list[int]:
    wanted = [key for phone in phone_fields.read(text, region=region) for key in keys.of_line(phone, region=region)]
    wanted += [keys.of_bare(digits) for digits in phone_fields.bare(text)]
    mailbox = keys.of_email(text)
    return [*wanted, keys.of_external_id(text), *([mailbox] if mailbox is not None else [])]


def _found(entry: Entry, rows: Sequence[Mapping[str, Any]], region: str) -> Found:
    told = next((row["name"] for row in rows if row["name"]), "")
    return Found(
        contact_id=entry.contact_id,
        role=Role(rows[0]["role"]) if rows else entry.role,
        name=told or entry.shown,
        email=entry.email,
        phones=entry.phones(region),
        more=rows[0]["total"] - len(rows) if rows else 0,
        addresses=tuple(Address(handle=row["handle"], name=row["name"], in_doubt=bool(row["doubt"])) for row in rows),
    )
