"""Merging in Intercom: both contacts read whole, the merge itself, and where a contact went when no answer came.

Called by `merging` and `people/following.py`. All functions may raise what Client.call raises.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import count
from typing import Any, Literal

import msgspec

from leadline.identity.merge import promoted
from leadline.identity.merge_sides import FIELDS, Named, Note, Side, Subscription
from leadline.intercom import contacts, preview_api
from leadline.intercom.client import Client
from leadline.intercom.contacts import Contact
from leadline.intercom.conversations import get_conversation, of_contact
from leadline.intercom.outcomes import IntercomError, NotFound, listed
from leadline.intercom.routes import path
from leadline.intercom.wire import items, mapping, seconds, text
from leadline.model import Role, Struct

CHECKED_SINCE = (2, 16)
"""From this version on Intercom merges only contacts that share an e-mail or a phone, unless told otherwise."""
_PAGE = 150
_ACTIVE = ("last_seen_at", "last_replied_at", "last_contacted_at")


class Fate(Struct, frozen=True, kw_only=True):
    """Where a contact is now. `contact_id`: the survivor, for merged and elsewhere. `sure`: Intercom said so itself."""

    state: Literal["alive", "merged", "elsewhere", "gone"]
    contact_id: str = ""
    sure: bool = True


async def read_whole(client: Client, contact_id: str) -> Side | None:
    """A contact with everything a merge touches; the survivor when it was merged away; None when it is gone."""
    contact = await contacts.get(client, contact_id)
    if contact is None:
        return None
    tags, companies, subscriptions, notes, conversations = await asyncio.gather(
        _tags(client, contact),
        _companies(client, contact),
        _subscriptions(client, contact),
        _notes(client, contact),
        conversation_ids(client, contact.contact_id),
    )
    return msgspec.structs.replace(
        side(contact),
        tags=tags,
        companies=companies,
        subscriptions=subscriptions,
        notes=notes,
        conversations=conversations,
    )


def side(contact: Contact) -> Side:
    """What the contact's own record says: no lists, no handles."""
    raw = contact.raw
    fields = {name: raw.get(name) for name in FIELDS if raw.get(name) not in (None, "", False)}
    if picture := text(mapping(raw.get("avatar")).get("image_url")):
        fields["avatar"] = picture
    return Side(
        contact_id=contact.contact_id,
        role=contact.role,
        workspace_id=text(raw.get("workspace_id")),
        archived=contact.archived,
        fields=fields,
        attributes={name: value for name, value in contact.custom_attributes.items() if value is not None},
        last_active_at=max(seconds(raw.get(name)) for name in _ACTIVE),
        raw=raw,
    )


async def merge(client: Client, source: Side, into_id: str) -> None:
    """Merge a contact into a user for ever (POST /contacts/merge). A person chose the two: a lead need share nothing.

    `skip_duplicate_validation` exists since 2.16 and is not sent before. A user goes into a user only by the Preview
    API, which refuses to skip that check then. Raises IntercomError when refused, NotFound when one of the two is
    missing, OutcomeUnknown when it may have been done.
    """
    body: dict[str, Any] = {"from": source.contact_id, "into": into_id}
    if source.role == Role.USER:
        client = client.speaking(preview_api.VERSION)
    elif version(client.version) >= CHECKED_SINCE:
        body["skip_duplicate_validation"] = True
    await client.call("POST", "/contacts/merge", body=body)


async def merge_conversations(client: Client, from_id: str, into_id: str) -> None:
    """Close one conversation and link it to another, for good (POST /conversations/{id}/merge, API 2.16).

    Raises NotFound where the first is not there, IntercomError (422 `merge_failed`) where the two cannot be merged.
    """
    body = {"merge_into_conversation_id": int(into_id)}
    await client.call("POST", path("/conversations/{}/merge", from_id), body=body)


async def promote(client: Client, lead: Side) -> None:
    """Make a lead a user for ever (PUT /contacts/{id}); harmless when it is one. Raises Conflict."""
    change: dict[str, Any] = {"role": Role.USER.value}
    given = promoted(lead).fields.get("external_id")
    if given != lead.fields.get("external_id"):
        change["external_id"] = given
    await contacts.update(client, lead.contact_id, **change)


async def fate(client: Client, source: Side, into_id: str) -> Fate:
    """Where the lead of a merge is now. Up to 2.15 Intercom only answers 404, so its traces are looked for."""
    contact = await contacts.get(client, source.contact_id)
    if contact is None:
        return await _without_answer(client, source, into_id)
    if contact.contact_id == source.contact_id:
        return Fate(state="gone" if contact.archived else "alive")
    if contact.contact_id == into_id:
        return Fate(state="merged", contact_id=into_id)
    survivor = await contacts.get(client, into_id)
    if survivor and survivor.contact_id == contact.contact_id:
        return Fate(state="merged", contact_id=into_id)  # the user itself went further since
    return Fate(state="elsewhere", contact_id=contact.contact_id)


async def _without_answer(client: Client, source: Side, into_id: str) -> Fate:
    """404: merged, deleted and archived look the same. The lead's conversations tell whose they are now."""
    if source.contact_id in await merged_into(client, into_id):
        return Fate(state="merged", contact_id=into_id)
    owners: set[str] = set()
    for conversation_id in source.conversations[:3]:
        found = await get_conversation(client, conversation_id)
        owners |= set(found.contact_ids) if found else set()
    others = owners - {into_id, source.contact_id}
    if into_id in owners or not owners:
        alive = await contacts.get(client, into_id)
        return Fate(state="merged" if alive else "gone", contact_id=into_id, sure=into_id in owners)
    if len(others) == 1:
        return Fate(state="elsewhere", contact_id=others.pop(), sure=False)
    return Fate(state="gone", sure=False)


async def merged_into(client: Client, contact_id: str) -> tuple[str, ...]:
    """Ids of the leads merged into this user, newest first; empty where Intercom does not tell (before 2.16)."""
    route = path("/contacts/{}/merge_history", contact_id)
    try:
        answer = await client.call("GET", route, params={"per_page": str(_PAGE)})
    except NotFound:
        return ()
    except IntercomError as refused:
        if refused.status != 400:
            raise
        return ()
    return tuple(text(item.get("source_contact_id")) for item in listed(answer, "data"))


async def conversation_ids(client: Client, contact_id: str) -> tuple[str, ...]:
    """All conversations of a contact, as far as Intercom's search knows them."""
    return tuple([text(raw.get("id")) async for raw in of_contact(client, contact_id)])


def _has(contact: Contact, *fields: str) -> bool:
    """Whether the contact's own record, which shows ten of each list, says that there is something in one of these."""
    lists = (mapping(contact.raw.get(field)) for field in fields)
    return any(each.get("total_count") or each.get("data") for each in lists)


async def _tags(client: Client, contact: Contact) -> tuple[Named, ...]:
    if not _has(contact, "tags"):
        return ()
    return _named(listed(await client.call("GET", path("/contacts/{}/tags", contact.contact_id)), "data"))


async def _companies(client: Client, contact: Contact) -> tuple[Named, ...]:
    """All of them. Intercom's schema names the list `companies`, its example `data` (2.16, read 2026-11-28)."""
    if not _has(contact, "companies"):
        return ()
    found: dict[str, Named] = {}
    async for answer in _pages(client, path("/contacts/{}/companies", contact.contact_id)):
        shown = _named(listed(answer, "companies" if "companies" in answer else "data"))
        found |= {company.key: company for company in shown}
    return tuple(found.values()) or _named(items(mapping(contact.raw.get("companies")).get("data")))


async def _pages(client: Client, route: str) -> AsyncIterator[Mapping[str, Any]]:
    """Every page of a list that Intercom numbers."""
    for page in count(1):
        answer = await client.call("GET", route, params={"page": str(page), "per_page": "50"})
        yield answer
        last = mapping(answer.get("pages")).get("total_pages")
        if not isinstance(last, int) or page >= last:
            return


def _named(those: Sequence[Mapping[str, Any]]) -> tuple[Named, ...]:
    return tuple(Named(text(item.get("id")), text(item.get("name")) or text(item.get("id"))) for item in those)


CHOICES = {"opt_out": "opted_out_subscription_types", "opt_in": "opted_in_subscription_types"}


async def _subscriptions(client: Client, contact: Contact) -> tuple[Subscription, ...]:
    """What the contact chose itself. Beyond the ten of each that its record shows, the kind of the type tells what."""
    if not _has(contact, *CHOICES.values()):
        return ()
    chosen = {
        text(item.get("id")): consent
        for consent, field in CHOICES.items()
        for item in items(mapping(contact.raw.get(field)).get("data"))
    }
    found = listed(await client.call("GET", path("/contacts/{}/subscriptions", contact.contact_id)), "data")
    return tuple(_subscription(item, chosen) for item in found)


def _subscription(item: Mapping[str, Any], chosen: Mapping[str, str]) -> Subscription:
    key = text(item.get("id"))
    name = text(mapping(item.get("default_translation")).get("name"))
    return Subscription(key, name or key, chosen.get(key) or text(item.get("consent_type")))


async def _notes(client: Client, contact: Contact) -> tuple[Note, ...]:
    """Oldest first."""
    if not mapping(contact.raw.get("notes")).get("total_count"):
        return ()
    found: list[Note] = []
    async for answer in _pages(client, path("/contacts/{}/notes", contact.contact_id)):
        notes = listed(answer, "data")
        found += [Note(text(item.get("body")), int(seconds(item.get("created_at")))) for item in notes]
    return tuple(reversed(found))


def version(written: str) -> tuple[int, ...]:
    """2.16 as numbers; a name (Unstable, Preview) is newer than all of them."""
    parts = written.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else (999,)
