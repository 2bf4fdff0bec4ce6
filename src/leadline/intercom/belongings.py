"""What hangs on a contact in Intercom: tags, companies, subscriptions, notes. Each call can be repeated.

Called by merging/undo.py. All functions may raise what Client.call raises. Routes of API 2.16, read 2026-11-24.
"""

from __future__ import annotations

from contextlib import suppress

from leadline.identity.merge_sides import Named, Note, Subscription
from leadline.intercom.client import Client
from leadline.intercom.outcomes import NotFound, listed
from leadline.intercom.plaintext import read, same_text
from leadline.intercom.routes import path
from leadline.intercom.wire import text


async def add_tag(client: Client, contact_id: str, tag: Named) -> None:
    """Raises NotFound when the tag was deleted in the workspace."""
    await client.call("POST", path("/contacts/{}/tags", contact_id), body={"id": tag.key})


async def remove_tag(client: Client, contact_id: str, tag: Named) -> None:
    with suppress(NotFound):
        await client.call("DELETE", path("/contacts/{}/tags/{}", contact_id, tag.key))


async def add_company(client: Client, contact_id: str, company: Named) -> None:
    """Raises NotFound when the company was deleted."""
    await client.call("POST", path("/contacts/{}/companies", contact_id), body={"id": company.key})


async def remove_company(client: Client, contact_id: str, company: Named) -> None:
    with suppress(NotFound):
        await client.call("DELETE", path("/contacts/{}/companies/{}", contact_id, company.key))


async def subscribe(client: Client, contact_id: str, subscription: Subscription) -> None:
    """Raises NotFound when the subscription type was deleted."""
    body = {"id": subscription.key, "consent_type": subscription.consent}
    await client.call("POST", path("/contacts/{}/subscriptions", contact_id), body=body)


async def unsubscribe(client: Client, contact_id: str, subscription: Subscription) -> None:
    """Take a choice back, so that the workspace's default holds again."""
    with suppress(NotFound):
        await client.call("DELETE", path("/contacts/{}/subscriptions/{}", contact_id, subscription.key))


async def add_notes(client: Client, contact_id: str, admin_id: str, notes: tuple[Note, ...]) -> None:
    """Write the notes that are not there yet, in their order: a note has no key, so its text must tell."""
    route = path("/contacts/{}/notes", contact_id)
    answer = await client.call("GET", route, params={"per_page": "50"})
    there = [read(text(item.get("body"))).text for item in listed(answer, "data")]
    for note in notes:
        if not any(same_text(each, read(note.body).text) for each in there):
            await client.call("POST", route, body={"body": note.body, "admin_id": admin_id})
