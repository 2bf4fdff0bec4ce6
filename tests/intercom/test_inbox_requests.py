"""What the Inbox sends: signatures over raw bytes, and every shape a request may have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.errors import Refused, Unreadable
from leadline.intercom.canvas import Canvas, Text
from leadline.intercom.inbox_requests import PanelRequest, read_request, verify
from leadline.sandbox.canvas_requests import initialize_request, signed, submit_request
from tests.intercom.kit_spec import complaints

SECRET = "made-up-client-secret"
# HMAC-SHA256 of the body under the secret, computed with `openssl dgst -sha256 -hmac`.
VECTORS = (
    (b"{}", "2b7845f3934a59ccfbf79de3d2289324d9536cbdb58d9962c0ec8de3d5b2909d"),
    ('{"name":"Zoë  "}'.encode(), "3378a725cb40ac6997b8341415399c7abaaf13c83d4e4736f900ba280fd25c86"),
)
ADMIN = {"type": "admin", "id": "814", "name": "Maya Lindqvist"}
CONTACT = {"type": "contact", "id": "65a1", "role": "lead", "name": "Liam", "phone": "+353861234567"}
CONVERSATION = {"type": "conversation", "id": "1295", "updated_at": 1_790_000_000}


def body_of(**changes: Any) -> bytes:
    request = {"workspace_id": "w1", "admin": ADMIN, "conversation": CONVERSATION, "contact": CONTACT}
    return json.dumps(request | changes).encode()


@pytest.mark.parametrize(("body", "signature"), VECTORS)
def test_the_signature_is_over_the_raw_bytes(body: bytes, signature: str) -> None:
    verify(body, signature, SECRET)
    verify(body, f" {signature.upper()} ", SECRET)
    for other in (signature[:-1], f"sha256={signature}", "é" * 64, "0" * 64):
        with pytest.raises(Refused, match="does not match"):
            verify(body, other, SECRET)
    with pytest.raises(Refused):
        verify(body + b" ", signature, SECRET)


@pytest.mark.parametrize(
    ("header", "secret", "why"), [(None, SECRET, "no X-Body"), ("", SECRET, "no X-Body"), ("x", "", "not set")]
)
def test_nothing_is_believed_without_header_or_secret(header: str | None, secret: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        verify(b"{}", header, secret)


def test_an_initialize_request_is_read() -> None:
    request = read_request(body_of())
    assert (request.workspace_id, request.conversation_id, request.conversation_at) == ("w1", "1295", 1_790_000_000)
    assert request.contact is not None
    assert (request.contact.contact_id, request.contact.role) == ("65a1", "lead")
    assert request.author == "Maya Lindqvist"
    assert request.component_id == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"contact": None, "customer": CONTACT},
        {"conversation": None, "context": {"conversation_id": 1295}},
        {"workspace_id": None, "app_id": "w1"},
        {"context": {"conversation_id": 1295, "location": "conversation"}},
    ],
)
def test_older_and_fuller_shapes_say_the_same(changes: dict[str, Any]) -> None:
    request = read_request(body_of(**changes))
    assert (request.workspace_id, request.conversation_id) == ("w1", "1295")
    assert request.contact is not None
    assert request.contact.contact_id == "65a1"


@pytest.mark.parametrize("nested", [False, True])
def test_a_submit_request_brings_values_and_stored_data(nested: bool) -> None:
    canvas: dict[str, Any] = {"content": {"components": []}, "stored_data": {"screen": "preview", "token": "t1"}}
    request = read_request(
        body_of(
            component_id="confirm",
            input_values={"text": "  hello ", "chosen": "o1", "ticked": ["a", "b"], "none": None, "odd": {"x": 1}},
            current_canvas={"current_canvas": canvas} if nested else canvas,
        )
    )
    assert request.component_id == "confirm"
    assert (request.value("text"), request.value("chosen"), request.value("missing")) == ("hello", "o1", "")
    assert request.values["ticked"] == ("a", "b")
    assert (request.value("none"), request.value("odd")) == ("", "")
    assert (request.kept("screen"), request.kept("token"), request.kept("other")) == ("preview", "t1", "")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"workspace_id": {}}', b"[" * 5000])
def test_an_invalid_request_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_request(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = ("admin", "conversation", "contact", "customer", "context", "input_values", "current_canvas", "component_id")


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JSON)))
def test_any_json_is_read_or_unreadable(request: dict[str, Any]) -> None:
    assert isinstance(read_request(json.dumps({"workspace_id": "w1"} | request).encode()), PanelRequest)


def test_the_sandbox_sends_what_the_schemas_describe(shared: Path) -> None:
    opened = initialize_request("w1", "US", ADMIN, CONVERSATION, CONTACT)
    submit = submit_request(opened, "find", {"target": "x"}, Canvas((Text(text="x"),), {"screen": "choose"}))
    for name, request in (("initialize_request", opened), ("submit_request", submit)):
        missing = [text for text in complaints(shared, name, request) if "required property" in text]
        outer = [text for text in missing if text.startswith("[]:")]
        assert outer == []
    headers, body = signed(submit, SECRET)
    verify(body, headers["X-Body-Signature"], SECRET)
    assert read_request(body).kept("screen") == "choose"
