"""Twilio beyond one message: what was missed is found in its list, and its lists are as it describes them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from openapi_schema_validator import OAS30Validator

from leadline.channels import channel
from leadline.channels.exchange import Call, Parsed, Response
from leadline.channels.twilio.missed import PAGE
from leadline.errors import ProviderTrouble
from leadline.sandbox.providers import TwilioFake

from ..conftest import CUSTOMER, Town
from ..wire import settings_of

SERVICE = "MG" + "2" * 32


async def polled(town: Town, key: str, since: float = 0.0, **changes: Any) -> Parsed:
    settings = msgspec.structs.replace(town.settings(key), **changes)
    parsed: Parsed = await town.calls.perform(channel(key).poll(since, settings))
    return parsed


async def test_what_was_missed_has_the_ids_and_files_of_its_webhook(town: Town) -> None:
    fake = town.providers.of(TwilioFake)
    await fake.write(CUSTOMER, "Broken!", [("image/jpeg", b"1"), ("image/png", b"2")])
    await fake.write(CUSTOMER, "Hello?")
    await town.send("twilio_sms", text="An answer, which is not listed as a message")
    parsed = await polled(town, "twilio_sms")
    told = town.believed("twilio_sms")[:2]
    assert [msgspec.structs.replace(message, sent_at=None) for message in parsed.messages] == told
    assert all(abs((message.sent_at or 0) - time.time()) < 60 for message in parsed.messages)
    assert not (await polled(town, "twilio_sms", time.time() + 60)).messages


async def test_all_pages_are_read_and_no_more_than_needed(town: Town) -> None:
    fake = town.providers.of(TwilioFake)
    fake.records.page_limit = 2
    for number in range(5):
        fake.webhook("", CUSTOMER, f"Number {number}")
    early, late = fake.records.kept[:2], fake.records.kept[2:]
    fake.records.kept = [*(msgspec.structs.replace(record, at=time.time() - 7200) for record in early), *late]
    parsed = await polled(town, "twilio_sms", time.time() - 9000)
    assert [message.text for message in parsed.messages] == [f"Number {number}" for number in range(5)]
    recent = await polled(town, "twilio_sms", time.time() - 3600)
    assert [message.text for message in recent.messages] == ["Number 2", "Number 3", "Number 4"]
    assert PAGE <= 1000


@pytest.mark.parametrize("key", ["twilio_sms", "twilio_whatsapp"])
def test_a_suspended_account_is_told(key: str) -> None:
    for body, told in ((b'{"status":"active"}', False), (b'{"status":"suspended"}', True), (b"<html>", False)):
        assert bool(channel(key).probed(Response(status=200, body=body), settings_of(key))) == told


@pytest.mark.parametrize(
    ("to", "service", "settings", "is_ours"),
    [
        ("+14155550100", None, {}, True),
        ("+14155550101", None, {}, False),
        ("whatsapp:+14155550100", None, {}, False),
        ("+14155550101", SERVICE, {"messaging_service_sid": SERVICE}, True),
        ("+14155550101", "MG" + "3" * 32, {"messaging_service_sid": SERVICE, "number": ""}, False),
        ("whatsapp:+14155550101", SERVICE, {"messaging_service_sid": SERVICE, "number": ""}, False),
    ],
)
async def test_only_messages_to_this_channel_are_taken(
    to: str, service: str | None, settings: dict[str, str], is_ours: bool
) -> None:
    listed = {"sid": "SM1", "from": CUSTOMER, "to": to, "direction": "inbound", "messaging_service_sid": service}
    steps = channel("twilio_sms").poll(0.0, settings_of("twilio_sms", **settings))
    assert isinstance(call := next(steps), Call)
    assert call.harmless
    with pytest.raises(StopIteration) as done:
        steps.send(Response(status=200, body=msgspec.json.encode({"messages": [listed]})))
    assert bool(done.value.value.messages) == is_ours


@pytest.mark.parametrize(
    ("status", "body"), [(0, b""), (401, b'{"code":20003,"message":"Authenticate"}'), (200, b"[]"), (200, b"<html>")]
)
def test_an_answer_that_is_no_list_is_told(status: int, body: bytes) -> None:
    steps = channel("twilio_sms").poll(0.0, settings_of("twilio_sms"))
    next(steps)
    with pytest.raises(ProviderTrouble, match="Twilio"):
        steps.send(Response(status=status, body=body))


def test_the_next_page_is_asked_of_twilio_and_nobody_else() -> None:
    steps = channel("twilio_sms").poll(0.0, settings_of("twilio_sms"))
    next(steps)
    page = {"messages": [], "next_page_uri": "https://evil.example/2010-04-01/Messages.json"}
    with pytest.raises(StopIteration):
        steps.send(Response(status=200, body=msgspec.json.encode(page)))


async def test_lists_are_as_twilio_describes_them(town: Town, shared: Path) -> None:
    api = json.loads((shared / "specs/twilio/twilio_api_v2010.json").read_text("utf-8"))
    await town.providers.of(TwilioFake).write(CUSTOMER, "Broken!", [("image/jpeg", b"1")])
    calls: list[Call] = []

    async def before(call: Call) -> None:
        calls.append(call)

    await town.calls.perform(channel("twilio_sms").poll(0.0, town.settings("twilio_sms")), before=before)
    paths = ("Messages.json", "Messages/{MessageSid}/Media.json")
    for path, call in zip(paths, calls, strict=True):
        operation = api["paths"][f"/2010-04-01/Accounts/{{AccountSid}}/{path}"]["get"]
        known = {parameter["name"] for parameter in operation["parameters"]}
        assert set(parse_qs(urlsplit(call.url).query)) <= known
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        value = json.loads((await town.calls.send(call)).body)
        assert set(value) <= set(schema["properties"])
        OAS30Validator({**schema, "components": api["components"]}).validate(value)
