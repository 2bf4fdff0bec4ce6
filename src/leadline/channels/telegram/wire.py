"""The JSON of Telegram's webhooks and answers as types. Used by the `telegram*` modules.

Source: Bot API 10.1, November 2026. A message stays raw until it is read alone: its content may be broken, it is not.
"""

from __future__ import annotations

import msgspec


class User(msgspec.Struct):
    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None


class Chat(msgspec.Struct):
    id: int
    type: str = ""


class File(msgspec.Struct):
    """What pictures, documents, videos, voices and stickers have in common, and what only some of them have."""

    file_id: str = ""
    file_unique_id: str = ""
    file_size: int | None = None
    mime_type: str | None = None
    file_name: str | None = None
    emoji: str | None = None
    is_animated: bool = False
    is_video: bool = False
    thumbnail: File | None = None


class Contact(msgspec.Struct):
    phone_number: str = ""
    first_name: str = ""
    last_name: str | None = None
    user_id: int | None = None


class Location(msgspec.Struct):
    latitude: float = 0.0
    longitude: float = 0.0
    live_period: int | None = None


class Venue(msgspec.Struct):
    location: Location = msgspec.field(default_factory=Location)
    title: str = ""
    address: str = ""


class Poll(msgspec.Struct):
    question: str = ""


class Dice(msgspec.Struct):
    emoji: str = ""
    value: int = 0


class Head(msgspec.Struct):
    """What is needed to deliver a message even when its content cannot be read."""

    message_id: int
    chat: Chat
    sender: User | None = msgspec.field(default=None, name="from")
    date: int = 0
    edit_date: int | None = None


class Message(Head):
    text: str | None = None
    caption: str | None = None
    media_group_id: str | None = None
    photo: list[File] | None = None
    animation: File | None = None
    document: File | None = None
    video: File | None = None
    video_note: File | None = None
    voice: File | None = None
    audio: File | None = None
    sticker: File | None = None
    contact: Contact | None = None
    venue: Venue | None = None
    location: Location | None = None
    poll: Poll | None = None
    dice: Dice | None = None


class Origin(msgspec.Struct):
    """The message a pressed button hangs on."""

    chat: Chat | None = None


class Pressed(msgspec.Struct):
    id: str
    sender: User = msgspec.field(name="from")
    message: Origin | None = None
    data: str | None = None


class Member(msgspec.Struct):
    status: str = ""


class Membership(msgspec.Struct):
    chat: Chat
    sender: User = msgspec.field(name="from")
    new_chat_member: Member = msgspec.field(default_factory=Member)
    date: int = 0


class Update(msgspec.Struct):
    update_id: int
    message: msgspec.Raw = msgspec.Raw(b"")
    edited_message: msgspec.Raw = msgspec.Raw(b"")
    callback_query: msgspec.Raw = msgspec.Raw(b"")
    my_chat_member: msgspec.Raw = msgspec.Raw(b"")


class Parameters(msgspec.Struct):
    retry_after: float | None = None


class Taken(msgspec.Struct):
    """The message a send has made."""

    message_id: int
    chat: Chat


class Webhook(msgspec.Struct):
    """What Telegram thinks of the webhook."""

    url: str = ""
    pending_update_count: int = 0
    last_error_message: str = ""


class Photos(msgspec.Struct):
    photos: list[list[File]] = []


class Place(msgspec.Struct):
    """Where a file is."""

    file_id: str = ""
    file_unique_id: str = ""
    file_path: str = ""
