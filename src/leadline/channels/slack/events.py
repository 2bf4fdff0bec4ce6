"""Reads Slack's Events API, one event a request. Called by `adapter.py`.

Source: Slack's Events API pages and its list of message subtypes, November 2026.
"""

from __future__ import annotations

import html
import re

import msgspec

from leadline.channels.base import Parsed
from leadline.channels.http import decoded
from leadline.errors import Unreadable
from leadline.model import Attachment, Handle, Inbound

WRITTEN = ("", "file_share", "thread_broadcast", "me_message")
LINK = re.compile(r"<([^<>\n]+)>")


class _File(msgspec.Struct):
    id: str = ""
    name: str | None = None
    mimetype: str | None = None
    mode: str = ""
    is_external: bool = False
    url_private: str | None = None
    url_private_download: str | None = None


class _Head(msgspec.Struct):
    type: str = ""


class _Message(_Head):
    subtype: str | None = None
    channel: str = ""
    channel_type: str = ""
    user: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    text: str = ""
    ts: str = ""
    thread_ts: str | None = None
    files: list[msgspec.Raw] | None = None
    message: msgspec.Raw = msgspec.Raw(b"null")
    previous_message: msgspec.Raw = msgspec.Raw(b"null")


class Body(msgspec.Struct):
    """What all requests have. `challenge` comes with the test of the address."""

    type: str
    team_id: str = ""
    challenge: str = ""
    event: msgspec.Raw = msgspec.Raw(b"null")


_BODY = msgspec.json.Decoder(Body)
_HEAD = msgspec.json.Decoder(_Head)
_MESSAGE = msgspec.json.Decoder(_Message)
_FILE = msgspec.json.Decoder(_File)


def read_body(body: bytes) -> Body:
    """The request, its event unread; raises Unreadable."""
    return decoded(_BODY, body)


def read_event(body: bytes, own: frozenset[str]) -> Parsed:
    """What an event says; raises Unreadable. `own`: user ids of the business's own people, who are no customers."""
    whole = read_body(body)
    if whole.type != "event_callback":
        return Parsed(ignored=(whole.type or "request without a type",))
    if (kind := decoded(_HEAD, bytes(whole.event)).type) != "message":
        return Parsed(ignored=(kind or "event without a type",))
    event = decoded(_MESSAGE, bytes(whole.event))
    if event.subtype in ("message_changed", "message_deleted"):
        written, text = _changed(event)
    else:
        written, text = event, readable(event.text)
    subtype = written.subtype or ""
    if subtype not in WRITTEN or written.bot_id or not written.user or written.user in own:
        return Parsed(ignored=(f"message ({subtype or 'of a bot or of our own'})",))
    if not text and event.subtype == "message_changed":
        return Parsed(ignored=("message whose words did not change",))
    if not (event.channel and event.ts and whole.team_id):
        raise Unreadable("The message lacks its channel, its ts or team_id")
    return Parsed(messages=(_inbound(event, written, text, whole.team_id),))


def _inbound(event: _Message, written: _Message, text: str, team: str) -> Inbound:
    files, lines = _files(written) if written is event else ((), ())
    return Inbound(
        # Not event_id: one message under two subscriptions comes as two events.
        provider_id=f"{event.channel}:{event.ts}",
        sender=_place(event.channel, written.thread_ts or written.ts, event.channel_type),
        handles=(Handle("slack", written.user or "", team),),
        text="\n".join(filter(None, (text, *lines))),
        attachments=files,
        sent_at=_moment(event.ts),
    )


def _place(channel: str, thread: str, kind: str) -> str:
    """Where an answer goes: the direct chat, or the thread of the message in a channel."""
    return channel if kind == "im" or channel.startswith("D") or not thread else f"{channel}:{thread}"


def _changed(event: _Message) -> tuple[_Message, str]:
    """The message as it was written, and a line on what became of it; no line where only Slack touched it."""
    before = _nested(event.previous_message)
    if event.subtype == "message_deleted":
        return before, "[The customer took a message back]"
    now = _nested(event.message)
    return now, f"[Edited] {readable(now.text)}" if now.text != before.text else ""


def _nested(raw: msgspec.Raw) -> _Message:
    try:
        return decoded(_MESSAGE, bytes(raw))
    except Unreadable:
        return _Message()


def readable(text: str) -> str:
    """Slack's markup as plain text: links with their words, people and channels by name, escapes undone."""
    return html.unescape(LINK.sub(lambda found: _linked(found[1]), text))


def _linked(inner: str) -> str:
    target, _, label = inner.partition("|")
    if target[:1] in "@#":
        return f"{target[0]}{(label or target[1:]).lstrip('@#')}"
    if target[:1] == "!":
        return label or f"@{target[1:].partition('^')[0]}"
    address = target.removeprefix("mailto:").removeprefix("tel:")
    return address if not label or label == address else f"{label} ({address})"


def _files(message: _Message) -> tuple[tuple[Attachment, ...], tuple[str, ...]]:
    """The files that Slack keeps, and a line for each other one."""
    files, lines = [], []
    for item in message.files or ():
        try:
            file = decoded(_FILE, bytes(item))
        except Unreadable:
            file = _File()
        if file.is_external or file.mode in ("tombstone", "hidden_by_limit") or not file.id:
            words = ": ".join(filter(None, (file.name, file.url_private if file.is_external else "")))
            lines.append(f"[File {words}]" if words else "[A file that Slack does not give away]")
            continue
        url = file.url_private_download or file.url_private or ""
        kind = file.mimetype or "application/octet-stream"
        files.append(Attachment(content_type=kind, url=url, ref=file.id, name=file.name or ""))
    return tuple(files), tuple(lines)


def _moment(ts: str) -> float | None:
    """Unix seconds of a `1767225600.000100`."""
    return float(ts) if re.fullmatch(r"[0-9]{1,12}\.[0-9]{1,9}", ts, re.ASCII) else None
