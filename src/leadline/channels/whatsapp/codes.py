"""Meta's numbers for what became of a WhatsApp message, as Leadline's states and reasons. Used by `cloud.py`.

Source: error codes and message status pages of the WhatsApp Cloud API, November 2026.
"""

from __future__ import annotations

from leadline.channels.reasons import AUTH_FAILED
from leadline.model import DeliveryState

STATES = {
    "accepted": DeliveryState.QUEUED,
    "held_for_quality_assessment": DeliveryState.QUEUED,
    "paused": DeliveryState.QUEUED,
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "played": DeliveryState.READ,
    "failed": DeliveryState.FAILED,
}

_CODES_OF_REASON: dict[str, tuple[int, ...]] = {
    AUTH_FAILED: (0, 3, 10, 190, *range(200, 300), 131005),
    "rate_limited": (4, 80007, 130429, 131048, 131056, 131064, 133016),
    "window_closed": (131047,),
    "not_on_channel": (130472, 131026),
    "opted_out": (131050,),
    "invalid_recipient": (131021, 137000),
    "sender_rejected": (130497, 131030, 131045, 133010),
    "account_suspended": (368, 131031),
    "no_credit": (131042,),
    "content_rejected": (131049,),
    "unsupported": (131051,),
    "media_rejected": (131052, 131053),
    "template_rejected": (131062, 132000, 132001, 132005, 132007, 132012, 132015, 132016),
    "provider_error": (1, 2, 100, 131000, 131008, 131009, 131016, 131057, 135000),
}
REASON_OF_CODE = {code: reason for reason, codes in _CODES_OF_REASON.items() for code in codes}

COME_AGAIN = frozenset((2, 131016, 131057, *_CODES_OF_REASON["rate_limited"]))
"""Overloaded, in maintenance or too fast: surely not taken."""

NOBODY_KNOWS = frozenset((1, 131000, 135000))
"""Meta failed in a way it does not understand itself: the message may have gone out."""
