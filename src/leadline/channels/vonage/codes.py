"""Vonage's words for what became of a message, as Leadline's states and reasons. Used by its two channels.

Source: Vonage's SMS API description 1.0.10, its Messages API and error pages, November 2026.
"""

from __future__ import annotations

from leadline.channels.reasons import AUTH_FAILED
from leadline.model import DeliveryState

STATES = {
    "accepted": DeliveryState.SENT,
    "buffered": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "expired": DeliveryState.FAILED,
    "failed": DeliveryState.FAILED,
    "rejected": DeliveryState.FAILED,
}

_ANSWERS_OF_REASON: dict[str, tuple[int, ...]] = {
    AUTH_FAILED: (4, 14, 32),
    "rate_limited": (1, 10),
    "account_suspended": (8,),
    "no_credit": (9,),
    "sender_rejected": (11, 15, 29),
    "invalid_recipient": (6,),
    "blocked_by_carrier": (7,),
    "unreachable": (33,),
    "too_long": (12,),
    "provider_error": (2, 3, 5, 22, 23),
}
REASON_OF_ANSWER = {str(code): reason for reason, codes in _ANSWERS_OF_REASON.items() for code in codes}
"""By the `status` in the answer to a send."""

NOBODY_KNOWS = frozenset(("5",))
"""Vonage failed while it worked on the message, which may have gone out."""

_RECEIPTS_OF_REASON: dict[str, tuple[int, ...]] = {
    "unreachable": (2, 3, 7, 11, 12, 15),
    "opted_out": (9, 53),
    "blocked_by_customer": (4,),
    "blocked_by_carrier": (6, 13, 14),
    "rate_limited": (16,),
    "content_rejected": (10, 52),
    "sender_rejected": (50, 51, 54),
    "provider_error": (1, 5, 8, 99),
}
REASON_OF_RECEIPT = {str(code): reason for reason, codes in _RECEIPTS_OF_REASON.items() for code in codes}
"""By the `err-code` of a delivery receipt."""

MESSAGE_STATES = {
    "submitted": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "rejected": DeliveryState.FAILED,
    "undeliverable": DeliveryState.FAILED,
}

_CODES_OF_REASON: dict[str, tuple[int, ...]] = {
    AUTH_FAILED: (1370,),
    "rate_limited": (1000, 1241),
    "window_closed": (1340,),
    "opted_out": (1240,),
    "template_rejected": (1022,),
    "not_on_channel": (1300, 1310),
    "invalid_recipient": (1040, 1170),
    "unreachable": (1180, 1190, 1220, 1250, 1260, 1290),
    "blocked_by_carrier": (1050, 1210, 1270, 1280),
    "sender_rejected": (1080, 1120, 1140, 1160),
    "account_suspended": (1060,),
    "no_credit": (1070,),
    "media_rejected": (1380, 1381, 1382),
    "too_long": (1090,),
    "expired": (1360,),
    "provider_error": (1010, 1020, 1021, 1030, 1100, 1130, 1150, 1200, 1230, 1320, 1330, 1331, 1350),
}
REASON_OF_CODE = {str(code): reason for reason, codes in _CODES_OF_REASON.items() for code in codes}
"""By the code of the Messages API, in answers and statuses."""
