"""Contacts in Intercom: reading, searching and creating them, and the custom attributes that hold channel ids.

Called by `people`, `merging` and `directory`. All functions may raise what Client.call raises.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec

from leadline.intercom.attributes import DESCRIPTION, ensure_attributes
from leadline.intercom.client import Client, Conflict, IntercomError, Merged, NotFound, path
from leadline.intercom.wire import items, mapping, seconds, text
from leadline.model import Candidate, Role, Struct

__all__ = [
    "Contact",
    "Created",
    "any_of",
    "create_lead",
    "ensure_attributes",
    "equals",
    "formatted_phone_supported",
    "get",
    "live",
    "page",
    "plain",
    "read",
    "restore",
    "search",
    "search_attribute",
    "search_field",
    "search_phone",
    "search_sender",
    "update",
    "updated_since",
]

MAX_FILTERS = 15
"""Filters in one AND or OR group (POST /contacts/search, API 2.16)."""
_MAX_HOPS = 5
_PAGE = 50
_MAX_PAGES = 10
LARGEST_LIST = _PAGE
_NO_END = 1_000_000
LARGEST_PAGE = 150
DAY = 86_400
_NAME_LENGTH = 255
_COSMETIC = ("avatar", "language_override")


class Contact(Candidate, frozen=True, kw_only=True):
    """One contact as Intercom has it, times in unix seconds. `raw` is the whole record, for snapshots."""

    archived: bool = False
    created_at: int = 0
    raw: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def custom_attributes(self) -> dict[str, Any]:
        return mapping(self.raw.get("custom_attributes"))


class Created(Struct, frozen=True):
    """Outcome of `create_lead`. existed: somebody, perhaps an earlier attempt, had made it already.

    contact is None when the external id belongs for ever to a contact that is gone and that Intercom will not
    restore: create again with another external id.
    """

    contact: Candidate | None
    existed: bool


async def get(client: Client, contact_id: str) -> Contact | None:
    """The contact now, or the one it was merged into, whose id then differs from the one asked for; None when gone.

    Source: GET /contacts/{id}, 410 with a Link to the canonical contact, API 2.16 (earlier versions: 404).
    """
    for _ in range(_MAX_HOPS):
        try:
            return _contact(await client.call("GET", path("/contacts/{}", contact_id)))
        except Merged as merged:
            if not merged.canonical_id or merged.canonical_id == contact_id:
                return None
            contact_id = merged.canonical_id
        except NotFound:
            return None
    return None


class Page(Struct, frozen=True, kw_only=True):
    """One page of all contacts. after: the cursor of the next one, empty on the last; total: of all pages."""

    contacts: tuple[Contact, ...]
    after: str
    total: int


async def page(client: Client, after: str = "") -> Page:
    """At most 150 of the workspace's contacts (GET /contacts), without merged and archived ones.

    Source: list of contacts, API 2.16; the largest page from Intercom's page on pagination, read September 2026.
    """
    params = {"per_page": str(LARGEST_PAGE)} | ({"starting_after": after} if after else {})
    answer = await client.call("GET", "/contacts", params=params)
    return Page(
        contacts=tuple(filter(None, map(read, items(answer.get("data"))))),
        after=_next(answer, after),
        total=int(seconds(answer.get("total_count"))),
    )


async def updated_since(client: Client, since: int) -> AsyncIterator[Contact]:
    """Contacts that were updated at or after `since` (unix seconds), the last updated first.

    A search for dates only knows days, in the workspace's time zone (API 2.16): it starts two days early, and what is
    older is left out here.
    """
    query = {"field": "updated_at", "operator": ">", "value": max(0, since - 2 * DAY)}
    async for contact in search(client, query, pages=_NO_END, size=LARGEST_PAGE):
        if contact.updated_at < since:
            return
        yield contact


async def search_phone(
    client: Client, spellings: Sequence[str], e164: Sequence[str], *, formatted: bool
) -> tuple[Candidate, ...]:
    """Contacts whose phone is stored in one of these spellings, the last updated first.

    formatted: also look `e164` up in `formatted_phone`, where Intercom keeps the normalised form.
    """
    return tuple(map(plain, await search_sender(client, spellings, e164, {}, formatted=formatted)))


async def search_attribute(client: Client, name: str, value: str) -> tuple[Candidate, ...]:
    """Contacts with this value in a custom attribute, the last updated first."""
    return tuple(map(plain, await search_sender(client, (), (), {name: value}, formatted=False)))


async def search_sender(
    client: Client,
    spellings: Sequence[str],
    e164: Sequence[str],
    attributes: Mapping[str, str],
    *,
    formatted: bool,
) -> tuple[Contact, ...]:
    """Contacts with one of these phones or one of these attributes, in one search, the last updated first.

    Intercom refuses to search an attribute that does not exist: then it is created, and nobody has it.
    """
    filters = [equals("formatted_phone", value) for value in dict.fromkeys(e164) if formatted]
    filters += [equals("phone", value) for value in dict.fromkeys(spellings)]
    filters += [equals(f"custom_attributes.{name}", value) for name, value in attributes.items()]
    found: dict[str, Contact] = {}
    try:
        for start in range(0, len(filters), MAX_FILTERS**2):
            async for contact in search(client, any_of(filters[start : start + MAX_FILTERS**2])):
                found[contact.contact_id] = contact
    except IntercomError as refused:
        touched = await ensure_attributes(client, dict.fromkeys(attributes, DESCRIPTION)) if _invalid(refused) else ()
        if not touched:
            raise
        there = {name: value for name, value in attributes.items() if name not in touched}
        return await search_sender(client, spellings, e164, there, formatted=formatted)
    return tuple(sorted(found.values(), key=lambda contact: (-contact.updated_at, contact.contact_id)))


async def search_field(client: Client, field: str, value: str) -> tuple[Candidate, ...]:
    """Contacts whose plain field (email, external_id) is this value, the last updated first."""
    found = [plain(contact) async for contact in search(client, equals(field, value))]
    return tuple(sorted(found, key=lambda contact: (-contact.updated_at, contact.contact_id)))


async def formatted_phone_supported(client: Client) -> bool:
    """Whether this workspace can search `formatted_phone`; asked once per client.

    The field is listed for 2.16 but hangs on a workspace feature in some versions, so it is tried out.
    """
    if client.formatted_phone is None:
        query = {"query": equals("formatted_phone", "+10000000000"), "pagination": {"per_page": 1}}
        try:
            await client.call("POST", "/contacts/search", body=query)
            client.formatted_phone = True
        except IntercomError as refused:
            if not _invalid(refused):
                raise
            client.formatted_phone = False
    return client.formatted_phone


async def create_lead(
    client: Client,
    *,
    external_id: str,
    name: str = "",
    phone: str = "",
    avatar_url: str = "",
    language: str = "",
    attributes: Mapping[str, str] | None = None,
) -> Created:
    """Make a lead, or find the one that has this external id already; safe to repeat.

    A missing custom attribute is created. An avatar or language that Intercom will not have is left out: no
    message waits for decoration. `language_override` is in Intercom's contact, yet not in its written create request.
    """
    fields: dict[str, Any] = {
        "role": Role.LEAD.value,
        "external_id": external_id,
        "name": name[:_NAME_LENGTH],
        "phone": phone,
        "avatar": avatar_url,
        "language_override": language,
        "custom_attributes": dict(attributes or {}),
    }
    try:
        return Created(await _create(client, {key: value for key, value in fields.items() if value}), existed=False)
    except Conflict as conflict:
        return Created(await _existing(client, conflict), existed=True)


async def restore(client: Client, contact_id: str) -> bool:
    """Take an archived contact out of the archive; False when it cannot be restored, because it was merged or deleted.

    Source: POST /contacts/{id}/unarchive, API 2.16; the refusal as Intercom's forum shows it.
    """
    try:
        await client.call("POST", path("/contacts/{}/unarchive", contact_id))
    except IntercomError as refused:
        if not (_invalid(refused) or isinstance(refused, NotFound)):
            raise
        return False
    return True


async def live(client: Client, contact_ids: Sequence[str]) -> tuple[Contact, ...]:
    """Those of at most 50 contacts that a search sees: not the merged, archived, deleted, nor the very new."""
    query = {"field": "id", "operator": "IN", "value": list(contact_ids[:LARGEST_LIST])}
    return tuple([contact async for contact in search(client, query, pages=1)])


async def update(client: Client, contact_id: str, **fields: object) -> Contact:
    """Change fields of a contact (PUT /contacts/{id}); raises Merged or NotFound when it is gone."""
    return _contact(await client.call("PUT", path("/contacts/{}", contact_id), body=fields))


async def _create(client: Client, fields: dict[str, Any]) -> Candidate:
    try:
        return plain(_contact(await client.call("POST", "/contacts", body=fields)))
    except IntercomError as refused:
        names = dict.fromkeys(fields.get("custom_attributes", {}), DESCRIPTION)
        if not _invalid(refused):
            raise
        if not names or not await ensure_attributes(client, names):
            bare = {key: value for key, value in fields.items() if key not in _COSMETIC}
            if bare == fields:
                raise
            fields = bare
    return await _create(client, fields)


async def _existing(client: Client, conflict: Conflict) -> Candidate | None:
    """The contact a 409 speaks of: restored when archived, its survivor when merged, None when it is lost."""
    if not conflict.contact_id:
        raise conflict
    if conflict.archived:
        try:
            await client.call("POST", path("/contacts/{}/unarchive", conflict.contact_id))
        except Merged as merged:
            return await _candidate(client, merged.canonical_id or conflict.contact_id)
        except IntercomError as refused:
            if not (_invalid(refused) or isinstance(refused, NotFound)):
                raise
            # Merged and not restorable: only a Link to the survivor helps, the archived record itself does not.
            survivor = await _candidate(client, conflict.contact_id)
            return survivor if survivor and survivor.contact_id != conflict.contact_id else None
    return await _candidate(client, conflict.contact_id)


async def _candidate(client: Client, contact_id: str) -> Candidate | None:
    contact = await get(client, contact_id)
    return plain(contact) if contact else None


async def search(
    client: Client, query: dict[str, Any], *, pages: int = _MAX_PAGES, size: int = _PAGE
) -> AsyncIterator[Contact]:
    """Contacts a search finds (POST /contacts/search), the last updated first, in at most `pages` calls."""
    pagination: dict[str, Any] = {"per_page": size}
    for _ in range(pages):
        body = {
            "query": query,
            "sort": {"field": "updated_at", "order": "descending"},
            "pagination": pagination,
        }
        answer = await client.call("POST", "/contacts/search", body=body)
        for contact in filter(None, map(read, items(answer.get("data")))):
            yield contact
        after = _next(answer, str(pagination.get("starting_after", "")))
        if not after:
            return
        pagination = {"per_page": size, "starting_after": after}


def _next(answer: Mapping[str, Any], before: str) -> str:
    """The cursor of the next page; empty on the last, and where it would lead to the same page again."""
    after = text(mapping(mapping(answer.get("pages")).get("next")).get("starting_after"))
    return after if after != before else ""


def equals(field: str, value: str) -> dict[str, Any]:
    return {"field": field, "operator": "=", "value": value}


def any_of(filters: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One query that holds when any filter does, in as many groups as the limit asks for."""
    if len(filters) == 1:
        return filters[0]
    if len(filters) <= MAX_FILTERS:
        return {"operator": "OR", "value": list(filters)}
    groups = [any_of(filters[start : start + MAX_FILTERS]) for start in range(0, len(filters), MAX_FILTERS)]
    return {"operator": "OR", "value": groups}


def _invalid(refused: IntercomError) -> bool:
    """Whether Intercom disliked what was sent, as opposed to who sent it or what it was about."""
    return refused.status in {400, 422}


def read(raw: dict[str, Any]) -> Contact | None:
    """A contact as the API or a webhook writes it; None when it has no id or is neither lead nor user."""
    contact_id, role = text(raw.get("id")), text(raw.get("role"))
    if not contact_id or role not in {"lead", "user"}:
        return None
    return Contact(
        contact_id=contact_id,
        role=Role(role),
        name=text(raw.get("name")),
        email=text(raw.get("email")),
        phone=text(raw.get("phone")),
        external_id=text(raw.get("external_id")),
        updated_at=int(seconds(raw.get("updated_at"))),
        last_seen_at=int(seconds(raw.get("last_seen_at"))),
        archived=raw.get("archived") is True,
        created_at=int(seconds(raw.get("created_at"))),
        raw=raw,
    )


def _contact(raw: dict[str, Any]) -> Contact:
    contact = read(raw)
    if not contact:
        raise IntercomError(200, "no_contact", f"the answer is no contact (role '{text(raw.get('role'))}')")
    return contact


def plain(contact: Contact) -> Candidate:
    """The contact without its record: what decisions are made of and stored with."""
    return Candidate(**{name: getattr(contact, name) for name in Candidate.__struct_fields__})
