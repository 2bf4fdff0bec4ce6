"""The JSON of the channel one connects oneself, as types. Used by `adapter.py`; documented in docs/channels/http.md."""

from __future__ import annotations

from typing import Annotated

import msgspec

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class Sender(msgspec.Struct):
    """The customer. `email` is what the other system says about them; it has proved `verified_phone` to be theirs.

    `reply_to`: the address that answers go to, where it is not `id`.
    """

    id: Id
    name: str = ""
    username: str = ""
    avatar_url: str = ""
    language: str = ""
    country: str = ""
    email: str = ""
    verified_phone: str = ""
    reply_to: Annotated[str, msgspec.Meta(max_length=255)] = ""


class File(msgspec.Struct):
    url: str
    content_type: str = "application/octet-stream"
    name: str = ""


class Location(msgspec.Struct):
    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


class Answered(msgspec.Struct):
    """The message that another one answers: by its id on either side, or by its words."""

    id: str = ""
    text: str = ""


class Message(msgspec.Struct):
    id: str = ""
    text: str = ""
    attachments: list[File] = []
    sent_at: float | None = None
    location: Location | None = None
    reply_to: Answered | None = None
    forwarded: bool = False
    emoji: str = ""


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
