"""The adapters against the fakes over real sockets, and the fakes against Twilio's SDK and description."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest
from openapi_schema_validator import OAS30Validator
from twilio.request_validator import RequestValidator

from leadline.channels import channel
from leadline.model import Attachment, DeliveryState, Inbound, Outbound, StatusUpdate
from leadline.sandbox.providers import FAKES, Delivery, TwilioFake, WhatsAppFake
from leadline.sandbox.providers.twilio import webhooks as twilio_webhooks
from leadline.sandbox.providers.whatsapp import cloud as whatsapp

from .conftest import CUSTOMER, Town
from .wire import settings_of

OF_THEIR_OWN = ("bird", "http", "instagram", "line", "messenger", "slack", "telegram", "viber", "vk", "wechat")
"""Fakes whose failures need more to happen, or to be looked at: the tests beside their payloads do it."""
JPEG = b"\xff\xd8\xff\xe0 a picture"


@pytest.mark.parametrize(
    ("key", "states"),
    [("twilio_sms", ["sent", "delivered"]), ("whatsapp_cloud", ["sent", "delivered", "read"])],
)
async def test_a_reply_reaches_the_phone_and_its_states_come_back(town: Town, key: str, states: list[str]) -> None:
    sent = await town.send(key, text="Hello, 👋")
    assert sent.outcome == "accepted"
    await town.providers.courier.settle()
    (delivery,) = town.providers.phones.received()
    assert (delivery.text, delivery.state, delivery.message_id) == ("Hello, 👋", states[-1], sent.provider_ids[0])
    updates = town.believed(key)
    assert [update.state for update in updates if isinstance(update, StatusUpdate)] == states
    for update in updates:
        assert isinstance(update, StatusUpdate)
        assert (update.outbound_id, update.provider_id) == ("0194a.1", sent.provider_ids[0])


async def test_files_go_out_by_their_address(town: Town) -> None:
    files = (Attachment(content_type="image/png", url="https://files.example.com/1.png"),)
    for key in ("twilio_sms", "whatsapp_cloud"):
        assert (await town.send(key, attachments=files)).outcome == "accepted"
    assert [delivery.media for delivery in town.providers.phones.received()] == [(files[0].url,)] * 2


async def test_a_user_id_is_enough_on_whatsapp(town: Town) -> None:
    assert (await town.send("whatsapp_cloud", to="IE.1349")).outcome == "accepted"
    assert [delivery.to for delivery in town.providers.phones.received()] == ["IE.1349"]


@pytest.mark.parametrize(
    ("key", "name"),
    [(key, name) for key, fake in FAKES.items() if key not in OF_THEIR_OWN for name in fake.faults_known],
)
async def test_every_failure(town: Town, key: str, name: str) -> None:
    await town.check_failure(key, FAKES[key].faults_known[name])


@pytest.mark.parametrize(
    ("key", "changes", "reason"),
    [
        ("twilio_sms", {"to": "AMAZON"}, "invalid_recipient"),
        ("twilio_sms", {"text": "x" * 1601}, "too_long"),
        ("twilio_sms", {"text": ""}, "content_rejected"),
        ("twilio_sms", {"attachments": (Attachment(url="ftp://a.example/x"),)}, "media_rejected"),
        ("whatsapp_cloud", {"text": "x" * 4097}, "provider_error"),
        ("whatsapp_cloud", {"text": ""}, "provider_error"),
        ("whatsapp_cloud", {"to": ""}, "provider_error"),
    ],
)
async def test_what_providers_refuse_by_themselves(town: Town, key: str, changes: dict[str, Any], reason: str) -> None:
    sent = await town.send(key, **changes)
    assert (sent.outcome, sent.reason) == ("refused", reason)


async def test_wrong_credentials_wait_for_an_operator(town: Town) -> None:
    for key, name in (("twilio_sms", "auth_token"), ("whatsapp_cloud", "access_token")):
        wrong = msgspec.structs.replace(town.settings(key), **{name: "wrong"})
        call = channel(key).build(Outbound(id="1", to=CUSTOMER, text="Hi"), wrong)
        sent = channel(key).read(await town.calls.send(call), wrong)
        assert (sent.outcome, sent.reason) == ("retry", "auth_failed")
        await town.check_probe(key, wrong)


async def test_stop_and_start_take_effect(town: Town) -> None:
    fake = town.providers.of(TwilioFake)
    await fake.write(CUSTOMER, "stop")
    assert (await town.send("twilio_sms")).reason == "opted_out"
    await fake.write(CUSTOMER, "Start")
    assert (await town.send("twilio_sms")).outcome == "accepted"


async def test_a_customers_picture_on_twilio(town: Town) -> None:
    await town.providers.of(TwilioFake).write(CUSTOMER, "Broken!", [("image/jpeg", JPEG)])
    (message,) = town.believed("twilio_sms")
    assert isinstance(message, Inbound)
    assert (message.text, message.attachments[0].content_type) == ("Broken!", "image/jpeg")
    settings = town.settings("twilio_sms")
    call = channel("twilio_sms").media(message.attachments[0], settings)
    fetched = await town.fetch(call)
    assert (fetched.status, fetched.body, fetched.headers["type"]) == (200, JPEG, "image/jpeg")
    assert (await town.fetch(msgspec.structs.replace(call, secrets={}))).status == 401


async def test_a_customers_pictures_on_whatsapp(town: Town) -> None:
    files = [("image/jpeg", JPEG), ("application/pdf", b"%PDF")]
    await town.providers.of(WhatsAppFake).write("353888888999", "Broken!", files, user_id="IE.1349", name="Seán")
    messages = town.believed("whatsapp_cloud")
    adapter, settings = channel("whatsapp_cloud"), town.settings("whatsapp_cloud")
    contents = []
    for message in messages:
        assert isinstance(message, Inbound)
        assert [str(handle) for handle in message.handles] == [
            "tel:+353888888999",
            f"whatsapp:{settings.business_account_id}/IE.1349",
        ]
        (file,) = message.attachments
        place = await town.fetch(adapter.media(file, settings))
        second = adapter.media_next(place, file, settings)
        assert second is not None
        fetched = await town.fetch(second)
        assert adapter.media_next(fetched, file, settings) is None
        assert (await town.fetch(msgspec.structs.replace(second, secrets={}))).status == 404
        contents.append(fetched.body)
    assert contents == [JPEG, b"%PDF"]
    assert [message.text for message in messages if isinstance(message, Inbound)] == ["Broken!", ""]


async def test_meta_repeats_what_was_not_taken_and_twilio_does_not(town: Town) -> None:
    town.answer = 500
    await town.providers.of(TwilioFake).write(CUSTOMER, "Hi")
    assert len(town.requests) == 1
    await town.providers.of(WhatsAppFake).write("353888888999", "Hi")
    assert len(town.requests) == 1 + whatsapp.TRIES
    assert len({request.body for request in town.requests[1:]}) == 1


async def test_the_phones_are_told_as_it_happens(town: Town) -> None:
    seen: list[Delivery] = []

    async def watch() -> None:
        async for delivery in town.providers.phones.feed():
            seen.append(delivery)
            if delivery.state is DeliveryState.READ:
                return

    watching = asyncio.create_task(watch())
    await town.send("whatsapp_cloud")
    await asyncio.wait_for(watching, 60)
    assert [delivery.state for delivery in seen] == ["queued", "sent", "delivered", "read"]


@pytest.mark.parametrize("signing_key", ["", "a-shared-key"])
def test_fake_twilio_signs_as_its_sdk_does(signing_key: str) -> None:
    settings = settings_of("twilio_sms", signing_key=signing_key, messaging_service_sid="MG" + "2" * 32)
    url = "https://bridge.example.com/in/key?x=1"
    media = [("image/jpeg", "https://api.twilio.com/1")]
    headers, body = twilio_webhooks.webhook(settings, url=url, sender=CUSTOMER, text="STOP & go €", media=media)
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    algorithm = "HMAC_SHA256" if signing_key else None
    validator = RequestValidator(signing_key or settings.auth_token)
    assert validator.validate(url, fields, headers["x-twilio-signature"], algorithm)


async def test_fake_twilio_answers_as_described(town: Town, shared: Path) -> None:
    api = json.loads((shared / "specs/twilio/twilio_api_v2010.json").read_text("utf-8"))
    settings = town.settings("twilio_sms")
    sends: list[dict[str, Any]] = [
        {},
        {"text": "", "attachments": (Attachment(url="https://files.example.com/1.png"),)},
    ]
    answers = []
    for changes in sends:
        values: dict[str, Any] = {"id": "1", "to": CUSTOMER, "text": "Hi"} | changes
        call = channel("twilio_sms").build(Outbound(**values), settings)
        answers.append(("api.v2010.account.message", await town.calls.send(call)))
    probe = channel("twilio_sms").probe(settings)
    assert probe is not None
    answers.append(("api.v2010.account", await town.calls.send(probe)))
    for name, answer in answers:
        schema = {**api["components"]["schemas"][name], "components": api["components"]}
        value = json.loads(answer.body)
        assert set(value) <= set(schema["properties"])
        OAS30Validator(schema).validate(value)
