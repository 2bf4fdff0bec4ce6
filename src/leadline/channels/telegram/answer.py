"""What Telegram's answer to a call means: taken, refused and why, later. Called by `adapter.py:Telegram.read`.

Source: Bot API 10.1, and the descriptions in the source of Telegram's own bot API server, November 2026. There are no
codes finer than the HTTP status, so the description decides.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from leadline.channels.exchange import Response
from leadline.channels.http import retry_after, tried
from leadline.channels.reasons import AUTH_FAILED
from leadline.channels.telegram import wire
from leadline.model import Sent

T = TypeVar("T")

_REASON_OF_WORDS = {
    "blocked by the user": "blocked_by_customer",
    "user is deactivated": "not_on_channel",
    "can't initiate conversation": "not_on_channel",
    "can't send messages to bots": "invalid_recipient",
    "chat not found": "invalid_recipient",
    "user not found": "invalid_recipient",
    "peer_id_invalid": "invalid_recipient",
    "message is too long": "too_long",
    "caption is too long": "too_long",
    "message text is empty": "content_rejected",
    "text must be non-empty": "content_rejected",
    "can't parse": "content_rejected",
    "file is too big": "media_rejected",
    "too large": "media_rejected",
    "file must be non-empty": "media_rejected",
    "http url": "media_rejected",
    "web page content": "media_rejected",
    "webpage": "media_rejected",
    "file identifier": "media_rejected",
    "photo_": "media_rejected",
    "image_process_failed": "media_rejected",
    "wrong type": "media_rejected",
    "voice_messages_forbidden": "media_rejected",
}


class Reply(msgspec.Struct, Generic[T]):
    ok: bool = False
    result: T | None = None
    description: str = ""
    parameters: wire.Parameters | None = None


_TAKEN = msgspec.json.Decoder(Reply[wire.Taken])
_TROUBLE = msgspec.json.Decoder(Reply[msgspec.Raw])


def read_answer(response: Response) -> Sent:
    """The outcome of a send. Never raises."""
    taken = read_result(_TAKEN, response)
    if taken is not None:
        return Sent(outcome="accepted", provider_ids=(f"{taken.chat.id}/{taken.message_id}",))
    reply = _decoded(_TROUBLE, response.body) or Reply[msgspec.Raw]()
    code, detail = str(response.status), reply.description
    if response.status == 429:
        wait = reply.parameters.retry_after if reply.parameters else retry_after(response.headers)
        return Sent(outcome="retry", reason="rate_limited", code=code, detail=detail, retry_after=wait)
    if response.status in (401, 404):  # 404: the text between /bot and the method is no token
        return Sent(outcome="retry", reason=AUTH_FAILED, code=code, detail=detail)
    if 400 <= response.status < 500:
        return Sent(outcome="refused", reason=_reason(response.status, detail), code=code, detail=detail)
    return Sent(outcome="unknown", reason="no_answer", code=code, detail=detail)


def read_result(decoder: msgspec.json.Decoder[Reply[T]], response: Response) -> T | None:
    """The result of a call that went well, else None."""
    reply = _decoded(decoder, response.body) if 200 <= response.status < 300 else None
    return reply.result if reply is not None and reply.ok else None


def _decoded(decoder: msgspec.json.Decoder[Reply[T]], body: bytes) -> Reply[T] | None:
    return tried(decoder, body)


def _reason(status: int, description: str) -> str:
    text = description.lower()
    found = next((reason for words, reason in _REASON_OF_WORDS.items() if words in text), "")
    return found or {403: "not_on_channel", 413: "media_rejected"}.get(status, "provider_error")
