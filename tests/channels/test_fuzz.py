"""Whatever bytes come: verify and parse answer, refuse or call it unreadable, and nothing else ever comes out."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.channels import CHANNELS
from leadline.channels.base import Parsed, Request, Response
from leadline.errors import Refused, Unreadable
from leadline.model import Attachment, Outbound, Sent

from .wire import ADDRESS, FOLDER, NOW, raw_settings, secrets_of, settings_of, signer_of

KEYS = [key for key in CHANNELS if (FOLDER / key / "settings.json").exists()]
SAMPLES = {key: [path.read_bytes() for path in sorted((FOLDER / key).glob("*.request.*"))] for key in KEYS}
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def mutated(draw: st.DrawFn, key: str) -> bytes:
    """A real payload with some bytes changed, cut out or put in."""
    body = bytearray(draw(st.sampled_from(SAMPLES[key])))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body)))
        body[at : at + draw(st.integers(0, 6))] = draw(
            st.binary(max_size=6) | st.sampled_from([b"null", b"%", b"&", b"[]"])
        )
    return bytes(body)


@st.composite
def transplanted(draw: st.DrawFn, key: str) -> bytes:
    """A real JSON payload with one place replaced by any other JSON."""
    value = json.loads(draw(st.sampled_from([body for body in SAMPLES[key] if body[:1] == b"{"])))
    holder, name = value, draw(st.sampled_from(sorted(value)))
    while draw(st.booleans()) and isinstance(holder[name], dict | list) and holder[name]:
        holder = holder[name]
        name = draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else list(range(len(holder)))))
    holder[name] = draw(JSON)
    return json.dumps(value).encode()


def bodies(key: str) -> st.SearchStrategy[bytes]:
    anything = st.binary(max_size=300) | mutated(key) | JSON.map(lambda value: json.dumps(value).encode())
    return anything | transplanted(key) if any(body[:1] == b"{" for body in SAMPLES[key]) else anything


def requests(key: str) -> st.SearchStrategy[Request]:
    text = st.text(st.characters(codec="latin-1"), max_size=40)
    own = signer_of(key)("POST", ADDRESS, b"", raw_settings(key))
    names = st.sampled_from(sorted({*own, "content-type", "x-twilio-webhooks-signature-settings"}))
    types = st.sampled_from(
        ["", "application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x"]
    )
    return st.builds(
        Request,
        method=st.sampled_from(["POST", "GET"]),
        url=text.map(lambda path: f"https://b.example.com/in/{path}"),
        headers=st.tuples(st.dictionaries(names, text), types).map(lambda h: {"content-type": h[1]} | h[0]),
        body=bodies(key),
        now=st.just(NOW),
    )


def stranger(key: str) -> Any:
    """Settings with other credentials: where the secret stands in the body, a payload would be believed by its own."""
    others = {name: f"{raw_settings(key)[name]}-another" for name in secrets_of(key)}
    return settings_of(key, **(others | getattr(sys.modules[signer_of(key).__module__], "OTHER", {})))


@pytest.mark.parametrize("key", KEYS)
@given(data=st.data())
def test_any_request(key: str, data: st.DataObject) -> None:
    adapter, settings, request = CHANNELS[key], settings_of(key), data.draw(requests(key))
    if adapter.capabilities.signature != "none":
        with pytest.raises((Refused, Unreadable)):
            adapter.verify(request, stranger(key))
    with suppress(Refused, Unreadable):
        adapter.handshake(request, settings)
    try:
        parsed = adapter.parse(request, settings)
    except Unreadable:
        return
    assert msgspec.json.decode(msgspec.json.encode(parsed), type=Parsed) == parsed
    assert all(message.provider_id and message.handles for message in parsed.messages)
    assert all(str(handle) for message in parsed.messages for handle in message.handles)


@pytest.mark.parametrize("key", KEYS)
@given(data=st.data())
def test_any_answer_to_a_send_is_understood(key: str, data: st.DataObject) -> None:
    """`read` is total: it never raises, and claims acceptance only where an id came with a success."""
    body = data.draw(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
    response = Response(
        status=data.draw(st.integers(0, 599)),
        body=body,
        headers=data.draw(st.dictionaries(st.sampled_from(["retry-after", "Retry-After"]), st.text(max_size=8))),
    )
    sent = CHANNELS[key].read(response, settings_of(key))
    assert isinstance(sent, Sent)
    can = CHANNELS[key].capabilities
    repeated = can.idempotent and response.status == 409
    told = sent.provider_ids or not can.statuses  # an id is needed only where reports name it
    assert sent.outcome != "accepted" or repeated or (200 <= response.status < 300 and told)
    assert sent.outcome == "accepted" or sent.reason


@pytest.mark.parametrize("key", KEYS)
@given(
    text=st.text(max_size=6000),
    types=st.lists(st.sampled_from(["image/png", "audio/ogg", "application/pdf", "video/mp4", ""]), max_size=12),
)
def test_pieces_keep_everything_within_the_limits(key: str, text: str, types: list[str]) -> None:
    adapter, settings = CHANNELS[key], settings_of(key)
    files = tuple(
        Attachment(content_type=kind, url=f"https://files.example.com/{number}") for number, kind in enumerate(types)
    )
    message = Outbound(id="abc", to="+353888888999", text=text, attachments=files, status_url="https://b.example.com/s")
    pieces = adapter.pieces(message, settings)
    assert [piece.id for piece in pieces] == [f"abc.{number}" for number in range(1, len(pieces) + 1)]
    assert "".join("".join(piece.text.split()) for piece in pieces) == "".join(text.split())
    assert tuple(file for piece in pieces for file in piece.attachments) == files
    limits = adapter.capabilities.limits
    for piece in pieces:
        assert len(piece.text) <= limits["text_length"]
        assert len(piece.attachments) <= limits["media_per_message"]
        assert piece.text or piece.attachments
        assert adapter.build(piece, settings).body
