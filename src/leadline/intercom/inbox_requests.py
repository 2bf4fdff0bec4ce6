"""What Intercom's Inbox sends to the panel: whether it is Intercom's, and what it says. Called by `panel`. Pure."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import msgspec

from leadline.errors import Refused, Unreadable
from leadline.intercom.contacts import Contact, read
from leadline.intercom.wire import mapping, seconds, text
from leadline.model import Struct


class PanelRequest(Struct, frozen=True, kw_only=True):
    """One initialize or submit request.

    contact: whom the teammate looks at; None where the request names nobody.
    conversation_at: unix seconds of its last change, as Intercom knew it.
    component_id: what was pressed; empty for initialize. values: what was typed, by component id; a checkbox gives
    several. stored: what the canvas that is being answered had stored.
    """

    workspace_id: str
    admin_id: str = ""
    admin_name: str = ""
    conversation_id: str = ""
    conversation_at: float = 0.0
    contact: Contact | None = None
    component_id: str = ""
    values: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    stored: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def author(self) -> str:
        """The teammate, as journals and links name whoever did something."""
        return self.admin_name or (f"teammate {self.admin_id}" if self.admin_id else "a teammate")

    def value(self, name: str) -> str:
        """What was typed or chosen in one component, without spaces around it."""
        given = self.values.get(name, ())
        return given[0].strip() if given else ""

    def kept(self, name: str) -> str:
        """A text of the stored data; empty where there is none."""
        return text(self.stored.get(name))


def claimed(body: bytes) -> str:
    """The workspace that a request says it is of, before it is believed; empty where it says none."""
    try:
        request = mapping(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return _workspace_id(request)


def verify(body: bytes, header: str | None, secret: str) -> None:
    """Raise Refused unless `X-Body-Signature` is the hexadecimal HMAC-SHA256 of the raw body under the client secret.

    Source: Intercom's Canvas Kit documentation, request signing, read November 2026.
    """
    if not secret:
        raise Refused("LEADLINE_INTERCOM_CLIENT_SECRET is not set, so Leadline cannot verify requests of the Inbox")
    if not header:
        raise Refused("The request has no X-Body-Signature header: it is not from Intercom's Inbox")
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), header.strip().lower().encode(errors="surrogatepass")):
        raise Refused(
            "X-Body-Signature does not match the body: LEADLINE_INTERCOM_CLIENT_SECRET must be the client secret "
            "of the app whose Inbox panel this is"
        )


def read_request(body: bytes) -> PanelRequest:
    """Read a believed request; raises Unreadable.

    `contact` was `customer` in older Canvas Kit documents, and `context` stands only in some requests.
    """
    try:
        request = mapping(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(f"The Inbox's request is no JSON: {error}") from None
    workspace_id = _workspace_id(request)
    if not workspace_id:
        raise Unreadable("The Inbox's request names no workspace")
    admin, conversation = mapping(request.get("admin")), mapping(request.get("conversation"))
    return PanelRequest(
        workspace_id=workspace_id,
        admin_id=text(admin.get("id")),
        admin_name=text(admin.get("name")).strip(),
        conversation_id=text(conversation.get("id")) or text(mapping(request.get("context")).get("conversation_id")),
        conversation_at=seconds(conversation.get("updated_at")),
        contact=read(mapping(request.get("contact")) or mapping(request.get("customer"))),
        component_id=text(request.get("component_id")),
        values={name: _given(value) for name, value in mapping(request.get("input_values")).items()},
        stored=_stored(mapping(request.get("current_canvas"))),
    )


def _workspace_id(request: dict[str, Any]) -> str:
    return text(request.get("workspace_id")) or text(request.get("app_id"))


def _given(value: object) -> tuple[str, ...]:
    """A text, an option's id, or the ids of several options; anything else is nothing."""
    given = value if isinstance(value, list) else [value]
    return tuple(filter(None, map(text, given)))


def _stored(canvas: dict[str, Any]) -> dict[str, Any]:
    """The canvas stands in the request itself, or (by the schema's letter) once more inside `current_canvas`."""
    return mapping(canvas.get("stored_data")) or mapping(mapping(canvas.get("current_canvas")).get("stored_data"))
