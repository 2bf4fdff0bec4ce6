"""Leadline's own Intercom client against the sandbox: what one side writes the other understands."""

from __future__ import annotations

import time

import pytest

from leadline.intercom import contacts, conversations, searches, traces, webhooks
from leadline.intercom.client import Client
from leadline.intercom.outcomes import OutcomeUnknown
from leadline.model import Role

from .conftest import MAYA, SECRET, TOKEN, Api, Receiver


def _client(api: Api) -> Client:
    return Client(api.session, url=str(api.session._base_url).rstrip("/"), token=TOKEN)


async def test_a_lead_is_made_once_found_by_phone_and_attribute_and_followed_through_a_merge(api: Api) -> None:
    client = _client(api)
    made = await contacts.create_lead(
        client, external_id="e1", name="Ann", phone="+353888888999", attributes={"telegram_id": "77"}
    )
    again = await contacts.create_lead(client, external_id="e1", name="Ann")
    assert made.contact
    assert again.contact
    assert (made.existed, again.existed, again.contact.contact_id) == (False, True, made.contact.contact_id)
    assert await searches.formatted_phone_supported(client)
    for formatted in (True, False):
        found = await searches.by_phone(client, ["+353888888999"], ["+353888888999"], formatted=formatted)
        assert [each.contact_id for each in found] == [made.contact.contact_id]
    (ann,) = await searches.by_sender(client, (), (), {"telegram_id": "77"}, formatted=False)
    assert ann.name == "Ann"
    assert await searches.by_sender(client, (), (), {"viber_id": "1"}, formatted=False) == ()
    user = await api.contact(role="user", external_id="u1")
    pair = {"from": made.contact.contact_id, "into": user["id"], "skip_duplicate_validation": True}
    await api.ok("POST", "/contacts/merge", pair)
    survivor = await contacts.get(client, made.contact.contact_id)
    assert survivor
    assert (survivor.contact_id, survivor.role) == (user["id"], Role.USER)


async def test_a_message_whose_answer_is_lost_is_looked_up_not_repeated(api: Api) -> None:
    client = _client(api)
    made = await contacts.create_lead(client, external_id="e1")
    assert made.contact
    conversation = await conversations.open_conversation(client, made.contact, "first & <only>")
    await api.ok("POST", "/_sandbox/faults", {"path": "/conversations/.*/reply", "drop": True, "when": "after"})
    since = time.time() - 1
    with pytest.raises(OutcomeUnknown):
        await conversations.reply(client, conversation, made.contact.contact_id, "lost\n& found")
    found = await traces.find_reply(
        client, conversation, made.contact.contact_id, "lost\n& found", since=since, known=()
    )
    shown = await conversations.get_conversation(client, conversation)
    assert shown
    assert [part.part_id for part in shown.parts] == [found]


async def test_a_teammates_reply_arrives_signed_and_readable(listened: Api, receiver: Receiver) -> None:
    lead = await listened.contact(role="lead")
    conversation = await listened.conversation(lead)
    reply = {"action": "reply", "conversation_id": conversation, "admin_id": MAYA, "body": "<p>Hello <b>you</b></p>"}
    await listened.ok("POST", "/_sandbox/teammate", reply)
    (notice,) = await receiver.wait(1, "conversation.admin.replied")
    webhooks.verify(notice.raw, notice.headers["X-Hub-Signature"], SECRET)
    read = webhooks.parse(notice.raw)
    assert (read.app_id, read.conversation_id, read.contact_ids) == ("sandbox", conversation, (lead["id"],))
    assert [(part.text, part.author_id) for part in read.replies] == [("Hello you", MAYA)]
