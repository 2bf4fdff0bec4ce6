"""Reads Viber's webhooks, one event each. Called by `adapter.py`.

Source: Viber's REST bot API reference, callbacks, November 2026.
"""

from __future__ import annotations

import mimetypes

import msgspec

from leadline.channels.base import Parsed
from leadline.channels.http import decoded
from leadline.errors import Unreadable
from leadline.model import Attachment, Consent, DeliveryState, Handle, Inbound, Profile, StatusUpdate

STATES = {"delivered": DeliveryState.DELIVERED, "seen": DeliveryState.READ, "failed": DeliveryState.FAILED}
TYPES = {"picture": "image/jpeg", "video": "video/mp4", "sticker": "image/png"}


class _Person(msgspec.Struct):
    id: str
    name: str | None = None
    avatar: str | None = None
    language: str | None = None
    country: str | None = None


class _Event(msgspec.Struct):
    event: str
    message_token: int | str = ""
    timestamp: int = 0
    sender: _Person | None = None
    user: _Person | None = None
    user_id: str | None = None
    desc: str | None = None
    message: msgspec.Raw = msgspec.Raw(b"null")


class _Card(msgspec.Struct):
    name: str | None = None
    phone_number: str | None = None


class _Place(msgspec.Struct):
    lat: float | str = ""
    lon: float | str = ""
    address: str | None = None


class _Content(msgspec.Struct):
    type: str
    text: str | None = None
    media: str | None = None
    file_name: str | None = None
    sticker_id: int | str | None = None
    contact: _Card | None = None
    location: _Place | None = None


_EVENT = msgspec.json.Decoder(_Event)
_CONTENT = msgspec.json.Decoder(_Content)


def read_event(body: bytes, bot: str) -> Parsed:
    """What a webhook says, for the bot of this name; raises Unreadable."""
    event = decoded(_EVENT, body)
    token, at = str(event.message_token), event.timestamp / 1000 if event.timestamp else None
    if event.event == "message":
        return Parsed(messages=(_message(event, token, at, bot),))
    if event.event in STATES and token:
        failed = event.event == "failed"
        reason, detail = ("provider_error", event.desc or "") if failed else ("", "")
        update = StatusUpdate(state=STATES[event.event], provider_id=token, reason=reason, detail=detail, at=at)
        return Parsed(statuses=(update,))
    person = event.user.id if event.user else event.user_id or ""
    if event.event in ("subscribed", "unsubscribed") and person and token:
        consent = Consent(
            provider_id=token,
            handles=(Handle("viber", person, bot),),
            state="in" if event.event == "subscribed" else "out",
            sender=person,
            at=at,
        )
        return Parsed(consents=(consent,))
    # A conversation that was only opened is neither a message nor consent.
    return Parsed(ignored=(event.event or "event without a name",))


def _message(event: _Event, token: str, at: float | None, bot: str) -> Inbound:
    sender = event.sender
    if sender is None or not (sender.id and token):
        raise Unreadable("The message names no sender or has no message_token")
    text, files = _contents(event.message)
    return Inbound(
        provider_id=token,
        sender=sender.id,
        handles=(Handle("viber", sender.id, bot),),
        text=text,
        attachments=files,
        sent_at=at,
        profile=Profile(
            name=sender.name or "",
            avatar_url=sender.avatar or "",
            language=sender.language or "",
            country=sender.country or "",
        ),
    )


def _contents(message: msgspec.Raw) -> tuple[str, tuple[Attachment, ...]]:
    try:
        content = decoded(_CONTENT, bytes(message))
    except Unreadable:
        return "[A message whose content Leadline could not read]", ()
    return _words(content), _files(content)


def _words(content: _Content) -> str:
    """The message in words: the customer's own where there are any, else a line in square brackets."""
    if content.type == "contact" and (card := content.contact) is not None:
        # A card says nothing about whose phone it is: customers also pass on their friends'.
        return f"[Contact: {', '.join(filter(None, (card.name, card.phone_number)))}]"
    if content.type == "location" and (place := content.location) is not None:
        return f"[Location: {', '.join(filter(None, (place.address, f'{place.lat}, {place.lon}')))}]"
    if content.type == "url":
        return "\n".join(filter(None, (content.text, content.media)))
    if content.type == "sticker" and not content.media:
        return f"[Sticker {content.sticker_id or ''}]"
    if content.text or content.type == "text" or content.media:
        return content.text or ""
    return f"[{content.type} message, which cannot be shown here]"


def _files(content: _Content) -> tuple[Attachment, ...]:
    if not content.media or content.type not in (*TYPES, "file"):
        return ()
    name = content.file_name or ""
    content_type = mimetypes.guess_type(name)[0] or TYPES.get(content.type, "application/octet-stream")
    return (Attachment(content_type=content_type, url=content.media, name=name),)
