"""Reads Viber's webhooks, one event each. Called by `adapter.py`.

Source: Viber's REST bot API reference, callbacks, November 2026.
"""

from __future__ import annotations

import msgspec

from leadline.channels.anything import unknown
from leadline.channels.exchange import Parsed
from leadline.channels.http import decoded, tried
from leadline.channels.words import UNREAD, card, lines, listed, not_passed_on, place
from leadline.errors import Unreadable
from leadline.media import type_of
from leadline.model import Attachment, Consent, DeliveryState, Handle, Inbound, Profile, StatusUpdate

NOISE = {
    "opened": "Somebody opened the conversation and has written nothing yet",
    "address": "Viber tries the address",
    "client": "News about the customer's app",
}
LEFT_ALONE = {"conversation_started": "opened", "webhook": "address", "client_status": "client"}
AROUND = frozenset(
    {"event", "timestamp", "chat_hostname", "message_token", "sender", "user", "user_id", "type", "tracking_data"}
)
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
    chat_id: str | None = None
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
    if code := LEFT_ALONE.get(event.event):
        return Parsed(noise=(code,))
    if not (person or event.sender) or not token:
        raise Unreadable(f"An event of a kind that Leadline does not know: {event.event[:60] or 'nothing'}")
    text, files = unknown(event.event[:60], body, AROUND)
    return Parsed(messages=(_new(event, event.sender or event.user or _Person(person), token, at, bot, text, files),))


def _message(event: _Event, token: str, at: float | None, bot: str) -> Inbound:
    sender = event.sender
    if sender is None or not (sender.id and token):
        raise Unreadable("The message names no sender or has no message_token")
    return _new(event, sender, token, at, bot, *_contents(event.message))


def _new(
    event: _Event, sender: _Person, token: str, at: float | None, bot: str, text: str, files: tuple[Attachment, ...]
) -> Inbound:
    """A message. In a community its chat is the sender, and its writer a name before the words."""
    profile = Profile(
        name=sender.name or "",
        avatar_url=sender.avatar or "",
        language=sender.language or "",
        country=sender.country or "",
    )
    if group := event.chat_id:
        profile = Profile(name=f"Viber group …{group[-6:]}")
    return Inbound(
        provider_id=token,
        sender=group or sender.id,
        handles=(Handle("viber", group or sender.id, bot),),
        profile=profile,
        author=(sender.name or "Somebody") if group else "",
        text=text,
        attachments=files,
        sent_at=at,
    )


def _contents(message: msgspec.Raw) -> tuple[str, tuple[Attachment, ...]]:
    raw = bytes(message)
    content = tried(_CONTENT, raw)
    if content is None:
        text, files = unknown("", raw, AROUND)
        return lines(UNREAD, text.partition("\n")[2]), files
    text, files = _words(content), _files(content)
    if text or files or content.type == "text":
        return text, files
    return unknown(content.type, raw, AROUND)


def _words(content: _Content) -> str:
    """The message in words: the customer's own where there are any, else a line in square brackets."""
    if content.type == "contact" and (shared := content.contact) is not None:
        # A card says nothing about whose phone it is: customers also pass on their friends'.
        return lines(content.text, card(shared.name, (shared.phone_number,)))
    if content.type == "location" and (spot := content.location) is not None:
        return lines(content.text, place(spot.lat, spot.lon, spot.address))
    if content.type == "url":
        return lines(content.text, content.media)
    if content.type == "sticker" and not content.media:
        return lines(content.text, listed("Sticker", content.sticker_id))
    lost = content.type in (*TYPES, "file") and not content.media
    return lines(content.text, not_passed_on("Viber", content.type, content.file_name or "") if lost else "")


def _files(content: _Content) -> tuple[Attachment, ...]:
    if not content.media or content.type not in (*TYPES, "file"):
        return ()
    name = content.file_name or ""
    content_type = TYPES.get(content.type) or type_of(name)
    return (Attachment(content_type=content_type, url=content.media, name=name),)
