"""WhatsApp through Vonage: tokens that bind the body, files behind credentials, templates in Meta's form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from leadline.channels import channel
from leadline.channels.exchange import Request, Response
from leadline.errors import ProviderTrouble, Refused
from leadline.model import Attachment, Inbound, Outbound, StatusUpdate, TemplateUse
from leadline.sandbox.providers import VonageWhatsAppFake

from ..conftest import CUSTOMER, Town
from ..wire import NOW, request_of, settings_of

KEY = "vonage_whatsapp"
HELLO = TemplateUse(name="hello_again", language="en", variables=("1", "2"), values=("Seán", "the boiler"))
ORDER = TemplateUse(name="order_update", language="en_US", variables=("first_name", "order"), values=("Seán", "77"))
MESSAGE = Outbound(id="0194a.1", to="+353888888999", text="Hi & bye", status_url="https://b.example.com/status/key")


# -- tokens -----------------------------------------------------------------------------------------------------------


def test_vector(shared: Path) -> None:
    vector = json.loads((shared / "specs/vectors/phone-signatures.json").read_text("utf-8"))["vonage_messages_jwt"]
    settings = settings_of(KEY, signature_secret=vector["signature_secret"])
    headers, body = {"authorization": vector["value"]}, vector["body"].encode()
    url, moment = "https://b.example.com/in/k", float(vector["claims"]["iat"])
    request = Request(method="POST", url=url, headers=headers, body=body, now=moment)
    channel(KEY).verify(request, settings)
    (message,) = channel(KEY).parse(request, settings).messages
    assert (message.text, message.sender) == ("Hi", "353888888999")
    with pytest.raises(Refused, match="another body"):
        channel(KEY).verify(msgspec.structs.replace(request, body=body + b" "), settings)
    with pytest.raises(Refused, match="too old"):
        channel(KEY).verify(msgspec.structs.replace(request, now=moment + 310), settings)
    with pytest.raises(Refused, match="not valid"):
        channel(KEY).verify(request, settings_of(KEY, signature_secret="another"))
    for given in ("", "Bearer", "Bearer x.y.z", "Basic " + vector["value"].partition(" ")[2]):
        with pytest.raises(Refused):
            channel(KEY).verify(msgspec.structs.replace(request, headers={"authorization": given}), settings)


def test_an_unsigned_webhook_is_asked_for_again() -> None:
    unsigned = request_of(KEY, b"{}", signature="missing")
    answer = channel(KEY).handshake(unsigned, settings_of(KEY))
    assert answer is not None
    assert answer.status == 503
    assert channel(KEY).handshake(request_of(KEY, b"{}", signature="wrong"), settings_of(KEY)) is None


# -- both ways --------------------------------------------------------------------------------------------------------


async def test_a_conversation(town: Town) -> None:
    await town.providers.of(VonageWhatsAppFake).write(CUSTOMER, "Hello", name="Seán")
    sent = await town.send(KEY, text="Hello, 👋")
    await town.providers.courier.settle()
    (delivery,) = town.providers.phones.received()
    assert (delivery.text, delivery.state, delivery.to) == ("Hello, 👋", "read", CUSTOMER[1:])
    message, *updates = town.believed(KEY)
    assert isinstance(message, Inbound)
    assert (message.text, message.profile.name, message.sender) == ("Hello", "Seán", CUSTOMER[1:])
    assert [
        (str(update.state), update.outbound_id, update.provider_id)
        for update in updates
        if isinstance(update, StatusUpdate)
    ] == [(state, "0194a.1", sent.provider_ids[0]) for state in ("sent", "delivered", "read")]


async def test_files_both_ways(town: Town) -> None:
    fake, settings = town.providers.of(VonageWhatsAppFake), town.settings(KEY)
    await fake.write(CUSTOMER, "Broken!", [("image/jpeg", b"\xff\xd8\xff"), ("application/pdf", b"%PDF")])
    messages = [message for message in town.believed(KEY) if isinstance(message, Inbound)]
    assert [message.text for message in messages] == ["Broken!", ""]
    calls = [channel(KEY).media(message.attachments[0], settings) for message in messages]
    answers = [await town.fetch(call) for call in calls]
    assert [(answer.status, answer.body) for answer in answers] == [(200, b"\xff\xd8\xff"), (200, b"%PDF")]
    assert (await town.fetch(msgspec.structs.replace(calls[0], secrets={}))).status == 401
    files = (Attachment(content_type="text/csv", url="https://files.example.com/1.csv", name="1.csv"),)
    assert (await town.send(KEY, text="The list", attachments=files)).outcome == "accepted"
    (delivery,) = town.providers.phones.received()
    assert (delivery.text, delivery.media) == ("The list", (files[0].url,))


async def test_user_ids_both_ways(town: Town) -> None:
    await town.providers.of(VonageWhatsAppFake).write("", "Hi", user_id="IE.1349")
    (message,) = town.believed(KEY)
    assert isinstance(message, Inbound)
    assert (message.sender, [str(handle) for handle in message.handles]) == (
        "IE.1349",
        ["whatsapp:345688589250625/IE.1349"],
    )
    assert (await town.send(KEY, to=message.sender)).outcome == "accepted"


async def test_templates_are_listed_and_sent(town: Town) -> None:
    found = await town.calls.perform(channel(KEY).templates(town.settings(KEY)))
    assert [template.status for template in found] == [
        *["approved"] * 4,
        "pending",
        *["approved"] * 2,
        "unsupported",
    ]
    for use in (HELLO, ORDER):
        assert (await town.send(KEY, template=use)).outcome == "accepted"
    assert [delivery.text for delivery in town.providers.phones.received()] == [
        "Hello Seán, is now a good time to talk about the boiler?",
        "Your order\nSeán, order 77 is on its way.\nReply to talk to us\n[Thanks]",
    ]
    sent = await town.send(KEY, template=msgspec.structs.replace(HELLO, name="nope"))
    assert (sent.outcome, sent.reason, sent.code) == ("refused", "template_rejected", "1022")


async def test_wrong_credentials(town: Town) -> None:
    wrong = msgspec.structs.replace(town.settings(KEY), api_secret="wrong")
    sent = await town.calls.perform(channel(KEY).send(MESSAGE, wrong))
    assert (sent.outcome, sent.reason, sent.code) == ("retry", "auth_failed", "401")
    with pytest.raises(ProviderTrouble, match="HTTP 401"):
        await town.calls.perform(channel(KEY).templates(wrong))
    await town.check_probe(KEY, wrong)


# -- requests and answers ---------------------------------------------------------------------------------------------


def body_of(message: Outbound) -> dict[str, Any]:
    return dict(msgspec.json.decode(channel(KEY).build(message, settings_of(KEY)).body))


def test_request() -> None:
    call = channel(KEY).build(MESSAGE, settings_of(KEY))
    assert (call.url, list(call.secrets)) == ("https://api.nexmo.com/v1/messages", ["authorization"])
    assert body_of(MESSAGE) == {
        "channel": "whatsapp",
        "from": "447700900001",
        "to": "353888888999",
        "message_type": "text",
        "text": "Hi & bye",
        "client_ref": "0194a.1",
        "webhook_url": "https://b.example.com/status/key",
        "webhook_version": "v1",
    }


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("image/png", {"image": {"url": "https://f.example.com/1", "caption": "Hi & bye"}}),
        ("audio/ogg", {"audio": {"url": "https://f.example.com/1"}}),
        ("text/csv", {"file": {"url": "https://f.example.com/1", "name": "a.csv", "caption": "Hi & bye"}}),
    ],
)
def test_files_in_requests(kind: str, content: dict[str, Any]) -> None:
    file = Attachment(content_type=kind, url="https://f.example.com/1", name="a.csv")
    body = body_of(msgspec.structs.replace(MESSAGE, attachments=(file,)))
    assert content.items() <= body.items()
    assert body["message_type"] == next(iter(content))


def test_credentials_stay_at_vonage() -> None:
    adapter, settings = channel(KEY), settings_of(KEY)
    for url in ("https://api-eu.nexmo.com/v3/media/1", "https://api-eu.vonage.com/v3/media/1"):
        assert adapter.media(Attachment(url=url), settings).secrets
    for url in ("https://nexmo.com.evil.example/1", "https://evilnexmo.com/1"):
        assert not adapter.media(Attachment(url=url), settings).secrets


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason", "code"),
    [
        (202, {"message_uuid": "a"}, "accepted", "", ""),
        (202, {}, "unknown", "no_answer", "202"),
        (422, {"type": "https://a.example/errors#1340", "title": "Outside"}, "refused", "window_closed", "1340"),
        (422, {"title": 1170}, "refused", "invalid_recipient", "1170"),
        (422, {"title": "New"}, "refused", "provider_error", "422"),
        (402, {}, "refused", "no_credit", "402"),
        (403, {}, "retry", "auth_failed", "403"),
        (429, {"title": "1000"}, "retry", "rate_limited", "1000"),
        (500, {"title": "1030"}, "unknown", "no_answer", "1030"),
        (0, None, "unknown", "no_answer", "0"),
    ],
)
def test_answers(status: int, body: Any, outcome: str, reason: str, code: str) -> None:
    raw = b"" if body is None else msgspec.json.encode(body)
    sent = channel(KEY).read(Response(status=status, body=raw), settings_of(KEY))
    assert (sent.outcome, sent.reason, sent.code) == (outcome, reason, code)


def test_tokens_of_the_payload_files_are_of_their_time() -> None:
    request = request_of(KEY, b"{}")
    channel(KEY).verify(request, settings_of(KEY))
    with pytest.raises(Refused, match="not valid yet"):
        channel(KEY).verify(msgspec.structs.replace(request, now=NOW - 60), settings_of(KEY))
