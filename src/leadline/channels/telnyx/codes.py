"""What Telnyx's states and error codes mean. Used by its adapter.

Source of the codes 40001 to 40011: https://developers.telnyx.com/docs/messaging/messages/error-codes, and of 10009 and
10011: https://developers.telnyx.com/development/api-fundamentals/api-errors, November 2026. The others were not
verified.
"""

from __future__ import annotations

from leadline.model import DeliveryState

STATES = {
    "queued": DeliveryState.QUEUED,
    "sending": DeliveryState.QUEUED,
    "sent": DeliveryState.SENT,
    "delivery_unconfirmed": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "expired": DeliveryState.FAILED,
    "sending_failed": DeliveryState.FAILED,
    "delivery_failed": DeliveryState.FAILED,
}
_CODES = {
    "not_a_mobile": (40001,),
    "blocked_by_carrier": (40002, 40003, 40004, 40015, 40017),
    "expired": (40005, 40014),
    "unreachable": (40006, 40008),
    "sender_rejected": (40010, 40013, 40100, 40305, 40306, 40311, 40319, 40320),
    "rate_limited": (10011, 40011, 40016, 40318),
    "invalid_recipient": (40012, 40310),
    "opted_out": (40300,),
    "unsupported": (40301, 40304),
    "too_long": (40302,),
    "account_suspended": (20012, 40312),
    "content_rejected": (40009, 40316),
    "media_rejected": (40317,),
    "no_credit": (20100,),
    "auth_failed": (10009,),
}
REASON_OF_CODE = {str(code): reason for reason, codes in _CODES.items() for code in codes}
