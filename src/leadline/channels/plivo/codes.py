"""What Plivo's states and error codes mean. Used by its adapter.

Source: Plivo's pages on message states and messaging error codes, as known in November 2026.
"""

from __future__ import annotations

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
REASON_OF_WORDS = {
    "dst": "invalid_recipient",
    "destination": "invalid_recipient",
    "src": "sender_rejected",
    "source": "sender_rejected",
    "media": "media_rejected",
    "text": "content_rejected",
    "credit": "no_credit",
    "balance": "no_credit",
}
"""Plivo's answer to a send has words and no code."""
