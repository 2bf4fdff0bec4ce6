"""Each kind of WhatsApp message as text for people, and its file. Used by `batch.py`."""

from __future__ import annotations

from leadline.channels.whatsapp import wire
from leadline.model import Attachment


def attachments(message: wire.Message) -> tuple[Attachment, ...]:
    """The file of a message, by Meta's media id."""
    media = message.media
    if media is None or not media.id:
        return ()
    content_type = media.mime_type.partition(";")[0].strip() or "application/octet-stream"
    return (Attachment(content_type=content_type, ref=media.id, name=media.filename or ""),)


def readable(message: wire.Message) -> str:
    """The message in words: the customer's own where there are any, else a line in square brackets."""
    advertisement = message.referral and " ".join(
        filter(None, (message.referral.headline, message.referral.source_url))
    )
    lines = [_words(message), f"[From the advertisement: {advertisement}]" if advertisement else ""]
    return "\n".join(filter(None, lines))


def _words(message: wire.Message) -> str:
    if message.text is not None:
        return message.text.body
    if (media := message.media) is not None:
        lost = "" if media.id else f"[WhatsApp could not pass on this {message.type}]"
        return "\n".join(filter(None, (media.caption, lost)))
    if message.button is not None:
        return message.button.text or message.button.payload or ""
    if message.interactive is not None:
        return _choice(message.interactive)
    if message.reaction is not None:
        return f"[Reacted with {message.reaction.emoji}]" if message.reaction.emoji else "[Took a reaction back]"
    return _described(message)


def _described(message: wire.Message) -> str:
    if (place := message.location) is not None:
        parts = (place.name, place.address, f"{place.latitude}, {place.longitude}", place.url)
        return f"[Location: {', '.join(filter(None, parts))}]"
    if message.contacts:
        return "\n".join(_card(card) for card in message.contacts)
    if message.order is not None:
        return "\n".join(filter(None, (_order(message.order), message.order.text)))
    if message.system is not None:
        return f"[WhatsApp: {message.system.body or message.system.type}]"
    why = "; ".join(filter(None, (trouble.details for trouble in message.errors or ())))
    return f"[{message.type or 'unknown'} message, which cannot be shown here{': ' + why if why else ''}]"


def _choice(answer: wire.Interactive) -> str:
    if (chosen := answer.button_reply or answer.list_reply) is not None:
        return f"{chosen.title} ({chosen.description})" if chosen.description else chosen.title
    if answer.nfm_reply is not None:
        filled = answer.nfm_reply
        return f"[Form {filled.name or ''} filled in: {filled.response_json or filled.body or ''}]"
    return f"[Answer of the kind {answer.type or 'unknown'}]"


def _card(card: wire.Card) -> str:
    name = card.name or wire.CardName()
    numbers = [phone.phone for phone in card.phones or ()]
    addresses = [email.email for email in card.emails or ()]
    parts = (name.formatted_name or name.first_name, *numbers, *addresses)
    return f"[Contact: {', '.join(filter(None, parts))}]"


def _order(order: wire.Order) -> str:
    items = (
        f"{item.quantity} x {item.product_retailer_id} at {item.item_price} {item.currency}"
        for item in order.product_items
    )
    return f"[Order: {'; '.join(items)}]"
