"""Reads LINE's webhooks: every event of a request. Called by `adapter.py`.

Source: LINE's OpenAPI description of webhooks and its Messaging API reference, November 2026. Each event is read alone:
a broken one goes into `Parsed.unread`, the others go on.
"""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.channels.anything import unknown
from leadline.channels.exchange import Parsed
from leadline.channels.http import decoded, tried
from leadline.channels.words import UNREAD, lines, listed, place
from leadline.errors import Unreadable
from leadline.media import type_of
from leadline.model import Attachment, Consent, Handle, Inbound, Piece, Profile, Quote

STICKER = "https://stickershop.line-scdn.net/stickershop/v1/sticker/{}/android/sticker.png"
NOISE = {
    "membership": "The account joined or left a group, or somebody in it did",
    "paid_membership": "Somebody joined, renewed or left a paid membership",
    "watched": "A customer saw a video to its end",
    "beacon": "A customer came near a beacon",
    "menu": "A customer turned to another page of the menu",
    "account": "News about the account, its modules or the delivery of notification messages",
}
LEFT_ALONE = {
    **dict.fromkeys(("join", "leave", "memberJoined", "memberLeft"), "membership"),
    "membership": "paid_membership",
    "videoPlayComplete": "watched",
    "beacon": "beacon",
    **dict.fromkeys(("accountLink", "module", "activated", "deactivated"), "account"),
    **dict.fromkeys(("botSuspended", "botResumed", "delivery"), "account"),
}
AROUND = frozenset(
    {"type", "webhookEventId", "timestamp", "mode", "source", "replyToken", "deliveryContext", "id", "quoteToken"}
    | {"markAsReadToken"}
)
MENU = "newRichMenuAliasId"
"""Names the page of the menu that a customer turned to, in what LINE tells of every such tap."""
TYPES = {"image": "image/jpeg", "video": "video/mp4", "audio": "audio/mp4"}


class _Wire(msgspec.Struct, rename="camel"):
    """Names as LINE writes them."""


class _Source(_Wire):
    type: str = ""
    user_id: str | None = None
    group_id: str | None = None
    room_id: str | None = None


class _Postback(_Wire):
    data: str = ""
    params: dict[str, str] | None = None


class _Unsent(_Wire):
    message_id: str = ""


class _Event(_Wire):
    type: str
    webhook_event_id: str
    timestamp: int = 0
    mode: str = "active"
    source: _Source = msgspec.field(default_factory=_Source)
    reply_token: str | None = None
    message: msgspec.Raw = msgspec.Raw(b"null")
    postback: _Postback | None = None
    unsend: _Unsent | None = None


class _Body(msgspec.Struct):
    destination: str
    events: list[msgspec.Raw]


class _Origin(_Wire):
    type: str = "line"
    original_content_url: str | None = None


class _Set(_Wire):
    id: str
    index: int | None = None
    total: int = 0


class _Content(_Wire):
    """A message of any type; only the fields people see."""

    type: str
    id: str
    text: str | None = None
    quote_token: str | None = None
    mark_as_read_token: str | None = None
    quoted_message_id: str | None = None
    sticker_id: str | None = None
    file_name: str | None = None
    title: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    keywords: list[str] | None = None
    content_provider: _Origin | None = None
    image_set: _Set | None = None


_BODY = msgspec.json.Decoder(_Body)
_EVENT = msgspec.json.Decoder(_Event)
_CONTENT = msgspec.json.Decoder(_Content)


def read_events(body: bytes) -> Parsed:
    """All messages and consents of a webhook body; raises Unreadable where it is none of LINE."""
    whole = decoded(_BODY, body)
    found = [_found(bytes(item), whole.destination) for item in whole.events]
    return Parsed(
        messages=tuple(message for parsed in found for message in parsed.messages),
        consents=tuple(consent for parsed in found for consent in parsed.consents),
        noise=tuple(dict.fromkeys(code for parsed in found for code in parsed.noise)),
        unread=tuple(why for parsed in found for why in parsed.unread),
    )


def _found(raw: bytes, account: str) -> Parsed:
    """One event: a message, a consent, noise, or what could not be read."""
    try:
        event = decoded(_EVENT, raw)
    except Unreadable as error:
        return Parsed(unread=(f"event: {error}",))
    if code := LEFT_ALONE.get(event.type):
        return Parsed(noise=(code,))
    chat = event.source.group_id or event.source.room_id or event.source.user_id
    if not chat:
        return Parsed(unread=(f"event {event.webhook_event_id} names no sender",))
    if event.postback is not None and MENU in (event.postback.params or {}):
        return Parsed(noise=("menu",))
    if event.type in ("follow", "unfollow"):
        return Parsed(consents=(_consent(event, chat, account),))
    return Parsed(messages=(_message(event, chat, account, raw),))


def _consent(event: _Event, user: str, account: str) -> Consent:
    return Consent(
        provider_id=event.webhook_event_id,
        handles=(Handle("line", user, account),),
        state="in" if event.type == "follow" else "out",
        sender=user,
        at=event.timestamp / 1000,
    )


def _message(event: _Event, chat: str, account: str, raw: bytes) -> Inbound:
    """A message of one person, or of one in a group; LINE names nobody there, so the end of the id tells them apart."""
    user, in_group = event.source.user_id or "", event.source.type in ("group", "room")
    return Inbound(
        sender=chat,
        handles=(Handle("line", chat, account),),
        sent_at=event.timestamp / 1000 if event.timestamp else None,
        author=f"Member …{user[-4:]}" if in_group else "",
        profile=Profile(name=f"LINE {event.source.type} …{chat[-6:]}") if in_group else Profile(),
        # On standby another module has the chat and answers.
        reply_ref=event.reply_token or "" if event.mode == "active" else "",
        **_contents(event, raw),
    )


def _contents(event: _Event, raw: bytes) -> dict[str, Any]:
    """What an event says, as fields of Inbound. Messages are known by their own id: that is what others quote."""
    own = {"provider_id": event.webhook_event_id}
    if event.unsend is not None:
        return own | {"quote": Quote(provider_id=event.unsend.message_id), "change": "withdrawn"}
    if event.postback is not None:
        picked = (event.postback.params or {}).values()
        return own | {"text": listed("Pressed a button", event.postback.data, *picked)}
    content = tried(_CONTENT, bytes(event.message))
    if content is None:
        text, files = unknown("" if event.type == "message" else event.type, raw, AROUND)
        text = lines(UNREAD, text.partition("\n")[2]) if event.type == "message" else text
        return own | {"text": text, "attachments": files}
    quoted = Quote(provider_id=content.quoted_message_id) if content.quoted_message_id else None
    text, files = _words(content), _files(content)
    if not (text or files) and content.type != "text":
        text, files = unknown(content.type, bytes(event.message), AROUND)
    return {
        "provider_id": content.id,
        "text": text,
        "attachments": files,
        "piece": _piece(content),
        "quote": quoted,
        "quote_ref": content.quote_token or "",
        "read_ref": content.mark_as_read_token or "",
    }


def _words(content: _Content) -> str:
    """The message in words: the customer's own where there are any, else a line in square brackets."""
    if content.type == "text":
        return content.text or ""
    if content.type == "sticker":
        return listed("Sticker", content.text or ", ".join(content.keywords or ()))
    if content.type == "location":
        return place(content.latitude, content.longitude, content.title, content.address)
    if (origin := content.content_provider) is not None and origin.type == "external":
        return f"[{content.type}: {origin.original_content_url or 'no address'}]"
    return ""


def _files(content: _Content) -> tuple[Attachment, ...]:
    """The file of a message, by the message's id; files on servers of strangers are shown as an address only."""
    if content.type == "sticker" and (number := content.sticker_id or "").isdigit():
        return (Attachment(content_type="image/png", url=STICKER.format(number)),)
    if content.type not in (*TYPES, "file") or (content.content_provider or _Origin()).type == "external":
        return ()
    name = content.file_name or ""
    content_type = TYPES.get(content.type) or type_of(name)
    return (Attachment(content_type=content_type, ref=content.id, name=name),)


def _piece(content: _Content) -> Piece | None:
    """Pictures that were sent together are one message, where LINE says which place each has."""
    if (together := content.image_set) is None or not together.index or together.total < 2:
        return None
    return Piece(group=together.id, number=together.index, total=together.total, wait=10.0)
