"""Searches for contacts that may be the same person: by e-mail, phone and name. Called by people/suggestions.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from leadline.intercom.client import Client
from leadline.intercom.contacts import Contact
from leadline.intercom.searches import MAX_FILTERS, any_of, equals, search

PAGE = 50


async def by_address(
    client: Client, emails: Iterable[str], spellings: Sequence[str], e164: Sequence[str], *, formatted: bool
) -> tuple[Contact, ...]:
    """At most 50 contacts with one of these e-mails or phones, the last updated first; one call, none for nothing."""
    filters = [equals("email", email) for email in emails]
    filters += [equals("formatted_phone", number) for number in e164 if formatted]
    filters += [equals("phone", text) for text in spellings]
    return await _page(client, any_of(filters[: MAX_FILTERS**2])) if filters else ()


async def by_name(client: Client, name: str) -> tuple[Contact, ...]:
    """Contacts with this name, or with all its words that have no accents in any order; none when there are 50.

    Intercom compares letters as they are, so a name is found under other accents by its plain words only.
    """
    plain = [word for word in name.split() if word.isascii() and len(word) > 1][: MAX_FILTERS - 1]
    words = [{"field": "name", "operator": "~", "value": word} for word in plain]
    alike = [{"operator": "AND", "value": words}] if words else []
    found = await _page(client, any_of([equals("name", name), *alike]))
    return found if len(found) < PAGE else ()


async def _page(client: Client, query: dict[str, Any]) -> tuple[Contact, ...]:
    return tuple([contact async for contact in search(client, query, pages=1)])
