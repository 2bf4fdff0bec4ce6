"""WhatsApp through Twilio: addresses, captions, templates; the fake against Twilio's description of its Content API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest
from openapi_schema_validator import OAS30Validator

from leadline.channels import channel
from leadline.channels.exchange import Call, Response
from leadline.channels.twilio.content import PAGE
from leadline.channels.twilio.whatsapp import content_api
from leadline.errors import ProviderTrouble
from leadline.model import Attachment, Inbound, Outbound, StatusUpdate, TemplateUse
from leadline.sandbox.providers import TwilioWhatsAppFake
from leadline.sandbox.providers.twilio.whatsapp import CONTENTS

from ..conftest import CUSTOMER, Town
from ..wire import settings_of

KEY = "twilio_whatsapp"
ADAPTER = channel(KEY)
SETTINGS = settings_of(KEY)
MESSAGE = Outbound(id="0194a.1", to=f"whatsapp:{CUSTOMER}", text="Hi", status_url="https://b.example.com/status/key")
PICTURE = Attachment(content_type="image/png", url="https://files.example.com/1.png")
VOICE = Attachment(content_type="audio/ogg; codecs=opus", url="https://files.example.com/2.ogg")
HELLO = TemplateUse(name="hello_again", ref=CONTENTS[0]["sid"], variables=("1", "2"), values=("Seán", "the boiler"))


def fields_of(**changes: Any) -> dict[str, list[str]]:
    return parse_qs(ADAPTER.build(msgspec.structs.replace(MESSAGE, **changes), SETTINGS).body.decode())


@pytest.mark.parametrize(
    ("to", "wire"),
    [
        ("whatsapp:+353888888999", "whatsapp:+353888888999"),
        ("+353888888999", "whatsapp:+353888888999"),
        ("353888888999", "whatsapp:+353888888999"),
        ("whatsapp:IE.13491208655302741918", "whatsapp:IE.13491208655302741918"),
        ("IE.13491208655302741918", "whatsapp:IE.13491208655302741918"),
    ],
)
def test_addresses_carry_the_prefix(to: str, wire: str) -> None:
    assert (fields_of(to=to)["To"], fields_of(to=to)["From"]) == ([wire], ["whatsapp:+14155550177"])


def test_a_customer_who_never_wrote_is_reached_with_the_prefix() -> None:
    assert ADAPTER.recipient(CUSTOMER) == f"whatsapp:{CUSTOMER}"


def test_a_messaging_service_may_pick_the_sender() -> None:
    service = "MG" + "2" * 32
    settings = settings_of(KEY, number="", messaging_service_sid=service)
    fields = parse_qs(ADAPTER.build(MESSAGE, settings).body.decode())
    assert ("From" in fields, fields["MessagingServiceSid"]) == (False, [service])


@pytest.mark.parametrize(
    ("text", "files", "pieces"),
    [
        ("See", (PICTURE, PICTURE), [("See", 1), ("", 1)]),
        ("Hear", (VOICE, PICTURE), [("Hear", 0), ("", 1), ("", 1)]),
        ("x" * 1025, (PICTURE,), [("x" * 1025, 0), ("", 1)]),
        ("x" * 1601, (), [("x" * 1600, 0), ("x", 0)]),
        ("", (), []),
    ],
)
def test_pieces(text: str, files: tuple[Attachment, ...], pieces: list[tuple[str, int]]) -> None:
    cut = ADAPTER.pieces(msgspec.structs.replace(MESSAGE, text=text, attachments=files), SETTINGS)
    assert [(piece.text, len(piece.attachments)) for piece in cut] == pieces


def test_a_template_is_one_piece_and_goes_out_by_its_sid() -> None:
    (piece,) = ADAPTER.pieces(msgspec.structs.replace(MESSAGE, text="x" * 2000, template=HELLO), SETTINGS)
    fields = parse_qs(ADAPTER.build(piece, SETTINGS).body.decode())
    assert fields["ContentSid"] == [HELLO.ref]
    assert json.loads(fields["ContentVariables"][0]) == {"1": "Seán", "2": "the boiler"}
    assert "Body" not in fields


@pytest.mark.parametrize(
    ("settings", "base"),
    [
        ({}, "https://content.twilio.com"),
        ({"api_url": "https://api.dublin.ie1.twilio.com"}, "https://content.dublin.ie1.twilio.com"),
        ({"api_url": "http://127.0.0.1:9/twilio_whatsapp/"}, "http://127.0.0.1:9/twilio_whatsapp"),
        ({"content_url": "https://content.example.com/"}, "https://content.example.com"),
    ],
)
def test_where_templates_are_kept(settings: dict[str, str], base: str) -> None:
    assert content_api(settings_of(KEY, **settings)) == base
    call = next(ADAPTER.templates(settings_of(KEY, **settings)))
    assert isinstance(call, Call)
    assert call.url == f"{base}/v1/ContentAndApprovals?PageSize={PAGE}"


async def test_templates_are_listed_page_by_page_and_sent(town: Town) -> None:
    town.providers.of(TwilioWhatsAppFake).page_limit = 2
    found = await town.calls.perform(ADAPTER.templates(town.settings(KEY)))
    assert [(template.name, template.language, template.status) for template in found] == [
        ("hello_again", "en", "approved"),
        ("hallo", "de", "approved"),
        ("order_update", "en", "approved"),
        ("spring_sale", "en", "approved"),
        ("not_yet", "en", "pending"),
        ("in_a_conversation", "en", "unsubmitted"),
    ]
    hello, order, picture = found[0], found[2], found[5]
    assert (hello.ref, hello.variables, hello.category) == (HELLO.ref, ("1", "2"), "utility")
    assert order.filled(("77",)) == "Order 77 is on its way.\n[Thanks]"
    assert (picture.body, picture.variables) == ("[File: https://a.example/{{1}}]", ("1",))
    assert (await town.send(KEY, text="what it reads", template=HELLO)).outcome == "accepted"
    assert town.providers.phones.received()[0].text == "Hello Seán, we are back about the boiler."
    gone = msgspec.structs.replace(HELLO, ref="HX" + "f" * 32)
    assert (await town.send(KEY, template=gone)).reason == "template_rejected"


@pytest.mark.parametrize(
    "answer",
    [
        Response(status=0),
        Response(status=500, body=b"{}"),
        Response(status=200, body=b'{"contents": "none"}'),
        Response(status=200, body=b'{"contents": [], "meta": {"next_page_url": "https://evil.example/v1/Content"}}'),
    ],
)
def test_an_answer_that_is_no_list_is_told(answer: Response) -> None:
    steps = ADAPTER.templates(SETTINGS)
    next(steps)
    with pytest.raises(ProviderTrouble):
        steps.send(answer)


async def test_a_reply_is_read_and_what_a_customer_writes_arrives(town: Town) -> None:
    fake = town.providers.of(TwilioWhatsAppFake)
    await fake.write(fake.customer(1), "Broken!", [("image/jpeg", b"1"), ("audio/ogg", b"2")], name="Seán")
    await fake.write("whatsapp:IE.1349", "Hi", user_id="IE.1349")
    messages = [message for message in town.believed(KEY) if isinstance(message, Inbound)]
    assert [(message.text, message.profile.name) for message in messages] == [
        ("Broken!", "Seán"),
        ("", "Seán"),
        ("Hi", ""),
    ]
    assert [[str(handle) for handle in message.handles] for message in messages[1:]] == [
        ["tel:+353860000001"],
        ["whatsapp:419561257915477/IE.1349"],
    ]
    fetched = await town.fetch(ADAPTER.media(messages[0].attachments[0], town.settings(KEY)))
    assert (fetched.status, fetched.body) == (200, b"1")
    missed = await town.calls.perform(ADAPTER.poll(0.0, town.settings(KEY)))
    assert [message.provider_id for message in missed.messages] == [message.provider_id for message in messages]
    town.requests.clear()
    for message in messages:
        assert (await town.send(KEY, to=message.sender)).outcome == "accepted"
    await town.providers.courier.settle()
    assert [delivery.to for delivery in town.providers.phones.received()] == [message.sender for message in messages]
    states = [update.state for update in town.believed(KEY) if isinstance(update, StatusUpdate)]
    assert sorted(states) == ["delivered"] * 3 + ["read"] * 3 + ["sent"] * 3


async def test_lists_and_sends_are_as_twilio_describes_them(town: Town, shared: Path) -> None:
    api = json.loads((shared / "specs/twilio/twilio_content_v1.json").read_text("utf-8"))
    answer = await town.calls.send(next(ADAPTER.templates(town.settings(KEY))))  # type: ignore[arg-type]
    operation = api["paths"]["/v1/ContentAndApprovals"]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    OAS30Validator({**schema, "components": api["components"]}).validate(json.loads(answer.body))
    api = json.loads((shared / "specs/twilio/twilio_api_v2010.json").read_text("utf-8"))
    operation = api["paths"]["/2010-04-01/Accounts/{AccountSid}/Messages.json"]["post"]
    schema = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    value = {name: values[0] for name, values in fields_of(template=HELLO).items()}
    assert set(value) <= set(schema["properties"])
    OAS30Validator({**schema, "components": api["components"]}).validate(value)
