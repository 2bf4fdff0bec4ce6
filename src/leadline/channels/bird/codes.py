"""Bird's words for what became of a message, as Leadline's states and reasons. Used by `adapter.py` and `events.py`.

Source: Bird's pages on events and errors and the types of its Python SDK 0.106.0, November 2026.
"""

from __future__ import annotations

from leadline.channels.reasons import AUTH_FAILED
from leadline.model import DeliveryState

STATES = {
    "accepted": DeliveryState.QUEUED,
    "scheduled": DeliveryState.QUEUED,
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "undelivered": DeliveryState.FAILED,
    "failed": DeliveryState.FAILED,
    "rejected": DeliveryState.FAILED,
    "canceled": DeliveryState.FAILED,
    "expired": DeliveryState.FAILED,
}

REASON_OF_CODE = {
    "invalid_destination": "invalid_recipient",
    "unreachable": "unreachable",
    "landline_unreachable": "not_a_mobile",
    "blocked_by_carrier": "blocked_by_carrier",
    "blocked_by_fraud_protection": "sender_rejected",
    "blocked_by_recipient": "blocked_by_customer",
    "content_rejected": "content_rejected",
    "sender_unregistered": "sender_rejected",
    "recipient_opted_out": "opted_out",
    "recipient_suppressed": "opted_out",
    "insufficient_balance": "no_credit",
    "price_not_found": "sender_rejected",
    "undeliverable": "not_on_channel",
    "service_window_expired": "window_closed",
    "rate_limited": "rate_limited",
    "media_rejected": "media_rejected",
    "smsinvalidrecipient": "invalid_recipient",
    "smsunsupportedfeature": "unsupported",
    "sendercategorynotpermitted": "sender_rejected",
    "invalid_recipient": "invalid_recipient",
}
"""By the code of a failed message or of an error, in lower case."""

REASON_OF_TYPE = {
    "auth_error": AUTH_FAILED,
    "authentication_failed": AUTH_FAILED,
    "permission_error": AUTH_FAILED,
    "permission_denied": AUTH_FAILED,
    "billing_error": "no_credit",
    "rate_limit_error": "rate_limited",
    "payload_too_large_error": "too_long",
}
"""By the type of an error, where its code says nothing."""

REASON_OF_PARAMETER = {
    "to": "invalid_recipient",
    "from": "sender_rejected",
    "text": "content_rejected",
    "text.body": "content_rejected",
    "template": "template_rejected",
}
"""By the parameter that an error names, where neither code nor type say anything."""
