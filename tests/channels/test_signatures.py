"""Signatures against independent makers of them: the shared vectors, Twilio's SDK, plain hashlib and PyJWT."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from leadline.channels import channel
from leadline.channels.exchange import Request
from leadline.channels.http import check_standard_webhook
from leadline.channels.tokens import check_token
from leadline.channels.twilio.signature import check_signature
from leadline.errors import Refused

from .wire import ADDRESS, raw_settings, request_of, settings_of

FORM = "application/x-www-form-urlencoded"
TOKEN = "made-up-auth-token"
SHARED_KEY = {"x-twilio-webhooks-signature-settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}


@pytest.fixture(scope="module")
def vectors(shared: Path) -> dict[str, Any]:
    return dict(json.loads((shared / "specs/vectors/phone-signatures.json").read_text("utf-8")))


def post(url: str, body: bytes, content_type: str = FORM, **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method="POST", url=url, headers={"content-type": content_type, **named}, body=body, now=1777629610.0)


def test_twilio_vectors(vectors: dict[str, Any]) -> None:
    vector = vectors["twilio_form_sha1"]
    body = urlencode(vector["params"]).encode()
    check_signature(post(vector["url"], body, x_twilio_signature=vector["value"]), auth_token=vector["token"])
    newer = vectors["twilio_form_sha256_sharedkey"]
    request = post(
        vector["url"],
        body,
        x_twilio_signature=newer["value"],
        x_twilio_webhooks_signature_settings=newer["settings_header"],
    )
    check_signature(request, auth_token="another", signing_key=newer["secret"])
    written = vectors["twilio_json"]
    check_signature(
        post(written["url"], written["body"].encode(), "application/json", x_twilio_signature=written["value"]),
        auth_token=written["token"],
    )


def test_meta_vector(vectors: dict[str, Any]) -> None:
    vector = vectors["meta"]
    settings = settings_of("whatsapp_cloud", app_secret=vector["app_secret"])
    request = post("", vector["raw_body"].encode(), x_hub_signature_256=vector["value"])
    channel("whatsapp_cloud").verify(request, settings)
    written_anew = json.dumps(json.loads(vector["raw_body"]), ensure_ascii=False).encode()
    with pytest.raises(Refused):
        channel("whatsapp_cloud").verify(msgspec.structs.replace(request, body=written_anew), settings)


def test_token_vectors(vectors: dict[str, Any]) -> None:
    bird, vonage = vectors["messagebird_jwt"], vectors["vonage_messages_jwt"]
    algorithms = ("HS256", "HS384", "HS512")
    claims = check_token(
        bird["value"],
        bird["signing_key"],
        algorithms=algorithms,
        now=1777629610,
        issuer="MessageBird",
        require=("exp",),
    )
    assert claims == bird["claims"]
    token = vonage["value"].removeprefix("Bearer ")
    assert check_token(token, vonage["signature_secret"], algorithms=("HS256",), now=1777629610) == vonage["claims"]


def test_standard_webhook_vector(vectors: dict[str, Any]) -> None:
    vector = vectors["bird_standard_webhooks"]
    headers = {
        "webhook_id": vector["webhook_id"],
        "webhook_timestamp": vector["webhook_timestamp"],
        "webhook_signature": f"v1,b2xkIGtleQ== v1a,zzz {vector['value']}",
    }
    request = post(ADDRESS, vector["body"].encode(), **headers)
    check_standard_webhook(request, vector["secret"])
    changes: tuple[dict[str, Any], ...] = (
        {"body": b"{}"},
        {"now": request.now + 600},
        {"now": request.now - 600},
        {"headers": {**request.headers, "webhook-id": "msg_02"}},
        {"headers": {**request.headers, "webhook-timestamp": "soon"}},
        {"headers": {}},
    )
    for changed in changes:
        with pytest.raises(Refused):
            check_standard_webhook(msgspec.structs.replace(request, **changed), vector["secret"])
    with pytest.raises(Refused, match="base64"):
        check_standard_webhook(request, "whsec_no base64")


# -- Twilio against its SDK -------------------------------------------------------------------------------------------

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
values = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
urls = st.sampled_from(
    [
        "https://bridge.example.com/in/abc",
        "https://bridge.example.com/in/abc?outbound=1&k=a+b%20c",
        "https://bridge.example.com:8443/in/abc",
        "https://bridge.example.com:443/in/abc",
        "http://bridge.example.com/in/abc",
        "http://127.0.0.1:8080/in/abc?x=1:2",
        "https://bridge.example.com/in/abc?to=a@b",
    ]
)


@given(urls, st.dictionaries(names, values, max_size=8), st.sampled_from(["HMAC_SHA1", "HMAC_SHA256"]))
def test_what_the_sdk_signs_is_believed(url: str, fields: dict[str, str], algorithm: str) -> None:
    given = RequestValidator(TOKEN).compute_signature(url, fields, algorithm)
    request = post(url, urlencode(fields).encode(), x_twilio_signature=given)
    if algorithm == "HMAC_SHA256":
        request = msgspec.structs.replace(request, headers={**request.headers, **SHARED_KEY})
    check_signature(request, auth_token=TOKEN, signing_key=TOKEN)


@given(urls, st.dictionaries(names, values, min_size=1, max_size=8), st.data())
def test_what_the_sdk_refuses_is_refused(url: str, fields: dict[str, str], data: st.DataObject) -> None:
    validator = RequestValidator(TOKEN)
    given = validator.compute_signature(url, fields)
    changed = fields | {data.draw(st.sampled_from(sorted(fields))): data.draw(values)}
    request = post(url, urlencode(changed).encode(), x_twilio_signature=given)
    if validator.validate(url, changed, given):
        check_signature(request, auth_token=TOKEN)
    else:
        with pytest.raises(Refused):
            check_signature(request, auth_token=TOKEN)


class Fields(dict[str, list[str]]):
    """Repeated names, as web frameworks hand them to the SDK."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


@given(st.dictionaries(names, st.lists(values, min_size=1, max_size=4), min_size=1, max_size=5))
def test_repeated_names_are_signed_as_the_sdk_does(fields: dict[str, list[str]]) -> None:
    given = RequestValidator(TOKEN).compute_signature(ADDRESS, Fields(fields))
    body = urlencode(fields, doseq=True).encode()
    check_signature(post(ADDRESS, body, x_twilio_signature=given), auth_token=TOKEN)


@pytest.mark.parametrize("seen", ["https://b.example.com/in/a", "https://b.example.com:443/in/a"])
@pytest.mark.parametrize("signed", ["https://b.example.com/in/a", "https://b.example.com:443/in/a"])
def test_the_default_port_may_be_signed_or_not(seen: str, signed: str) -> None:
    key = hmac.new(TOKEN.encode(), signed.encode() + b"Bodyx", hashlib.sha1).digest()
    request = post(seen, b"Body=x", x_twilio_signature=base64.b64encode(key).decode())
    check_signature(request, auth_token=TOKEN)


def test_a_body_that_the_signature_does_not_cover_is_refused() -> None:
    """A signed address alone must not let any body in."""
    given = RequestValidator(TOKEN).compute_signature(ADDRESS, {})
    for content_type in ("application/json", "text/plain", "multipart/form-data; boundary=x"):
        with pytest.raises(Refused, match="bodySHA256"):
            check_signature(post(ADDRESS, b"{}", content_type, x_twilio_signature=given), auth_token=TOKEN)


def test_a_shared_key_that_is_not_set_up_says_so() -> None:
    request = post(ADDRESS, b"", x_twilio_signature="x", **{k.replace("-", "_"): v for k, v in SHARED_KEY.items()})
    with pytest.raises(Refused, match="signing_key"):
        check_signature(request, auth_token=TOKEN)
    with pytest.raises(Refused, match="algorithm"):
        check_signature(
            post(ADDRESS, b"", x_twilio_signature="x", x_twilio_webhooks_signature_settings="algorithm=NONE"),
            auth_token=TOKEN,
            signing_key=TOKEN,
        )


def test_an_empty_secret_signs_nothing() -> None:
    given = RequestValidator("").compute_signature(ADDRESS, {"Body": "x"})
    with pytest.raises(Refused):
        check_signature(post(ADDRESS, b"Body=x", x_twilio_signature=given), auth_token="")
    body = b"{}"
    empty = hmac.new(b"", body, hashlib.sha256).hexdigest()
    with pytest.raises(Refused):
        channel("whatsapp_cloud").verify(
            post("", body, x_hub_signature_256=f"sha256={empty}"), settings_of("whatsapp_cloud", app_secret=" , ")
        )


# -- WhatsApp ---------------------------------------------------------------------------------------------------------


def test_any_of_several_app_secrets_is_believed() -> None:
    adapter, body = channel("whatsapp_cloud"), b'{"object":"whatsapp_business_account"}'
    for secret in ("an-older-secret", "made-up-app-secret"):
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        adapter.verify(post("", body, x_hub_signature_256=f"sha256={signature}"), settings_of("whatsapp_cloud"))


@pytest.mark.parametrize(
    "query",
    [
        "hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1",
        "hub.verify_token=made-up-verify-token",
        "",
        "hub.mode=subscribe",
    ],
)
def test_a_wrong_handshake_is_refused(query: str) -> None:
    request = request_of("whatsapp_cloud", b"", method="GET", query=query)
    with pytest.raises(Refused, match="verify token"):
        channel("whatsapp_cloud").handshake(request, settings_of("whatsapp_cloud"))


def test_the_handshake_answers_the_bare_challenge() -> None:
    query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=made-up-verify-token"
    request = request_of("whatsapp_cloud", b"", method="GET", query=query)
    answer = channel("whatsapp_cloud").handshake(request, settings_of("whatsapp_cloud"))
    assert answer is not None
    assert (answer.status, answer.body, answer.content_type.partition(";")[0]) == (200, "1158201444", "text/plain")
    assert channel("whatsapp_cloud").handshake(request_of("whatsapp_cloud", b""), settings_of("whatsapp_cloud")) is None
    with pytest.raises(Refused):
        channel("whatsapp_cloud").handshake(request, settings_of("whatsapp_cloud", verify_token=""))


# -- tokens -----------------------------------------------------------------------------------------------------------

KEY = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"


def check(claims: dict[str, Any], algorithm: str = "HS256", key: str = KEY, **how: Any) -> dict[str, Any]:
    token = jwt.encode(claims, "" if algorithm == "none" else KEY, algorithm=algorithm)
    return check_token(token, key, algorithms=("HS256",), now=1000.0, **how)


def test_a_good_token_is_read_whatever_this_machines_clock_says() -> None:
    assert check({"exp": 1001, "nbf": 999, "iat": 999, "a": 1}, max_age=300)["a"] == 1


@pytest.mark.parametrize(
    ("claims", "how"),
    [
        ({"exp": 900}, {}),
        ({"nbf": 1100}, {}),
        ({"iat": 1100}, {}),
        ({"iat": 100}, {"max_age": 300.0}),
        ({"iat": True, "exp": "soon"}, {}),
        ({"iss": "Mallory"}, {"issuer": "Vonage"}),
        ({}, {"issuer": "Vonage"}),
        ({}, {"require": ("exp",)}),
        ({}, {"key": KEY + "x"}),
        ({}, {"key": ""}),
        ({}, {"algorithm": "HS512"}),
        ({}, {"algorithm": "none"}),
    ],
)
def test_a_bad_token_is_refused(claims: dict[str, Any], how: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        check(claims, **how)


@given(st.data())
def test_whatever_is_changed_in_a_token_we_believe_no_more_than_pyjwt_does(data: st.DataObject) -> None:
    algorithm = data.draw(st.sampled_from(["HS256", "HS384", "HS512"]))
    token = jwt.encode({"a": 1}, KEY, algorithm=algorithm, headers=data.draw(st.sampled_from([{}, {"crit": ["b64"]}])))
    at = data.draw(st.integers(0, len(token)))
    token = (
        token[:at]
        + data.draw(st.sampled_from(["", ".", "=", "A", "_", "é"]))
        + token[at + data.draw(st.integers(0, 2)) :]
    )
    try:
        claims = check_token(token, KEY, algorithms=("HS256", "HS384", "HS512"), now=1000.0)
    except Refused:
        return
    assert claims == jwt.decode(token, KEY, algorithms=["HS256", "HS384", "HS512"])


def test_a_token_with_an_extension_that_must_be_understood_is_refused() -> None:
    token = jwt.encode({"a": 1}, KEY, algorithm="HS256", headers={"crit": ["exp"], "exp": 1})
    with pytest.raises(Refused):
        check_token(token, KEY, algorithms=("HS256",), now=1000.0)


@given(st.text())
def test_any_text_as_token_is_refused(token: str) -> None:
    with pytest.raises(Refused):
        check_token(token, KEY, algorithms=("HS256",), now=0.0)


def test_settings_of_the_corpus_are_made_up() -> None:
    for key in ("twilio_sms", "whatsapp_cloud"):
        assert all(
            "made-up" in raw_settings(key)[name] for name in raw_settings(key) if name.endswith(("token", "secret"))
        )
