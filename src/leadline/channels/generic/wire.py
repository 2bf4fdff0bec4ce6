"""The JSON of the channel one connects oneself, as types. Used by `adapter.py`; documented in docs/channels/http.md."""

from __future__ import annotations

from typing import Annotated

import msgspec

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class Sender(msgspec.Struct):
    """The customer. `email` is what the other system says about them; it has proved `verified_phone` to be theirs."""

    id: Id
    name: str = ""
    username: str = ""
    avatar_url: str = ""
    language: str = ""
    country: str = ""
    email: str = ""
    verified_phone: str = ""


class File(msgspec.Struct):
    url: str
    content_type: str = "application/octet-stream"
    name: str = ""


class Message(msgspec.Struct):
    id: str = ""
    text: str = ""
    attachments: list[File] = []
    sent_at: float | None = None


class Event(msgspec.Struct):
    """Everything that comes in; `type` says which of the fields count."""

    type: str
    sender: Sender | None = msgspec.field(default=None, name="from")
    message: Message = msgspec.field(default_factory=Message)
    state: str = ""
    reason: str = ""
    code: str | int = ""
    detail: str = ""
    until: float | None = None
    at: float | None = None


class Reply(msgspec.Struct):
    """What the other system may answer to a message: its own id of it, or why it refuses."""

    id: str | int = ""
    reason: str = ""
    detail: str = ""
