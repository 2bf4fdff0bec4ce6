"""Vonage SMS: signatures in five ways, long messages in parts, answers whose success only a field tells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest
import yaml
from openapi_schema_validator import OAS30Validator

from leadline.channels import channel
from leadline.channels.exchange import Answer, Request, Response
from leadline.channels.vonage.signature import METHODS, check_signature, signature_of
from leadline.connections.switchboard import typed_settings
from leadline.errors import Refused, SettingError, Unreadable
from leadline.model import Attachment, Inbound, Outbound, StatusUpdate
from leadline.sandbox.providers import VonageSMSFake

from ..conftest import CUSTOMER, Town
from ..wire import NOW, raw_settings, settings_of

KEY = "vonage_sms"
MESSAGE = Outbound(id="0194a.1", to=CUSTOMER[1:], text="Hi & bye", status_url="https://b.example.com/status/key")


@pytest.fixture(scope="module")
def api(shared: Path) -> dict[str, Any]:
    return dict(yaml.safe_load((shared / "specs/vonage/sms.yml").read_text("utf-8")))


def check(api: dict[str, Any], name: str, value: Any) -> None:
    schema = api["components"]["schemas"][name]
    assert set(value) <= set(schema["properties"])
    OAS30Validator({**schema, "components": api["components"]}).validate(value)


# -- signatures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_vectors(shared: Path, method: str) -> None:
    vector = json.loads((shared / "specs/vectors/phone-signatures.json").read_text("utf-8"))["vonage_sms_sig"]
    right = vector[method if method == "md5hash" else f"{method}_hmac"]
    fields, secret = vector["params"], vector["secret"]
    assert signature_of(fields, secret, method) == right
    moment = float(fields["timestamp"])
    for given in (right, right.upper()):
        check_signature(fields | {"sig": given}, secret=secret, method=method, now=moment)
    for changed in ({"sig": right[:-1] + "g"}, {"sig": right, "text": "other"}, {"sig": right, "extra": "1"}, {}):
        with pytest.raises(Refused, match="sig"):
            check_signature(fields | changed, secret=secret, method=method, now=moment)
    with pytest.raises(Refused, match="clock"):
        check_signature(fields | {"sig": right}, secret=secret, method=method, now=moment + 301)
    other = "sha1" if method != "sha1" else "md5"
    with pytest.raises(Refused, match="does not fit"):
        check_signature(fields | {"sig": right}, secret=secret, method=other, now=moment)


def test_without_a_secret_the_address_is_the_only_lock() -> None:
    settings = settings_of(KEY, signature_secret="")
    request = Request(method="POST", url="https://b.example.com/in/k", headers={}, body=b"messageId=1", now=NOW)
    channel(KEY).verify(request, settings)
    broken = msgspec.structs.replace(request, body=b'{"messageId":')
    for work in (channel(KEY).parse, lambda *given: channel(KEY).verify(given[0], settings_of(KEY))):
        with pytest.raises(Unreadable):
            work(broken, settings)


def test_an_empty_request_only_tries_the_address() -> None:
    for method in ("GET", "POST"):
        request = Request(method=method, url="https://b.example.com/in/k", headers={}, body=b"", now=NOW)
        assert channel(KEY).handshake(request, settings_of(KEY)) == Answer()
        called = msgspec.structs.replace(request, url="https://b.example.com/in/k?messageId=1")
        assert channel(KEY).handshake(called, settings_of(KEY)) is None


def test_an_unknown_method_of_signing_is_refused() -> None:
    with pytest.raises(SettingError, match="signature_method takes one of these: md5, md5hash, sha1, sha256, sha512"):
        typed_settings(channel(KEY), raw_settings(KEY) | {"signature_method": "sha3"})


# -- both ways --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sends_as", ["json", "form", "query"])
async def test_messages_and_receipts_come_any_way(town: Town, sends_as: Any, api: dict[str, Any]) -> None:
    fake = town.providers.of(VonageSMSFake)
    fake.sends_as = sends_as
    await fake.write(CUSTOMER, "Héllo & = % 👋")
    sent = await town.send(KEY, text="x" * 200)
    await town.providers.courier.settle()
    assert len(sent.provider_ids) == 2
    (message, *receipts) = town.believed(KEY)
    assert isinstance(message, Inbound)
    assert (message.text, message.sender, message.piece) == ("Héllo & = % 👋", CUSTOMER[1:], None)
    assert [(str(r.state), r.provider_id, r.outbound_id) for r in receipts if isinstance(r, StatusUpdate)] == [
        (state, number, "0194a.1") for state in ("sent", "delivered") for number in sent.provider_ids
    ]
    if sends_as == "json":
        bodies = [json.loads(request.body) for request in town.requests]
        check(api, "InboundMessage", {name: value for name, value in bodies[0].items() if name != "sig"})
        for body in bodies[1:]:
            check(api, "DeliveryReceipt", body)


@pytest.mark.parametrize("text", ["plain words " * 40, "wörds with 👋 " * 20])
async def test_a_long_message_comes_in_parts_and_out_of_order(town: Town, text: str) -> None:
    await town.providers.of(VonageSMSFake).write(CUSTOMER, text)
    parts = [message for message in town.believed(KEY) if isinstance(message, Inbound)]
    pieces = [part.piece for part in parts if part.piece]
    assert len(parts) == len(pieces) > 2
    assert len({part.provider_id for part in parts}) == len(parts)
    assert {(piece.group, piece.total) for piece in pieces} == {(f"447700900000:1:{len(parts)}", len(parts))}
    assert [piece.number for piece in pieces] == list(range(len(parts), 0, -1))
    assert "".join(part.text for part in reversed(parts)) == text


async def test_what_vonage_refuses_by_itself(town: Town) -> None:
    for changes, code in (({"to": "AMAZON"}, "3"), ({"text": ""}, "2"), ({"text": "x" * 3201}, "12")):
        sent = await town.send(KEY, **changes)
        assert (sent.outcome, sent.code) == ("refused", code)


async def test_wrong_credentials_wait_for_an_operator(town: Town) -> None:
    wrong = msgspec.structs.replace(town.settings(KEY), api_secret="wrong")
    sent = await town.calls.perform(channel(KEY).send(MESSAGE, wrong))
    assert (sent.outcome, sent.reason) == ("retry", "auth_failed")
    await town.check_probe(KEY, wrong)


# -- requests and answers ---------------------------------------------------------------------------------------------


def fields_of(message: Outbound, **settings: str) -> dict[str, str]:
    body = channel(KEY).build(message, settings_of(KEY, **settings)).body.decode()
    return {name: value for name, (value,) in parse_qs(body).items()}


def test_requests_fit_the_description(api: dict[str, Any]) -> None:
    fields = fields_of(MESSAGE)
    # The key and its secret travel in the Authorization header, which this version of the description does not know.
    check(api, "NewMessage", fields | {"api_key": "abcd1234"})
    assert fields == {
        "from": "447700900000",
        "to": CUSTOMER[1:],
        "text": "Hi & bye",
        "type": "text",
        "client-ref": "0194a.1",
        "callback": "https://b.example.com/status/key",
    }


def test_the_encoding_is_chosen_as_the_text_needs_it() -> None:
    for text, kind in (("Grüße [5 €]", "text"), ("“quoted”", "unicode"), ("👋", "unicode")):
        assert fields_of(msgspec.structs.replace(MESSAGE, text=text))["type"] == kind


def test_files_go_as_links_and_long_addresses_stay_at_home() -> None:
    file = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")
    far = "https://bridge.example.com/status/" + "k" * 80
    fields = fields_of(msgspec.structs.replace(MESSAGE, text="", attachments=(file,), status_url=far), sender="ACME")
    assert (fields["text"], fields["from"]) == ("1.png: https://files.example.com/1.png", "ACME")
    assert "callback" not in fields


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason", "wait"),
    [
        (200, {"messages": [{"status": "0", "message-id": "A"}]}, "accepted", "", None),
        (200, {"messages": [{"status": "0", "message-id": "A"}, {"status": "5"}]}, "accepted", "", None),
        (200, {"messages": [{"status": "0", "message-id": "A"}, {"status": "1"}]}, "refused", "rate_limited", None),
        (200, {"messages": []}, "unknown", "no_answer", None),
        (200, {"messages": [{"status": "0"}]}, "unknown", "no_answer", None),
        (
            200,
            {"messages": [{"status": "1", "error-text": "please wait [ 250 ] and retry"}]},
            "retry",
            "rate_limited",
            0.25,
        ),
        (200, {"messages": [{"status": "5"}]}, "unknown", "no_answer", None),
        (200, {"messages": [{"status": "77", "error-text": "new"}]}, "refused", "provider_error", None),
        (429, b"", "retry", "rate_limited", 7.0),
        (401, b"", "retry", "auth_failed", None),
        (400, b"<html>", "refused", "provider_error", None),
        (500, b"", "unknown", "no_answer", None),
        (0, b"", "unknown", "no_answer", None),
    ],
)
def test_answers(status: int, body: Any, outcome: str, reason: str, wait: float | None) -> None:
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    sent = channel(KEY).read(Response(status=status, body=raw, headers={"retry-after": "7"}), settings_of(KEY))
    assert (sent.outcome, sent.reason, sent.retry_after) == (outcome, reason, wait)


async def test_the_fake_answers_as_described(town: Town, api: dict[str, Any]) -> None:
    right = await town.calls.send(channel(KEY).build(MESSAGE, town.settings(KEY)))
    check(api, "SMS", json.loads(right.body))
    empty = msgspec.structs.replace(MESSAGE, text="")
    wrong = await town.calls.send(channel(KEY).build(empty, town.settings(KEY)))
    check(api, "Error", json.loads(wrong.body))
