"""The updates Telegram sends to a bot's webhook. Used by the fake and by tests.

Source: Bot API 10.1, November 2026.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any


def webhook(secret: str, update_id: int, **content: Any) -> tuple[dict[str, str], bytes]:
    """Headers and body of one update; secret: the one setWebhook was given."""
    body = json.dumps({"update_id": update_id, **content}, separators=(",", ":")).encode()
    headers = {"content-type": "application/json", "x-telegram-bot-api-secret-token": secret}
    return headers, body


def message(sender: str, message_id: int, *, name: str = "", username: str = "", **content: Any) -> dict[str, Any]:
    """A message in the private chat of this account; `content` is its text, file, contact and so on."""
    first, _, last = (name or "Customer").partition(" ")
    person: dict[str, Any] = {"id": int(sender), "first_name": first}
    person |= {key: value for key, value in (("last_name", last), ("username", username)) if value}
    return {
        "message_id": message_id,
        "from": {**person, "is_bot": False, "language_code": "en"},
        "chat": {**person, "type": "private"},
        "date": int(time.time()),
        **content,
    }


def file_content(content_type: str, file_id: str, size: int) -> dict[str, Any]:
    """The fields of a message that is a file of this type."""
    known_by = {"file_id": file_id, "file_unique_id": unique_id(file_id), "file_size": size}
    family = content_type.partition("/")[0]
    if content_type in ("image/jpeg", "image/png"):
        small = {"file_id": f"small{file_id}", "file_unique_id": f"small{unique_id(file_id)}", "file_size": 1}
        return {"photo": [{**small, "width": 90, "height": 90}, {**known_by, "width": 800, "height": 800}]}
    if content_type == "audio/ogg":
        return {"voice": {**known_by, "duration": 1, "mime_type": content_type}}
    if family == "audio":
        return {"audio": {**known_by, "duration": 1, "mime_type": content_type}}
    if family == "video":
        return {"video": {**known_by, "duration": 1, "width": 1, "height": 1, "mime_type": content_type}}
    return {"document": {**known_by, "mime_type": content_type}}


def unique_id(file_id: str) -> str:
    """The id of the same file that all bots see alike."""
    return f"AQ{file_id[-12:]}"


def messages_of(
    sender: str, first_id: int, text: str, files: Sequence[tuple[str, str, int]], *, name: str
) -> list[dict[str, Any]]:
    """A text, or each file (content type, id, bytes) as a message, several together as an album with one caption."""
    if not files:
        return [message(sender, first_id, name=name, text=text)]
    album = {"media_group_id": str(13_000_000_000 + first_id)} if len(files) > 1 else {}
    return [
        message(
            sender,
            first_id + number,
            name=name,
            **album,
            **file_content(*file),
            **({"caption": text} if text and number == 0 else {}),
        )
        for number, file in enumerate(files)
    ]


def sent_message(bot: dict[str, Any], to: str, message_id: int, text: str, kind: str) -> dict[str, Any]:
    """The message that a send has made, as the answer shows it; kind: the field of its file, or empty."""
    head = {"message_id": message_id, "from": bot, "chat": {"id": int(to), "type": "private", "first_name": "Customer"}}
    head["date"] = int(time.time())
    if not kind:
        return {**head, "text": text}
    shape: dict[str, Any] = {"file_id": f"sent{message_id}", "file_unique_id": f"AQ{message_id}"}
    if kind in ("photo", "video", "animation"):
        shape |= {"width": 1, "height": 1}
    if kind in ("video", "animation", "audio", "voice"):
        shape |= {"duration": 1}
    return {**head, kind: [shape] if kind == "photo" else shape, **({"caption": text} if text else {})}
