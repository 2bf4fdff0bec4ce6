"""Each kind of message in MessageBird's Conversations API as text for people, and its file. Used by its adapter.

Source: MessageBird's Conversations pages on message content and its Go SDK, November 2026. Contents are read leniently:
an unknown or broken one becomes a line, never a lost message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leadline.model import Attachment

MEDIA = {"image": "image/jpeg", "video": "video/mp4", "audio": "audio/ogg", "file": "application/octet-stream"}
STICKERS = "whatsappSticker"


def file_of(content: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """The file of a message; its exact type is known when it is fetched."""
    for kind, content_type in MEDIA.items():
        if url := _text(content.get(kind), "url"):
            return (Attachment(url=url, content_type=content_type, name=_text(content[kind], "filename")),)
    url = _text(content.get(STICKERS), "link") or _text(content.get(STICKERS), "url")
    return (Attachment(url=url, content_type="image/webp"),) if url else ()


def readable(kind: str, content: Mapping[str, Any]) -> str:
    """The message in words: the customer's own where there are any, else a line in square brackets."""
    if isinstance(content.get("text"), str):
        return str(content["text"])
    captions = [_text(content.get(medium), "caption") for medium in MEDIA]
    if any(captions) or file_of(content):
        return next(filter(None, captions), "")
    if isinstance(content.get("location"), dict):
        place = content["location"]
        parts = (_text(place, "name"), _text(place, "address"), f"{place.get('latitude')}, {place.get('longitude')}")
        return f"[Location: {', '.join(filter(None, parts))}]"
    if chosen := next(_titles(content.get("interactive")), "") or _text(content.get("button"), "text"):
        return chosen
    if emoji := _text(content.get("reaction"), "emoji"):
        return f"[Reacted with {emoji}]"
    return f"[{kind or 'unknown'} message, which cannot be shown here]"


def _titles(value: object) -> Iterator[str]:
    """Titles of what a customer chose, wherever in the answer they stand."""
    if not isinstance(value, dict):
        return
    if isinstance(value.get("title"), str) and value["title"]:
        yield value["title"]
    for inner in value.values():
        yield from _titles(inner)


def _text(value: object, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
