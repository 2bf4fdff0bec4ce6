"""The JSON of MessageBird's Conversations webhooks as types. Used by `whatsapp.py`.

Source: MessageBird's Conversations pages and its Go SDK, November 2026.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Contact(msgspec.Struct):
    """The customer; `msisdn` is a JSON number."""

    msisdn: int | str | None = None
    displayName: str | None = None  # noqa: N815
    firstName: str | None = None  # noqa: N815
    lastName: str | None = None  # noqa: N815


class Trouble(msgspec.Struct):
    """Why a message failed."""

    code: int | str = 0
    description: str | None = None


class Message(msgspec.Struct):
    """A message either way: `direction` is `received` or `sent`. Its content stays unread until it is shown."""

    id: str
    direction: str = ""
    status: str = ""
    type: str = ""
    sender: str | int | None = msgspec.field(default=None, name="from")
    channel: str = msgspec.field(default="", name="channelId")
    content: Any = None
    reply_to: Any = msgspec.field(default=None, name="replyTo")
    created: str | None = msgspec.field(default=None, name="createdDatetime")
    updated: str | None = msgspec.field(default=None, name="updatedDatetime")
    error: Trouble | None = None


class Event(msgspec.Struct):
    """One webhook."""

    type: str = ""
    message: Message | None = None
    contact: Contact | None = None
