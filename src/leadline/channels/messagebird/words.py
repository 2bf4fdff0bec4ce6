"""Each kind of message in MessageBird's Conversations API as text for people, and its file. Used by its adapter.

Source: MessageBird's Conversations pages on message content and its Go SDK, November 2026. Contents are read leniently:
an unknown or broken one is shown with all that it holds, never lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from leadline.channels.anything import as_lines, unknown
from leadline.channels.whatsapp.cards import Card, card_of
from leadline.channels.words import filled, lines, not_passed_on, ordered, place, reacted
from leadline.model import Ad, Attachment, Forwarded, Product, Quote

MEDIA = {"image": "image/jpeg", "video": "video/mp4", "audio": "audio/ogg", "file": "application/octet-stream"}
STICKERS = "whatsappSticker"
_TEXTS = ("whatsappText", "text")
_ORDERS = ("whatsappOrder", "order")
_REPLIES = ("reply", "button_reply", "list_reply")


def contents(kind: str, whole: object, answered: object = None) -> dict[str, Any]:
    """What a message says, as fields of Inbound. whole: its content. answered: what its `replyTo` holds."""
    content: Mapping[str, Any] = whole if isinstance(whole, dict) else {}
    text, files = readable(content), file_of(content)
    if isinstance(whole, str):
        text = whole
    elif not (text or files) and not isinstance(content.get("text"), str):
        text, files = unknown(kind, msgspec.json.encode(whole))
    context = _context(content)
    return {
        "text": text,
        "attachments": files,
        "quote": _quote(context, content, answered),
        "product": _product(context),
        "forwarded": _forwarded(context),
        "ad": _ad(_inner(content, "referral") or _inner(context, "referral")),
    }


def file_of(content: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """The file of a message; its exact type is known when it is fetched."""
    for kind, content_type in MEDIA.items():
        if url := _text(content.get(kind), "url"):
            return (Attachment(url=url, content_type=content_type, name=_text(content[kind], "filename")),)
    url = _text(content.get(STICKERS), "link") or _text(content.get(STICKERS), "url")
    return (Attachment(url=url, content_type="image/webp"),) if url else ()


def readable(content: Mapping[str, Any]) -> str:
    """The message in words: the customer's own where there are any, else a line in square brackets."""
    for name in _TEXTS:
        found = content.get(name)
        if words := found if isinstance(found, str) else _text(_inner(found, "text"), "body") or _text(found, "body"):
            return words
    for medium in MEDIA:
        if isinstance(file := content.get(medium), dict):
            lost = "" if _text(file, "url") else not_passed_on("MessageBird", medium, _text(file, "filename"))
            return lines(_text(file, "caption"), lost)
    if file_of(content):
        return ""
    return _answered(content) or _described(content)


def _answered(content: Mapping[str, Any]) -> str:
    """A button that was pressed, a form that was filled in, or a reaction."""
    interactive = content.get("interactive")
    form = _inner(interactive, "nfm_reply") or _inner(_inner(interactive, "reply"), "nfm_reply")
    if answers := _text(form, "response_json"):
        return filled(answers, _text(form, "name"))
    button = content.get("button")
    if chosen := _chosen(interactive) or _text(button, "text") or _text(button, "payload"):
        return chosen
    reaction = content.get("reaction")
    return reacted(_text(reaction, "emoji")) if isinstance(reaction, dict) else ""


def _described(content: Mapping[str, Any]) -> str:
    if isinstance(spot := content.get("location"), dict):
        names = _text(spot, "name"), _text(spot, "address")
        return place(spot.get("latitude", ""), spot.get("longitude", ""), *names)
    cards = content.get("contacts")
    if isinstance(cards, list) and cards:
        return lines(*(_card(each) for each in cards))
    for name in _ORDERS:
        if isinstance(order := content.get(name), dict):
            return _order(order)
    return ""


def _order(order: Mapping[str, Any]) -> str:
    given = order.get("product_items") or order.get("items")
    items = [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []
    articles = ((each.get("quantity", 1), _text(each, "product_retailer_id"), *_price(each)) for each in items)
    return lines(ordered(articles), _text(order, "text"))


def _price(item: Mapping[str, Any]) -> tuple[object, str]:
    return item.get("item_price", ""), _text(item, "currency")


def _card(value: object) -> str:
    """A card in Meta's words; one that cannot be read is shown with all that it holds."""
    try:
        return card_of(msgspec.convert(value, Card))
    except msgspec.ValidationError:
        return lines("[Contact]", *as_lines(value))


def _context(content: Mapping[str, Any]) -> dict[str, Any]:
    """What a message answers, is about, or was before: it stands at the top, or inside the content."""
    places = (content, *(value for value in content.values() if isinstance(value, dict)))
    return next((found for value in places if (found := _inner(value, "context"))), {})


def _quote(context: Mapping[str, Any], content: Mapping[str, Any], answered: object) -> Quote | None:
    reacted_to = _text(content.get("reaction"), "message_id") or _text(content.get("reaction"), "messageId")
    number = reacted_to or _text(answered, "id") or _text(context, "id")
    return Quote(provider_id=number) if number else None


def _product(context: Mapping[str, Any]) -> Product | None:
    article = _inner(context, "referred_product")
    number = _text(article, "product_retailer_id")
    return Product(product_id=number, catalog_id=_text(article, "catalog_id")) if number else None


def _forwarded(context: Mapping[str, Any]) -> Forwarded | None:
    often = context.get("frequently_forwarded") is True
    return Forwarded(often=often) if often or context.get("forwarded") is True else None


def _ad(referral: Mapping[str, Any]) -> Ad | None:
    if not referral:
        return None
    return Ad(
        source_id=_text(referral, "source_id"),
        click_id=_text(referral, "ctwa_clid"),
        headline=_text(referral, "headline"),
        text=_text(referral, "body"),
        url=_text(referral, "source_url"),
    )


def _chosen(interactive: object) -> str:
    """What a customer chose; MessageBird writes `text` in a `reply` of its own where Meta writes `title`."""
    given = next((found for name in _REPLIES if (found := _inner(interactive, name))), {})
    title, more = _text(given, "title") or _text(given, "text"), _text(given, "description")
    return f"{title} ({more})" if title and more else title or more


def _inner(value: object, name: str) -> dict[str, Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _text(value: object, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
