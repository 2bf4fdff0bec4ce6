"""Kinds of WhatsApp message that Twilio tells in fields of their own, as text for people. Used by `whatsapp.py`.

Source: Twilio's WhatsApp pages on webhooks, November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from leadline.channels.anything import told, unknown
from leadline.channels.http import tried
from leadline.channels.words import filled, lines, place
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
    """A message without a text of its own in words; a file speaks for itself."""
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
    """An order, or a kind nobody knows: all that Twilio tells of it, the fields that only it has and its metadata."""
    told_elsewhere = _EVERYWHERE | {name for name in fields if name.startswith("Referral")}
    own = {name: value for name, value in fields.items() if name not in told_elsewhere and value}
    words = unknown(kind, msgspec.json.encode(own))[0]
    detail = told(value) if (value := tried(_ANY, metadata.encode("utf-8", "replace"))) is not None else [metadata]
    return lines(words.replace(words.partition("\n")[0], "[Order]") if kind == "order" else words, *detail)


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
