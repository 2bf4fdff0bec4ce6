"""Each kind of WhatsApp message as text for people, and its file. Used by `batch.py` and by Vonage's adapter."""

from __future__ import annotations

from leadline.channels.whatsapp import wire
from leadline.channels.whatsapp.cards import card_of
from leadline.channels.words import filled, lines, not_passed_on, ordered, place, reacted
from leadline.model import Ad, Attachment, Forwarded, Product, Quote


def attachments(message: wire.Message) -> tuple[Attachment, ...]:
    """The file of a message, by Meta's media id."""
    media = message.media
    if media is None or not media.id:
        return ()
    content_type = media.mime_type.partition(";")[0].strip() or "application/octet-stream"
    return (Attachment(content_type=content_type, ref=media.id, name=media.filename or ""),)


def readable(message: wire.Message) -> str:
    """The message in words: the customer's own where there are any, else a line in square brackets.

    Empty where a file says it all, and for a kind that nobody knows.
    """
    if message.text is not None:
        return message.text.body
    if (media := message.media) is not None:
        return lines(media.caption, "" if media.id else _lost(message))
    if message.button is not None:
        return message.button.text or message.button.payload or ""
    if message.interactive is not None:
        return _choice(message.interactive)
    if message.reaction is not None:
        return reacted(message.reaction.emoji)
    return _described(message)


def quote_of(message: wire.Message) -> Quote | None:
    """The message that this one answers, reacts to or changes."""
    if message.reaction is not None and message.reaction.message_id:
        return Quote(provider_id=message.reaction.message_id)
    if changed := message.edit or message.revoke:
        return Quote(provider_id=changed.original_message_id)
    context = message.context
    return Quote(provider_id=context.id) if context is not None and context.id else None


def product_of(message: wire.Message) -> Product | None:
    """The article of the business's catalog that the customer asks about."""
    article = message.context.referred_product if message.context else None
    if article is None or not (article.product_retailer_id or article.catalog_id):
        return None
    return Product(product_id=article.product_retailer_id or "", catalog_id=article.catalog_id or "")


def forwarded(message: wire.Message) -> Forwarded | None:
    """Whether the words are somebody else's."""
    context = message.context
    if context is None or not (context.forwarded or context.frequently_forwarded):
        return None
    return Forwarded(often=context.frequently_forwarded)


def ad_of(referral: wire.Referral | None) -> Ad | None:
    """The advertisement the customer came from."""
    if referral is None:
        return None
    return Ad(
        source_id=referral.source_id or "",
        click_id=referral.ctwa_clid or "",
        headline=referral.headline or "",
        text=referral.body or "",
        url=referral.source_url or "",
    )


def _described(message: wire.Message) -> str:
    if (spot := message.location) is not None:
        return place(spot.latitude, spot.longitude, spot.name, spot.address, spot.url)
    if message.contacts:
        return "\n".join(card_of(each) for each in message.contacts)
    if (order := message.order) is not None:
        items = [
            (item.quantity, item.product_retailer_id, item.item_price, item.currency) for item in order.product_items
        ]
        return lines(ordered(items), order.text)
    if message.system is not None:
        return f"[WhatsApp: {message.system.body or message.system.type}]"
    if message.unsupported is not None or message.errors:
        return _lost(message)
    return ""


def _lost(message: wire.Message) -> str:
    """What WhatsApp did not pass on, and why."""
    name = message.media.filename if message.media else None
    why = "; ".join(filter(None, (name, *(trouble.details for trouble in message.errors or ()))))
    return not_passed_on("WhatsApp", message.unsupported.type if message.unsupported else message.type, why)


def _choice(answer: wire.Interactive) -> str:
    if (chosen := answer.button_reply or answer.list_reply) is not None:
        return f"{chosen.title} ({chosen.description})" if chosen.description else chosen.title
    if (form := answer.nfm_reply) is not None:
        return filled(form.response_json or form.body or "", form.name)
    if answer.call_permission_reply is not None:
        allowed = answer.call_permission_reply.response == "accept"
        return f"[{'Allowed' if allowed else 'Refused'} calls by the business]"
    return ""
