"""Each event is told once, when it has happened and not before, in a real town."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest

from leadline.connections import posting
from leadline.serving import bind
from leadline.store.database import Database
from leadline.store.opened import vault_of
from leadline.store.vault import Vault
from leadline.webhooks import EVENTS, NewWebhook, Webhooks
from tests.acceptance.conftest import Open
from tests.acceptance.town import Town, until
from tests.alerts.test_alerts import Receiver, receiving
from tests.api.caller import caller
from tests.webhooks.conftest import rows, subscribe, told

ANN = "+353861112223"
BEA = "+353861112224"


async def conversation_of(town: Town, text: str) -> str:
    async def opened() -> str:
        return next((number for number, texts in (await town.threads()).items() if text in texts), "")

    return str(await until(opened))


async def kinds(shop: Receiver, secret: str, **wanted: int) -> dict[str, list[dict[str, Any]]]:
    """What was told, by kind, once it is exactly as much as wanted."""
    expected = {name.replace("_", ".", 1): count for name, count in wanted.items()}

    async def as_wanted() -> bool:
        return Counter(each["type"] for each in told(shop, secret)) == expected

    await until(as_wanted)
    return {kind: [each["data"] for each in told(shop, secret) if each["type"] == kind] for kind in expected}


async def test_a_conversation_is_told_step_by_step(open_town: Open, store: Database, shop: Receiver) -> None:
    async with open_town() as town:
        secret = await subscribe(town, store, shop)
        assert await town.sms_in(ANN, "Are you open?", 1) == 200
        conversation_id = await conversation_of(town, "Are you open?")
        heard = await kinds(shop, secret, contact_created=1, message_received=1)
        [created], [received] = heard["contact.created"], heard["message.received"]
        assert received == {
            "message_id": received["message_id"],
            "channel_id": town.sms.channel_id,
            "contact_id": created["contact_id"],
            "conversation_id": conversation_id,
            "state": "received",
        }
        [person] = await town.people_with(ANN)
        assert created == {"contact_id": person["id"], "role": "lead"}
        await town.teammate("reply", conversation_id, "Until six")
        heard = await kinds(shop, secret, contact_created=1, message_received=1, message_sent=1, message_delivered=1)
        [sent], [delivered] = heard["message.sent"], heard["message.delivered"]
        assert (sent | {"state": "delivered"}, sent["contact_id"]) == (delivered, person["id"])
        one = await caller(town)
        for event in (sent, received):
            assert (await one.get(f"/messages/{event['message_id']}"))["contact_id"] == person["id"]
        assert all("text" not in each["data"] and ANN not in str(each) for each in told(shop, secret))


async def test_a_refusal_and_what_it_stops_are_told(open_town: Open, store: Database, shop: Receiver) -> None:
    async with open_town() as town:
        secret = await subscribe(town, store, shop, "contact.opted_out", "message.failed", with_text=True)
        assert await town.sms_in(ANN, "Are you open?", 1) == 200
        conversation_id = await conversation_of(town, "Are you open?")
        assert await town.sms_in(ANN, "STOP", 2) == 200
        [refused] = (await kinds(shop, secret, contact_opted_out=1))["contact.opted_out"]
        [person] = await town.people_with(ANN)
        assert (refused["contact_id"], refused["address"]) == (person["id"], f"tel:{ANN}")
        await town.teammate("reply", conversation_id, "Until six")
        [failed] = (await kinds(shop, secret, contact_opted_out=1, message_failed=1))["message.failed"]
        assert (failed["state"], failed["reason"], failed["text"]) == ("failed", "opted_out", "Until six")


async def test_merges_are_told_ours_and_those_made_in_intercom(
    open_town: Open, store: Database, shop: Receiver
) -> None:
    async with open_town() as town:
        secret = await subscribe(town, store, shop, "contact.merged")
        user = await town.intercom("POST", "/contacts", {"role": "user", "email": "ann@example.com"})
        leads = []
        for number, phone in enumerate((ANN, BEA)):
            assert await town.sms_in(phone, f"Hello {number}", number) == 200
            await conversation_of(town, f"Hello {number}")
            leads += await town.people_with(phone)
        await town.intercom(
            "POST", "/contacts/merge", {"from": leads[0]["id"], "into": user["id"], "skip_duplicate_validation": True}
        )
        assert await town.sms_in(ANN, "And again", 5) == 200
        [theirs] = (await kinds(shop, secret, contact_merged=1))["contact.merged"]
        assert (theirs["former_id"], theirs["contact_id"]) == (leads[0]["id"], user["id"])
        one = await caller(town)
        pair = {"from_id": leads[1]["id"], "into_id": user["id"]}
        _, preview = await one.call("POST", "/merges/preview", body=pair)
        await one.call("POST", "/merges", body=pair | {"fingerprint": preview["fingerprint"]})
        ours = (await kinds(shop, secret, contact_merged=2))["contact.merged"][1]
        assert (ours["former_id"], ours["contact_id"]) == (leads[1]["id"], user["id"])


async def test_without_a_webhook_that_wants_it_nothing_is_written(
    open_town: Open, store: Database, shop: Receiver
) -> None:
    async with open_town() as town:
        await subscribe(town, store, shop, "contact.merged")
        assert await town.sms_in(ANN, "Are you open?", 1) == 200
        await town.teammate("reply", await conversation_of(town, "Are you open?"), "Until six")

        async def answered() -> bool:
            return bool(await rows(store, "select 1 from outbound where state = 'delivered'"))

        await until(answered)
        assert await rows(store, "select kind from webhook_event") == []


async def test_what_is_rolled_back_is_not_told(open_town: Open, store: Database, shop: Receiver) -> None:
    async with open_town() as town:
        await subscribe(town, store, shop)
        async with store.connection() as connection:
            values = "'sandbox', 'tel:+1', 'c', 'lead', 'created', 'leadline'"
            insert = f"insert into link (workspace_id, handle, contact_id, role, evidence, author) values ({values})"  # noqa: S608
            await connection.execute(insert.encode())
            [row] = await (await connection.execute("select kind from webhook_event")).fetchall()
            assert row["kind"] == "contact.created"
            await connection.rollback()
        assert await rows(store, "select kind from webhook_event") == []


async def test_two_workspaces_are_told_apart(open_town: Open, store: Database, shop: Receiver) -> None:
    async with open_town() as town, receiving() as other:
        secret = await subscribe(town, store, shop, "message.received")
        await subscribe(town, store, other, workspace_id="another")
        assert await town.sms_in(ANN, "Are you open?", 1) == 200
        await kinds(shop, secret, message_received=1)
        assert other.got == []
        assert {row["workspace_id"] for row in await rows(store, "select * from webhook_event")} == {"sandbox"}


PART = (
    "insert into arrival (workspace_id, arrival_id, raw_id, channel_id, source, dedupe, kind, lane, content, joined_by,"
    " state) overriding system value"
    " values ('ws', %s, gen_random_uuid(), 1, 'c1', %s, 'message', 'tel:+1', %s, 1, 'waiting')"
)


@pytest.mark.parametrize(("total", "text"), [(2, "Hello there"), (None, "Hello \nthere")])
async def test_a_message_in_parts_is_told_once_and_whole(
    store: Database, shop: Receiver, total: int | None, text: str
) -> None:
    webhooks = Webhooks(store, Vault("4f9d2c7be18a60353c1b9e7a5d40f682"), "ws", allowed=frozenset({"127.0.0.1"}))
    await webhooks.add(NewWebhook(name="shop", address=f"{shop.place}/hook", with_text=True))
    async with store.connection() as connection:
        for arrival_id, number, part in ((1, 2, "there"), (2, 1, "Hello ")):
            piece = {"number": number} | ({"total": total} if total else {})
            content = msgspec.json.encode({"text": part, "piece": piece}).decode()
            await connection.execute(PART.encode(), [arrival_id, str(arrival_id), content])
        await connection.execute(b"update arrival set state = 'done'")
    [event] = await rows(store, "select * from webhook_event")
    assert (event["kind"], event["content"]["message_id"], event["content"]["text"]) == (
        "message.received",
        "in-1",
        text,
    )


async def test_a_silent_receiver_holds_no_other_up(
    open_town: Open, store: Database, shop: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "TIMEOUT", 600.0)
    async with open_town() as town:
        with bind("127.0.0.1", 0) as silent:
            silent.listen()
            webhooks = Webhooks(store, vault_of(town.settings), "sandbox", allowed=frozenset({"127.0.0.1"}))
            await webhooks.add(NewWebhook(name="silent", address=f"http://127.0.0.1:{silent.getsockname()[1]}/"))
            secret = await subscribe(town, store, shop, "message.received")
            for number in (1, 2):
                assert await town.sms_in(ANN, f"Hello {number}", number) == 200
                await kinds(shop, secret, message_received=number)


def test_every_event_has_a_trigger() -> None:
    from importlib.resources import files

    written = (files("leadline.store.migrations") / "0066_webhooks.sql").read_text()
    assert [event for event in EVENTS if f"'{event}'" not in written] == []
