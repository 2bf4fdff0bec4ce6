"""VK messages as types, as text for people, and their files. Used by `events.py`.

Source: VK's JSON schema of messages, 5.199, November 2026.
"""

from __future__ import annotations

import mimetypes

import msgspec

from leadline.channels.http import decoded
from leadline.errors import Unreadable
from leadline.model import Attachment


class _Size(msgspec.Struct):
    url: str
    width: int = 0
    height: int = 0


class _Content(msgspec.Struct):
    """Whatever is attached; only the fields people see."""

    sizes: list[_Size] | None = None
    images: list[_Size] | None = None
    url: str | None = None
    link_mp3: str | None = None
    title: str | None = None
    text: str | None = None
    ext: str | None = None


class _Point(msgspec.Struct):
    latitude: float | str = ""
    longitude: float | str = ""


class _Venue(msgspec.Struct):
    title: str | None = None


class _Geo(msgspec.Struct):
    coordinates: _Point | None = None
    place: _Venue | None = None


class _Foreign(msgspec.Struct):
    text: str = ""


class Message(msgspec.Struct):
    """A message; `attachments` stay raw until each is read alone."""

    from_id: int
    peer_id: int = 0
    date: int = 0
    text: str = ""
    attachments: list[dict[str, msgspec.Raw]] = []
    geo: _Geo | None = None
    fwd_messages: list[_Foreign] = []


_CONTENT = msgspec.json.Decoder(_Content)
_KIND = msgspec.json.Decoder(str)


def attachments(message: Message) -> tuple[Attachment, ...]:
    """The files of a message by their addresses."""
    found = (_file(*_read(item)) for item in message.attachments)
    return tuple(file for file in found if file)


def readable(message: Message) -> str:
    """The message in words: the customer's own, and a line in square brackets for whatever is no text and no file."""
    lines = [message.text, *(f"[Forwarded] {other.text}" for other in message.fwd_messages)]
    for kind, content in map(_read, message.attachments):
        if _file(kind, content) is None:
            words = ", ".join(filter(None, (content.title, content.text, content.url)))
            lines.append(f"[{kind or 'Unknown'}: {words}]" if words else f"[{kind or 'Unknown'} attachment]")
    if (geo := message.geo) is not None:
        point = f"{geo.coordinates.latitude}, {geo.coordinates.longitude}" if geo.coordinates else ""
        lines.append(f"[Location: {', '.join(filter(None, (geo.place.title if geo.place else '', point)))}]")
    return "\n".join(filter(None, lines))


def _read(item: dict[str, msgspec.Raw]) -> tuple[str, _Content]:
    """Kind and content of an attachment; empty where they cannot be read."""
    try:
        kind = decoded(_KIND, bytes(item.get("type", b"")))
        return kind, decoded(_CONTENT, bytes(item.get(kind, b"{}")))
    except Unreadable:
        return "", _Content()


def _file(kind: str, content: _Content) -> Attachment | None:
    if kind == "photo" and content.sizes:
        return Attachment(content_type="image/jpeg", url=_largest(content.sizes))
    if kind == "sticker" and content.images:
        return Attachment(content_type="image/png", url=_largest(content.images))
    if kind == "audio_message" and content.link_mp3:
        return Attachment(content_type="audio/mpeg", url=content.link_mp3)
    if kind == "graffiti" and content.url:
        return Attachment(content_type="image/png", url=content.url)
    if kind == "doc" and content.url:
        name = content.title or (f"file.{content.ext}" if content.ext else "")
        guessed = mimetypes.guess_type(name)[0] or mimetypes.guess_type(f"x.{content.ext}")[0]
        return Attachment(content_type=guessed or "application/octet-stream", url=content.url, name=name)
    return None


def _largest(sizes: list[_Size]) -> str:
    return max(sizes, key=lambda size: size.width * size.height).url
