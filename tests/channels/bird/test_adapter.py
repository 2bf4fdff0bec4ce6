"""Bird: one adapter for SMS and WhatsApp numbers, requests that may be repeated, templates; against its fake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from leadline.channels import channel
from leadline.channels.bird.adapter import api
from leadline.channels.exchange import Call, Request, Response
from leadline.errors import ProviderTrouble
from leadline.model import Attachment, Consent, Inbound, Outbound, StatusUpdate, TemplateUse
from leadline.sandbox.providers import BirdFake
from leadline.sandbox.providers.bird.fake import FAULTS
from leadline.sandbox.providers.bird.templates import TEMPLATES

from ..conftest import Town
from ..wire import settings_of

KEY = "bird"
BIRD = channel(KEY)
WHATSAPP = settings_of(KEY)
SMS = settings_of(KEY, medium="sms")
MESSAGE = Outbound(id="0194a.1", to="+353888888999", text="Hi & bye", status_url="https://b.example.com/status/key")
PICTURE = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")
VOICE = Attachment(content_type="audio/ogg", url="https://files.example.com/2.ogg")
SHEET = Attachment(content_type="text/csv", url="https://files.example.com/3.csv", name="3.csv")
HELLO = TemplateUse(
    name="hello_again", language="en", ref=TEMPLATES[0]["id"], variables=("1", "2"), values=("Seán", "the boiler")
)


def body_of(settings: Any, **changes: Any) -> dict[str, Any]:
    return dict(msgspec.json.decode(BIRD.build(msgspec.structs.replace(MESSAGE, **changes), settings).body))


def test_the_shared_vector(shared: Path) -> None:
    vectors = json.loads((shared / "specs/vectors/phone-signatures.json").read_text("utf-8"))
    vector = vectors["bird_standard_webhooks"]
    headers = {
        "webhook-id": vector["webhook_id"],
        "webhook-timestamp": vector["webhook_timestamp"],
        "webhook-signature": vector["value"],
    }
    request = Request(method="POST", url="", headers=headers, body=vector["body"].encode(), now=1777629610.0)
    BIRD.verify(request, settings_of(KEY, signing_secret=vector["secret"]))


# -- requests ---------------------------------------------------------------------------------------------------------


def test_an_sms() -> None:
    call = BIRD.build(MESSAGE, SMS)
    assert (call.method, call.url) == ("POST", "https://eu1.platform.bird.com/v1/sms/messages")
    assert call.secrets == {"authorization": "Bearer bk_eu1_made-up-key"}
    assert (call.headers["user-agent"], call.headers["idempotency-key"]) == ("Leadline", "0194a.1")
    assert msgspec.json.decode(call.body) == {
        "to": "+353888888999",
        "from": "+3197010000003",
        "text": "Hi & bye",
        "category": "service",
        "metadata": {"outbound_id": "0194a.1"},
    }


def test_files_of_an_sms_are_links() -> None:
    assert body_of(SMS, text="", attachments=(PICTURE,))["text"] == f"1.png: {PICTURE.url}"


@pytest.mark.parametrize(
    ("changes", "content"),
    [
        ({}, {"text": {"body": "Hi & bye", "preview_url": True}}),
        ({"attachments": (PICTURE,)}, {"image": {"url": PICTURE.url, "caption": "Hi & bye"}}),
        ({"attachments": (VOICE,)}, {"audio": {"url": VOICE.url}}),
        ({"attachments": (SHEET,)}, {"document": {"url": SHEET.url, "filename": "3.csv", "caption": "Hi & bye"}}),
        (
            {"template": HELLO},
            {
                "template": {
                    "id": TEMPLATES[0]["id"],
                    "language": "en",
                    "components": [
                        {
                            "type": "body",
                            "parameters": [{"type": "text", "text": "Seán"}, {"type": "text", "text": "the boiler"}],
                        }
                    ],
                }
            },
        ),
    ],
)
def test_whatsapp_contents(changes: dict[str, Any], content: dict[str, Any]) -> None:
    body = body_of(WHATSAPP, to="IE.1349", **changes)
    assert body.pop("metadata") == {"outbound_id": "0194a.1"}
    assert body == {"to": "IE.1349", "from": "+3197010000003", **content}


@pytest.mark.parametrize(
    ("settings", "text", "files", "pieces"),
    [
        (SMS, "x" * 1837, (PICTURE,), [("x" * 1836, 0), ("x", 0), ("", 1)]),
        (SMS, "漢" * 805, (), [("漢" * 804, 0), ("漢", 0)]),
        (WHATSAPP, "See", (PICTURE, SHEET), [("See", 1), ("", 1)]),
        (WHATSAPP, "x" * 5000, (), [("x" * 4096, 0), ("x" * 904, 0)]),
    ],
)
def test_pieces(settings: Any, text: str, files: tuple[Attachment, ...], pieces: list[tuple[str, int]]) -> None:
    cut = BIRD.pieces(msgspec.structs.replace(MESSAGE, text=text, attachments=files), settings)
    assert [(piece.text, len(piece.attachments)) for piece in cut] == pieces


def test_what_a_number_can_do_depends_on_what_it_is_for() -> None:
    assert (BIRD.abilities(SMS).window, BIRD.abilities(SMS).templates, BIRD.abilities(SMS).media_out) == (
        None,
        False,
        False,
    )
    assert (BIRD.abilities(WHATSAPP).window, BIRD.abilities(WHATSAPP).templates) == (86_400, True)
    assert (BIRD.account(SMS), BIRD.account(WHATSAPP)) == ("sms:+3197010000003", "whatsapp:+3197010000003")


@pytest.mark.parametrize(
    ("settings", "base"),
    [
        ({}, "https://eu1.platform.bird.com"),
        ({"api_key": "a-key-without-region"}, "https://platform.bird.com"),
        ({"api_url": "http://127.0.0.1:9/bird/"}, "http://127.0.0.1:9/bird"),
    ],
)
def test_the_region_is_in_the_key(settings: dict[str, str], base: str) -> None:
    assert api(settings_of(KEY, **settings)) == base


def test_only_birds_hosts_see_the_key() -> None:
    for url in ("https://eu1.platform.bird.com/v1/x", "https://platform.bird.com/v1/x"):
        assert BIRD.media(Attachment(url=url), WHATSAPP).secrets
    for url in ("https://storage.example/bird.com", "https://evilbird.com/x", ""):
        assert not BIRD.media(Attachment(url=url), WHATSAPP).secrets


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (202, {"id": "sms_1", "status": "accepted"}, "accepted", ""),
        (202, {"status": "accepted"}, "unknown", "no_answer"),
        (0, b"", "unknown", "no_answer"),
        (503, {"error": {"type": "service_unavailable_error"}}, "unknown", "no_answer"),
        (401, {"error": {"type": "auth_error", "message": "m"}}, "retry", "auth_failed"),
        (403, b"", "retry", "auth_failed"),
        (429, {"error": {"type": "rate_limit_error"}}, "retry", "rate_limited"),
        (409, {"error": {"type": "conflict_error", "code": "idempotency_key_in_use"}}, "retry", "rate_limited"),
        (409, {"type": "idempotency_key_in_use", "message": "m"}, "retry", "rate_limited"),
        (409, {"error": {"type": "conflict_error"}}, "refused", "provider_error"),
        (402, {"error": {"type": "billing_error"}}, "refused", "no_credit"),
        (422, {"error": {"type": "validation_error", "code": "SMSInvalidRecipient"}}, "refused", "invalid_recipient"),
        (422, {"error": {"type": "validation_error", "name": "SMSUnsupportedFeature"}}, "refused", "unsupported"),
        (422, {"error": {"type": "validation_error", "code": "service_window_expired"}}, "refused", "window_closed"),
        (422, {"error": {"type": "validation_error", "param": "from"}}, "refused", "sender_rejected"),
        (422, {"type": "invalid_recipient", "message": "m"}, "refused", "invalid_recipient"),
        (400, b"<html>", "refused", "provider_error"),
    ],
)
def test_answers(status: int, body: Any, outcome: str, reason: str) -> None:
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    sent = BIRD.read(Response(status=status, body=raw), WHATSAPP)
    assert (sent.outcome, sent.reason) == (outcome, reason)


# -- against the fake -------------------------------------------------------------------------------------------------


async def test_every_failure(town: Town) -> None:
    for fault in FAULTS.values():
        town.providers.of(BirdFake).forget()
        await town.check_failure(KEY, fault)


async def test_a_request_that_is_repeated_makes_one_message(town: Town) -> None:
    town.providers.faults.plan(KEY, FAULTS["lost_answer"])
    assert (await town.send(KEY, to="+353888888999")).outcome == "unknown"
    again = await town.send(KEY, to="+353888888999")
    assert (again.outcome, len(town.providers.phones.received())) == ("accepted", 1)
    assert again.provider_ids == (town.providers.phones.received()[0].message_id,)


async def test_whatsapp_goes_both_ways(town: Town) -> None:
    fake = town.providers.of(BirdFake)
    await fake.write(fake.customer(1), "Broken!", [("image/jpeg", b"1"), ("audio/ogg", b"2")], name="Seán")
    await fake.write("", "Hi", user_id="IE.1349")
    messages = [message for message in town.believed(KEY) if isinstance(message, Inbound)]
    assert [(message.text, message.sender, message.profile.name) for message in messages] == [
        ("Broken!", "+31630000001", "Seán"),
        ("", "+31630000001", "Seán"),
        ("Hi", "IE.1349", ""),
    ]
    call = BIRD.media(messages[0].attachments[0], town.settings(KEY))
    async with town.session.get(call.url, headers=call.secrets, allow_redirects=False) as place:
        assert place.status == 302
        fetched = await town.fetch(Call(method="GET", url=place.headers["location"]))
    assert (fetched.status, fetched.body) == (200, b"1")
    assert (await town.fetch(Call(method="GET", url=call.url))).status == 401
    town.requests.clear()
    assert (await town.send(KEY, to=messages[2].sender)).outcome == "accepted"
    await town.providers.courier.settle()
    updates = [update for update in town.believed(KEY) if isinstance(update, StatusUpdate)]
    assert [(update.state, update.outbound_id) for update in updates] == [
        (state, "0194a.1") for state in ("queued", "sent", "delivered", "read")
    ]
    assert (await town.send(KEY, id="0194a.2", to="AMAZON")).reason == "invalid_recipient"
    assert (await town.calls.send(BIRD.probe(town.settings(KEY)))).status == 200  # type: ignore[arg-type]


async def test_sms_go_both_ways(town: Town) -> None:
    fake = town.providers.of(BirdFake)
    fake.settings = msgspec.structs.replace(fake.settings, medium="sms")
    await fake.write(fake.customer(1), "Hello?")
    await fake.suppress(fake.customer(1))
    (message,) = town.believed(KEY)
    assert isinstance(message, Inbound)
    assert (message.text, message.account) == ("Hello?", BIRD.account(town.settings(KEY)))
    (consent,) = BIRD.parse(town.requests[1], town.settings(KEY)).consents
    assert isinstance(consent, Consent)
    assert (consent.state, consent.handles) == ("out", message.handles)
    town.requests.clear()
    assert (await town.send(KEY, to=message.sender, attachments=(PICTURE,))).outcome == "accepted"
    await town.providers.courier.settle()
    assert town.providers.phones.received()[0].text == f"Hi\n1.png: {PICTURE.url}"
    states = [update.state for update in town.believed(KEY) if isinstance(update, StatusUpdate)]
    assert states == ["queued", "sent", "delivered"]
    assert await town.calls.perform(BIRD.templates(town.settings(KEY))) == ()


async def test_templates_are_listed_with_their_content_and_sent(town: Town) -> None:
    fake = town.providers.of(BirdFake)
    fake.page_limit = 2
    found = await town.calls.perform(BIRD.templates(town.settings(KEY)))
    assert [(template.name, template.language, template.status, template.ref) for template in found] == [
        ("hello_again", "en", "approved", TEMPLATES[0]["id"]),
        ("hello_again", "de", "approved", TEMPLATES[0]["id"]),
        ("order_update", "en", "approved", TEMPLATES[1]["id"]),
        ("not_yet", "en", "pending", TEMPLATES[2]["id"]),
    ]
    assert (found[0].variables, found[2].variables) == (("1", "2"), ("order",))
    assert found[2].filled(("77",)) == "Order 77 is on its way.\nReply any time"
    order = TemplateUse(name="order_update", language="en", variables=("order",), values=("77",))
    for number, use in enumerate((HELLO, order)):
        sent = await town.send(KEY, id=f"0194a.{number}", to="+353888888999", template=use)
        assert sent.outcome == "accepted"
    assert [delivery.text for delivery in town.providers.phones.received()] == [
        "Hello Seán, we are back about the boiler.",
        "Order 77 is on its way.",
    ]
    wrong = msgspec.structs.replace(town.settings(KEY), api_key="bk_eu1_wrong")
    with pytest.raises(ProviderTrouble):
        await town.calls.perform(BIRD.templates(wrong))
    asked = next(BIRD.templates(settings_of(KEY, business_account_id="77")))
    assert isinstance(asked, Call)
    assert asked.url.endswith("/v1/whatsapp/templates?limit=100&waba=77")
