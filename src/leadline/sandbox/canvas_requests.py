"""What Intercom's Inbox sends to an app beside a conversation, and how it reads the answer. Pure; `console` calls it.

Source: Canvas Kit requests and schemas (API 2.11), request signing, read November 2026.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

from leadline.intercom import canvas as kit
from leadline.intercom.canvas import Canvas

PATIENCE = 10.0
"""Seconds an app may take (observed by app authors; Intercom documents no number)."""
NO_ANSWER = "This app did not answer properly. Press reload to try again."
Values = dict[str, str | list[str]]
Shown = (
    kit.Text
    | kit.Input
    | kit.TextArea
    | kit.Button
    | kit.Dropdown
    | kit.SingleSelect
    | kit.Checkbox
    | kit.ItemList
    | kit.Table
    | kit.Image
    | kit.Divider
    | kit.Spacer
)


class BadAnswer(Exception):
    """Not a 200 with a canvas that the Inbox can show; the text says what was wrong."""


class _Content(msgspec.Struct):
    components: list[Shown]


class _Canvas(msgspec.Struct):
    content: _Content
    stored_data: dict[str, Any] = {}


class _Answer(msgspec.Struct):
    canvas: _Canvas


def initialize_request(
    workspace_id: str,
    region: str,
    admin: Mapping[str, Any],
    conversation: Mapping[str, Any],
    contact: Mapping[str, Any],
) -> dict[str, Any]:
    """A teammate opened a conversation, or looks at another of its people; the parts are REST documents."""
    return {
        "workspace_id": workspace_id,
        "workspace_region": region,
        "admin": dict(admin),
        "card_creation_options": {},
        "context": {"conversation_id": int(conversation["id"]), "location": "conversation", "locale": "en"},
        "conversation": dict(conversation),
        "contact": dict(contact),
    }


def submit_request(opened: Mapping[str, Any], component_id: str, values: Values, shown: Canvas) -> dict[str, Any]:
    """A teammate pressed a component of the canvas that is shown; `opened` is the request that initialized it."""
    request = {name: value for name, value in opened.items() if name != "card_creation_options"}
    current = {"content": {"components": shown.components}, "stored_data": shown.stored}
    return request | {
        "component_id": component_id,
        "input_values": values,
        "current_canvas": msgspec.to_builtins(current),
        "user": opened["contact"],
    }


def signed(request: Mapping[str, Any], client_secret: str) -> tuple[dict[str, str], bytes]:
    """Headers and raw body: the signature is over exactly these bytes."""
    body = msgspec.json.encode(request)
    digest = hmac.new(client_secret.encode(), body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-Body-Signature": digest}, body


def read_answer(status: int, body: bytes) -> Canvas:
    """The canvas of an answer; raises BadAnswer."""
    if status != 200:
        raise BadAnswer(f"the app answered {status}: {body[:200].decode('utf-8', 'replace')}")
    try:
        answer = msgspec.json.decode(body, type=_Answer)
        return Canvas(tuple(answer.canvas.content.components), answer.canvas.stored_data)
    except (msgspec.MsgspecError, UnicodeDecodeError, kit.BadCanvas) as error:
        raise BadAnswer(f"the app's canvas cannot be shown: {error}") from error


def first_values(canvas: Canvas) -> Values:
    """What every field of a canvas holds before anybody types."""
    values: Values = {}
    for component in canvas.components:
        if isinstance(component, kit.Checkbox):
            values[component.id] = list(component.value)
        elif isinstance(component, (kit.Input, kit.TextArea, kit.Dropdown, kit.SingleSelect)):
            values[component.id] = component.value
    return values
