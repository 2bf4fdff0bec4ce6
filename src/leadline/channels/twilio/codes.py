"""Twilio's words for what became of a message, as Leadline's states and reasons. Used by the Twilio adapters.

Source: Twilio's error and warning dictionary and the Message resource of its OpenAPI description, November 2026.
"""

from __future__ import annotations

from leadline.model import DeliveryState

STATES = {
    "accepted": DeliveryState.QUEUED,
    "scheduled": DeliveryState.QUEUED,
    "queued": DeliveryState.QUEUED,
    "sending": DeliveryState.SENDING,
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "partially_delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "failed": DeliveryState.FAILED,
    "undelivered": DeliveryState.FAILED,
    "canceled": DeliveryState.FAILED,
}

_CODES_OF_REASON: dict[str, tuple[int, ...]] = {
    "opted_out": (21610,),
    "window_closed": (63016,),
    "not_a_mobile": (21614, 30006),
    "unreachable": (21612, 30003, 30005),
    "not_on_channel": (63015, 63032),
    "blocked_by_customer": (63014, 63033),
    "blocked_by_carrier": (30004, 30007),
    "invalid_recipient": (21211, 21217, 21401, 21421, 63003, 63024),
    "sender_rejected": (21212, 21408, 21603, 21606, 21659, 21660, 21703, 21704, 30034, 63007),
    "rate_limited": (20429, 21611, 30001, 63018, 63038),
    "template_rejected": (21654, 21655, 21656, 21657, 63027, 63028, 63030, 63040, 63041, 63042),
    "media_rejected": (12300, 21620, 21623, 21635, 30019, 63019),
    "too_long": (21605, 21617),
    "content_rejected": (21602, 63005, 63013, 63021, 63049),
    "auth_failed": (20003, 20404),
    "account_suspended": (20005, 30002, 63051, 63112),
    "provider_error": (30008, 63010, 63012),
}
REASON_OF_CODE = {str(code): reason for reason, codes in _CODES_OF_REASON.items() for code in codes}

NOT_TAKEN = frozenset(("20429", "21611"))
"""Codes of an answer that says: surely not taken, come again."""
