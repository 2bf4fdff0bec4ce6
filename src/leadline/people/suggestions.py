"""Who a contact may be as well: evidence from Leadline's own record and the directory, for people to judge.

The Inbox app asks `Suggestions.of` for the contact of a conversation; the rules are `identity/suggest.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from leadline.connections.workspaces import Workspace, Workspaces
from leadline.directory import Entry
from leadline.directory.find import Find
from leadline.identity import phone_fields, variants
from leadline.identity.said import said
from leadline.identity.suggest import Subject, Suggestion, suggest
from leadline.intercom import contacts, searches, twins
from leadline.model import Candidate, Handle
from leadline.store.database import Database
from leadline.store.queries import queries

__all__ = ["Suggestion", "Suggestions"]

MOST_LINES = 5
MESSAGES = 30  # of the contact's last ones, in which addresses are looked for
EMAIL = "_email"  # how the attributes end that hold the e-mail a channel named; see `leads.py:email_attribute_of`


class Suggestions:
    """Contacts that may be the same person. At most four calls, all of them reading.

    Where the directory is not complete yet, two searches in Intercom take its place; they find fewer.
    """

    def __init__(self, database: Database, workspaces: Workspaces, find: Find) -> None:
        self._database = database
        self._workspaces = workspaces
        self._find = find

    async def of(self, workspace_id: str, contact_id: str) -> tuple[Suggestion, ...]:
        """At most five contacts that may be this one, best first; none for a contact that is gone."""
        workspace = await self._workspaces.get(workspace_id)
        contact = await contacts.get(workspace.client, contact_id)
        if contact is None:
            return ()
        subject = await self._subject(workspace_id, contact)
        lines = await self._owners(workspace_id, subject)
        if (await self._find.state(workspace_id)).complete:
            known = await self._known(workspace_id, subject)
            lines = _together(lines, known, subject.region)
            ids = [one.contact_id for one in known if one.contact_id != contact.contact_id]
            twins_found = await searches.live(workspace.client, ids) if ids else ()
            found = {one.contact_id: contacts.plain(one) for one in twins_found}
        else:
            found = {one.contact_id: one for one in await self._search(workspace, subject)}
        for other in [key for key in lines if key not in found and key != contact.contact_id][:2]:
            linked = await contacts.get(workspace.client, other)
            if linked is not None and not linked.archived:
                found[linked.contact_id] = contacts.plain(linked)
        return suggest(subject, found.values(), lines)

    async def _subject(self, workspace_id: str, contact: contacts.Contact) -> Subject:
        key = {"workspace_id": workspace_id, "contact_id": contact.contact_id}
        async with self._database.connection() as connection:
            linked = [row["handle"] async for row in queries.handles_of(connection, **key)]
            proven = [row["phone"] async for row in queries.attested_phones(connection, **key)]
            different = [row["contact_id"] async for row in queries.different_contacts(connection, **key)]
            rows = queries.last_words(connection, workspace_id=workspace_id, handles=linked, count=MESSAGES)
            words = [row["text"] async for row in rows]
        region = await self._find.region(workspace_id)
        stored = phone_fields.read(contact.phone, region=region)
        told = {value for name, value in contact.custom_attributes.items() if name.endswith(EMAIL)}
        return Subject(
            contact=contacts.plain(contact),
            emails=frozenset(str(email) for email in told | {contact.email} if email),
            phones=_phones(linked) | {*stored},
            attested=_phones(proven),
            said=said(words, region=region),
            different=frozenset(different),
            region=region,
        )

    async def _owners(self, workspace_id: str, subject: Subject) -> Mapping[str, frozenset[str]]:
        """Contacts that these phones are linked to, with the phones."""
        names = [f"tel:{variants.line_key(phone)}" for phone in sorted(subject.phones | subject.attested)]
        owners: dict[str, set[str]] = {}
        async with self._database.connection() as connection:
            async for row in queries.links_of(connection, workspace_id=workspace_id, handles=names):
                owners.setdefault(row["contact_id"], set()).add(Handle.parse(row["handle"]).value)
        return {contact_id: frozenset(phones) for contact_id, phones in owners.items()}

    async def _known(self, workspace_id: str, subject: Subject) -> list[Entry]:
        """Entries that share something with the subject, the surest first, as many as one call reads."""
        emails = [*subject.emails, *(text for text in subject.said if "@" in text)]
        phones = [*subject.attested, *subject.phones, *(text for text in subject.said if "@" not in text)]
        found = [
            *await self._find.lines(workspace_id, phones),
            *await self._find.mailboxes(workspace_id, emails),
            *await self._find.alike(workspace_id, subject.contact.name),
        ]
        return [*{one.contact_id: one for one in found}.values()][: searches.LARGEST_LIST]

    async def _search(self, workspace: Workspace, subject: Subject) -> list[Candidate]:
        lines = [*sorted(subject.attested), *sorted(subject.phones - subject.attested)][:MOST_LINES]
        address = twins.by_address(
            workspace.client,
            sorted(subject.emails),
            [text for line in lines for text in variants.spellings(line, region=subject.region)],
            [number for line in lines for number in variants.lines(line)],
            formatted=workspace.formatted_phone,
        )
        name = subject.contact.name.strip()
        if not any(map(str.isalpha, name)):
            return [contacts.plain(one) for one in await address]
        both = await asyncio.gather(address, twins.by_name(workspace.client, name))
        return [contacts.plain(one) for found in both for one in found]


def _together(lines: Mapping[str, frozenset[str]], known: Iterable[Entry], region: str) -> Mapping[str, frozenset[str]]:
    """Phones by contact: those linked to it, and those the directory has for it, also from its attributes."""
    entries = {one.contact_id: frozenset(one.phones(region)) for one in known}
    return {key: lines.get(key, frozenset()) | entries.get(key, frozenset()) for key in {*lines, *entries}}


def _phones(names: list[str]) -> frozenset[str]:
    return frozenset(Handle.parse(name).value for name in names if name.startswith("tel:"))
