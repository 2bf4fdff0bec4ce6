"""Each kind of Messenger and Instagram message as text for people, and its files. Used by `batch.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from leadline.channels.anything import as_lines
from leadline.channels.graph import wire
from leadline.channels.http import host_of, tried
from leadline.channels.words import lines, listed, ordered, place, reacted
from leadline.model import Ad, Attachment, Product, Quote

MEDIA_HOSTS = (".fbcdn.net", ".fbsbx.com", ".cdninstagram.com")
"""Where Meta keeps what customers send; its addresses expire."""

_TYPES = {
    "image": "image/jpeg",
    "animated_image": "image/gif",
    "sticker": "image/png",
    "video": "video/mp4",
    "audio": "audio/mp4",
}


class _Attached(msgspec.Struct):
    attachments: list[dict[str, Any]] = []


class _Event(msgspec.Struct):
    message: _Attached


_ANY = msgspec.json.Decoder()
_ATTACHED = msgspec.json.Decoder(_Event)
_NAMES = {
    "story_mention": "Mentioned you in a story",
    "share": "Shared a post",
    "post": "Shared a post",
    "ig_post": "Shared a post",
    "reel": "Shared a reel",
    "ig_reel": "Shared a reel",
    "ig_story": "Shared a story",
    "ephemeral": "A picture or video that vanished after it was seen",
    "template": "A message with buttons",
    "appointment_booking": "An appointment",
    "unsupported_type": "A kind of message that Meta does not pass on",
}


_PLAYED = frozenset({*_TYPES, "file"})
KNOWN_TYPES = frozenset({*_TYPES, *_NAMES, "file", "fallback", "location", "like_heart"})


def attachments(message: wire.Message, api_host: str) -> tuple[Attachment, ...]:
    """The files of a message that lie at Meta, and the picture of the story it answers."""
    files = [
        Attachment(content_type=_TYPES.get(file.type, "application/octet-stream"), url=url)
        for file in message.attachments or ()
        if _is_file(file, url := _url(file), api_host)
    ]
    story = message.reply_to.story if message.reply_to else None
    if story and story.url and _lies_at_meta(story.url, api_host):
        files.append(Attachment(url=story.url))
    return tuple(files)


def readable(message: wire.Message, api_host: str) -> str:
    """The message in words: the customer's own where there are any, and a line in square brackets for the rest."""
    if message.is_unsupported:
        return "[A kind of message that Meta does not pass on]"
    answered = "[Answered your story]" if message.reply_to and message.reply_to.story else ""
    described = [_described(file, api_host) for file in message.attachments or ()]
    order = ordered_of(message.order) if message.order is not None else ""
    return lines(answered, message.text, *described, order, origin(message.referral))


def strange_files(raw: bytes) -> str:
    """What attachments hold whose type nobody knows yet."""
    whole = tried(_ATTACHED, raw)
    others = [item for item in whole.message.attachments if item.get("type") not in KNOWN_TYPES] if whole else []
    return lines(*(line for item in others for line in as_lines(_beyond(item))))


def _beyond(item: dict[str, Any]) -> dict[str, Any]:
    """What an attachment holds beside its type, title, text and address, which are told of every one."""
    payload = item.get("payload")
    inner = {"payload": _without_told(payload)} if isinstance(payload, dict) else {}
    return {**_without_told(item), **inner}


def _without_told(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in ("type", "title", "text", "url")}


def quote_of(message: wire.Message) -> Quote | None:
    """The message that this one answers."""
    answered = message.reply_to.mid if message.reply_to else None
    return Quote(provider_id=answered) if answered else None


def product_of(message: wire.Message) -> Product | None:
    """The article that the customer asks about: shared from the shop, or the one whose page led here."""
    for file in message.attachments or ():
        for element in _elements(file):
            return _product(element)
    referral = message.referral
    if referral is not None and referral.product is not None and referral.product.id:
        return Product(product_id=referral.product.id)
    return None


def ad_of(referral: wire.Referral | None) -> Ad | None:
    """The advertisement that brought the customer here."""
    if referral is None or not (referral.ad_id or referral.ads_context_data):
        return None
    told = referral.ads_context_data or wire.Advertisement()
    return Ad(source_id=referral.ad_id or "", headline=told.ad_title or "")


def origin(referral: wire.Referral | None) -> str:
    """The link that brought the customer here; advertisements and articles are told elsewhere."""
    if referral is None:
        return ""
    if referral.ref:
        return f"[Came by a link with the code {referral.ref}]"
    if ad_of(referral) is not None or (referral.product is not None and referral.product.id):
        return ""
    return f"[Came by {referral.source or 'a link'}]"


def ordered_of(order: wire.Order) -> str:
    """What was ordered, and the note that came with it."""
    items = (
        (each.quantity, each.name or each.retailer_id or each.id or "", each.unit_price, each.currency)
        for each in order.products
    )
    return lines(ordered(items), order.note)


ASKED = {"messaging_feedback": "[Feedback]", "messaging_customer_information": "[Form filled in]"}
"""Events with what a customer answered to questions of Meta's own: how their lines begin."""


def answered(kind: str, raw: bytes) -> str:
    """The answers, a line each."""
    return lines(ASKED[kind], *_answers(tried(_ANY, raw)))


def _answers(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for inner in value:
            yield from _answers(inner)
    elif isinstance(value, dict):
        if isinstance(said := value.get("payload", value.get("value")), str):
            yield ": ".join(filter(None, (str(value.get("key") or ""), said)))
        for inner in value.values():
            yield from _answers(inner)


def reaction(reacted_: wire.Reaction) -> str:
    """A reaction to a message, or its end."""
    return reacted("" if reacted_.action == "unreact" else reacted_.emoji or reacted_.reaction or "a like")


def _described(file: wire.File, api_host: str) -> str:
    payload, url = file.payload or wire.Payload(), _url(file)
    if (spot := payload.coordinates) is not None:
        return place(spot.lat, spot.long, file.title or payload.title)
    if file.type == "like_heart":
        return "❤️"
    if elements := _elements(file):
        return lines(*(listed("Product", *_facts(element)) for element in elements[1:]))
    if file.type in _PLAYED and url:
        return "" if _is_file(file, url, api_host) else f"[{file.type.replace('_', ' ')}: {url}]"
    link = "" if _is_file(file, url, api_host) else url
    name = _NAMES.get(file.type, "Shared a link" if file.type == "fallback" else f"{file.type or 'unknown'} attachment")
    details = " ".join(filter(None, (file.title or payload.title, payload.text, link)))
    cards = (*(payload.elements or ()), *(payload.generic.elements if payload.generic else ()))
    rest = [_facts(card) for card in cards] + [(button.title, button.url) for button in payload.buttons or ()]
    return lines(f"[{name}: {details}]" if details else f"[{name}]", *(_line(*each) for each in rest))


def _line(*facts: str | None) -> str:
    told = ", ".join(filter(None, facts))
    return f"- {told}" if told else ""


def _elements(file: wire.File) -> list[wire.Element]:
    return file.payload.product.elements if file.payload and file.payload.product else []


def _facts(element: wire.Element) -> tuple[str | None, ...]:
    return (element.title, element.subtitle, element.retailer_id, element.url or element.item_url)


def _product(element: wire.Element) -> Product:
    return Product(
        product_id=element.retailer_id or element.id or "",
        name=element.title or "",
        price=element.subtitle or "",
        url=element.url or element.item_url or "",
    )


def _url(file: wire.File) -> str:
    payload = file.payload or wire.Payload()
    return payload.url or payload.story_media_url or file.url or ""


def _is_file(file: wire.File, url: str, api_host: str) -> bool:
    """Whether it can be fetched. The address of a `fallback` is that of a page, wherever it lies."""
    return file.type not in ("fallback", "template") and _lies_at_meta(url, api_host)


def _lies_at_meta(url: str, api_host: str) -> bool:
    host = host_of(url)
    return bool(host) and (host == api_host or host.endswith(MEDIA_HOSTS))
