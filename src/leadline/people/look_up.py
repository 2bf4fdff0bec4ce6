"""Who in Intercom may be the sender: the directory is asked, and Intercom's search where the directory is not sure.

`whose.py` calls it for what no link tells.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

import msgspec

from leadline.connections.workspaces import Workspace
from leadline.directory import Directory, Entry
from leadline.directory.keys import fields
from leadline.identity import variants
from leadline.identity.evidence import Evidence
from leadline.identity.policy import Policy
from leadline.intercom import contacts, searches
from leadline.intercom.contacts import Contact
from leadline.model import Handle, Struct
from leadline.people.leads import UNATTRIBUTED, attributes_of


class Sought(Struct, frozen=True, kw_only=True):
    """Phones in E.164 and channel ids by attribute, of which nobody knows whose they are."""

    phones: tuple[str, ...] = ()
    accounts: Mapping[str, str] = {}
    whatsapp: bool = False


class LookUp:
    """Finds candidates. A hit of the directory is read from Intercom before anything is decided by it."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def of(self, workspace: Workspace, evidence: Evidence, policy: Policy, *, whatsapp: bool) -> Evidence:
        """The evidence with everybody who has one of the sender's phones or ids that no link knows."""
        phones, accounts = unknown(evidence, policy)
        if not (phones or accounts):
            return evidence
        attributes = attributes_of(accounts)
        sought = Sought(phones=tuple(phones), accounts=attributes, whatsapp=whatsapp)
        answer = await self._directory.find.sender(workspace.workspace_id, phones, attributes, whatsapp=whatsapp)
        region = answer.region or policy.region
        found = {one.contact_id: one for one in await self._read(workspace, answer.entries)}
        if not answer.sure:
            found |= {one.contact_id: one for one in await _searched(workspace, sought, region)}
        return msgspec.structs.replace(
            evidence,
            candidates=tuple(contacts.plain(one) for one in found.values() if self._has_phone(one, sought, region)),
            attribute_hits=tuple(contacts.plain(one) for one in found.values() if _has_account(one, sought)),
            region=region,
        )

    def _has_phone(self, contact: Contact, sought: Sought, region: str) -> bool:
        stored = [*fields(contact, self._directory.filing.phones)]
        return any(
            variants.same_line(field, phone, region=region, whatsapp=sought.whatsapp)
            for field in stored
            for phone in sought.phones
        )

    async def _read(self, workspace: Workspace, entries: tuple[Entry, ...]) -> list[Contact]:
        """The contacts as they are now, most of them by one call. The directory learns what it had wrong."""
        if not entries:
            return []
        ids = [one.contact_id for one in entries]
        shown = await searches.live(workspace.client, ids) if len(ids) > 1 else ()
        there = {one.contact_id: one for one in shown}
        missing = [contact_id for contact_id in ids[: searches.LARGEST_LIST] if contact_id not in there]
        alone = await asyncio.gather(*(contacts.get(workspace.client, contact_id) for contact_id in missing))
        gone = [asked for asked, one in zip(missing, alone, strict=True) if one is None or one.contact_id != asked]
        there |= {one.contact_id: one for one in alone if one is not None and not one.archived}
        await self._directory.read(workspace.workspace_id, there.values(), gone)
        return [*there.values()]


async def _searched(workspace: Workspace, sought: Sought, region: str) -> tuple[Contact, ...]:
    """One search: Intercom's index lags by minutes, and a number stands there as somebody typed it."""
    return await searches.by_sender(
        workspace.client,
        _spellings(sought, region),
        [number for phone in sought.phones for number in variants.lines(phone, whatsapp=sought.whatsapp)],
        sought.accounts,
        formatted=workspace.formatted_phone,
    )


def _spellings(sought: Sought, region: str) -> list[str]:
    spelled: Iterable[tuple[str, ...]] = (
        variants.spellings(phone, region=region, whatsapp=sought.whatsapp) for phone in sought.phones
    )
    return [text for texts in spelled for text in texts]


def _has_account(contact: Contact, sought: Sought) -> bool:
    return any(contact.custom_attributes.get(name) == value for name, value in sought.accounts.items())


def unknown(evidence: Evidence, policy: Policy) -> tuple[list[str], list[Handle]]:
    """Phones and channel ids that only Intercom could tell whose they are; none where people have spoken.

    Of a known sender that is a phone he shows for the first time, and one that has left his contact.
    """
    linked = {link.handle for link in evidence.links if "phone_left" not in link.doubt}
    if evidence.own_lead and not linked:
        return [], []
    known = any(link.handle in (*evidence.handles, *evidence.former) for link in evidence.links)
    claimed = dict.fromkeys((*evidence.handles, *evidence.attested, *(() if known else evidence.former)))
    phones = [one.value for one in claimed if one.is_phone and one not in linked]
    allowed = [phone for phone in phones if variants.line_key(phone) not in policy.blocked]
    accounts = () if known else claimed
    return allowed, [one for one in accounts if one.scheme not in UNATTRIBUTED]
