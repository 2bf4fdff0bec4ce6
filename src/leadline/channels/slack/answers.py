"""Slack's answers as types, and what its answer to a send means. Used by `adapter.py` and `sending.py`.

Source: Slack's Web API reference, November 2026.
"""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.channels.exchange import Response
from leadline.channels.http import retry_after, tried
from leadline.channels.reasons import AUTH_FAILED
from leadline.channels.slack.codes import NOBODY_KNOWS, REASON_OF_WORD, WAITS
from leadline.model import Sent


class Done(msgspec.Struct):
    id: str = ""


class Reply(msgspec.Struct):
    """The fields of Slack's answers that decide."""

    ok: bool
    error: str = ""
    channel: str = ""
    ts: str = ""
    files: list[Done] = []
    upload_url: str = ""
    file_id: str = ""


class Face(msgspec.Struct):
    real_name: str = ""
    display_name: str = ""
    email: str = ""
    image_512: str = ""
    image_192: str = ""


class User(msgspec.Struct):
    name: str = ""
    real_name: str = ""
    locale: str = ""
    profile: Face = msgspec.field(default_factory=Face)


class UserReply(msgspec.Struct):
    user: User


class Kept(msgspec.Struct):
    id: str
    url_private: str = ""
    url_private_download: str = ""


class FileReply(msgspec.Struct):
    file: Kept


def read_answer(response: Response) -> Sent:
    """The outcome of a send, by Slack's word where there is one, else by the HTTP status. Never raises."""
    reply = answered(Reply, response.body)
    if response.status == 429:
        wait = retry_after(response.headers)
        return Sent(outcome="retry", reason="rate_limited", code="429", retry_after=wait)
    if reply is not None and not reply.ok and reply.error:
        return _refused(reply.error)
    ids = _ids(reply) if reply is not None and reply.ok else ()
    if 200 <= response.status < 300 and ids:
        return Sent(outcome="accepted", provider_ids=ids)
    code = str(response.status)
    if response.status in (401, 403):
        return Sent(outcome="retry", reason=AUTH_FAILED, code=code)
    if 400 <= response.status < 500:
        return Sent(outcome="refused", reason="provider_error", code=code)
    return Sent(outcome="unknown", reason="no_answer", code=code)


def _refused(error: str) -> Sent:
    reason = REASON_OF_WORD.get(error, "provider_error")
    if error in NOBODY_KNOWS:
        return Sent(outcome="unknown", reason="no_answer", code=error)
    return Sent(outcome="retry" if error in WAITS else "refused", reason=reason, code=error)


def _ids(reply: Reply) -> tuple[str, ...]:
    """A message is known by its channel and time, an upload by its files."""
    if reply.channel and reply.ts:
        return (f"{reply.channel}:{reply.ts}",)
    return tuple(file.id for file in reply.files if file.id)


def answered(type_: Any, body: bytes) -> Any:
    """An answer as this type; None where it is something else."""
    return tried(msgspec.json.Decoder(type_), body)
