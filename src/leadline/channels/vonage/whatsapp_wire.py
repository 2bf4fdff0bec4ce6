"""The JSON of Vonage's Messages webhooks as types, and turned into Meta's where it says the same.

Used by `whatsapp.py`. Source: Vonage's Messages API description 1.17 and its guide on usernames, November 2026.
"""

from __future__ import annotations

import msgspec

from leadline.channels.whatsapp import wire as meta
from leadline.channels.whatsapp.cards import Card
from leadline.model import Attachment


class Party(msgspec.Struct):
    """Sender or receiver as version 0.1 of the webhooks writes it."""

    number: str | int | None = None


class Profile(msgspec.Struct):
    name: str | None = None
    username: str | None = None


class Identity(msgspec.Struct):
    """All that WhatsApp tells about a customer's addresses."""

    user_id: str | None = None
    parent_user_id: str | None = None
    wa_id: str | int | None = None


class WhatsApp(msgspec.Struct):
    sender: Identity | None = None
    referral: meta.Referral | None = None
    referred_product: meta.Article | None = None


class Context(msgspec.Struct):
    """What a message answers, or was before."""

    message_uuid: str | None = None
    forwarded: bool = False
    frequently_forwarded: bool = False


class File(msgspec.Struct):
    url: str = ""
    caption: str | None = None
    name: str | None = None


class Location(msgspec.Struct):
    lat: float | str = ""
    long: float | str = ""
    name: str | None = None
    address: str | None = None
    url: str | None = None


class Reply(msgspec.Struct):
    title: str = ""
    description: str | None = None


class Pressed(msgspec.Struct):
    """A button that was pressed; a form that was filled in comes as one too, its answers in the payload."""

    text: str = ""
    subtype: str = ""
    payload: msgspec.Raw = msgspec.Raw(b"null")


class Reaction(msgspec.Struct):
    action: str = ""
    emoji: str | None = None


class Content(msgspec.Struct):
    """What a customer wrote: one field for each kind."""

    type: str = ""
    message_type: str = ""
    text: str | None = None
    image: File | None = None
    video: File | None = None
    audio: File | None = None
    file: File | None = None
    sticker: File | None = None
    vcard: File | None = None
    location: Location | None = None
    reply: Reply | None = None
    button: Pressed | None = None
    reaction: Reaction | None = None
    order: meta.Order | None = None
    contacts: list[Card] | None = None

    @property
    def kind(self) -> str:
        return self.message_type or self.type

    @property
    def media(self) -> File | None:
        return self.image or self.video or self.audio or self.file or self.sticker or self.vcard


class Old(msgspec.Struct):
    """The `message` of version 0.1."""

    content: msgspec.Raw = msgspec.Raw(b"{}")


class Trouble(msgspec.Struct):
    """Why a message failed: problem+json, or code and reason in version 0.1."""

    type: str = ""
    title: str | int = ""
    detail: str = ""
    code: int | str = ""
    reason: str = ""

    @property
    def number(self) -> str:
        """Vonage's code, wherever it stands; empty where none is given."""
        places = (str(self.code), str(self.title), self.type.rpartition("#")[2])
        return next((text for text in places if text.isascii() and text.isdigit()), "")

    @property
    def words(self) -> str:
        return self.detail or self.reason or str(self.title)


class Event(msgspec.Struct):
    """A webhook without its content: enough to deliver a message whose content cannot be read."""

    message_uuid: str
    sender: str | int | Party | None = msgspec.field(default=None, name="from")
    to: str | int | Party | None = None
    channel: str = "whatsapp"
    timestamp: str = ""
    profile: Profile | None = None
    whatsapp: WhatsApp | None = None
    whatsapp_referred_product: meta.Article | None = None
    context: Context | None = None
    context_status: str = ""
    message: Old | None = None
    status: str | None = None
    error: Trouble | None = None
    client_ref: str | None = None


def address(party: str | int | Party | None) -> str:
    """The number or user id, whichever version wrote it."""
    value = party.number if isinstance(party, Party) else party
    return "" if value is None else str(value)


def as_meta(event: Event, content: Content) -> meta.Message:
    """The same message in Meta's words, so that it reads the same whoever brings it."""
    place, chosen, reaction, media = content.location, content.reply, content.reaction, content.media
    message = meta.Message(id=event.message_uuid, type=content.kind, order=content.order)
    message.contacts, message.context = content.contacts, _context(event)
    if (pressed := content.button) is not None:
        _pressed(message, pressed)
    if content.kind == "unsupported":
        message.unsupported = meta.Unsupported()
    if content.text is not None:
        message.text = meta.Text(content.text)
    if media is not None:
        message.document = meta.Media(id=media.url, caption=media.caption, filename=media.name)
    if place is not None:
        message.location = meta.Location(place.lat, place.long, place.name, place.address, place.url)
    if chosen is not None:
        message.interactive = meta.Interactive(list_reply=meta.Choice(chosen.title, chosen.description))
    if reaction is not None:
        message.reaction = meta.Reaction("" if reaction.action == "unreact" else reaction.emoji)
    if event.whatsapp is not None:
        message.referral = event.whatsapp.referral
    return message


def _pressed(message: meta.Message, pressed: Pressed) -> None:
    """The button's words, or the form it closed."""
    payload = bytes(pressed.payload)
    if payload[:1] == b"{" or pressed.subtype == "flow":
        form = meta.Form(pressed.text or None, response_json=payload.decode("utf-8", "replace"))
        message.interactive = meta.Interactive(nfm_reply=form)
        return
    words = payload.decode("utf-8", "replace").strip('"') if payload not in (b"", b"null") else ""
    message.button = meta.Button(pressed.text or words)


def _context(event: Event) -> meta.Context:
    given, whatsapp = event.context or Context(), event.whatsapp or WhatsApp()
    return meta.Context(
        id=given.message_uuid,
        forwarded=given.forwarded,
        frequently_forwarded=given.frequently_forwarded,
        referred_product=event.whatsapp_referred_product or whatsapp.referred_product,
    )


def attachments(content: Content) -> tuple[Attachment, ...]:
    """The file of a message, by its address."""
    file = content.media
    if file is None or not file.url:
        return ()
    kind = "text/vcard" if content.vcard is not None else "application/octet-stream"
    return (Attachment(content_type=kind, url=file.url, name=file.name or ""),)
