"""What the Twilio adapter sends and how it understands answers: every documented error leads where a person can act."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest
from openapi_schema_validator import OAS30Validator

from leadline.channels import channel
from leadline.channels.exchange import Response
from leadline.channels.http import basic_auth
from leadline.model import Attachment, Outbound

from ..wire import settings_of

MESSAGE = Outbound(id="0194a.1", to="+353888888999", text="Hi & bye", status_url="https://b.example.com/status/key")
PICTURE = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")
VOICE = Attachment(content_type="audio/ogg; codecs=opus", url="https://files.example.com/2.ogg", name="2.ogg")


@pytest.fixture(scope="module")
def twilio_api(shared: Path) -> dict[str, Any]:
    return dict(json.loads((shared / "specs/twilio/twilio_api_v2010.json").read_text("utf-8")))


def twilio_fields(message: Outbound, **settings: str) -> dict[str, list[str]]:
    return parse_qs(channel("twilio_sms").build(message, settings_of("twilio_sms", **settings)).body.decode())


def test_request() -> None:
    settings = settings_of("twilio_sms")
    call = channel("twilio_sms").build(MESSAGE, settings)
    account = settings.account_sid
    assert (call.method, call.url) == ("POST", f"https://api.twilio.com/2010-04-01/Accounts/{account}/Messages.json")
    assert call.secrets == {"authorization": basic_auth(account, "made-up-auth-token")}
    assert "authorization" not in call.headers
    assert parse_qs(call.body.decode()) == {
        "To": ["+353888888999"],
        "From": ["+14155550100"],
        "Body": ["Hi & bye"],
        "StatusCallback": ["https://b.example.com/status/key?outbound=0194a.1"],
    }


def test_sends_files_by_address_and_from_a_service() -> None:
    service = "MG" + "2" * 32
    message = msgspec.structs.replace(MESSAGE, text="", attachments=(PICTURE, VOICE), status_url="")
    assert twilio_fields(message, number="", messaging_service_sid=service) == {
        "To": ["+353888888999"],
        "MessagingServiceSid": [service],
        "MediaUrl": [PICTURE.url, VOICE.url],
    }


@pytest.mark.parametrize(
    ("text", "files", "pieces"),
    [
        ("See", 2, [("See", 2)]),
        ("x" * 1601, 1, [("x" * 1600, 0), ("x", 1)]),
        ("See", 12, [("See", 10), ("", 2)]),
        ("", 1, [("", 1)]),
        ("", 0, []),
    ],
)
def test_pieces(text: str, files: int, pieces: list[tuple[str, int]]) -> None:
    message = msgspec.structs.replace(MESSAGE, text=text, attachments=(PICTURE,) * files)
    cut = channel("twilio_sms").pieces(message, settings_of("twilio_sms"))
    assert [(piece.text, len(piece.attachments)) for piece in cut] == pieces


def test_api_key_signs_the_request() -> None:
    settings = settings_of("twilio_sms", api_key_sid="SK1", api_key_secret="s")
    assert channel("twilio_sms").build(MESSAGE, settings).secrets["authorization"] == basic_auth("SK1", "s")


@pytest.mark.parametrize("changes", [{"number": ""}, {"api_key_sid": "SK1"}, {"api_key_secret": "s"}])
def test_settings_that_cannot_work(changes: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError):
        settings_of("twilio_sms", **changes)


def test_requests_fit_its_description(twilio_api: dict[str, Any]) -> None:
    operation = twilio_api["paths"]["/2010-04-01/Accounts/{AccountSid}/Messages.json"]["post"]
    schema = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    whole = msgspec.structs.replace(MESSAGE, attachments=(PICTURE, VOICE))
    fields = twilio_fields(whole, messaging_service_sid="MG" + "2" * 32)
    value = {name: values if name == "MediaUrl" else values[0] for name, values in fields.items()}
    assert set(value) <= set(schema["properties"])
    OAS30Validator({**schema, "components": twilio_api["components"]}).validate(value)


def test_media_credentials_stay_at_twilio() -> None:
    adapter, settings = channel("twilio_sms"), settings_of("twilio_sms")
    ours = adapter.media(Attachment(url="https://api.twilio.com/2010-04-01/x"), settings)
    assert (ours.headers, list(ours.secrets)) == ({}, ["authorization"])
    for url in (
        "https://evil.example/api.twilio.com",
        "https://api.twilio.com.evil.example/",
        "https://eviltwilio.com/",
    ):
        assert not adapter.media(Attachment(url=url), settings).secrets
    assert adapter.media_hosts(settings) == (".twilio.com", "api.twilio.com")


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (201, {"sid": "SM1", "status": "queued"}, "accepted", ""),
        (201, {"status": "queued"}, "unknown", "no_answer"),
        (200, b"<html>", "unknown", "no_answer"),
        (0, b"", "unknown", "no_answer"),
        (302, b"", "unknown", "no_answer"),
        (500, b"", "unknown", "no_answer"),
        (503, {"code": 20503, "message": "m"}, "unknown", "no_answer"),
        (400, {"code": 21610, "message": "m"}, "refused", "opted_out"),
        (400, {"code": 21211, "message": "m"}, "refused", "invalid_recipient"),
        (400, {"code": 21614, "message": "m"}, "refused", "not_a_mobile"),
        (400, {"code": 21606, "message": "m"}, "refused", "sender_rejected"),
        (403, {"code": 21408, "message": "m"}, "refused", "sender_rejected"),
        (400, {"code": 21617, "message": "m"}, "refused", "too_long"),
        (400, {"code": 21623, "message": "m"}, "refused", "media_rejected"),
        (400, {"code": 99999, "message": "m"}, "refused", "provider_error"),
        (400, b"", "refused", "provider_error"),
        (429, {"code": 20429, "message": "m"}, "retry", "rate_limited"),
        (429, b"", "retry", "rate_limited"),
        (400, {"code": 21611, "message": "m"}, "retry", "rate_limited"),
        (401, {"code": 20003, "message": "m"}, "retry", "auth_failed"),
        (403, b"", "retry", "auth_failed"),
        (404, {"code": 20404, "message": "m"}, "retry", "auth_failed"),
    ],
)
def test_answers(status: int, body: Any, outcome: str, reason: str) -> None:
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    sent = channel("twilio_sms").read(Response(status=status, body=raw), settings_of("twilio_sms"))
    assert (sent.outcome, sent.reason) == (outcome, reason)
    assert sent.provider_ids == (("SM1",) if outcome == "accepted" else ())
