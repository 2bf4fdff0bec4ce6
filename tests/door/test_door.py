"""The door: limits of size and time, handshakes, health, and what strangers are told."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json

import pytest
from psycopg.conninfo import make_conninfo
from structlog.testing import capture_logs
from yarl import URL

from leadline.door import Readiness, readiness, webhooks
from leadline.engine import parked
from leadline.sandbox.providers import TwilioFake
from leadline.stage.town import CLIENT_SECRET
from leadline.store.database import Database
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import APP_SECRET, MEASURING, METRICS_TOKEN, Town, until


async def test_limits_of_size_and_time_and_what_is_counted(open_town: Open) -> None:
    async with open_town(body_limit=2048, body_timeout=2.0, metrics_token=METRICS_TOKEN) as town:
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
        status = await asyncio.wait_for(reader.readline(), 60)
        assert b" 408 " in status
        writer.close()
        async with town.http.get(f"{town.places.leadline}/metrics", headers=MEASURING) as answer:
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


async def test_it_is_not_ready_while_nothing_can_be_kept(
    open_town: Open, monkeypatch: pytest.MonkeyPatch, store: Database
) -> None:
    monkeypatch.setattr(readiness, "HOLDS", 0.0)
    async with Database.open(make_conninfo(store.url, options="-c default_transaction_read_only=on")) as full:
        asked = Readiness(full, "sandbox")
        assert await asked.troubles() == {"database": "takes nothing: ReadOnlySqlTransaction"}
        async with open_town() as town:
            assert await ready(town) == 200
            monkeypatch.setattr(town.leadline.readiness, "_database", full)
            assert await ready(town) == 503


async def ready(town: Town) -> int:
    async with town.http.get(f"{town.places.leadline}/readyz") as answer:
        return answer.status


async def test_however_many_ask_whether_it_is_ready_one_row_is_written(store: Database) -> None:
    asked = Readiness(store, "w")
    await asyncio.gather(*(asked.troubles() for _ in range(50)))
    async with store.connection() as connection:
        first = await (await connection.execute("select at from pulse")).fetchall()
    await asked.troubles()
    async with store.connection() as connection:
        assert await (await connection.execute("select at from pulse")).fetchall() == first


async def test_a_broken_item_of_a_batch_is_parked_and_the_others_go_on(open_town: Open) -> None:
    good = {"from": "353861234567", "id": "wamid.1", "timestamp": "1780000000", "type": "text", "text": {"body": "Hi"}}
    value = {"metadata": {"phone_number_id": "111"}, "messages": [{"id": 5, "from": ["?"]}, good]}
    change = {"field": "messages", "value": value}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "222", "changes": [change]}]}).encode()
    signature = "sha256=" + hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    async with open_town(metrics_token=METRICS_TOKEN) as town, Database.open(town.settings.database_url) as database:
        url = f"{town.places.leadline}/in/{town.whatsapp.key}"
        for _ in range(2):
            async with town.http.post(url, data=body, headers={"X-Hub-Signature-256": signature}) as answer:
                assert answer.status == 200
        assert [row["reason"] for row in await parked.parked(database, "sandbox")] == ["unreadable"]

        async def through() -> bool:
            return list((await town.threads()).values()) == [["Hi"]]

        await until(through)
        async with town.http.get(f"{town.places.leadline}/metrics", headers=MEASURING) as answer:
            assert 'leadline_messages{state="parked"} 1.0' in await answer.text()


async def test_without_a_token_set_the_counters_are_closed(open_town: Open) -> None:
    async with open_town() as town:
        for headers in ({}, {"Authorization": "Bearer "}, MEASURING):
            async with town.http.get(f"{town.places.leadline}/metrics", headers=headers) as answer:
                assert (answer.status, await answer.text()) == (403, "Refused")


async def test_the_counters_refuse_another_token(open_town: Open) -> None:
    async with (
        open_town(metrics_token=METRICS_TOKEN) as town,
        town.http.get(f"{town.places.leadline}/metrics", headers={"Authorization": "Bearer x"}) as answer,
    ):
        assert answer.status == 403


ODD_PATHS = [
    "in/%00",
    "in/abc",
    "in/" + "0" * 32 + "%00",
    "in/../x",
    "status/%ff%fe",
    "avatars/%00",
    "files/%00",
    "in/" + "é" * 32,
]


async def test_an_odd_address_is_unknown_and_asks_the_database_nothing(
    open_town: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_town() as town:
        asked: list[str] = []

        async def note(key: str) -> None:
            asked.append(key)

        monkeypatch.setattr(town.leadline.channels, "by_key", note)
        for path in ODD_PATHS:
            url = URL(f"{town.places.leadline}/{path}", encoded=True)
            async with town.http.post(url, data=b"x") as answer:
                assert answer.status in (400, 404, 405), (path, await answer.text())
            async with town.http.get(url) as answer:
                assert answer.status in (400, 404), path
        assert asked == []


async def test_an_odd_host_header_breaks_nothing(open_town: Open) -> None:
    async with open_town() as town:
        for host in ("[", "x:y:z", "]", "a" * 3000):
            for path in ("healthz", "intercom/webhook", f"in/{town.sms.key}", "nowhere"):
                headers = {"Host": host}
                async with town.http.post(f"{town.places.leadline}/{path}", data=b"{}", headers=headers) as answer:
                    assert answer.status < 500, (host, path)


async def test_a_refused_sender_reads_one_word_and_the_log_has_the_reason(
    open_town: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "_said", {})
    with capture_logs() as lines:
        async with open_town() as town:
            url = f"{town.places.leadline}/in/{town.sms.key}"
            headers = {"X-Twilio-Signature": "made up", "Content-Type": "application/x-www-form-urlencoded"}
            for _ in range(20):
                async with town.http.post(url, data=b"Body=x", headers=headers) as answer:
                    assert (answer.status, await answer.text()) == (403, "Refused")
    told = [line["why"] for line in lines if line["event"] == "door_refused"]
    assert 1 <= len(told) <= 3, "one line for many"
    assert "LEADLINE_PUBLIC_URL" in told[0]
