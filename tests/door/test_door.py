"""The door: limits of size and time, handshakes, health, and what strangers are told."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json

import pytest

from leadline.engine import parked
from leadline.sandbox.providers import TwilioFake
from leadline.stage.town import CLIENT_SECRET
from leadline.store.database import Database
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import APP_SECRET, until


async def test_limits_of_size_and_time_and_what_is_counted(open_town: Open) -> None:
    async with open_town(body_limit=2048, body_timeout=0.5) as town:
        url = f"{town.places.leadline}/in/{town.sms.key}"
        async with town.http.post(url, data=b"x" * 3000) as answer:
            assert answer.status == 413

        async def chunks() -> object:
            for _ in range(30):
                yield b"x" * 100

        async with town.http.post(url, data=chunks()) as answer:
            assert answer.status == 413, "also without a content-length"
        host, port = town.places.leadline.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"POST /in/{town.sms.key} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nslow".encode())
        status = await asyncio.wait_for(reader.readline(), 5)
        assert b" 408 " in status
        writer.close()
        async with town.http.get(f"{town.places.leadline}/metrics") as answer:
            text = await answer.text()
        for outcome in ("too_large", "too_slow"):
            assert f'leadline_door_requests_total{{channel="twilio_sms",outcome="{outcome}"}}' in text
        assert town.sms.key not in text


async def test_meta_asks_for_the_challenge_and_strangers_do_not_get_it(open_town: Open) -> None:
    async with open_town() as town:
        url = f"{town.places.leadline}/in/{town.whatsapp.key}"
        question = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
        async with town.http.get(url, params=question | {"hub.verify_token": "made-up-verify-token"}) as answer:
            assert (answer.status, await answer.text()) == (200, "1158201444")
        async with town.http.get(url, params=question | {"hub.verify_token": "guess"}) as answer:
            assert answer.status == 403


async def test_twilio_gets_empty_twiml(open_town: Open) -> None:
    async with open_town() as town:
        assert await town.sms_in("+353861234567", "Hello", 1) == 200
        assert (await town.providers.of(TwilioFake).write("+353861234567", "Hello")).answer.endswith("<Response/>")


async def test_intercoms_webhook_is_asked_for_its_signature(open_town: Open) -> None:
    async with open_town() as town:
        url = f"{town.places.leadline}/intercom/webhook"
        async with town.http.head(url) as answer:
            assert answer.status == 200
        for headers in ({}, {"X-Hub-Signature": "sha1=" + "0" * 40}):
            async with town.http.post(url, data=b"{}", headers=headers) as answer:
                assert answer.status == 403


@pytest.mark.parametrize("topic", ["contact.merged", "conversation.admin.replied"])
async def test_webhooks_of_a_workspace_without_its_token_are_shown_once(open_town: Open, topic: str) -> None:
    async with open_town() as town, Database.open(town.settings.database_url) as database:
        for number in range(3):
            item = {"type": "contact" if topic.startswith("contact") else "conversation", "id": f"{number}"}
            hook = {"type": "notification_event", "id": f"notif_{number}", "app_id": "other7", "topic": topic}
            body = json.dumps(hook | {"created_at": 1790000000, "data": {"item": item}}).encode()
            signature = "sha1=" + hmac.new(CLIENT_SECRET.encode(), body, hashlib.sha1).hexdigest()
            url = f"{town.places.leadline}/intercom/webhook"
            async with town.http.post(url, data=body, headers={"X-Hub-Signature": signature}) as answer:
                assert answer.status == 200
        [shown] = await parked.parked(database, "sandbox")
        assert shown["reason"] == "other_workspace"
        assert "other7" in shown["explanation"]
        assert await parked.postponed(database, "other7") == []


async def test_health_and_readiness(open_town: Open) -> None:
    async with open_town() as town:
        async with town.http.get(f"{town.places.leadline}/healthz") as answer:
            assert await answer.text() == "ok"
        async with town.http.get(f"{town.places.leadline}/readyz") as answer:
            assert await answer.json() == {"ready": True, "troubles": {}}


async def test_a_broken_item_of_a_batch_is_parked_and_the_others_go_on(open_town: Open) -> None:
    good = {"from": "353861234567", "id": "wamid.1", "timestamp": "1780000000", "type": "text", "text": {"body": "Hi"}}
    value = {"metadata": {"phone_number_id": "111"}, "messages": [{"id": 5, "from": ["?"]}, good]}
    change = {"field": "messages", "value": value}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "222", "changes": [change]}]}).encode()
    signature = "sha256=" + hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    async with open_town() as town, Database.open(town.settings.database_url) as database:
        url = f"{town.places.leadline}/in/{town.whatsapp.key}"
        for _ in range(2):
            async with town.http.post(url, data=body, headers={"X-Hub-Signature-256": signature}) as answer:
                assert answer.status == 200
        assert [row["reason"] for row in await parked.parked(database, "sandbox")] == ["unreadable"]

        async def through() -> bool:
            return list((await town.threads()).values()) == [["Hi"]]

        await until(through)
        async with town.http.get(f"{town.places.leadline}/metrics") as answer:
            assert 'leadline_messages{state="parked"} 1.0' in await answer.text()
