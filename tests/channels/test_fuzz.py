"""Whatever bytes come: verify and parse answer, refuse or call it unreadable, and nothing else ever comes out.

What hypothesis invents once is put to every channel: inventing costs ten times as much as asking one of them.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from leadline.channels import CHANNELS
from leadline.channels.anything import unknown
from leadline.channels.exchange import Parsed, Request, Response
from leadline.errors import Refused, Unreadable
from leadline.model import Attachment, Outbound, Sent

from .wire import ADDRESS, NOW, folder_of, raw_settings, secrets_of, settings_of, signer_of

KEYS = list(CHANNELS)
SAMPLES = {key: [path.read_bytes() for path in sorted(folder_of(key).glob("*.request.*"))] for key in KEYS}


def is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


OBJECTS = {key: [body for body in SAMPLES[key] if is_object(body)] for key in KEYS}
TYPES = ["", "application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x"]
Recipe = Callable[[str], bytes]

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
PLACE = st.integers(0, 2**16)  # of a sample, a byte or a field; each channel takes it modulo what it has
EDIT = st.tuples(PLACE, st.integers(0, 6), st.binary(max_size=6) | st.sampled_from([b"null", b"%", b"&", b"[]"]))
ANSWERED = (
    "ok result chat message_id description parameters retry_after error code error_code error_subcode message errcode "
    "access_token media_id status message_token sentMessages id ts channel files response messages sid event_id"
)  # what providers' answers have for names
LATIN = st.text(st.characters(codec="latin-1"), max_size=40)


def mutated(sample: int, edits: list[tuple[int, int, bytes]]) -> Recipe:
    """A real payload with some bytes changed, cut out or put in."""

    def body(key: str) -> bytes:
        made = bytearray(SAMPLES[key][sample % len(SAMPLES[key])])
        for place, length, put in edits:
            at = place % (len(made) + 1)
            made[at : at + length] = put
        return bytes(made)

    return body


def transplanted(sample: int, path: list[int], value: Any) -> Recipe:
    """A real JSON payload with one place replaced by any other JSON; the JSON alone where a channel has no such."""

    def body(key: str) -> bytes:
        if not OBJECTS[key]:
            return json.dumps(value).encode()
        holder: Any = {"": json.loads(OBJECTS[key][sample % len(OBJECTS[key])])}
        whole = holder
        name: Any = ""
        for step in path:
            if not (isinstance(holder[name], dict | list) and holder[name]):
                break
            holder = holder[name]
            names = sorted(holder) if isinstance(holder, dict) else range(len(holder))
            name = names[step % len(names)]
        holder[name] = value
        return json.dumps(whole[""]).encode()

    return body


RECIPES: st.SearchStrategy[Recipe] = st.one_of(
    st.binary(max_size=300).map(lambda body: lambda key: body),
    st.builds(mutated, PLACE, st.lists(EDIT, min_size=1, max_size=4)),
    st.builds(transplanted, PLACE, st.lists(PLACE, min_size=1, max_size=8), JSON),
    JSON.map(lambda value: lambda key: json.dumps(value).encode()),
)


@cache
def header_names(key: str) -> list[str]:
    own = signer_of(key)("POST", ADDRESS, b"", raw_settings(key))
    return sorted({*own, "content-type", "x-twilio-webhooks-signature-settings"})


@cache
def known(key: str) -> Any:
    return settings_of(key)


@cache
def stranger(key: str) -> Any:
    """Settings with other credentials: where the secret stands in the body, a payload would be believed by its own."""
    others = {name: f"{raw_settings(key)[name]}-another" for name in secrets_of(key)}
    return settings_of(key, **(others | getattr(sys.modules[signer_of(key).__module__], "OTHER", {})))


def check(key: str, request: Request) -> None:
    adapter = CHANNELS[key]
    if adapter.capabilities.signature != "none":
        try:
            adapter.verify(request, stranger(key))
        except (Refused, Unreadable):
            pass
        else:
            raise AssertionError(f"{key} believes a stranger")
    with suppress(Refused, Unreadable):
        adapter.handshake(request, known(key))
    try:
        parsed = adapter.parse(request, known(key))
    except Unreadable:
        return
    assert msgspec.json.decode(msgspec.json.encode(parsed), type=Parsed) == parsed
    assert set(parsed.noise) <= set(adapter.noise), parsed.noise
    assert all(message.handles for message in parsed.messages)
    assert all(str(handle) for message in parsed.messages for handle in message.handles)


@settings(max_examples=2 * settings().max_examples)
@given(
    method=st.sampled_from(["POST", "GET"]),
    path=LATIN,
    given_headers=st.dictionaries(st.integers(0, 7), LATIN, max_size=4),
    content_type=st.sampled_from(TYPES),
    recipe=RECIPES,
)
def test_any_request(method: str, path: str, given_headers: dict[int, str], content_type: str, recipe: Recipe) -> None:
    for key in KEYS:
        names = header_names(key)
        own = {names[place % len(names)]: text for place, text in given_headers.items()}
        headers = {"content-type": content_type} | own
        url = f"https://b.example.com/in/{path}"
        request = Request(method=method, url=url, headers=headers, body=recipe(key), now=NOW)
        note(f"{key}: {request}")
        check(key, request)


@pytest.mark.parametrize("key", KEYS)
def test_a_byte_that_is_no_text_breaks_no_reading_wherever_it_stands(key: str) -> None:
    """After each quotation mark of each payload: as the first byte of every name and value, and behind them."""
    for body in OBJECTS[key]:
        for place in (match.end() for match in re.finditer(b'"', body)):
            broken = body[:place] + b"\x80" + body[place:]
            with suppress(Unreadable):
                CHANNELS[key].parse(Request(method="POST", url=ADDRESS, headers={}, body=broken, now=NOW), known(key))


@given(
    status=st.integers(0, 599),
    body=st.binary(max_size=60)
    | (JSON | st.dictionaries(st.sampled_from(ANSWERED.split()), JSON)).map(lambda value: json.dumps(value).encode()),
    headers=st.dictionaries(st.sampled_from(["retry-after", "Retry-After"]), st.text(max_size=8)),
)
def test_any_answer_to_a_send_is_understood(status: int, body: bytes, headers: dict[str, str]) -> None:
    """`read` is total: it never raises, and claims acceptance only where an id came with a success."""
    response = Response(status=status, body=body, headers=headers)
    for key in KEYS:
        note(key)
        sent = CHANNELS[key].read(response, known(key))
        assert isinstance(sent, Sent)
        can = CHANNELS[key].capabilities
        repeated = can.idempotent and status == 409
        told = sent.provider_ids or not can.statuses  # an id is needed only where reports name it
        assert sent.outcome != "accepted" or repeated or (200 <= status < 300 and told)
        assert sent.outcome == "accepted" or sent.reason


@given(
    text=st.text(max_size=6000),
    types=st.lists(st.sampled_from(["image/png", "audio/ogg", "application/pdf", "video/mp4", ""]), max_size=12),
)
def test_pieces_keep_everything_within_the_limits(text: str, types: list[str]) -> None:
    files = tuple(
        Attachment(content_type=kind, url=f"https://files.example.com/{number}") for number, kind in enumerate(types)
    )
    message = Outbound(id="abc", to="+353888888999", text=text, attachments=files, status_url="https://b.example.com/s")
    words = "".join(text.split())
    for key in KEYS:
        note(key)
        pieces = CHANNELS[key].pieces(message, known(key))
        assert [piece.id for piece in pieces] == [f"abc.{number}" for number in range(1, len(pieces) + 1)]
        assert "".join("".join(piece.text.split()) for piece in pieces) == words
        assert tuple(file for piece in pieces for file in piece.attachments) == files
        limits = CHANNELS[key].capabilities.limits
        for piece in pieces:
            assert len(piece.text) <= limits["text_length"]
            assert len(piece.attachments) <= limits["media_per_message"]
            assert piece.text or piece.attachments
            assert CHANNELS[key].build(piece, known(key)).body


WORD = st.text(st.characters(categories=["L", "N"]), min_size=3, max_size=8).map(lambda text: f"»{text}«")
UNKNOWN = st.recursive(
    WORD, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcde"), inner), max_leaves=30
)


@given(UNKNOWN)
def test_no_text_of_an_unknown_kind_is_lost(value: Any) -> None:
    text, _ = unknown("hologram", json.dumps({"hologram": value}).encode())
    assert all(word in text for word in strings(value))


def strings(value: Any) -> list[str]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value] if isinstance(value, str) else [word for each in inner for word in strings(each)]


def test_a_list_without_end_says_how_much_more_there_is() -> None:
    text, _ = unknown("hologram", json.dumps(list(range(1000))).encode())
    assert text.splitlines()[-1] == "[and 800 more]"


def test_files_of_an_unknown_kind_are_found() -> None:
    value = {
        "hologram": {"mime_type": "image/webp; x", "url": "https://x.example/1", "name": "a"},
        "b": [{"mime_type": "audio/amr", "id": "77"}],
    }
    _, files = unknown("hologram", json.dumps(value).encode())
    assert files == (
        Attachment(content_type="image/webp", url="https://x.example/1", name="a"),
        Attachment(content_type="audio/amr", ref="77"),
    )
