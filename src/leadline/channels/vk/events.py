"""Reads VKontakte's Callback API, one event a request. Called by `adapter.py`.

Source: VK's JSON schema of the API 5.199 and its Callback API pages, November 2026.
"""

from __future__ import annotations

import msgspec

from leadline.channels.base import Parsed
from leadline.channels.http import decoded
from leadline.channels.vk.words import Message, attachments, readable
from leadline.errors import Unreadable
from leadline.model import Consent, DeliveryState, Handle, Inbound, Profile, StatusUpdate

CHATS = 2_000_000_000  # ids of group chats lie above it
LANGUAGES = {0: "ru", 1: "uk", 2: "be", 3: "en", 4: "es", 5: "fi", 6: "de", 7: "it"}


class Event(msgspec.Struct):
    """What all events have. `object` is read once the type is known."""

    type: str
    group_id: int = 0
    event_id: str = ""
    secret: str = ""
    object: msgspec.Raw = msgspec.Raw(b"{}")


class _Client(msgspec.Struct):
    lang_id: int | None = None


class _New(msgspec.Struct):
    message: Message
    client_info: _Client | None = None


class _Consenting(msgspec.Struct):
    user_id: int


class _Read(msgspec.Struct):
    from_id: int
    read_message_id: int


_EVENT = msgspec.json.Decoder(Event)
_NEW = msgspec.json.Decoder(_New)
_MESSAGE = msgspec.json.Decoder(Message)
_CONSENTING = msgspec.json.Decoder(_Consenting)
_READ = msgspec.json.Decoder(_Read)


def read_head(body: bytes) -> Event:
    """The event, its object unread; raises Unreadable."""
    return decoded(_EVENT, body)


def read_event(event: Event) -> Parsed:
    """What an event says; raises Unreadable."""
    content = bytes(event.object)
    if event.type == "message_new":
        return _new(event, decoded(_NEW, content))
    if event.type == "message_edit":
        return _new(event, _New(decoded(_MESSAGE, content)))
    if event.type in ("message_allow", "message_deny") and event.event_id:
        user = decoded(_CONSENTING, content).user_id
        consent = Consent(
            provider_id=event.event_id,
            handles=(_handle(event, user),),
            state="in" if event.type == "message_allow" else "out",
            sender=str(user),
        )
        return Parsed(consents=(consent,))
    if event.type == "message_read":
        read = decoded(_READ, content)
        return Parsed(statuses=(StatusUpdate(state=DeliveryState.READ, provider_id=str(read.read_message_id)),))
    return Parsed(ignored=(event.type or "event without a type",))


def _new(event: Event, new: _New) -> Parsed:
    message = new.message
    if message.peer_id > CHATS or message.from_id <= 0:
        return Parsed(ignored=("message in a group chat" if message.peer_id > CHATS else "message of a community",))
    if not event.event_id:
        raise Unreadable("event_id is missing: set version 5.199 at the community's callback server")
    text = readable(message)
    inbound = Inbound(
        provider_id=event.event_id,
        sender=str(message.from_id),
        handles=(_handle(event, message.from_id),),
        text=f"[Edited] {text}" if event.type == "message_edit" else text,
        attachments=attachments(message),
        sent_at=float(message.date) if message.date else None,
        profile=Profile(language=LANGUAGES.get(new.client_info.lang_id or 0, "") if new.client_info else ""),
    )
    return Parsed(messages=(inbound,))


def _handle(event: Event, user: int) -> Handle:
    return Handle("vk", str(user), str(event.group_id))
