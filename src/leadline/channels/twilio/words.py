"""Kinds of WhatsApp message that Twilio tells in fields of their own, as text for people. Used by `whatsapp.py`.

Source: Twilio's WhatsApp pages on webhooks, November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from leadline.channels.anything import as_lines, unknown
from leadline.channels.http import tried
from leadline.channels.words import filled, lines, ordered, place
from leadline.model import Ad

_EVERYWHERE = frozenset(
    {
        "AccountSid",
        "AddOns",
        "ApiVersion",
        "Body",
        "ChannelMetadata",
        "ChannelPrefix",
        "ExternalUserId",
        "Forwarded",
        "FrequentlyForwarded",
        "From",
        "MessageSid",
        "MessageStatus",
        "MessageType",
        "MessagingServiceSid",
        "NumMedia",
        "NumSegments",
        "OriginalRepliedMessageSender",
        "OriginalRepliedMessageSid",
        "ParentExternalUserId",
        "ProfileName",
        "ProfileUsername",
        "SmsMessageSid",
        "SmsSid",
        "SmsStatus",
        "To",
        "WaId",
    }
)
"""Fields that stand in every message, or that are told in another way."""
_ANY = msgspec.json.Decoder()


def described(fields: Mapping[str, str]) -> str:
    """What a message holds beside a text of its own, in words; a file speaks for itself."""
    if "Latitude" in fields:
        return place(fields["Latitude"], fields.get("Longitude", ""), fields.get("Label"), fields.get("Address"))
    if chosen := fields.get("ButtonText") or fields.get("ListTitle") or fields.get("ButtonPayload"):
        return f"{chosen} ({fields['ListDescription']})" if fields.get("ListDescription") else chosen
    if answers := fields.get("InteractiveData") or fields.get("FlowData"):
        return filled(answers)
    kind = fields.get("MessageType", "text").lower()
    if kind == "text" or fields.get("NumMedia", "0") != "0":
        return ""
    metadata = fields.get("ChannelMetadata", "")
    return _listed(kind, fields, metadata)


def _listed(kind: str, fields: Mapping[str, str], metadata: str) -> str:
    """An order, or a kind nobody knows: all that Twilio tells of it, in fields that only it has and in its metadata."""
    value = tried(_ANY, metadata.encode("utf-8", "replace"))
    if kind == "order" and (order := _order_in(value)):
        items = [item for item in order["product_items"] if isinstance(item, dict)]
        articles = ((each.get("quantity", 1), *_article(each)) for each in items)
        return lines(ordered(articles), str(order.get("text") or ""))
    told_elsewhere = _EVERYWHERE | {name for name in fields if name.startswith("Referral")}
    own = {name: text for name, text in fields.items() if name not in told_elsewhere and text}
    if fields.get("Body") and not (own or metadata):
        return ""
    return lines(unknown(kind, msgspec.json.encode(own))[0], *(as_lines(value) if value is not None else [metadata]))


def _order_in(value: object) -> dict[str, Any]:
    """The order that lies somewhere in the metadata."""
    if not isinstance(value, dict):
        return {}
    if isinstance(value.get("product_items"), list):
        return value
    return next((found for inner in value.values() if (found := _order_in(inner))), {})


def _article(item: Mapping[str, Any]) -> tuple[str, object, str]:
    return str(item.get("product_retailer_id", "")), item.get("item_price", ""), str(item.get("currency", ""))


def advertisement(fields: Mapping[str, str]) -> Ad | None:
    """The advertisement that brought the customer here."""
    ad = Ad(
        source_id=fields.get("ReferralSourceId", ""),
        click_id=fields.get("ReferralCtwaClid", ""),
        headline=fields.get("ReferralHeadline", ""),
        text=fields.get("ReferralBody", ""),
        url=fields.get("ReferralSourceUrl", ""),
    )
    return ad if ad != Ad() else None
