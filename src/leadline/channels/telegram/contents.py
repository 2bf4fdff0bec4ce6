"""What a Telegram message may hold, as types: people, files, polls, payments, gifts. Messages are in `wire.py`.

Source: Bot API 10.1, November 2026.
"""

from __future__ import annotations

from typing import Any

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
    title: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None


class File(msgspec.Struct):
    """What pictures, documents, videos, voices and stickers have in common, and what only some of them have."""

    file_id: str = ""
    file_unique_id: str = ""
    file_size: int | None = None
    mime_type: str | None = None
    file_name: str | None = None
    performer: str | None = None
    title: str | None = None
    emoji: str | None = None
    is_animated: bool = False
    is_video: bool = False
    thumbnail: File | None = None


class Contact(msgspec.Struct):
    phone_number: str = ""
    first_name: str = ""
    last_name: str | None = None
    user_id: int | None = None
    vcard: str | None = None


class Location(msgspec.Struct):
    latitude: float = 0.0
    longitude: float = 0.0
    live_period: int | None = None


class Venue(msgspec.Struct):
    location: Location = msgspec.field(default_factory=Location)
    title: str = ""
    address: str = ""


class Option(msgspec.Struct):
    text: str = ""


class Poll(msgspec.Struct):
    question: str = ""
    options: list[Option] = []


class Task(msgspec.Struct):
    id: int = 0
    text: str = ""
    completion_date: int | None = None


class Checklist(msgspec.Struct):
    title: str = ""
    tasks: list[Task] = []


class ListMessage(msgspec.Struct):
    """The message a checklist stands in."""

    checklist: Checklist | None = None


class TasksDone(msgspec.Struct):
    checklist_message: ListMessage | None = None
    marked_as_done_task_ids: list[int] = []
    marked_as_not_done_task_ids: list[int] = []


class TasksAdded(msgspec.Struct):
    tasks: list[Task] = []


class Dice(msgspec.Struct):
    emoji: str = ""
    value: int = 0


class AppAnswer(msgspec.Struct):
    """What a Mini App sent when it was closed."""

    data: str = ""
    button_text: str = ""


class Payment(msgspec.Struct):
    currency: str = ""
    total_amount: int = 0
    invoice_payload: str = ""


class Rich(msgspec.Struct):
    """A message with headings, lists, tables and pictures; its blocks lie inside each other."""

    blocks: list[Any] = []


class Shown(msgspec.Struct):
    """A story that was forwarded. Bots are told whose it is, and not what it shows."""

    chat: Chat | None = None


class Game(msgspec.Struct):
    title: str = ""
    description: str = ""
    text: str | None = None


class PaidMedia(msgspec.Struct):
    star_count: int = 0
    paid_media: list[Any] = []


class Passport(msgspec.Struct):
    """Its documents are encrypted for whoever asked for them."""


class Invoice(msgspec.Struct):
    title: str = ""
    description: str = ""
    currency: str = ""
    total_amount: int = 0


class Gift(msgspec.Struct):
    star_count: int = 0
    sticker: File | None = None


class Given(msgspec.Struct):
    gift: Gift = msgspec.field(default_factory=Gift)
    text: str | None = None


class UniqueGift(msgspec.Struct):
    base_name: str = ""
    number: int = 0


class GivenUnique(msgspec.Struct):
    gift: UniqueGift = msgspec.field(default_factory=UniqueGift)


class Raffle(msgspec.Struct):
    winner_count: int = 0
    prize_description: str | None = None


class SharedUser(msgspec.Struct):
    user_id: int = 0
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None


class SharedUsers(msgspec.Struct):
    users: list[SharedUser] = []


class SharedChat(msgspec.Struct):
    title: str | None = None
    username: str | None = None
