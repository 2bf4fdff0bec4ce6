"""How others decide, restated as rules over the same client: a remembered link per channel and sender, else a look-up.

Rules as their code or pages tell (read September 2026): exact text of the phone (several helpdesks), the contact
updated last with exactly this E.164 (Octopods, Papercups), always a new record (Zammad, Zendesk on WhatsApp).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.identity.population import Event
from leadline.intercom import contacts, conversations
from leadline.intercom.client import Client
from leadline.intercom.outcomes import NotFound
from leadline.model import Candidate, Role

Rule = Callable[[Client, Event], Awaitable[Candidate | None]]


async def exact_string(client: Client, event: Event) -> Candidate | None:
    """The first contact whose phone is stored exactly as the provider writes the sender."""
    return await _first(client, event.sender, "created_at", "ascending")


async def last_updated_e164(client: Client, event: Event) -> Candidate | None:
    """Of the contacts with exactly this E.164 number the one updated last."""
    number = next((handle[4:] for handle in event.handles if handle.startswith("tel:")), "")
    return await _first(client, number, "updated_at", "descending") if number else None


async def always_new_lead(client: Client, event: Event) -> Candidate | None:
    return None


RULES: dict[str, Rule] = {
    "exact_string": exact_string,
    "last_updated_e164": last_updated_e164,
    "always_new_lead": always_new_lead,
}


async def _first(client: Client, phone: str, field: str, order: str) -> Candidate | None:
    body = {
        "query": {"field": "phone", "operator": "=", "value": phone},
        "sort": {"field": field, "order": order},
        "pagination": {"per_page": 1},
    }
    found = (await client.call("POST", "/contacts/search", body=body)).get("data") or []
    contact = contacts.read(found[0]) if found else None
    return contacts.plain(contact) if contact else None


class Peer:
    """Remembers contact and conversation for each channel and sender; forgets them when Intercom does."""

    def __init__(self, client: Client, rule: Rule) -> None:
        self._client = client
        self._rule = rule
        self._known: dict[tuple[str, str], tuple[Candidate, str]] = {}

    async def message(self, event: Event) -> str:
        """Put one message into Intercom; returns the contact."""
        key = (event.channel, event.sender)
        if key in self._known:
            contact, conversation = self._known[key]
            try:
                await conversations.reply(self._client, conversation, contact.contact_id, "Hello")
                return contact.contact_id
            except NotFound:
                del self._known[key]
        contact = await self._rule(self._client, event) or await self._lead(event)
        conversation = await conversations.open_conversation(self._client, contact, "Hello")
        self._known[key] = (contact, conversation)
        return contact.contact_id

    async def _lead(self, event: Event) -> Candidate:
        number = next((handle[4:] for handle in event.handles if handle.startswith("tel:")), "")
        fields: dict[str, Any] = {"role": Role.LEAD.value, "name": event.name or event.sender, "phone": number or None}
        made = contacts.read(await self._client.call("POST", "/contacts", body=fields))
        if made is None:
            raise RuntimeError("Intercom made no lead")
        return contacts.plain(made)
