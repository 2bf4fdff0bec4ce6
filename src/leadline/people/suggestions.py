"""Who a contact may be as well: evidence from Leadline's own record and the directory, for people to judge.

The Inbox app and the console ask `Suggestions.of`; the rules are `identity/suggest.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from leadline.connections.workspaces import Workspace, Workspaces
from leadline.directory import Entry, Filing, keys
from leadline.directory.find import Find
from leadline.directory.keys import Kind, entry
from leadline.directory.records import record
from leadline.identity import emails, variants
from leadline.identity.compared import Record, counts_of
from leadline.identity.mentions import mentions
from leadline.identity.same_person_rules import LATEST, RULES, Rules, taught
from leadline.identity.suggest import Likely, Subject, suggest
from leadline.intercom import contacts, searches, twins
from leadline.intercom.contacts import Contact
from leadline.model import Candidate, Handle, Struct
from leadline.store.database import Database
from leadline.store.queries import queries

__all__ = ["Suggestion", "Suggestions"]

MOST_LINES = 5
MOST_READ = 20
"""Contacts that are read from Intercom, the likeliest by the directory."""
MESSAGES = 30  # of the contact's last ones, in which addresses are looked for
EMAIL = "_email"  # how the attributes end that hold the e-mail a channel named; see `leads.py:email_attribute_of`
Row = Mapping[str, Any]
Owners = Mapping[str, frozenset[int]]
"""Contacts that lines are linked to, each with those lines."""


class Suggestion(Struct, frozen=True):
    """A contact as Intercom has it, and why it may be the same person."""

    contact: Candidate
    likely: Likely


class _Looked(Struct, frozen=True, kw_only=True):
    """What is known of the subject and around it. entries: of the directory, where it is complete."""

    subject: Subject
    phones: tuple[str, ...]
    owners: Owners
    entries: tuple[Entry, ...]
    complete: bool
    region: str


class Suggestions:
    """Contacts that may be the same person: three statements, and at most four calls, all of them reading.

    Where the directory is not complete yet, two searches in Intercom take its place; they find fewer.
    """

    def __init__(self, database: Database, workspaces: Workspaces, find: Find, filing: Filing) -> None:
        self._database = database
        self._workspaces = workspaces
        self._find = find
        self._filing = filing

    async def of(self, workspace_id: str, contact_id: str) -> tuple[Suggestion, ...]:
        """At most five contacts that may be this one, best first; none for a contact that is gone."""
        workspace = await self._workspaces.get(workspace_id)
        contact = await contacts.get(workspace.client, contact_id)
        if contact is None:
            return ()
        known = await self._on_record(workspace_id, contact.contact_id)
        looked = await self._looked(workspace_id, contact, known, self._find.known_region(workspace_id))
        rules = _rules(known)
        around = [*self._records(looked.entries, looked), looked.subject.record]
        counts = counts_of({one.contact_id: one for one in around}.values())
        likely = suggest(looked.subject, around, counts, rules, most=MOST_READ)
        found = await self._read(workspace, contact, looked, [one.record.contact_id for one in likely])
        records = [*self._records((entry(one, self._filing) for one in found.values()), looked)]
        if not looked.complete:
            counts = counts_of([*records, looked.subject.record])
        best = suggest(looked.subject, records, counts, rules)
        return tuple(Suggestion(contacts.plain(found[one.record.contact_id]), one) for one in best)

    async def _on_record(self, workspace_id: str, contact_id: str) -> Row:
        async with self._database.connection() as connection:
            row: Row = await queries.suggestion_subject(
                connection, workspace_id=workspace_id, contact_id=contact_id, count=MESSAGES
            )
        return row

    async def _looked(self, workspace_id: str, contact: Contact, known: Row, region: str) -> _Looked:
        """region: in which numbers without a country code are read; where it has changed, all is read again."""
        filed = entry(contact, self._filing)
        phones = {*filed.phones(region), *_phones(known["handles"]), *_phones(known["attested"])}
        subject = self._subject(contact, filed, known, region)
        owners = await self._owners(workspace_id, phones)
        wanted = {*_own_keys(filed), *_keys(subject, phones, region)}
        answer = await self._find.alike(workspace_id, contact.name, wanted, owners)
        if answer.region != region:
            return await self._looked(workspace_id, contact, known, answer.region)
        return _Looked(
            subject=subject,
            phones=tuple(sorted(phones)),
            owners=owners,
            entries=answer.entries if answer.sure else (),
            complete=answer.sure,
            region=region,
        )

    def _subject(self, contact: Contact, filed: Entry, known: Row, region: str) -> Subject:
        own = record(filed, region)
        attested = _lines(known["attested"])
        told = (str(value) for name, value in contact.custom_attributes.items() if name.endswith(EMAIL) and value)
        return Subject(
            record=msgspec.structs.replace(own, lines=own.lines | _lines(known["handles"]) | attested),
            emails=frozenset(filter(None, map(emails.key, told))),
            attested=attested,
            said=mentions(known["words"], region=region),
            different=frozenset(known["different"]),
        )

    async def _owners(self, workspace_id: str, phones: Iterable[str]) -> Owners:
        """Contacts that these phones are linked to."""
        names = [f"tel:{variants.line_key(phone)}" for phone in sorted(phones)]
        owners: dict[str, list[str]] = {}
        async with self._database.connection() as connection:
            async for row in queries.links_of(connection, workspace_id=workspace_id, handles=names):
                owners.setdefault(row["contact_id"], []).append(row["handle"])
        return {contact_id: _lines(handles) for contact_id, handles in owners.items()}

    def _records(self, entries: Iterable[Entry], looked: _Looked) -> Iterator[Record]:
        """Entries as they are compared, each with the lines that are linked to it as well."""
        for one in entries:
            made = record(one, looked.region)
            lines = made.lines | looked.owners.get(one.contact_id, frozenset())
            yield msgspec.structs.replace(made, lines=lines)

    async def _read(
        self, workspace: Workspace, contact: Contact, looked: _Looked, likely: list[str]
    ) -> dict[str, Contact]:
        """Those that are to be shown as Intercom has them now, by id."""
        if looked.complete:
            read = [*await searches.live(workspace.client, likely)] if likely else []
        else:
            read = await self._search(workspace, contact, looked)
        found = {one.contact_id: one for one in read}
        known = {*found, *(one.contact_id for one in looked.entries), contact.contact_id}
        for other in [each for each in looked.owners if each not in known][:2]:
            linked = await contacts.get(workspace.client, other)
            if linked is not None and not linked.archived:
                found[linked.contact_id] = linked
        return found

    async def _search(self, workspace: Workspace, contact: Contact, looked: _Looked) -> list[Contact]:
        address = twins.by_address(
            workspace.client,
            sorted({*filter(None, (contact.email, *looked.subject.emails))}),
            [text for line in looked.phones[:MOST_LINES] for text in variants.spellings(line, region=looked.region)],
            [number for line in looked.phones[:MOST_LINES] for number in variants.lines(line)],
            formatted=workspace.formatted_phone,
        )
        name = contact.name.strip()
        if not any(map(str.isalpha, name)):
            return [*await address]
        both = await asyncio.gather(address, twins.by_name(workspace.client, name))
        return [one for found in both for one in found]


def _rules(known: Row) -> Rules:
    """Those of this workspace, as the duplicates use them."""
    return taught(known["rules"]["version"], known["rules"]["weights"]) if known["rules"] else RULES[LATEST]


def _own_keys(filed: Entry) -> Iterator[int]:
    """The keys of a contact that others are found by."""
    return (key for key in filed.keys if key > 0 or -key & 7 not in (Kind.WRITTEN, Kind.BIRTH_YEAR))


def _keys(subject: Subject, phones: Iterable[str], region: str) -> Iterator[int]:
    """Under which keys contacts are filed that share an address with the subject, or with what he wrote."""
    named = (text for text in subject.said if "@" not in text)
    yield from (key for phone in (*phones, *named) for key in keys.of_line(phone, region=region))
    boxes = map(keys.of_email, (*subject.emails, *(text for text in subject.said if "@" in text)))
    yield from (key for key in boxes if key is not None)


def _phones(names: Iterable[str]) -> frozenset[str]:
    """The phones among written handles."""
    return frozenset(Handle.parse(name).value for name in names if name.startswith("tel:"))


def _lines(names: Iterable[str]) -> frozenset[int]:
    """The same, each in the one form of its line."""
    digits = (phone.removeprefix("+") for phone in _phones(names))
    return frozenset(variants.meeting(int(each)) for each in digits if each.isdecimal())
