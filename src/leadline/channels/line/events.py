"""Reads LINE's webhooks: every event of a request. Called by `adapter.py`.

Source: LINE's OpenAPI description of webhooks and its Messaging API reference, November 2026. Each event is read alone:
a broken one becomes a marker `unreadable …` in `Parsed.ignored`, the others go on.
"""

from __future__ import annotations

import mimetypes

import msgspec

from leadline.channels.base import Parsed
from leadline.channels.http import decoded
from leadline.errors import Unreadable
from leadline.model import Attachment, Consent, Handle, Inbound, Piece

TYPES = {"image": "image/jpeg", "video": "video/mp4", "audio": "audio/mp4"}


class _Wire(msgspec.Struct, rename="camel"):
    """Names as LINE writes them."""


class _Source(_Wire):
    type: str = ""
    user_id: str | None = None


class _Postback(_Wire):
    data: str = ""


class _Event(_Wire):
    type: str
    webhook_event_id: str
    timestamp: int = 0
    mode: str = "active"
    source: _Source = msgspec.field(default_factory=_Source)
    reply_token: str | None = None
    message: msgspec.Raw = msgspec.Raw(b"null")
    postback: _Postback | None = None


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
    messages: list[Inbound] = []
    consents: list[Consent] = []
    ignored: list[str] = []
    for item in whole.events:
        try:
            found = _read(decoded(_EVENT, bytes(item)), whole.destination)
        except Unreadable as error:
            found = f"unreadable event: {error}"
        if isinstance(found, Inbound):
            messages.append(found)
        elif isinstance(found, Consent):
            consents.append(found)
        else:
            ignored.append(found)
    return Parsed(messages=tuple(messages), consents=tuple(consents), ignored=tuple(ignored))


def _read(event: _Event, account: str) -> Inbound | Consent | str:
    """One event: a message, a consent, or a word on why it is neither."""
    if event.source.type != "user":
        return f"{event.type} in a {event.source.type or 'place unknown'}"
    if event.type in ("message", "postback", "unsend"):
        if not event.source.user_id:
            return f"unreadable event: {event.webhook_event_id} names no sender"
        return _message(event, event.source.user_id, account)
    if event.type in ("follow", "unfollow") and event.source.user_id:
        return Consent(
            provider_id=event.webhook_event_id,
            handles=(Handle("line", event.source.user_id, account),),
            state="in" if event.type == "follow" else "out",
            sender=event.source.user_id,
            at=event.timestamp / 1000,
        )
    return event.type


def _message(event: _Event, user: str, account: str) -> Inbound:
    text, files, piece = _contents(event)
    return Inbound(
        provider_id=event.webhook_event_id,
        sender=user,
        handles=(Handle("line", user, account),),
        text=text,
        attachments=files,
        sent_at=event.timestamp / 1000 if event.timestamp else None,
        piece=piece,
        # On standby another module has the chat and answers.
        reply_ref=event.reply_token or "" if event.mode == "active" else "",
    )


def _contents(event: _Event) -> tuple[str, tuple[Attachment, ...], Piece | None]:
    if event.type == "unsend":
        return "[The customer took a message back]", (), None
    if event.postback is not None:
        return f"[Pressed a button: {event.postback.data}]", (), None
    try:
        content = decoded(_CONTENT, bytes(event.message))
    except Unreadable:
        return "[A message whose content Leadline could not read]", (), None
    return _words(content), _files(content), _piece(content)


def _words(content: _Content) -> str:
    """The message in words: the customer's own where there are any, else a line in square brackets."""
    if content.type == "text":
        return content.text or ""
    if content.type == "sticker":
        return f"[Sticker: {content.text or ', '.join(content.keywords or ()) or 'no words'}]"
    if content.type == "location":
        parts = (content.title, content.address, f"{content.latitude}, {content.longitude}")
        return f"[Location: {', '.join(filter(None, parts))}]"
    if (origin := content.content_provider) is not None and origin.type == "external":
        return f"[{content.type}: {origin.original_content_url or 'no address'}]"
    return "" if content.type in (*TYPES, "file") else f"[{content.type} message, which cannot be shown here]"


def _files(content: _Content) -> tuple[Attachment, ...]:
    """The file of a message, by the message's id; files on servers of strangers are shown as an address only."""
    if content.type not in (*TYPES, "file") or (content.content_provider or _Origin()).type == "external":
        return ()
    name = content.file_name or ""
    content_type = TYPES.get(content.type) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return (Attachment(content_type=content_type, ref=content.id, name=name),)


def _piece(content: _Content) -> Piece | None:
    """Pictures that were sent together are one message, where LINE says which place each has."""
    if (together := content.image_set) is None or not together.index or together.total < 2:
        return None
    return Piece(group=together.id, number=together.index, total=together.total, wait=10.0)
