"""What adapters send and how they understand answers: every documented error leads where a person can act on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from openapi_schema_validator import OAS30Validator

from leadline.channels import CHANNELS, channel
from leadline.channels.base import Response
from leadline.channels.http import basic_auth
from leadline.model import Attachment, Outbound

from .wire import secrets_of, settings_of

MESSAGE = Outbound(id="0194a.1", to="+353888888999", text="Hi & bye", status_url="https://b.example.com/status/key")
PICTURE = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")
VOICE = Attachment(content_type="audio/ogg; codecs=opus", url="https://files.example.com/2.ogg", name="2.ogg")
SHEET = Attachment(content_type="text/csv", url="https://files.example.com/3.csv", name="3.csv")


@pytest.fixture(scope="module")
def twilio_api(shared: Path) -> dict[str, Any]:
    return dict(json.loads((shared / "specs/twilio/twilio_api_v2010.json").read_text("utf-8")))


def twilio_fields(message: Outbound, **settings: str) -> dict[str, list[str]]:
    return parse_qs(channel("twilio_sms").build(message, settings_of("twilio_sms", **settings)).body.decode())


def whatsapp_body(message: Outbound) -> dict[str, Any]:
    return dict(msgspec.json.decode(channel("whatsapp_cloud").build(message, settings_of("whatsapp_cloud")).body))


# -- Twilio -----------------------------------------------------------------------------------------------------------


def test_twilio_request() -> None:
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


def test_twilio_sends_files_by_address_and_from_a_service() -> None:
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
def test_twilio_pieces(text: str, files: int, pieces: list[tuple[str, int]]) -> None:
    message = msgspec.structs.replace(MESSAGE, text=text, attachments=(PICTURE,) * files)
    cut = channel("twilio_sms").pieces(message, settings_of("twilio_sms"))
    assert [(piece.text, len(piece.attachments)) for piece in cut] == pieces


def test_twilio_api_key_signs_the_request() -> None:
    settings = settings_of("twilio_sms", api_key_sid="SK1", api_key_secret="s")
    assert channel("twilio_sms").build(MESSAGE, settings).secrets["authorization"] == basic_auth("SK1", "s")


@pytest.mark.parametrize("changes", [{"number": ""}, {"api_key_sid": "SK1"}, {"api_key_secret": "s"}])
def test_twilio_settings_that_cannot_work(changes: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError):
        settings_of("twilio_sms", **changes)


def test_twilio_requests_fit_its_description(twilio_api: dict[str, Any]) -> None:
    operation = twilio_api["paths"]["/2010-04-01/Accounts/{AccountSid}/Messages.json"]["post"]
    schema = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    whole = msgspec.structs.replace(MESSAGE, attachments=(PICTURE, VOICE))
    fields = twilio_fields(whole, messaging_service_sid="MG" + "2" * 32)
    value = {name: values if name == "MediaUrl" else values[0] for name, values in fields.items()}
    assert set(value) <= set(schema["properties"])
    OAS30Validator({**schema, "components": twilio_api["components"]}).validate(value)


def test_twilio_media_credentials_stay_at_twilio() -> None:
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
def test_twilio_answers(status: int, body: Any, outcome: str, reason: str) -> None:
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    sent = channel("twilio_sms").read(Response(status=status, body=raw), settings_of("twilio_sms"))
    assert (sent.outcome, sent.reason) == (outcome, reason)
    assert sent.provider_ids == (("SM1",) if outcome == "accepted" else ())


# -- WhatsApp ---------------------------------------------------------------------------------------------------------


def test_whatsapp_request() -> None:
    call = channel("whatsapp_cloud").build(MESSAGE, settings_of("whatsapp_cloud"))
    assert (call.method, call.url) == ("POST", "https://graph.facebook.com/v23.0/106540352242922/messages")
    assert call.secrets == {"authorization": "Bearer made-up-token"}
    assert msgspec.json.decode(call.body) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "353888888999",
        "type": "text",
        "text": {"body": "Hi & bye", "preview_url": True},
        "biz_opaque_callback_data": "0194a.1",
    }


def test_whatsapp_user_ids_go_into_recipient() -> None:
    body = whatsapp_body(msgspec.structs.replace(MESSAGE, to="IE.13491208655302741918"))
    assert body["recipient"] == "IE.13491208655302741918"
    assert "to" not in body


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (PICTURE, {"type": "image", "image": {"link": PICTURE.url, "caption": "Hi & bye"}}),
        (VOICE, {"type": "audio", "audio": {"link": VOICE.url}}),
        (SHEET, {"type": "document", "document": {"link": SHEET.url, "filename": "3.csv", "caption": "Hi & bye"}}),
    ],
)
def test_whatsapp_files(file: Attachment, content: dict[str, Any]) -> None:
    assert content.items() <= whatsapp_body(msgspec.structs.replace(MESSAGE, attachments=(file,))).items()


@pytest.mark.parametrize(
    ("text", "files", "pieces"),
    [
        ("See", (PICTURE, SHEET), [("See", 1), ("", 1)]),
        ("Hear", (VOICE, PICTURE), [("Hear", 0), ("", 1), ("", 1)]),
        ("x" * 1025, (PICTURE,), [("x" * 1025, 0), ("", 1)]),
        ("x" * 5000, (), [("x" * 4096, 0), ("x" * 904, 0)]),
        ("", (PICTURE,), [("", 1)]),
        ("", (), []),
    ],
)
def test_whatsapp_pieces(text: str, files: tuple[Attachment, ...], pieces: list[tuple[str, int]]) -> None:
    message = msgspec.structs.replace(MESSAGE, id="a", text=text, attachments=files)
    cut = channel("whatsapp_cloud").pieces(message, settings_of("whatsapp_cloud"))
    assert [(piece.text, len(piece.attachments)) for piece in cut] == pieces


def test_whatsapp_file_is_fetched_in_two_steps() -> None:
    adapter, settings = channel("whatsapp_cloud"), settings_of("whatsapp_cloud")
    file = Attachment(ref="77", content_type="image/jpeg")
    first = adapter.media(file, settings)
    assert urlsplit(first.url).path == "/v23.0/77"
    assert first.secrets == {"authorization": "Bearer made-up-token"}
    place = {"url": "https://lookaside.fbsbx.com/x?mid=77", "id": "77", "mime_type": "image/jpeg"}
    second = adapter.media_next(Response(status=200, body=msgspec.json.encode(place)), file, settings)
    assert second is not None
    assert (second.url, dict(second.secrets)) == (place["url"], {"authorization": "Bearer made-up-token"})
    assert adapter.media_next(Response(status=200, body=b"\xff\xd8\xff"), file, settings) is None


def test_a_customers_file_cannot_pass_for_metas_answer() -> None:
    """A JSON file that names an address must neither be followed nor get the token."""
    adapter, settings = channel("whatsapp_cloud"), settings_of("whatsapp_cloud")
    file = Attachment(ref="77")
    trap = msgspec.json.encode({"url": "https://evil.example/", "id": "1"})
    assert adapter.media_next(Response(status=200, body=trap), file, settings) is None
    astray = msgspec.json.encode({"url": "https://evil.example/", "id": "77"})
    following = adapter.media_next(Response(status=200, body=astray), file, settings)
    assert following is not None
    assert not following.secrets


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (200, {"messages": [{"id": "wamid.1", "message_status": "accepted"}]}, "accepted", ""),
        (200, {"messages": []}, "unknown", "no_answer"),
        (200, b"", "unknown", "no_answer"),
        (0, b"", "unknown", "no_answer"),
        (502, b"bad gateway", "unknown", "no_answer"),
        (500, 131000, "unknown", "no_answer"),
        (500, 1, "unknown", "no_answer"),
        (503, 131016, "retry", "provider_error"),
        (500, 131057, "retry", "provider_error"),
        (429, 130429, "retry", "rate_limited"),
        (400, 131056, "retry", "rate_limited"),
        (400, 4, "retry", "rate_limited"),
        (429, b"", "retry", "rate_limited"),
        (401, 190, "retry", "auth_failed"),
        (400, 200, "retry", "auth_failed"),
        (403, b"", "retry", "auth_failed"),
        (400, 131047, "refused", "window_closed"),
        (400, 131026, "refused", "not_on_channel"),
        (400, 131030, "refused", "sender_rejected"),
        (403, 131031, "refused", "account_suspended"),
        (400, 131042, "refused", "no_credit"),
        (400, 131053, "refused", "media_rejected"),
        (400, 132001, "refused", "template_rejected"),
        (400, 100, "refused", "provider_error"),
        (400, 424242, "refused", "provider_error"),
        (404, b"", "refused", "provider_error"),
    ],
)
def test_whatsapp_answers(status: int, body: Any, outcome: str, reason: str) -> None:
    value = (
        {"error": {"code": body, "message": "m", "error_data": {"details": "why"}}} if isinstance(body, int) else body
    )
    raw = value if isinstance(value, bytes) else msgspec.json.encode(value)
    response = Response(status=status, body=raw, headers={"retry-after": "7"})
    sent = channel("whatsapp_cloud").read(response, settings_of("whatsapp_cloud"))
    assert (sent.outcome, sent.reason) == (outcome, reason)
    assert sent.provider_ids == (("wamid.1",) if outcome == "accepted" else ())
    assert sent.retry_after == (7.0 if outcome == "retry" and reason != "auth_failed" else sent.retry_after)
    assert sent.detail == ("why" if isinstance(body, int) else "")


# -- all --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", CHANNELS)
def test_every_channel_says_how_to_set_it_up(key: str) -> None:
    adapter = CHANNELS[key]
    steps = [
        step.format(url="https://b.example.com/in/k", status_url="https://b.example.com/status/k")
        for step in adapter.setup
    ]
    assert any("https://b.example.com/" in step for step in steps)
    for field in msgspec.structs.fields(adapter.settings):
        (meta,) = field.type.__metadata__
        assert meta.description
        assert isinstance(meta.extra["secret"], bool)


@pytest.mark.parametrize("key", ["twilio_sms", "whatsapp_cloud"])
def test_no_secret_outside_the_secret_headers(key: str) -> None:
    adapter, settings = CHANNELS[key], settings_of(key)
    calls = [
        adapter.build(MESSAGE, settings),
        adapter.media(Attachment(ref="1", url="https://api.twilio.com/1"), settings),
    ]
    for call in [*calls, adapter.probe(settings)]:
        assert call is not None
        assert call.secrets
        assert "made-up" not in f"{call.url} {call.headers} {call.body!r}"


@pytest.mark.parametrize(
    "key", ["vonage_sms", "vonage_whatsapp", "whatsapp_360dialog", "textmagic", "africastalking", "whatsapp_cloud"]
)
def test_credentials_travel_in_headers_of_the_first_host_only(key: str) -> None:
    adapter, settings = CHANNELS[key], settings_of(key)
    for call in (adapter.build(MESSAGE, settings), adapter.probe(settings)):
        assert call is not None
        assert call.secrets
        values = [getattr(settings, name) for name in secrets_of(key)]
        assert not any(value in f"{call.url} {call.headers} {call.body!r}" for value in values)
