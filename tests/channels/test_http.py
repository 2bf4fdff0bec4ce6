"""Decoding of bodies and addresses, senders, and calls, against the standard library where it does the same."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import parse_qsl, urlencode

import aiohttp
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.channels.exchange import Request
from leadline.channels.http import (
    decoded,
    first_of,
    form,
    form_call,
    host_of,
    phone_or_sender,
    query,
    retry_after,
    urlencoded,
    with_query,
)
from leadline.errors import Unreadable

text = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(text.filter(bool), text), max_size=12))
def test_urlencoded_forms_come_back_whole(fields: list[tuple[str, str]]) -> None:
    """Order, repeated names and blanks included."""
    assert urlencoded(urlencode(fields).encode()) == tuple(fields)
    assert form_call("https://a.example", fields).body == urlencode(fields).encode()
    assert query(f"https://a.example/in?{urlencode(fields)}#rc=5") == tuple(fields)


@given(st.text(st.sampled_from("ab=&+%2Bc3A9fF€\x00\r\n\t _"), max_size=40))
def test_odd_forms_read_as_the_standard_library_does(body: str) -> None:
    assert list(urlencoded(body.encode())) == parse_qsl(body, keep_blank_values=True, max_num_fields=None)


def test_a_form_of_a_million_fields_is_not_decoded() -> None:
    with pytest.raises(Unreadable, match="1000"):
        urlencoded(b"a=1&" * 1_000_000)


def test_names_take_their_first_value() -> None:
    assert first_of((("a", "1"), ("b", ""), ("a", "2"))) == {"a": "1", "b": ""}


async def test_multipart_forms_as_a_client_writes_them() -> None:
    data = aiohttp.FormData({"text": "Olé €", "empty": ""})
    data.add_field("text", "again")
    data.add_field("file", b"\x00\x01", filename="x.bin")
    payload = data()
    body = await payload.as_bytes()
    request = Request(method="POST", url="", headers={"content-type": payload.content_type}, body=body, now=0)
    headers = {"content-type": payload.headers["Content-Type"]}
    assert form(msgspec.structs.replace(request, headers=headers)) == (
        ("text", "Olé €"),
        ("empty", ""),
        ("text", "again"),
    )


@given(st.binary(max_size=200), st.sampled_from(["", "; boundary=", "; boundary=x", "; boundary=é"]))
def test_broken_multipart_is_unreadable_or_read(body: bytes, boundary: str) -> None:
    headers = {"content-type": f"multipart/form-data{boundary}"}
    with suppress(Unreadable):
        form(Request(method="POST", url="", headers=headers, body=b"--x\r\n" + body, now=0))


def test_json_that_does_not_fit_says_where() -> None:
    with pytest.raises(Unreadable, match=r"\$\[0\]"):
        decoded(msgspec.json.Decoder(list[int]), b'["x"]')
    with pytest.raises(Unreadable):
        decoded(msgspec.json.Decoder(), b"[" * 100_000)


@pytest.mark.parametrize(
    ("raw", "digits_only", "handle"),
    [
        ("+353888888999", False, "tel:+353888888999"),
        ("+353888888999", True, "tel:+353888888999"),
        ("353888888999", True, "tel:+353888888999"),
        ("353888888999", False, "sender:353888888999"),
        (" +353888888999\n", False, "tel:+353888888999"),
        ("20880", True, "sender:20880"),
        ("384387", True, "sender:384387"),
        ("0712345678", True, "sender:0712345678"),
        ("+1234567890123456", False, "sender:+1234567890123456"),
        ("AMAZON", True, "sender:AMAZON"),
        ("+٣٥٣٨٨٨٨٨٨٩٩٩", False, "sender:+٣٥٣٨٨٨٨٨٨٩٩٩"),
        ("", True, "sender:unknown"),
    ],
)
def test_senders(raw: str, digits_only: bool, handle: str) -> None:
    assert str(phone_or_sender(raw, digits_only=digits_only)) == handle


def test_small_ones() -> None:
    assert with_query("https://a.example/s", outbound="a.1") == "https://a.example/s?outbound=a.1"
    assert with_query("https://a.example/s?k=1", outbound="a b") == "https://a.example/s?k=1&outbound=a+b"
    assert host_of("https://user@API.twilio.com:443/x") == "api.twilio.com"
    assert host_of("https://[broken") == ""
    assert retry_after({"Retry-After": "3"}) == 3.0
    assert retry_after({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}) is None
    assert retry_after({}) is None
