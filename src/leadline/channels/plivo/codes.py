"""What Plivo's states and error codes mean. Used by its adapter.

Source of the codes 10 to 50: https://plivo.com/docs/messaging/troubleshooting/error-codes, November 2026. The
other codes and the states were not verified.
"""

from __future__ import annotations

import re

from leadline.model import DeliveryState

STATES = {
    "queued": DeliveryState.QUEUED,
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "undelivered": DeliveryState.FAILED,
    "rejected": DeliveryState.FAILED,
    "failed": DeliveryState.FAILED,
}
_CODES = {
    "content_rejected": (10,),
    "unreachable": (20, 80),
    "blocked_by_carrier": (30, 90),
    "sender_rejected": (40, 110),
    "invalid_recipient": (50,),
    "not_on_channel": (70,),
    "too_long": (100,),
    "opted_out": (200,),
    "expired": (420,),
    "no_credit": (900,),
}
REASON_OF_CODE = {str(code): reason for reason, codes in _CODES.items() for code in codes}
_WRONG = r"(?:invalid|not valid|incorrect|missing|required|not supported|not allowed|too (?:long|large)|exceed)"
_WORDS = {
    "invalid_recipient": re.compile(rf"\b(?:dst|destination)\b.*\b{_WRONG}", re.I),
    "sender_rejected": re.compile(rf"\b(?:src|source)\b.*\b{_WRONG}", re.I),
    "media_rejected": re.compile(rf"\bmedia(?:_urls?)?\b.*\b{_WRONG}", re.I),
    "content_rejected": re.compile(rf"\btext\b.*\b{_WRONG}", re.I),
    "no_credit": re.compile(r"\b(?:insufficient|not enough|low)\b.*\b(?:credits?|balance|funds)\b", re.I),
}


def reason_of(words: str) -> str:
    """Why Plivo refused a send: it answers with words and no code. Empty where they say none of these, or several."""
    found = [reason for reason, pattern in _WORDS.items() if pattern.search(words)]
    return found[0] if len(found) == 1 else ""
