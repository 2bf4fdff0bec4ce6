"""Events reach a receiver that refuses, is slow, or is away, with the same id each time; a killed worker loses none."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from standardwebhooks import Webhook as Checker
from standardwebhooks import WebhookVerificationError

from leadline.alerts.troubles import Troubles, given_up, missed
from leadline.cli import webhook_health
from leadline.connections import posting
from leadline.connections.workspaces import Workspace, Workspaces
from leadline.errors import SettingError
from leadline.intercom.client import Client
from leadline.serving import bind
from leadline.spaces.book import Book
from leadline.store.acting import acting
from leadline.store.channels import ChannelStore
from leadline.store.database import Database
from leadline.store.opened import vault_of
from leadline.store.resealing import reseal
from leadline.store.vault import Vault
from leadline.webhooks import NewWebhook, Sender, Webhooks, sending
from tests.acceptance.test_crashes import process, town_without_leadline
from tests.acceptance.town import until
from tests.alerts.test_alerts import Receiver
from tests.webhooks.conftest import LOCAL, execute, rows, subscribe, told

FORMER = "4f9d2c7be18a60353c1b9e7a5d40f682"
VAULT = Vault(FORMER)
ANN = "+353861112223"
CREATED = (
    "insert into link (workspace_id, handle, contact_id, role, evidence, author)"
    " values ('ws', 'tel:+{0}', 'c{0}', 'lead', 'created', 'leadline')"
)


def webhooks_of(store: Database, workspace_id: str = "ws", allowed: frozenset[str] = LOCAL) -> Webhooks:
    return Webhooks(store, VAULT, workspace_id, allowed=allowed)


def sender_of(store: Database, allowed: frozenset[str] = LOCAL, **more: Any) -> Sender:
    return Sender(store, VAULT, allowed=allowed, **more)


async def subscribed(store: Database, shop: Receiver) -> str:
    return await webhooks_of(store).add(NewWebhook(name="shop", address=f"{shop.place}/hook"))


async def made(store: Database, number: int = 1) -> None:
    await execute(store, CREATED.format(number))


def ids(shop: Receiver) -> list[str]:
    return [headers["webhook-id"] for _, headers in shop.got]


async def test_a_receiver_that_refuses_gets_the_same_event_later(store: Database, shop: Receiver) -> None:
    secret, sender = await subscribed(store, shop), sender_of(store)
    await made(store)
    shop.status = 503
    await sender.round("ws")
    [listed] = await webhooks_of(store).listed()
    assert (listed["waiting"], listed["trouble"]) == (1, "it answered 503")
    shop.status = 204
    await sender.round("ws")
    assert len(shop.got) == 1, "not before its time"
    await execute(store, "update webhook_event set due_at = now()")
    await sender.round("ws")
    await sender.round("ws")
    assert (len(shop.got), len(set(ids(shop)))) == (2, 1)
    first, second = told(shop, secret)
    assert first == second
    [listed] = await webhooks_of(store).listed()
    assert (listed["waiting"], listed["trouble"]) == (0, "")


async def test_a_refused_event_is_sent_again_when_it_is_due_though_nothing_rings(
    store: Database, shop: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LONGEST", 1e6)
    monkeypatch.setattr(sending, "LOOK", 0.05)
    secret = await subscribed(store, shop)
    await made(store)
    shop.status = 503
    async with aiohttp.ClientSession() as http:
        client = Client(http, url=shop.place, token="made-up")  # nobody is called
        row = {"workspace_id": "ws", "name": "", "region": "", "admin_id": "1", "formatted_phone": False}
        workspaces = Workspaces()
        workspaces.add(Workspace(client, row, Book(store)))
    keeping = asyncio.create_task(sender_of(store, pauses=[0.3] * 100).keep_up(workspaces))

    async def refused() -> bool:
        return bool(shop.got)

    async def taken() -> bool:
        return bool(await rows(store, "select 1 from webhook_event where sent_at is not null"))

    await until(refused)
    shop.status = 204
    await until(taken)
    keeping.cancel()
    await asyncio.wait([keeping])
    assert len(told(shop, secret)) > 1
    assert len(set(ids(shop))) == 1


@pytest.mark.parametrize("status", [302, 307, 404])
async def test_only_success_counts_and_redirects_are_not_followed(store: Database, shop: Receiver, status: int) -> None:
    await subscribed(store, shop)
    await made(store)
    shop.status = status
    await sender_of(store).round("ws")
    assert [row["trouble"] for row in await rows(store, "select * from webhook_event")] == [f"it answered {status}"]


async def test_a_silent_receiver_is_not_waited_for(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "TIMEOUT", 0.3)
    with bind("127.0.0.1", 0) as silent:
        silent.listen()
        port = silent.getsockname()[1]
        await webhooks_of(store).add(NewWebhook(name="shop", address=f"http://127.0.0.1:{port}/"))
        await made(store)
        await asyncio.wait_for(sender_of(store).round("ws"), 60)
    [event] = await rows(store, "select * from webhook_event")
    assert (event["trouble"], event["tries"]) == ("it did not answer within 0.3 seconds", 1)


async def test_what_is_never_taken_is_given_up_said_and_can_be_replayed(store: Database, shop: Receiver) -> None:
    await subscribed(store, shop)
    await made(store)
    shop.status = 500
    sender = sender_of(store, pauses=[0.0, 0.0])
    for _ in range(5):
        await sender.round("ws")
    assert len(shop.got) == 3, "one try more than pauses"
    [row] = await given_up(store, "ws")
    assert "Webhook shop did not take 1 event" in missed(row)
    assert await given_up(store, "another") == []
    [trouble] = await Troubles(store, ChannelStore(store, VAULT), None).look("ws")
    [finding] = await webhook_health.missed(store, "ws")
    assert (trouble.kind, trouble.sentence, finding.part) == ("webhooks", finding.trouble, "webhook shop")
    shop.status = 204
    assert await webhooks_of(store).replay("shop", since=None) == 1
    await sender.round("ws")
    assert (len(shop.got), len(set(ids(shop)))) == (4, 1)
    assert await given_up(store, "ws") == []
    assert await webhooks_of(store).replay("shop", since=None) == 0
    assert await webhooks_of(store).replay("shop", since=60.0) == 1


async def test_events_come_in_their_order(store: Database, shop: Receiver) -> None:
    secret = await subscribed(store, shop)
    for number in range(1, 6):
        await made(store, number)
    await sender_of(store).round("ws")
    assert [each["data"]["contact_id"] for each in told(shop, secret)] == [f"c{number}" for number in range(1, 6)]


async def test_several_workers_send_an_event_once(store: Database, shop: Receiver) -> None:
    await subscribed(store, shop)
    for number in range(20):
        await made(store, number)
    await asyncio.gather(*(sender_of(store).round("ws") for _ in range(4)))
    assert (len(shop.got), len(set(ids(shop)))) == (20, 20)


async def test_both_secrets_sign_while_the_grace_lasts(store: Database, shop: Receiver) -> None:
    old, sender = await subscribed(store, shop), sender_of(store)
    new = await webhooks_of(store).rotate("shop", grace=3600.0)
    await made(store)
    await sender.round("ws")
    body, headers = shop.got[0]
    for secret in (old, new):
        Checker(secret).verify(body, headers)
    await execute(store, "update webhook set former_until = now()")
    await made(store, 2)
    await sender.round("ws")
    body, headers = shop.got[1]
    Checker(new).verify(body, headers)
    assert len(headers["webhook-signature"].split()) == 1


async def test_nothing_goes_inside_unless_allowed(store: Database, shop: Receiver) -> None:
    await subscribed(store, shop)
    await made(store)
    await sender_of(store, allowed=frozenset()).round("ws")
    assert shop.got == []
    [event] = await rows(store, "select trouble from webhook_event")
    assert "leads inside" in event["trouble"]


async def test_killed_while_it_sends_no_event_is_lost(store: Database, database_url: str, shop: Receiver) -> None:
    """The worker dies while a receiver keeps it waiting for an answer; the next one sends the same event."""
    async with town_without_leadline(store, database_url) as town:
        with bind("127.0.0.1", 0) as silent:
            silent.listen()
            held = f"http://127.0.0.1:{silent.getsockname()[1]}/"
            secret = await subscribe(town, store, shop, "message.received")
            webhooks = Webhooks(store, vault_of(town.settings), "sandbox", allowed=LOCAL)
            await webhooks.change("1", address=held, events=(), with_text=None)

            async def claimed() -> bool:
                return [row["tries"] for row in await rows(store, "select tries from webhook_event")] == [1]

            async with process(town, town.settings) as pid:
                assert await town.sms_in(ANN, "Are you open?", 1) == 200
                await until(claimed)
                os.kill(pid, signal.SIGKILL)
        await webhooks.change("1", address=f"{shop.place}/hook", events=(), with_text=None)
        [event] = await rows(store, "select event_id from webhook_event where sent_at is null")
        await execute(store, "update webhook_event set due_at = now()")
        async with process(town, town.settings):

            async def heard() -> bool:
                return bool(shop.got)

            await until(heard)
        assert [each["id"] for each in told(shop, secret)] == [f"evt_{event['event_id'].hex}"]


async def test_a_new_key_seals_webhooks_anew_and_the_former_one_is_not_needed(store: Database, shop: Receiver) -> None:
    secret = await subscribed(store, shop)
    present = "9b1e7a5d40f6824f9d2c7be18a60353c"
    done = await reseal(store, Vault(present, (FORMER,)))
    assert (done.counts["webhook"], done.lost) == (1, 0)
    known = await Webhooks(store, Vault(present), "ws", allowed=LOCAL).by_name("shop")
    assert (known.secrets, known.address) == ((secret,), f"{shop.place}/hook")
    assert (await reseal(store, Vault(present))).counts["webhook"] == 0


async def test_the_receiver_of_the_page_takes_an_event_once_and_no_forged_one(store: Database, shop: Receiver) -> None:
    page = (Path(__file__).parents[2] / "docs/howto/webhooks.md").read_text()
    place: dict[str, Any] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], place)  # noqa: S102 # our own page
    secret = await subscribed(store, shop)
    await made(store)
    await sender_of(store).round("ws")
    body, headers = shop.got[0]
    assert place["receive"](secret, headers, body) == "contact.created"
    assert place["receive"](secret, headers, body) == ""
    with pytest.raises(WebhookVerificationError):
        place["receive"](secret, headers, body.replace(b"c1", b"c2"))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"address": "http://shop.example.com/"}, "go over https"),
        ({"address": "https://user:password@shop.example.com/"}, "whole address"),
        ({"address": "file:///etc/passwd"}, "whole address"),
        ({"events": ["message.recieved"]}, "no event 'message.recieved'"),
        ({"name": "12"}, "no number"),
        ({"name": "SHOP"}, "already"),
    ],
)
async def test_what_cannot_be_right_is_refused_in_one_line(store: Database, change: dict[str, Any], word: str) -> None:
    webhooks = webhooks_of(store)
    right = NewWebhook(name="shop", address="https://shop.example.com/hook-of-ours")
    secret = await webhooks.add(right)
    with pytest.raises(SettingError, match=word):
        await webhooks.add(msgspec.structs.replace(right, **({"name": "other"} | change)))
    kept = str(await rows(store, "select * from webhook")) + str(await rows(store, "select * from audit"))
    assert ("hook-of-ours" in kept, secret in kept, secret in str(await webhooks.listed())) == (False, False, False)


async def test_every_change_is_in_the_audit_and_what_is_removed_is_told_no_more(
    store: Database, shop: Receiver
) -> None:
    await subscribed(store, shop)
    webhooks = webhooks_of(store)
    await made(store)
    with acting("Ann", "command line"):
        await webhooks.add(NewWebhook(name="till", address="https://till.example.com/"))
        await webhooks.change("shop", address="", events=["contact.created"], with_text=True)
        await webhooks.rotate("shop")
        await webhooks.replay("shop", since=None)
        await webhooks.remove("shop")
    acts = [row["act"] for row in await rows(store, "select act from audit order by audit_id")]
    assert acts == [f"webhook.{act}" for act in ("added", "changed", "rotated", "replayed", "removed")]
    await sender_of(store).round("ws")
    assert (shop.got, await rows(store, "select 1 from webhook_event")) == ([], [])
