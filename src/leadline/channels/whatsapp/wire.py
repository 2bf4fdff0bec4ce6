"""The JSON of WhatsApp Cloud webhooks as types. Used by `batch.py` and `words.py`.

Source: webhook pages of the WhatsApp Cloud API with business-scoped user ids, November 2026. Items of a batch stay
raw until each is read alone, so that one broken item never takes the others with it.
"""

from __future__ import annotations

import msgspec

from leadline.channels.whatsapp.cards import Card


class Profile(msgspec.Struct):
    name: str | None = None
    username: str | None = None


class Contact(msgspec.Struct):
    profile: Profile = msgspec.field(default_factory=Profile)
    wa_id: str = ""
    user_id: str = ""
    parent_user_id: str = ""


class Metadata(msgspec.Struct):
    phone_number_id: str = ""


class Trouble(msgspec.Struct):
    """An error as Meta words it, in statuses, messages and answers."""

    code: int = 0
    title: str = ""
    message: str = ""
    error_data: dict[str, object] | None = None

    @property
    def details(self) -> str:
        return str((self.error_data or {}).get("details") or self.message or self.title)


class Value(msgspec.Struct):
    metadata: Metadata = msgspec.field(default_factory=Metadata)
    contacts: list[msgspec.Raw] | None = None
    messages: list[msgspec.Raw] | None = None
    message_echoes: list[msgspec.Raw] | None = None
    statuses: list[msgspec.Raw] | None = None
    errors: list[msgspec.Raw] | None = None
    calls: list[msgspec.Raw] | None = None
    user_preferences: list[msgspec.Raw] | None = None
    user_id_update: list[msgspec.Raw] | None = None


class Change(msgspec.Struct):
    field: str = ""
    value: msgspec.Raw = msgspec.Raw(b"{}")


class Entry(msgspec.Struct):
    id: str = ""
    changes: list[msgspec.Raw] | None = None


class Body(msgspec.Struct):
    object: str
    entry: list[msgspec.Raw] | None = None


class Status(msgspec.Struct):
    id: str
    status: str
    timestamp: str | int = ""
    errors: list[Trouble] | None = None
    biz_opaque_callback_data: str | None = None


class Preference(msgspec.Struct):
    """A customer's wish about marketing messages: `stop` or `resume`."""

    value: str
    wa_id: str = ""
    user_id: str = ""
    category: str = ""
    timestamp: str | int = ""


class Text(msgspec.Struct):
    body: str = ""


class Media(msgspec.Struct):
    id: str = ""
    mime_type: str = ""
    caption: str | None = None
    filename: str | None = None


class Location(msgspec.Struct):
    latitude: float | str = ""
    longitude: float | str = ""
    name: str | None = None
    address: str | None = None
    url: str | None = None


class Button(msgspec.Struct):
    text: str = ""
    payload: str | None = None


class Choice(msgspec.Struct):
    title: str = ""
    description: str | None = None


class Form(msgspec.Struct):
    name: str | None = None
    body: str | None = None
    response_json: str | None = None


class Permission(msgspec.Struct):
    """Whether the business may call."""

    response: str = ""


class Interactive(msgspec.Struct):
    type: str = ""
    button_reply: Choice | None = None
    list_reply: Choice | None = None
    nfm_reply: Form | None = None
    call_permission_reply: Permission | None = None


class Reaction(msgspec.Struct):
    emoji: str | None = None
    message_id: str = ""


class Item(msgspec.Struct):
    product_retailer_id: str = ""
    quantity: int | float | str = 1
    item_price: int | float | str = ""
    currency: str = ""


class Order(msgspec.Struct):
    text: str | None = None
    product_items: list[Item] = []


class System(msgspec.Struct):
    """What WhatsApp itself says, for example that somebody's number or user id is another one from now on."""

    body: str = ""
    type: str = ""
    wa_id: str | None = None
    new_wa_id: str | None = None  # as the field was called before wa_id
    user_id: str | None = None
    parent_user_id: str | None = None
    previous_user_id: str | None = None


class Changed(msgspec.Struct):
    """An id before and from now on."""

    previous: str = ""
    current: str = ""


class UserIdUpdate(msgspec.Struct):
    """A customer's ids are others from now on, because their number changed. wa_id: the number they have now."""

    wa_id: str = ""
    user_id: Changed = msgspec.field(default_factory=Changed)
    parent_user_id: Changed = msgspec.field(default_factory=Changed)
    timestamp: str | int = ""


class Referral(msgspec.Struct):
    """The advertisement that the customer came from."""

    headline: str | None = None
    body: str | None = None
    source_url: str | None = None
    source_id: str | None = None
    ctwa_clid: str | None = None


class Article(msgspec.Struct):
    catalog_id: str | None = None
    product_retailer_id: str | None = None


class Context(msgspec.Struct):
    """What a message answers, is about, or was before."""

    id: str | None = None
    sender: str | None = msgspec.field(default=None, name="from")
    forwarded: bool = False
    frequently_forwarded: bool = False
    referred_product: Article | None = None


class Revoked(msgspec.Struct):
    original_message_id: str = ""


class Edited(Revoked):
    message: msgspec.Raw = msgspec.Raw(b"{}")


class Unsupported(msgspec.Struct):
    type: str = ""


class Call(msgspec.Struct):
    """A call by the customer, when it began and when it ended."""

    id: str
    sender: str = msgspec.field(default="", name="from")
    from_user_id: str = ""
    event: str = ""
    status: str = ""
    direction: str = ""
    timestamp: str | int = ""
    duration: float | None = None


class Head(msgspec.Struct):
    """What is needed to deliver a message even when its content cannot be read."""

    id: str
    sender: str = msgspec.field(default="", name="from")
    from_user_id: str = ""
    from_parent_user_id: str = ""
    to: str = ""
    to_user_id: str = ""
    group_id: str | None = None
    timestamp: str | int = ""
    type: str = ""


class Message(Head):
    text: Text | None = None
    image: Media | None = None
    video: Media | None = None
    audio: Media | None = None
    voice: Media | None = None
    document: Media | None = None
    sticker: Media | None = None
    location: Location | None = None
    contacts: list[Card] | None = None
    button: Button | None = None
    interactive: Interactive | None = None
    reaction: Reaction | None = None
    order: Order | None = None
    system: System | None = None
    referral: Referral | None = None
    context: Context | None = None
    edit: Edited | None = None
    revoke: Revoked | None = None
    unsupported: Unsupported | None = None
    errors: list[Trouble] | None = None
    origin: str | None = None

    @property
    def media(self) -> Media | None:
        return self.image or self.video or self.audio or self.voice or self.document or self.sticker


class Nested(Message):
    """A message inside another one, which has no id of its own."""

    id: str = ""


def moment(timestamp: str | int) -> float | None:
    """Unix seconds; Meta writes them as text, and has been seen to write milliseconds."""
    text = str(timestamp)
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 16):
        return None
    return int(text) / 1000 if len(text) > 11 else float(text)
