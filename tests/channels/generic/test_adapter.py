"""The channel one connects oneself: what it sends and understands, against the fake and Standard Webhooks."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from standardwebhooks import Webhook

from leadline.channels import channel
from leadline.channels.exchange import Request, Response
from leadline.channels.http import standard_webhook_headers
from leadline.model import Attachment, Handle, Inbound, Outbound, Sent
from leadline.sandbox.providers import GenericFake
from leadline.sandbox.providers.generic.fake import FAULTS

from ..conftest import Town
from ..wire import settings_of

KEY = "http"
ADAPTER = channel(KEY)
SETTINGS = settings_of(KEY)
MESSAGE = Outbound(id="0194a.1", to="u-77", text="Olé 👋", status_url="https://b.example.com/status/k", at=1767225600.5)
PICTURE = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")


async def sent(town: Town, **changes: Any) -> Sent:
    message = msgspec.structs.replace(MESSAGE, status_url=f"{town.url}/status", at=time.time(), **changes)
    return await town.calls.perform(ADAPTER.send(message, town.settings(KEY)))


def test_a_reply_is_signed_as_the_library_signs() -> None:
    call = ADAPTER.build(msgspec.structs.replace(MESSAGE, at=time.time(), attachments=(PICTURE,)), SETTINGS)
    assert (call.method, call.url) == ("POST", "https://tiktok.example.com/leadline/messages")
    assert Webhook(SETTINGS.signing_secret).verify(call.body, dict(call.headers)) == {
        "type": "message",
        "to": {"id": "u-77"},
        "message": {
            "id": "0194a.1",
            "text": "Olé 👋",
            "attachments": [{"url": PICTURE.url, "content_type": "image/png", "name": "1.png"}],
        },
        "status_url": "https://b.example.com/status/k",
    }


def test_while_a_secret_is_renewed_both_count() -> None:
    new = "whsec_YW5vdGhlci0zMi1ieXRlLXNlY3JldC1vZi1zb21lb25l"
    settings = settings_of(KEY, signing_secret=f"{new}, {SETTINGS.signing_secret}")
    call = ADAPTER.build(msgspec.structs.replace(MESSAGE, at=time.time()), settings)
    for secret in (new, SETTINGS.signing_secret):
        Webhook(secret).verify(call.body, dict(call.headers))
        headers = standard_webhook_headers(b"{}", "msg_1", 50.0, secret)
        ADAPTER.verify(Request(method="POST", url="", headers=headers, body=b"{}", now=50.0), settings)


def test_the_vector(shared: Path) -> None:
    vectors = json.loads((shared / "specs/vectors/social-signatures.json").read_text("utf-8"))["standard_webhooks"]
    body, number, moment = vectors["body"].encode(), vectors["webhook-id"], float(vectors["webhook-timestamp"])
    assert standard_webhook_headers(body, number, moment, vectors["secret"]) == {
        name: vectors[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "a/b"},
        {"signing_secret": "bWFkZS11cC0zMi1ieXRlLXNlY3JldC1mb3ItdGVzdHM="},
        {"signing_secret": "whsec_c2hvcnQ="},
        {"signing_secret": "whsec_no base64"},
        {"senders": "names"},
    ],
)
def test_settings_that_cannot_work(changes: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError):
        settings_of(KEY, **changes)


@pytest.mark.parametrize(
    ("sender", "handle"),
    [("+353 8", "sender:+353 8"), ("353888888999", "tel:+353888888999"), ("ACME", "sender:ACME")],
)
def test_a_gateway_of_phones(sender: str, handle: str) -> None:
    body = msgspec.json.encode({"type": "message", "from": {"id": sender}, "message": {"id": "1", "text": "Hi"}})
    request = Request(method="POST", url="", headers={}, body=body, now=0)
    (message,) = ADAPTER.parse(request, settings_of(KEY, senders="phones")).messages
    assert message.handles == (Handle.parse(handle),)


def test_files_come_from_named_hosts_only() -> None:
    assert ADAPTER.media_hosts(SETTINGS) == ("cdn.example.com", "tiktok.example.com")
    assert ADAPTER.media_hosts(settings_of(KEY, media_hosts="")) == ("tiktok.example.com",)


@pytest.mark.parametrize(
    ("status", "answer", "outcome", "reason"),
    [
        (200, {"id": "x-1"}, "accepted", ""),
        (202, b"", "accepted", ""),
        (204, b"", "accepted", ""),
        (0, b"", "unknown", "no_answer"),
        (307, b"", "unknown", "no_answer"),
        (500, b"", "unknown", "no_answer"),
        (503, b"", "retry", "rate_limited"),
        (429, {"detail": "slowly"}, "retry", "rate_limited"),
        (401, {"detail": "who?"}, "retry", "auth_failed"),
        (410, b"", "refused", "not_on_channel"),
        (413, b"", "refused", "media_rejected"),
        (422, {"reason": "too_long", "detail": "why"}, "refused", "too_long"),
        (422, {"reason": "of my own"}, "refused", "provider_error"),
        (404, b"<html>", "refused", "provider_error"),
    ],
)
def test_answers(status: int, answer: Any, outcome: str, reason: str) -> None:
    body = answer if isinstance(answer, bytes) else msgspec.json.encode(answer)
    steps = ADAPTER.send(MESSAGE, SETTINGS)
    next(steps)
    with pytest.raises(StopIteration) as done:
        steps.send(Response(status=status, body=body, headers={"retry-after": "7"}))
    understood: Sent = done.value.value
    assert (understood.outcome, understood.reason) == (outcome, reason)
    own = ("x-1",) if isinstance(answer, dict) else ("0194a.1",)
    assert understood.provider_ids == (own if outcome == "accepted" else ())
    assert understood.retry_after == (7.0 if reason == "rate_limited" else None)


async def test_a_reply_and_its_states(town: Town) -> None:
    assert (await sent(town, attachments=(PICTURE,))).provider_ids == ("out_0194a.1",)
    assert (await sent(town)).outcome == "accepted"
    await town.providers.courier.settle()
    (delivery,) = town.providers.phones.received()
    assert (delivery.to, delivery.text, delivery.media, delivery.state) == ("u-77", "Olé 👋", (PICTURE.url,), "read")
    assert [getattr(update, "state", "") for update in town.believed(KEY)] == ["delivered", "read"]
    assert [getattr(update, "outbound_id", "") for update in town.believed(KEY)] == ["0194a.1"] * 2


@pytest.mark.parametrize("name", FAULTS)
async def test_every_failure(town: Town, name: str) -> None:
    fault = FAULTS[name]
    town.providers.faults.plan(KEY, fault)
    result = await sent(town)
    await town.providers.courier.settle()
    taken = bool(town.providers.phones.received())
    assert taken == (fault.how in ("late", "drop"))
    assert result.outcome in {"late": ("accepted",), "refuse": ("refused", "retry")}.get(fault.how, ("unknown",))
    assert fault.how != "refuse" or result.code == str(fault.code)
    if fault.how == "late":
        assert [getattr(update, "reason", "") for update in town.believed(KEY)] == ["unreachable"]
    if result.outcome == "unknown":
        assert (await sent(town)).outcome == "accepted"
        assert len(town.providers.phones.received()) == 1


async def test_another_secret_waits_for_an_operator(town: Town) -> None:
    other = "whsec_YW5vdGhlci0zMi1ieXRlLXNlY3JldC1vZi1zb21lb25l"
    wrong = msgspec.structs.replace(town.settings(KEY), signing_secret=other)
    message = msgspec.structs.replace(MESSAGE, at=time.time())
    result = await town.calls.perform(ADAPTER.send(message, wrong))
    assert (result.outcome, result.reason) == ("retry", "auth_failed")
    probe = ADAPTER.probe(wrong)
    assert probe is not None
    assert (await town.calls.send(probe)).status == 200


async def test_a_customers_files(town: Town) -> None:
    await town.providers.of(GenericFake).write("u-77", "Broken!", [("image/jpeg", b"JPEG")], name="Ann")
    (message,) = town.believed(KEY)
    assert isinstance(message, Inbound)
    assert (await town.fetch(ADAPTER.media(message.attachments[0], town.settings(KEY)))).body == b"JPEG"
