"""Intercom's webhooks, one payload file for each thing that happens, and the signature."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.errors import Refused, Unreadable
from leadline.intercom import webhooks

PAYLOADS = sorted((Path(__file__).parent / "webhooks").glob("*.json"))
SECRET = "client-secret-1"


@pytest.mark.parametrize("file", PAYLOADS, ids=lambda file: file.stem)
def test_says_what_happened(file: Path) -> None:
    case = json.loads(file.read_text("utf-8"))
    notification = webhooks.parse(json.dumps(case["webhook"]).encode())
    expected = case["expect"]
    if "replies" in expected:
        assert len(notification.replies) == len(expected["replies"])
        for reply, wanted in zip(notification.replies, expected.pop("replies"), strict=True):
            assert _only(reply, wanted) == wanted
    assert _only(notification, expected) == expected


def _only(value: msgspec.Struct, wanted: dict[str, object]) -> dict[str, object]:
    """The fields of a value that a payload file makes a statement about, as JSON has them."""
    return {name: json.loads(msgspec.json.encode(getattr(value, name))) for name in wanted}


@pytest.mark.parametrize(
    "body",
    [b"", b"no", b"[]", b"{}", b'{"topic":"ping"}', b'{"topic":"","data":{"item":{"a":1}}}', b"\xff", b"[" * 100_000],
)
def test_unreadable_is_said_so(body: bytes) -> None:
    with pytest.raises(Unreadable):
        webhooks.parse(body)


NAMES = [
    "id",
    "type",
    "topic",
    "data",
    "item",
    "source",
    "author",
    "conversation_parts",
    "contacts",
    "body",
    "created_at",
    "attachments",
    "url",
    "merged_from",
    "redacted",
    "part_type",
    "conversation",
]


def _objects(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.dictionaries(st.sampled_from(NAMES), values, max_size=6)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda more: st.lists(more) | _objects(more)
)


@given(
    _objects(JSON),
    st.sampled_from(["conversation.admin.single.created", "contact.merged", "conversation_part.redacted"]),
)
def test_any_shape_is_read_or_unreadable(item: object, topic: str) -> None:
    body = msgspec.json.encode({"topic": topic, "created_at": item or 10**400, "data": {"item": item}})
    try:
        notification = webhooks.parse(body)
    except Unreadable:
        assert not item
        return
    assert notification.topic == topic


def _sign(body: bytes, secret: str = SECRET) -> str:
    return "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()


@given(st.binary(max_size=200))
def test_raw_bytes_are_what_is_signed(body: bytes) -> None:
    webhooks.verify(body, _sign(body), SECRET)
    for wrong in (body + b" ", body[:-1] + b"\x00\x01"):
        with pytest.raises(Refused):
            webhooks.verify(wrong, _sign(body), SECRET)


@given(st.text())
def test_any_other_header_is_refused(header: str) -> None:
    with pytest.raises(Refused):
        webhooks.verify(b"{}", header, SECRET)


@pytest.mark.parametrize(
    ("header", "secret", "word"),
    [
        (None, SECRET, "X-Hub-Signature"),
        ("", SECRET, "X-Hub-Signature"),
        (_sign(b"{}", ""), "", "LEADLINE_INTERCOM_CLIENT_SECRET"),
        (_sign(b"{}", "other"), SECRET, "LEADLINE_INTERCOM_CLIENT_SECRET"),
        (_sign(b"{}").removeprefix("sha1="), SECRET, "does not match"),
        (_sign(b"{}").replace("sha1", "sha256"), SECRET, "does not match"),
        ("sha1=é\ud800", SECRET, "does not match"),
    ],
)
def test_refusal_says_what_to_do(header: str | None, secret: str, word: str) -> None:
    with pytest.raises(Refused, match=word) as caught:
        webhooks.verify(b"{}", header, secret)
    assert SECRET not in str(caught.value)


def test_signature_known_from_the_outside() -> None:
    """RFC 2202, test case 2 of HMAC-SHA1."""
    webhooks.verify(b"what do ya want for nothing?", "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", "Jefe")
