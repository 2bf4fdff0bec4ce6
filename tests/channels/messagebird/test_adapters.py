"""MessageBird's classic API: its signature against all published cases, SMS, MMS and WhatsApp against the fakes."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.channels import channel
from leadline.channels.exchange import Request, Response
from leadline.channels.messagebird.signature import check_signature
from leadline.channels.text import segments
from leadline.errors import ProviderTrouble, Refused
from leadline.model import Attachment, Inbound, Outbound, StatusUpdate, TemplateUse
from leadline.sandbox.providers import MessageBirdSMSFake, MessageBirdWhatsAppFake
from leadline.sandbox.providers.messagebird.whatsapp import NAMESPACE

from ..conftest import Town
from ..wire import settings_of

SMS = channel("messagebird_sms")
SMS_SETTINGS = settings_of("messagebird_sms")
MESSAGE = Outbound(id="0194a.1", to="353888888999", text="Hi & bye", status_url="https://b.example.com/status/key")
WHATSAPP = channel("messagebird_whatsapp")
SETTINGS = settings_of("messagebird_whatsapp")
PICTURE = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")


# -- signature --------------------------------------------------------------------------------------------------------


def signed_request(case: dict[str, Any]) -> Request:
    return Request(
        method=case["method"],
        url=case["url"],
        headers={"messagebird-signature-jwt": case["token"]},
        body=(case.get("payload") or "").encode(),
        now=datetime.fromisoformat(case["timestamp"]).timestamp(),
    )


def test_all_published_cases(shared: Path) -> None:
    cases = json.loads((shared / "specs/messagebird/webhook_signature_test_data.json").read_text("utf-8"))
    assert len(cases) == 44
    for case in cases:
        if case["valid"]:
            check_signature(signed_request(case), case["secret"])
        else:
            with pytest.raises(Refused):
                check_signature(signed_request(case), case.get("secret") or "any")


def test_the_shared_vector(shared: Path) -> None:
    vector = json.loads((shared / "specs/vectors/phone-signatures.json").read_text("utf-8"))["messagebird_jwt"]
    headers = {"messagebird-signature-jwt": vector["value"], "content-type": "application/x-www-form-urlencoded"}
    body = vector["body"].encode()
    request = Request(method="POST", url=vector["url"], headers=headers, body=body, now=1777629610.0)
    settings = settings_of("messagebird_sms", signing_key=vector["signing_key"])
    SMS.verify(request, settings)
    assert [message.sender for message in SMS.parse(request, settings).messages] == ["353888888999"]
    with pytest.raises(Refused, match="url_hash"):
        SMS.verify(msgspec.structs.replace(request, url=vector["url"].partition("?")[0]), settings)
    with pytest.raises(Refused, match="expired"):
        SMS.verify(msgspec.structs.replace(request, now=1777629700.0), settings)


# -- SMS and MMS ------------------------------------------------------------------------------------------------------


def test_an_sms() -> None:
    call = SMS.build(msgspec.structs.replace(MESSAGE, to="+353888888999"), SMS_SETTINGS)
    assert (call.method, call.url) == ("POST", "https://rest.messagebird.com/messages")
    assert call.secrets == {"authorization": "AccessKey made-up-access-key"}
    assert msgspec.json.decode(call.body) == {
        "originator": "3197010000001",
        "recipients": ["353888888999"],
        "body": "Hi & bye",
        "reference": "0194a.1",
        "datacoding": "auto",
        "reportUrl": "https://b.example.com/status/key",
    }


def test_a_number_is_written_as_messagebird_does() -> None:
    assert SMS.recipient("+353888888999") == "353888888999"


def test_files_make_it_an_mms() -> None:
    call = SMS.build(msgspec.structs.replace(MESSAGE, attachments=(PICTURE,)), SMS_SETTINGS)
    assert call.url == "https://rest.messagebird.com/mms"
    value = msgspec.json.decode(call.body)
    assert (value["mediaUrls"], value["body"], value["reference"]) == ([PICTURE.url], "Hi & bye", "0194a.1")


@given(st.text("ab €[{é漢👋\n", max_size=4000))
def test_no_piece_costs_more_than_nine_parts(text: str) -> None:
    pieces = SMS.pieces(msgspec.structs.replace(MESSAGE, text=text), SMS_SETTINGS)
    assert all(segments(piece.text).count <= 9 for piece in pieces)


@pytest.mark.parametrize(
    ("text", "files", "pieces"),
    [
        ("x" * 1377, 0, [(1377, 0)]),
        ("x" * 1378, 0, [(1377, 0), (1, 0)]),
        ("漢" * 604, 0, [(603, 0), (1, 0)]),
        ("See", 12, [(3, 10), (0, 2)]),
        ("", 0, []),
    ],
)
def test_sms_pieces(text: str, files: int, pieces: list[tuple[int, int]]) -> None:
    cut = SMS.pieces(msgspec.structs.replace(MESSAGE, text=text, attachments=(PICTURE,) * files), SMS_SETTINGS)
    assert [(len(piece.text), len(piece.attachments)) for piece in cut] == pieces


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (201, {"id": "1"}, "accepted", ""),
        (201, {}, "unknown", "no_answer"),
        (200, b"<html>", "unknown", "no_answer"),
        (0, b"", "unknown", "no_answer"),
        (500, {"errors": [{"code": 99, "description": "m"}]}, "unknown", "no_answer"),
        (401, {"errors": [{"code": 2, "description": "m", "parameter": "access_key"}]}, "retry", "auth_failed"),
        (403, b"", "retry", "auth_failed"),
        (429, b"", "retry", "rate_limited"),
        (
            422,
            {"errors": [{"code": 10, "description": "m", "parameter": "recipients"}]},
            "refused",
            "invalid_recipient",
        ),
        (422, {"errors": [{"code": 10, "description": "m", "parameter": "originator"}]}, "refused", "sender_rejected"),
        (422, {"errors": [{"code": 9, "description": "m", "parameter": None}]}, "refused", "provider_error"),
        (402, {"errors": [{"code": 25, "description": "m"}]}, "refused", "no_credit"),
        (400, {"errors": []}, "refused", "provider_error"),
    ],
)
def test_answers(status: int, body: Any, outcome: str, reason: str) -> None:
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    sent = SMS.read(Response(status=status, body=raw, headers={"Retry-After": "7"}), SMS_SETTINGS)
    assert (sent.outcome, sent.reason) == (outcome, reason)
    assert sent.retry_after == (7.0 if outcome == "retry" else None)


async def test_sms_go_both_ways(town: Town) -> None:
    fake = town.providers.of(MessageBirdSMSFake)
    await fake.write(fake.customer(1), "Broken!", [("image/jpeg", b"1")])
    (message,) = town.believed("messagebird_sms")
    assert isinstance(message, Inbound)
    assert ([str(handle) for handle in message.handles], message.text) == (["tel:+31600000001"], "Broken!")
    fetched = await town.fetch(SMS.media(message.attachments[0], town.settings("messagebird_sms")))
    assert (fetched.status, fetched.body) == (200, b"1")
    assert not SMS.media(Attachment(url="https://evil.example/messagebird.com"), SMS_SETTINGS).secrets
    town.requests.clear()
    assert (await town.send("messagebird_sms", to=message.sender, attachments=(PICTURE,))).outcome == "accepted"
    await town.providers.courier.settle()
    states = [(update.state, update.outbound_id) for update in town.believed("messagebird_sms")]  # type: ignore[union-attr]
    assert states == [("sent", "0194a.1"), ("delivered", "0194a.1")]
    assert (await town.send("messagebird_sms", to="1008")).reason == "invalid_recipient"
    wrong = msgspec.structs.replace(town.settings("messagebird_sms"), access_key="wrong")
    assert (await town.calls.send(SMS.probe(wrong))).status == 401  # type: ignore[arg-type]


# -- WhatsApp ---------------------------------------------------------------------------------------------------------

HELLO = TemplateUse(name="hello_again", language="en", variables=("1", "2"), values=("Seán", "the boiler"))
VOICE = Attachment(content_type="audio/ogg", url="https://files.example.com/2.ogg")
SHEET = Attachment(content_type="text/csv", url="https://files.example.com/3.csv", name="3.csv")


def sent_body(**changes: Any) -> dict[str, Any]:
    call = WHATSAPP.build(msgspec.structs.replace(MESSAGE, **changes), SETTINGS)
    assert (call.method, call.url) == ("POST", "https://conversations.messagebird.com/v1/send")
    return dict(msgspec.json.decode(call.body))


def test_a_whatsapp_message() -> None:
    assert sent_body(to="+353888888999") == {
        "to": "+353888888999",
        "from": SETTINGS.channel_id,
        "type": "text",
        "content": {"text": "Hi & bye"},
        "reportUrl": "https://b.example.com/status/key?outbound=0194a.1",
    }


@pytest.mark.parametrize(
    ("file", "kind", "content"),
    [
        (PICTURE, "image", {"url": PICTURE.url, "caption": "Hi & bye"}),
        (VOICE, "audio", {"url": VOICE.url}),
        (SHEET, "file", {"url": SHEET.url, "caption": "Hi & bye"}),
    ],
)
def test_whatsapp_files(file: Attachment, kind: str, content: dict[str, str]) -> None:
    body = sent_body(attachments=(file,))
    assert (body["type"], body["content"]) == (kind, {kind: content})


def test_a_template_goes_out_with_its_namespace() -> None:
    parameters = [{"type": "text", "text": "Seán"}, {"type": "text", "text": "the boiler"}]
    assert sent_body(template=HELLO)["content"]["hsm"] == {
        "namespace": NAMESPACE,
        "templateName": "hello_again",
        "language": {"policy": "deterministic", "code": "en"},
        "components": [{"type": "body", "parameters": parameters}],
    }
    own = msgspec.structs.replace(HELLO, ref="another_namespace")
    assert sent_body(template=own)["content"]["hsm"]["namespace"] == "another_namespace"


async def test_templates_are_listed_page_by_page_and_sent(town: Town) -> None:
    settings = town.settings("messagebird_whatsapp")
    town.providers.of(MessageBirdWhatsAppFake).page_limit = 2
    found = await town.calls.perform(WHATSAPP.templates(settings))
    assert [(template.name, template.language, template.status) for template in found] == [
        ("hello_again", "en", "approved"),
        ("hello_again", "de", "approved"),
        ("order_update", "en_US", "approved"),
        ("spring_sale", "en", "approved"),
        ("not_yet", "en", "pending"),
        ("invoice", "en", "approved"),
        ("appointment", "en", "approved"),
        ("sale_of_the_day", "en", "unsupported"),
    ]
    assert (found[0].ref, found[0].variables) == (NAMESPACE, ("1", "2"))
    assert (await town.send("messagebird_whatsapp", template=HELLO)).outcome == "accepted"
    assert town.providers.phones.received()[0].text == "Hello Seán, is now a good time to talk about the boiler?"
    wrong = msgspec.structs.replace(settings, access_key="wrong")
    with pytest.raises(ProviderTrouble):
        await town.calls.perform(WHATSAPP.templates(wrong))


def test_templates_are_asked_of_another_host() -> None:
    call = next(WHATSAPP.templates(SETTINGS))
    assert getattr(call, "url", "").startswith("https://integrations.messagebird.com/v3/platforms/whatsapp/templates?")


async def test_whatsapp_goes_both_ways(town: Town) -> None:
    key, fake = "messagebird_whatsapp", town.providers.of(MessageBirdWhatsAppFake)
    await fake.write(fake.customer(1), "Broken!", [("image/jpeg", b"1"), ("audio/ogg", b"2")], name="Seán")
    messages = town.believed(key)
    assert [(message.text, message.profile.name) for message in messages if isinstance(message, Inbound)] == [
        ("Broken!", "Seán"),
        ("", "Seán"),
    ]
    first = messages[0]
    assert isinstance(first, Inbound)
    fetched = await town.fetch(WHATSAPP.media(first.attachments[0], town.settings(key)))
    assert (fetched.status, fetched.body) == (200, b"1")
    town.requests.clear()
    assert (await town.send(key, to=first.sender)).outcome == "accepted"
    await town.providers.courier.settle()
    updates = [update for update in town.believed(key) if isinstance(update, StatusUpdate)]
    assert [(update.state, update.outbound_id) for update in updates] == [
        (state, "0194a.1") for state in ("sent", "delivered", "read")
    ]
    assert (await town.send(key, to="AMAZON")).reason == "invalid_recipient"
    assert (await town.calls.send(WHATSAPP.probe(town.settings(key)))).status == 200  # type: ignore[arg-type]


async def test_the_webhook_is_made_once_and_follows_the_address(town: Town) -> None:
    settings, fake = town.settings("messagebird_whatsapp"), town.providers.of(MessageBirdWhatsAppFake)
    strange = {"id": "1", "url": "https://other.example/in/key", "channelId": settings.channel_id}
    another = {"id": "2", "url": "https://bridge.example.com/in/old", "channelId": "another"}
    fake.webhooks = {"1": dict(strange), "2": dict(another)}
    for key in ("first", "second"):
        url = f"https://bridge.example.com/in/{key}"
        assert "from now on" in await town.calls.perform(WHATSAPP.register(url, settings))
        (own,) = [hook for number, hook in fake.webhooks.items() if number not in ("1", "2")]
        assert (own["url"], own["channelId"], own["events"]) == (url, settings.channel_id, ["message.created"])
    assert (fake.webhooks["1"], fake.webhooks["2"]) == (strange, another)
    wrong = msgspec.structs.replace(settings, access_key="wrong")
    with pytest.raises(ProviderTrouble, match="incorrect access_key"):
        await town.calls.perform(WHATSAPP.register(url, wrong))
