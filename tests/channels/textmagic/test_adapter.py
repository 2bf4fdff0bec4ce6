"""TextMagic: three formats, no signature, answers in words, and a list of what no webhook brought."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest

from leadline.channels import channel
from leadline.channels.exchange import Answer, Request, Response
from leadline.channels.text import segments
from leadline.errors import ProviderTrouble
from leadline.model import Attachment, Inbound, Outbound, StatusUpdate
from leadline.sandbox.providers import TextMagicFake

from ..conftest import CUSTOMER, Town
from ..wire import NOW, settings_of

KEY = "textmagic"
MESSAGE = Outbound(id="0194a.1", to="+353888888999", text="Hi & bye", status_url="https://b.example.com/status/key")


@pytest.mark.parametrize("sends_as", ["multipart", "form", "json"])
async def test_a_conversation_in_every_format(town: Town, sends_as: Any) -> None:
    fake = town.providers.of(TextMagicFake)
    fake.sends_as = sends_as
    await fake.write(CUSTOMER, "Héllo & = % 👋")
    sent = await town.send(KEY, text="Hello, 👋")
    await town.providers.courier.settle()
    message, *updates = town.believed(KEY)
    assert isinstance(message, Inbound)
    assert (message.text, message.sender) == ("Héllo & = % 👋", CUSTOMER[1:])
    assert [(str(update.state), update.provider_id) for update in updates if isinstance(update, StatusUpdate)] == [
        ("sent", sent.provider_ids[0]),
        ("delivered", sent.provider_ids[0]),
    ]
    (delivery,) = town.providers.phones.received()
    assert (delivery.text, delivery.business) == ("Hello, 👋", "447624800500")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"to": "AMAZON"}, "invalid_recipient"),
        ({"text": ""}, "content_rejected"),
        ({"text": "x" * 919}, "too_long"),
    ],
)
async def test_what_textmagic_refuses_by_itself(town: Town, changes: dict[str, str], reason: str) -> None:
    sent = await town.send(KEY, **changes)
    assert (sent.outcome, sent.reason, sent.code) == ("refused", reason, "400")


async def test_stop_is_textmagics_own_list(town: Town) -> None:
    fake = town.providers.of(TextMagicFake)
    await fake.write(CUSTOMER, "stop")
    assert (await town.send(KEY)).reason == "opted_out"
    await fake.write(CUSTOMER, "Start")
    assert (await town.send(KEY)).outcome == "accepted"


async def test_wrong_credentials_wait_for_an_operator(town: Town) -> None:
    wrong = msgspec.structs.replace(town.settings(KEY), api_key="wrong")
    sent = await town.calls.perform(channel(KEY).send(MESSAGE, wrong))
    assert (sent.outcome, sent.reason) == ("retry", "auth_failed")
    with pytest.raises(ProviderTrouble, match="HTTP 401"):
        await town.calls.perform(channel(KEY).poll(0.0, wrong))
    await town.check_probe(KEY, wrong)


async def test_the_addresses_are_told(town: Town) -> None:
    fake, adapter, settings = town.providers.of(TextMagicFake), channel(KEY), town.settings(KEY)
    probe = adapter.probe(settings)
    assert probe is not None
    fake.webhook_url = ""
    assert "no callback URL" in adapter.probed(await town.calls.send(probe), settings)
    assert "from now on" in await town.calls.perform(adapter.register(f"{town.url}/in/1", settings))
    assert adapter.probed(await town.calls.send(probe), settings) == ""
    assert "from now on" in await town.calls.perform(adapter.register(f"{town.url}/in/2", settings))
    assert (fake.webhook_url, fake.sends_as) == (f"{town.url}/in/2", "json")
    said = await town.calls.perform(adapter.register("https://b.example.com/in/3", settings))
    assert said.startswith(f"TextMagic sends incoming messages to {town.url}/in/2 by now")
    town.answer = 503
    with pytest.raises(ProviderTrouble, match="does not answer"):
        await town.calls.perform(adapter.register(f"{town.url}/in/4", settings))


# -- missed messages --------------------------------------------------------------------------------------------------


async def test_what_no_webhook_brought_is_in_the_list(town: Town) -> None:
    """150 messages while nobody answers: two pages, each message once, with the ids the webhooks carried."""
    fake = town.providers.of(TextMagicFake)
    town.answer = 503
    for number in range(150):
        await fake.write(CUSTOMER, f"message {number}")
    missed = [message for message in town.believed(KEY) if isinstance(message, Inbound)]
    polled = await town.calls.perform(channel(KEY).poll(NOW, town.settings(KEY)))
    assert len(missed) == 150
    assert polled.messages == tuple(missed)


def test_the_list_is_read_back_to_the_watermark_only() -> None:
    steps, asked = channel(KEY).poll(1_763_961_600.0, settings_of(KEY)), []
    times = ["2025-11-24T05:20:01+0000", "2025-11-24T05:20:00+0000", "2025-11-24T05:19:59+0000"]
    reply = {"sender": 353888888999, "text": None, "firstName": "Seán", "lastName": None}
    page = {"page": 1, "pageCount": 9, "resources": [reply | {"id": n, "messageTime": t} for n, t in enumerate(times)]}
    asked.append(next(steps).url)
    with pytest.raises(StopIteration) as done:
        steps.send(Response(status=200, body=msgspec.json.encode(page)))
    assert asked == ["https://rest.textmagic.com/api/v2/replies?page=1&limit=100&orderBy=id&direction=desc"]
    assert [message.provider_id for message in done.value.value.messages] == ["1", "0"]
    assert done.value.value.messages[0].profile.name == "Seán"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"resources":{}}', b"\xff"])
def test_no_list_is_no_empty_list(body: bytes) -> None:
    steps = channel(KEY).poll(0.0, settings_of(KEY))
    next(steps)
    with pytest.raises(ProviderTrouble):
        steps.send(Response(status=200, body=body))


# -- requests and answers ---------------------------------------------------------------------------------------------


def test_request() -> None:
    call = channel(KEY).build(MESSAGE, settings_of(KEY))
    assert call.url == "https://rest.textmagic.com/api/v2/messages"
    assert parse_qs(call.body.decode()) == {
        "phones": ["353888888999"],
        "text": ["Hi & bye"],
        "from": ["447624800500"],
        "partsCount": ["6"],
    }


@pytest.mark.parametrize("text", ["x" * 2000, "[€]" * 500, "é👋" * 600, "👋" * 400])
def test_no_piece_costs_more_than_six_parts(text: str) -> None:
    pieces = channel(KEY).pieces(msgspec.structs.replace(MESSAGE, text=text), settings_of(KEY))
    assert "".join(piece.text for piece in pieces) == text
    assert max(segments(piece.text).count for piece in pieces) <= 6


def test_files_go_as_links() -> None:
    file = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")
    _, piece = channel(KEY).pieces(msgspec.structs.replace(MESSAGE, attachments=(file,)), settings_of(KEY))
    body = parse_qs(channel(KEY).build(piece, settings_of(KEY)).body.decode())
    assert body["text"] == ["1.png: https://files.example.com/1.png"]


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (201, {"id": 5, "messageId": 49}, "accepted", ""),
        (201, {"id": 5, "messageId": None}, "accepted", ""),
        (201, {}, "unknown", "no_answer"),
        (400, {"errors": {"fields": {"from": ["Not allowed"]}}}, "refused", "sender_rejected"),
        (400, {"errors": {"common": ["Insufficient balance"]}}, "refused", "no_credit"),
        (400, {"message": "Unknown"}, "refused", "provider_error"),
        (402, {}, "refused", "no_credit"),
        (403, {}, "retry", "auth_failed"),
        (429, {}, "retry", "rate_limited"),
        (500, {}, "unknown", "no_answer"),
        (0, None, "unknown", "no_answer"),
    ],
)
def test_answers(status: int, body: Any, outcome: str, reason: str) -> None:
    raw = b"" if body is None else msgspec.json.encode(body)
    sent = channel(KEY).read(Response(status=status, body=raw), settings_of(KEY))
    assert (sent.outcome, sent.reason) == (outcome, reason)


def test_a_test_of_the_address_is_answered() -> None:
    for method in ("GET", "POST"):
        request = Request(method=method, url="https://b.example.com/in/k", headers={}, body=b"", now=NOW)
        assert channel(KEY).handshake(request, settings_of(KEY)) == Answer()
