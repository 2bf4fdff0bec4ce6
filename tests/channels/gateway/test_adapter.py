"""Any SMS gateway: what its settings describe is sent and read, and settings that cannot work are refused at once."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from leadline.channels import channel
from leadline.channels.exchange import Call, Request, Response
from leadline.channels.gateway.forms import found_in, in_json, value_at
from leadline.channels.gateway.settings import GatewaySettings
from leadline.errors import Refused
from leadline.model import Attachment, Inbound, Outbound, StatusUpdate

from ..conftest import Town
from ..wire import settings_of

KEY = "sms_gateway"
GATEWAY = channel(KEY)
STATUS = "https://b.example.com/status/key"
MESSAGE = Outbound(id="0194a.1", to="353861234567", text='Hi & "bye" {to}', status_url=STATUS)
KANNEL: dict[str, Any] = {
    "name": "kannel",
    "api_url": "https://kannel.example.com:13013/",
    "number": "ACME",
    "send_path": "/cgi-bin/sendsms?user=me&pass={password}&from={from}&to={to}&text={text}&dlr-url={status_url}",
    "send_method": "GET",
    "password": "made up & secret",
    "sent_if": "/^0: /",
}
FORM: dict[str, Any] = {
    "name": "form",
    "api_url": "http://gw.example.com",
    "send_body": "to={to}&text={text}&ref={id}&fixed=a%26b",
}


def described(**changes: Any) -> GatewaySettings:
    return GatewaySettings(**({"name": "x", "api_url": "https://gw", "send_body": "to={to}&text={text}"} | changes))


def built(settings: GatewaySettings, message: Outbound = MESSAGE) -> Call:
    return GATEWAY.build(message, settings)


def test_a_json_body_is_filled_in_and_nothing_of_the_text_is_taken_for_a_placeholder() -> None:
    call = built(settings_of(KEY))
    assert (call.method, call.url) == ("POST", "https://gateway.example.com/send")
    assert call.secrets == {"authorization": "Bearer made-up-key"}
    assert json.loads(call.body) == {
        "to": ["353861234567"],
        "text": 'Hi & "bye" {to}',
        "from": "+353891234567",
        "dlr": f"{STATUS}?outbound=0194a.1",
    }


def test_an_address_is_filled_in_and_escaped() -> None:
    call = built(GatewaySettings(**KANNEL))
    assert (call.method, call.body) == ("GET", b"")
    parts = urlsplit(call.url)
    assert (parts.netloc, parts.path) == ("kannel.example.com:13013", "/cgi-bin/sendsms")
    assert dict(parse_qsl(parts.query)) == {
        "user": "me",
        "pass": "made up & secret",
        "from": "ACME",
        "to": "353861234567",
        "text": 'Hi & "bye" {to}',
        "dlr-url": f"{STATUS}?outbound=0194a.1",
    }


def test_a_form_is_filled_in() -> None:
    fields = dict(parse_qsl(built(GatewaySettings(**FORM)).body.decode()))
    assert fields == {"to": "353861234567", "text": 'Hi & "bye" {to}', "ref": "0194a.1", "fixed": "a&b"}


def test_a_first_message_is_addressed_as_the_gateway_writes_numbers() -> None:
    first = Outbound(id="1", to="+353861234567", text="Hi")
    assert json.loads(built(settings_of(KEY), first).body)["to"] == ["353861234567"]
    assert b"%2B353861234567" in built(described(), first).body


def test_files_go_as_links() -> None:
    file = Attachment(url="https://files.example.com/1.png", name="1.png")
    pieces = GATEWAY.pieces(Outbound(id="1", to="353861234567", text="Look", attachments=(file,)), settings_of(KEY))
    texts = [json.loads(built(settings_of(KEY), piece).body)["text"] for piece in pieces]
    assert texts == ["Look", "1.png: https://files.example.com/1.png"]


@pytest.mark.parametrize(
    ("changes", "status", "body", "outcome", "reason", "ids"),
    [
        ({}, 200, b'{"id": 7}', "accepted", "", ("0194a.1",)),
        ({"sent_id": "id"}, 200, b'{"id": 7}', "accepted", "", ("7",)),
        ({"sent_id": '/Success "(.+)"/'}, 200, b'Success "af-1"', "accepted", "", ("af-1",)),
        ({"sent_id": "id"}, 202, b"thanks", "accepted", "", ("0194a.1",)),
        ({"sent_if": "status=OK"}, 200, b'{"status": "ok"}', "accepted", "", ("0194a.1",)),
        ({"sent_if": "status=ok"}, 200, b'{"status": "error", "why": "credit"}', "refused", "provider_error", ()),
        ({"sent_if": "/^0: /"}, 200, b"3: no such user", "refused", "provider_error", ()),
        ({"sent_if": "status=ok"}, 200, b'{"status": "o', "unknown", "no_answer", ()),
        ({"sent_if": "status=ok"}, 200, b"", "unknown", "no_answer", ()),
        ({"sent_if": "/accepted/"}, 200, b'{"messages": [{"id": 7, "sta', "unknown", "no_answer", ()),
        ({}, 401, b"who?", "retry", "auth_failed", ()),
        ({}, 429, b"", "retry", "rate_limited", ()),
        ({}, 422, b"no such number", "refused", "provider_error", ()),
        ({}, 502, b"", "unknown", "no_answer", ()),
        ({}, 0, b"", "unknown", "no_answer", ()),
    ],
)
def test_an_answer_is_understood_as_the_settings_say(
    changes: dict[str, str], status: int, body: bytes, outcome: str, reason: str, ids: tuple[str, ...]
) -> None:
    steps = GATEWAY.send(MESSAGE, described(**changes))
    next(steps)
    with pytest.raises(StopIteration) as ended:
        steps.send(Response(status=status, body=body))
    sent = ended.value.value
    assert (sent.outcome, sent.reason, sent.provider_ids) == (outcome, reason, ids)
    assert outcome != "refused" or sent.detail == body.decode(), "the gateway's own words"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"api_url": "gw"}, "api_url"),
        ({"send_body": "to={to}"}, "must hold {text}"),
        ({"send_body": "to={to}&text={txet}"}, "no {txet}"),
        ({"send_body": '{"to": "{to}", "text": "{text}"'}, "is none"),
        ({"send_method": "GET"}, "no body"),
        ({"send_header": "X-Api-Key 0123"}, "a colon"),
        ({"sent_id": "/(/"}, "regular expression"),
        ({"sent_if": "status"}, "its value"),
        ({"report_state": "dlr"}, "belong together"),
        ({"report_state": "dlr", "report_states": "OK=arrived"}, "'arrived'"),
        ({"report_state": "dlr", "report_states": "NO=failed:moon"}, "'moon'"),
        ({"report_state": "dlr", "report_states": "OK=delivered:unreachable"}, "'unreachable'"),
        ({"token": "a-token-of-some-length"}, "belong together"),
        ({"token": "a-token-of-some-length", "token_at": "X-Token"}, "'header' or 'field'"),
        ({"signing_key": "k", "signature_at": "field sig"}, "must be a header"),
        ({"signature_as": "md5 hex"}, "sha256, sha1 or sha512"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        described(**changes)


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "sha512"])
@pytest.mark.parametrize("prefix", ["", "prefixed"])
def test_a_signed_body(algorithm: str, prefix: str) -> None:
    settings = described(signing_key="key", signature_at="header X-Sig", signature_as=f"{algorithm} hex")
    body = b'{"from": "+353861234567", "text": "Hi", "id": "1"}'
    given = (f"{algorithm}=" if prefix else "") + hmac.new(b"key", body, algorithm).hexdigest()
    request = Request(method="POST", url="", headers={"x-sig": given}, body=body, now=0.0)
    GATEWAY.verify(request, settings)
    (message,) = GATEWAY.parse(request, settings).messages
    assert (message.text, str(message.handles[0])) == ("Hi", "tel:+353861234567")
    for wrong in ("", hashlib.sha256(body).hexdigest()):
        with pytest.raises(Refused):
            GATEWAY.verify(Request(method="POST", url="", headers={"x-sig": wrong}, body=body, now=0.0), settings)
    with pytest.raises(Refused, match="no body"):
        GATEWAY.verify(Request(method="GET", url="?id=1", headers={"x-sig": given}, body=b"", now=0.0), settings)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_token_in_a_field(method: str) -> None:
    settings = described(token="a-token-of-some-length", token_at="field secret")
    fields = "from=%2B353861234567&text=Hi%21&id=1&secret=a-token-of-some-length"
    url, body = (f"https://b?{fields}", b"") if method == "GET" else ("https://b", fields.encode())
    request = Request(method=method, url=url, headers={}, body=body, now=0.0)
    GATEWAY.verify(request, settings)
    (message,) = GATEWAY.parse(request, settings).messages
    assert (message.text, message.sender, message.provider_id) == ("Hi!", "+353861234567", "1")
    other = Request(method=method, url=url.replace("-length", ""), headers={}, body=b"secret=other", now=0.0)
    with pytest.raises(Refused):
        GATEWAY.verify(other, settings)


def test_without_a_proof_it_says_so() -> None:
    assert GATEWAY.unsigned(described()) == "Neither token nor signing_key is set"
    assert GATEWAY.unsigned(settings_of(KEY)) == ""


def test_the_answer_is_what_the_gateway_wants_to_read() -> None:
    assert GATEWAY.taken(described(answer_with="ACK/Jasmin")).body == "ACK/Jasmin"


def test_places_in_a_body() -> None:
    value = {"a": [{"b.c": 1, "d": None}], "a.0": "dotted"}
    assert value_at(value, "a.0") == "dotted"
    assert value_at(value, "a.0.b.c") == 1
    assert [value_at(value, path) for path in ("a.1", "a.x", "b", "a.0.d", "a.0.b.c.d")] == [None] * 5
    assert found_in(b"no json", "a") == ""
    assert in_json({"n": 1, "t": ["{to}"]}, {"to": "{text}"}) == {"n": 1, "t": ["{text}"]}


async def test_a_conversation(town: Town) -> None:
    fake = town.providers.fakes[KEY]
    customer = fake.customer(7)
    await fake.write(customer, "Héllo & 👋")
    sent = await town.send(KEY, to=customer, text="Hello, 👋")
    await town.providers.courier.settle()
    message, *updates = town.believed(KEY)
    assert isinstance(message, Inbound)
    assert (message.text, message.sender, str(message.handles[0])) == ("Héllo & 👋", customer, f"tel:+{customer}")
    assert [(str(each.state), each.outbound_id) for each in updates if isinstance(each, StatusUpdate)] == [
        ("sent", "0194a.1"),
        ("delivered", "0194a.1"),
    ]
    (delivery,) = town.providers.phones.received()
    assert (delivery.text, delivery.message_id) == ("Hello, 👋", sent.provider_ids[0])
