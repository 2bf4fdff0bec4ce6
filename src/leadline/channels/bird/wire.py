"""The JSON of Bird's webhooks as types. Used by `events.py`.

Source: the event types of Bird's Python SDK 0.106.0, November 2026. An event's payload stays raw until its type is
known, and a message's content until its sender is: what is broken or new in it never takes the message with it.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Event(msgspec.Struct):
    type: str
    timestamp: str = ""
    data: msgspec.Raw = msgspec.Raw(b"{}")


class Trouble(msgspec.Struct):
    """Why a message failed."""

    code: str = ""
    description: str | None = None
    meta_error_code: str | None = None


class SMS(msgspec.Struct):
    """A message either way, and what became of it."""

    sms_id: str
    sender: str = msgspec.field(default="", name="from")
    to: str = ""
    text: str | None = None
    subject: str | None = None
    country_code: str | None = None
    metadata: dict[str, Any] | None = None
    error: Trouble | None = None


class Address(msgspec.Struct):
    """A customer has a phone, a user id or both; the business has a phone."""

    phone_number: str | None = None
    bsuid: str | None = None
    group_id: str | None = None
    username: str | None = None
    display_name: str | None = None


class Head(msgspec.Struct):
    """What is needed to deliver a message even when its content cannot be read."""

    whatsapp_id: str
    workspace_id: str = ""
    direction: str = ""
    sender: Address = msgspec.field(default_factory=Address, name="from")
    to: Address = msgspec.field(default_factory=Address)
    metadata: dict[str, Any] | None = None
    error: Trouble | None = None
    emoji: str | None = None
    kind: str = msgspec.field(default="", name="type")


class Text(msgspec.Struct):
    body: str = ""


class Media(msgspec.Struct):
    url: str | None = None
    mime_type: str | None = None
    caption: str | None = None
    filename: str | None = None


class Location(msgspec.Struct):
    latitude: float | None = None
    longitude: float | None = None
    name: str | None = None
    address: str | None = None
    url: str | None = None


class CardName(msgspec.Struct):
    formatted_name: str | None = None


class CardPhone(msgspec.Struct):
    phone_number: str | None = None


class Card(msgspec.Struct):
    """A contact card; `origin` is `contact_request` where the customer shared the own number on request."""

    origin: str | None = None
    name: CardName | None = None
    phone_numbers: list[CardPhone] | None = None
    vcard: str | None = None


class Choice(msgspec.Struct):
    text: str = ""
    description: str | None = None


class Reply(msgspec.Struct):
    button: Choice | None = None
    row: Choice | None = msgspec.field(default=None, name="list")


class Unsupported(msgspec.Struct):
    type: str = ""


class Content(msgspec.Struct):
    """What a WhatsApp message carries: one of these."""

    text: Text | None = None
    image: Media | None = None
    video: Media | None = None
    audio: Media | None = None
    sticker: Media | None = None
    document: Media | None = None
    location: Location | None = None
    contact_cards: list[Card] | None = None
    interactive_reply: Reply | None = None
    unsupported: Unsupported | None = None

    @property
    def media(self) -> Media | None:
        return self.image or self.video or self.audio or self.sticker or self.document


class Suppression(msgspec.Struct):
    """Bird delivers nothing to this address any more: to an SMS number (`destination`), or on WhatsApp (`address`)."""

    suppression_id: str
    workspace_id: str = ""
    destination: str = ""
    originator: str = ""
    address: str = ""
