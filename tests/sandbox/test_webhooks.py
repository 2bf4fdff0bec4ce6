"""Outgoing webhooks: signature, envelope, topics, retry, what a receiver can do wrong."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import socket
from typing import Any

import pytest

from leadline.sandbox.app import prepare
from leadline.sandbox.webhooks import Outbox
from leadline.sandbox.workspace import SandboxSettings, Workspace
from leadline.store.database import Database

from .conftest import MAYA, SECRET, Api, Receiver, Start, eventually


async def test_a_notice_is_signed_over_its_raw_bytes_in_the_documented_envelope(
    listened: Api, receiver: Receiver
) -> None:
    lead = await listened.contact(role="lead", name="Zoë")
    (notice,) = await receiver.wait(1)
    digest = hmac.new(SECRET.encode(), notice.raw, hashlib.sha1).hexdigest()
    assert notice.headers["X-Hub-Signature"] == f"sha1={digest}"
    body = notice.body
    assert body["id"].startswith("notif_")
    assert (body["type"], body["app_id"], body["topic"]) == ("notification_event", "sandbox", "contact.lead.created")
    assert (body["delivery_attempts"], body["delivery_status"], body["self"]) == (1, "pending", None)
    assert notice.item["id"] == lead["id"]
    assert "T" in notice.item["created_at"], "contact webhooks carry ISO texts"


async def test_what_happens_to_contacts_is_told(listened: Api, receiver: Receiver) -> None:
    lead = await listened.contact(role="lead", external_id="l1")
    await listened.ok("PUT", f"/contacts/{lead['id']}", {"email": "l@b.example"})
    user = await listened.contact(role="user", external_id="u1", email="l@b.example")
    await listened.ok("POST", "/contacts/merge", {"from": lead["id"], "into": user["id"]})
    other = await listened.contact(role="lead")
    await listened.ok("PUT", f"/contacts/{other['id']}", {"role": "user", "external_id": "u2"})
    await listened.ok("POST", f"/contacts/{other['id']}/archive")
    await listened.ok("POST", f"/contacts/{other['id']}/unarchive")
    await listened.ok("DELETE", f"/contacts/{other['id']}")
    expected = {
        "contact.lead.created",
        "contact.lead.added_email",
        "contact.email.updated",
        "contact.lead.updated",
        "contact.user.created",
        "contact.merged",
        "contact.lead.signed_up",
        "contact.user.updated",
        "contact.archived",
        "contact.unarchive",
        "contact.deleted",
    }
    await receiver.wait(12)
    assert {notice.topic for notice in receiver.notices} == expected
    (merged,) = await receiver.wait(1, "contact.merged")
    assert (merged.item["id"], merged.item["merged_from"]) == (user["id"], {"type": "contact", "id": lead["id"]})
    (deleted,) = await receiver.wait(1, "contact.deleted")
    assert deleted.item == {"type": "contact", "id": other["id"], "external_id": "u2", "deleted": True}


async def test_an_older_workspace_does_not_name_the_merged_lead(listened: Api, receiver: Receiver) -> None:
    await listened.ok("PUT", "/_sandbox/control", {"merged_from": False})
    lead, user = await listened.contact(role="lead"), await listened.contact(role="user", external_id="u1")
    pair = {"from": lead["id"], "into": user["id"], "skip_duplicate_validation": True}
    await listened.ok("POST", "/contacts/merge", pair)
    (merged,) = await receiver.wait(1, "contact.merged")
    assert "merged_from" not in merged.item


async def _last(api: Api) -> Any:
    return (await api.ok("GET", "/_sandbox/webhooks"))["webhooks"][0]


ACTIONS: list[tuple[dict[str, Any], str, str | None]] = [
    ({"action": "reply", "body": "<p>hi <b>you</b></p>"}, "conversation.admin.replied", "hi you"),
    ({"action": "note", "body": "internal"}, "conversation.admin.noted", "internal"),
    ({"action": "assign", "assignee_id": MAYA, "body": "taking it"}, "conversation.admin.assigned", "taking it"),
    ({"action": "snooze", "snoozed_until": 2_000_000_000}, "conversation.admin.snoozed", None),
    ({"action": "open"}, "conversation.admin.opened", None),
    ({"action": "close", "body": "bye"}, "conversation.admin.closed", "bye"),
]


async def test_what_teammates_do_is_told_with_only_the_part_that_did_it(listened: Api, receiver: Receiver) -> None:
    lead = await listened.contact(role="lead")
    conversation = await listened.conversation(lead, "first")
    (created,) = await receiver.wait(1, "conversation.user.created")
    assert (created.item["id"], created.item["source"]["body"]) == (conversation, "first")
    await listened.reply(conversation, lead, "second")
    (replied,) = await receiver.wait(1, "conversation.user.replied")
    assert replied.item["conversation_parts"]["conversation_parts"][0]["app_package_code"] == "leadline"
    for action, topic, body in ACTIONS:
        await listened.ok("POST", "/_sandbox/teammate", {**action, "conversation_id": conversation})
        (notice,) = await receiver.wait(1, topic)
        (part,) = notice.item["conversation_parts"]["conversation_parts"]
        assert (part["body"], part["author"]["type"], part["app_package_code"]) == (body, "admin", None)
    await listened.ok("POST", "/_sandbox/teammate", {"action": "start", "contact_id": lead["id"], "body": "Hello!"})
    (single,) = await receiver.wait(1, "conversation.admin.single.created")
    assert single.item["source"]["body"] == "Hello!"
    await listened.ok("DELETE", f"/conversations/{conversation}")
    (deleted,) = await receiver.wait(1, "conversation.deleted")
    assert deleted.item["id"] == conversation


async def test_an_app_of_2_14_gets_html(start: Start, receiver: Receiver) -> None:
    async with start(webhook_url=receiver.url, version="2.14") as api:
        conversation = await api.conversation(
            await api.contact(role="lead"),
            "a & b",
        )
        (created,) = await receiver.wait(1, "conversation.user.created")
        assert created.item["source"]["body"] == "<p>a &amp; b</p>"
        reply = {"action": "reply", "conversation_id": conversation, "body": "yes"}
        await api.ok("POST", "/_sandbox/teammate", reply)
        (replied,) = await receiver.wait(1, "conversation.admin.replied")
        body = replied.item["conversation_parts"]["conversation_parts"][0]["body"]
        assert body == '<p class="no-margin">yes</p>'


@pytest.mark.parametrize(
    ("statuses", "attempts", "state"),
    [([500], 2, "delivered"), ([404], 2, "delivered"), ([500, 503], 2, "given_up"), ([410], 1, "given_up")],
)
async def test_a_failed_delivery_is_tried_once_more(
    listened: Api, receiver: Receiver, statuses: list[int], attempts: int, state: str
) -> None:
    receiver.statuses = statuses
    await listened.contact(role="lead")
    found = await receiver.wait(attempts)
    assert [notice.body["delivery_attempts"] for notice in found] == list(range(1, attempts + 1))
    assert len({notice.body["id"] for notice in found}) == 1
    await eventually(lambda: _last(listened), state=state, attempts=attempts)
    if attempts == 1:
        await eventually(lambda: listened.ok("GET", "/_sandbox/control"), subscribed=False)
        await listened.contact(role="lead")
        assert len((await listened.ok("GET", "/_sandbox/webhooks"))["webhooks"]) == 1
    else:
        await listened.contact(role="lead")
        await receiver.wait(attempts + 1)
        assert len(receiver.notices) == attempts + 1, "no third attempt"


async def test_a_slow_receiver_times_out_and_never_holds_up_the_api(listened: Api, receiver: Receiver) -> None:
    receiver.answers.clear()
    await listened.contact(role="lead")
    await receiver.wait(2)
    await eventually(lambda: _last(listened), state="given_up", attempts=2, last_status=None)
    assert (await _last(listened))["last_error"].startswith("TimeoutError")
    receiver.answers.set()


async def test_waiting_notices_survive_a_restart(start: Start, receiver: Receiver) -> None:
    async with start(webhook_url="http://127.0.0.1:9/nobody", retry_delay=0.5) as api:
        lead = await api.contact(role="lead")
        await eventually(lambda: _last(api), attempts=1, last_status=None, state="pending")
    async with start(webhook_url=receiver.url):
        (notice,) = await receiver.wait(1)
        assert notice.item["id"] == lead["id"]


async def test_a_notice_can_be_sent_again_and_the_address_checked(listened: Api, receiver: Receiver) -> None:
    await listened.contact(role="lead")
    (notice,) = await receiver.wait(1)
    await listened.ok("POST", f"/_sandbox/webhooks/{notice.body['id']}/redeliver", {"times": 2})
    assert len({each.body["id"] for each in await receiver.wait(3)}) == 1
    assert (await listened.call("POST", "/_sandbox/webhooks/notif_x/redeliver")).status == 404
    assert await listened.ok("POST", "/_sandbox/webhooks/check") == {"status": 200, "accepted": True}


async def test_a_refused_call_tells_nobody(listened: Api, receiver: Receiver) -> None:
    await listened.contact(role="lead", external_id="one")
    await listened.call("POST", "/contacts", {"role": "lead", "external_id": "one"})
    fault = {"method": "POST", "path": "/contacts", "status": 503}
    await listened.ok("POST", "/_sandbox/faults", fault)
    assert (await listened.call("POST", "/contacts", {"role": "lead"})).status == 503
    await listened.contact(role="lead", external_id="two")
    told = (await listened.ok("GET", "/_sandbox/webhooks"))["webhooks"]
    assert [notice["envelope"]["data"]["item"]["external_id"] for notice in told] == ["two", "one"]
    await receiver.wait(2)


async def test_news_at_the_moment_of_the_end_keep_it_from_nothing(database_url: str) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # refuses, so that the notice waits for its next try
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        settings = SandboxSettings(token="any", client_secret=SECRET, webhook_url=url, retry_delay=600.0)
        async with Database.open(database_url) as database:
            await prepare(database)
            outbox = Outbox(Workspace(database, settings))
            async with database.connection() as connection:
                await outbox.add(connection, "contact.lead.created", {"id": "1"})
            for steps in range(5):
                async with asyncio.timeout(30), outbox.running():
                    await asyncio.sleep(0.2)
                    outbox.wake()
                    for _ in range(steps):
                        await asyncio.sleep(0)
