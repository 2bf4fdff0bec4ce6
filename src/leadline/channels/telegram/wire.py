"""The JSON of Telegram's webhooks and answers as types. Used by the `telegram*` modules.

Source: Bot API 10.1, November 2026. A message stays raw until it is read alone: its content may be broken, it is not.
"""

from __future__ import annotations

import msgspec

from leadline.channels.telegram.contents import (
    AppAnswer,
    Chat,
    Checklist,
    Contact,
    Dice,
    File,
    Game,
    Given,
    GivenUnique,
    Invoice,
    Location,
    PaidMedia,
    Passport,
    Payment,
    Poll,
    Raffle,
    Rich,
    SharedChat,
    SharedUsers,
    Shown,
    TasksAdded,
    TasksDone,
    User,
    Venue,
)


class Entity(msgspec.Struct):
    """A stretch of a text; offset and length count UTF-16 units."""

    type: str = ""
    offset: int = 0
    length: int = 0
    url: str | None = None


class Cited(msgspec.Struct):
    """The part of a message that somebody picked to answer to."""

    text: str = ""


class Source(msgspec.Struct):
    """Who wrote a forwarded message first: a user, a hidden user by name, a chat or a channel."""

    sender_user: User | None = None
    sender_user_name: str | None = None
    sender_chat: Chat | None = None
    chat: Chat | None = None


class Head(msgspec.Struct):
    """What is needed to deliver a message even when its content cannot be read."""

    message_id: int
    chat: Chat
    sender: User | None = msgspec.field(default=None, name="from")
    sender_chat: Chat | None = None
    date: int = 0
    edit_date: int | None = None
    message_thread_id: int | None = None
    is_topic_message: bool = False
    business_connection_id: str | None = None
    media_group_id: str | None = None


class Content(msgspec.Struct):
    """What a message is made of; one that is answered or lies in another chat has the same."""

    text: str | None = None
    entities: list[Entity] | None = None
    caption: str | None = None
    caption_entities: list[Entity] | None = None
    photo: list[File] | None = None
    animation: File | None = None
    document: File | None = None
    video: File | None = None
    video_note: File | None = None
    voice: File | None = None
    audio: File | None = None
    live_photo: File | None = None
    sticker: File | None = None
    contact: Contact | None = None
    venue: Venue | None = None
    location: Location | None = None
    poll: Poll | None = None
    dice: Dice | None = None
    checklist: Checklist | None = None
    checklist_tasks_done: TasksDone | None = None
    checklist_tasks_added: TasksAdded | None = None
    web_app_data: AppAnswer | None = None
    successful_payment: Payment | None = None
    users_shared: SharedUsers | None = None
    chat_shared: SharedChat | None = None
    rich_message: Rich | None = None
    story: Shown | None = None
    game: Game | None = None
    paid_media: PaidMedia | None = None
    passport_data: Passport | None = None
    invoice: Invoice | None = None
    refunded_payment: Payment | None = None
    gift: Given | None = None
    gift_upgrade_sent: Given | None = None
    unique_gift: GivenUnique | None = None
    giveaway: Raffle | None = None
    giveaway_winners: Raffle | None = None
    giveaway_completed: Raffle | None = None


class Answered(Content):
    """The message in this chat that another one answers."""

    message_id: int = 0
    sender: User | None = msgspec.field(default=None, name="from")


class Elsewhere(Content):
    """A message of another chat that this one answers."""

    origin: Source | None = None


class Message(Head):
    """The rest of what may stand around the content, which is read apart."""

    forward_origin: Source | None = None
    reply_to_message: msgspec.Raw = msgspec.Raw(b"null")
    external_reply: msgspec.Raw = msgspec.Raw(b"null")
    reply_to_story: msgspec.Raw = msgspec.Raw(b"null")
    quote: Cited | None = None


class Story(msgspec.Struct):
    chat: Chat


class Deleted(msgspec.Struct):
    """Messages that were deleted in a chat of a business account."""

    business_connection_id: str
    chat: Chat
    message_ids: list[int] = []


class Emoji(msgspec.Struct):
    emoji: str = ""


class Reacted(msgspec.Struct):
    chat: Chat
    message_id: int
    user: User | None = None
    date: int = 0
    new_reaction: list[Emoji] = []


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
    business_message: msgspec.Raw = msgspec.Raw(b"")
    edited_business_message: msgspec.Raw = msgspec.Raw(b"")
    deleted_business_messages: msgspec.Raw = msgspec.Raw(b"")
    message_reaction: msgspec.Raw = msgspec.Raw(b"")
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
