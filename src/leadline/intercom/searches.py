"""Searches for contacts in Intercom, whose index lags behind by seconds to minutes.

Called by `people`, `directory` and `twins.py`. All functions may raise what Client.call raises.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from leadline.intercom.attributes import DESCRIPTION, ensure_attributes
from leadline.intercom.client import Client
from leadline.intercom.contacts import LARGEST_PAGE, Contact, plain, read
from leadline.intercom.outcomes import IntercomError, following, listed
from leadline.intercom.wire import next_page
from leadline.model import Candidate

MAX_FILTERS = 15
"""Filters in one AND or OR group (POST /contacts/search, API 2.16)."""
LARGEST_LIST = 50
_PAGE = 50
_MAX_PAGES = 10
_NO_END = 1_000_000
DAY = 86_400


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


async def by_phone(
    client: Client, spellings: Sequence[str], e164: Sequence[str], *, formatted: bool
) -> tuple[Candidate, ...]:
    """Contacts whose phone is stored in one of these spellings, the last updated first.

    formatted: also look `e164` up in `formatted_phone`, where Intercom keeps the normalised form.
    """
    return tuple(map(plain, await by_sender(client, spellings, e164, {}, formatted=formatted)))


async def by_sender(
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
        touched = await ensure_attributes(client, dict.fromkeys(attributes, DESCRIPTION)) if refused.invalid else ()
        if not touched:
            raise
        there = {name: value for name, value in attributes.items() if name not in touched}
        return await by_sender(client, spellings, e164, there, formatted=formatted)
    return tuple(sorted(found.values(), key=lambda contact: (-contact.updated_at, contact.contact_id)))


async def by_field(client: Client, field: str, value: str) -> tuple[Candidate, ...]:
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
            if not refused.invalid:
                raise
            client.formatted_phone = False
    return client.formatted_phone


async def live(client: Client, contact_ids: Sequence[str]) -> tuple[Contact, ...]:
    """Those of at most 50 contacts that a search sees: not the merged, archived, deleted, nor the very new."""
    query = {"field": "id", "operator": "IN", "value": list(contact_ids[:LARGEST_LIST])}
    return tuple([contact async for contact in search(client, query, pages=1)])


async def search(
    client: Client, query: dict[str, Any], *, pages: int = _MAX_PAGES, size: int = _PAGE
) -> AsyncIterator[Contact]:
    """Contacts a search finds (POST /contacts/search), the last updated first, in at most `pages` calls.

    Where all are wanted, a page that leads to itself raises Unavailable; else it ends the search.
    """
    pagination: dict[str, Any] = {"per_page": size}
    for _ in range(pages):
        body = {
            "query": query,
            "sort": {"field": "updated_at", "order": "descending"},
            "pagination": pagination,
        }
        answer = await client.call("POST", "/contacts/search", body=body)
        for contact in filter(None, map(read, listed(answer, "data"))):
            yield contact
        before = str(pagination.get("starting_after", ""))
        after = following(answer, before) if pages == _NO_END else next_page(answer, before)
        if not after:
            return
        pagination = {"per_page": size, "starting_after": after}


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
