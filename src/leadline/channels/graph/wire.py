"""The JSON of Messenger and Instagram webhooks and answers as types. Used by the `graph*` modules.

Source: webhook pages of the Messenger Platform and the Instagram messaging API, v25.0, November 2026. Items of a batch
stay raw until each is read alone, so that one broken item never takes the others with it.
"""

from __future__ import annotations

import msgspec


class Party(msgspec.Struct):
    id: str = ""


class Coordinates(msgspec.Struct):
    lat: float = 0.0
    long: float = 0.0


class Element(msgspec.Struct):
    """An article of a catalog, or a card of a template."""

    id: str | None = None
    retailer_id: str | None = None
    title: str | None = None
    subtitle: str | None = None
    url: str | None = None
    item_url: str | None = None


class Elements(msgspec.Struct):
    elements: list[Element] = []


class Button(msgspec.Struct):
    title: str | None = None
    url: str | None = None


class Payload(msgspec.Struct):
    url: str | None = None
    story_media_url: str | None = None
    title: str | None = None
    text: str | None = None
    coordinates: Coordinates | None = None
    product: Elements | None = None
    generic: Elements | None = None
    elements: list[Element] | None = None
    buttons: list[Button] | None = None


class File(msgspec.Struct):
    type: str = ""
    payload: Payload | None = None
    title: str | None = None
    url: str | None = None


class Story(msgspec.Struct):
    url: str | None = None


class ReplyTo(msgspec.Struct):
    mid: str | None = None
    story: Story | None = None


class Advertisement(msgspec.Struct):
    ad_title: str | None = None
    product_id: str | None = None


class Article(msgspec.Struct):
    id: str | None = None


class Referral(msgspec.Struct):
    ref: str | None = None
    source: str | None = None
    ad_id: str | None = None
    referer_uri: str | None = None
    product: Article | None = None
    ads_context_data: Advertisement | None = None


class Bought(msgspec.Struct):
    id: str | None = None
    retailer_id: str | None = None
    name: str | None = None
    quantity: int | float | str = 1
    unit_price: float | str = ""
    currency: str = ""


class Order(msgspec.Struct):
    products: list[Bought] = []
    note: str | None = None


class Message(msgspec.Struct):
    mid: str
    text: str | None = None
    attachments: list[File] | None = None
    reply_to: ReplyTo | None = None
    referral: Referral | None = None
    order: Order | None = None
    metadata: str | None = None
    is_echo: bool = False
    is_self: bool = False
    is_deleted: bool = False
    is_unsupported: bool = False


class Postback(msgspec.Struct):
    mid: str | None = None
    title: str | None = None
    payload: str | None = None
    referral: Referral | None = None


class Delivery(msgspec.Struct):
    mids: list[str] | None = None
    watermark: float | str | None = None


class Read(msgspec.Struct):
    mid: str | None = None
    watermark: float | str | None = None


class Reaction(msgspec.Struct):
    mid: str = ""
    action: str = ""
    emoji: str | None = None
    reaction: str | None = None


class Edit(msgspec.Struct):
    mid: str
    text: str = ""
    num_edit: int | str = ""


class Event(msgspec.Struct):
    sender: Party = msgspec.field(default_factory=Party)
    recipient: Party = msgspec.field(default_factory=Party)
    timestamp: float | str | None = None
    message: Message | None = None
    order: Order | None = None
    message_edit: Edit | None = None
    postback: Postback | None = None
    reaction: Reaction | None = None
    referral: Referral | None = None
    delivery: Delivery | None = None
    read: Read | None = None


class BareMessage(msgspec.Struct):
    mid: str
    is_echo: bool = False


class Head(msgspec.Struct):
    """What is needed to deliver a message even when its content cannot be read."""

    message: BareMessage
    sender: Party = msgspec.field(default_factory=Party)
    timestamp: float | str | None = None


class Change(msgspec.Struct):
    """The other form of an event: what it is about, and the event itself."""

    field: str = ""
    value: msgspec.Raw = msgspec.Raw(b"{}")


class Entry(msgspec.Struct):
    id: str = ""
    messaging: list[msgspec.Raw] | None = None
    standby: list[msgspec.Raw] | None = None
    changes: list[msgspec.Raw] | None = None


class Body(msgspec.Struct):
    object: str
    entry: list[msgspec.Raw] | None = None


class Trouble(msgspec.Struct):
    code: int = 0
    error_subcode: int = 0
    message: str = ""


class Reply(msgspec.Struct):
    """Meta's answer to a send."""

    message_id: str = ""
    error: Trouble | None = None


class App(msgspec.Struct):
    subscribed_fields: list[str] = []


class Subscribed(msgspec.Struct):
    """Meta's answer to which apps get the webhooks."""

    data: list[App] = []


class Renewed(msgspec.Struct):
    """Instagram's answer to a renewal."""

    access_token: str = ""


class Person(msgspec.Struct):
    """Meta's answer to who somebody is."""

    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    profile_pic: str | None = None
    locale: str | None = None


def seconds(timestamp: float | str | None) -> float | None:
    """Unix seconds of Meta's milliseconds; some of its webhooks have been seen with seconds, and with a text."""
    try:
        moment = float(timestamp or 0)
    except ValueError:
        return None
    if not 0 < moment < 1e15:
        return None
    return moment / 1000 if moment > 1e11 else moment
