"""Africa's Talking's words and numbers, as Leadline's states and reasons. Used by `adapter.py`.

Source: Africa's Talking's SMS pages, and what integrators have seen, November 2026.
"""

from __future__ import annotations

from leadline.model import DeliveryState

STATES = {
    "sent": DeliveryState.SENT,
    "submitted": DeliveryState.SENT,
    "buffered": DeliveryState.SENT,
    "success": DeliveryState.DELIVERED,
    "rejected": DeliveryState.FAILED,
    "failed": DeliveryState.FAILED,
    "expired": DeliveryState.FAILED,
    "absentsubscriber": DeliveryState.FAILED,
}

TAKEN = frozenset((100, 101, 102))
"""Status codes of a recipient: processed, sent, queued."""

NOBODY_KNOWS = frozenset((500, 501))
"""Africa's Talking or its gateway failed while it worked on the message, which may have gone out."""

REASON_OF_CODE = {
    401: "content_rejected",
    402: "sender_rejected",
    403: "invalid_recipient",
    404: "not_a_mobile",
    405: "no_credit",
    406: "opted_out",
    407: "unreachable",
    409: "blocked_by_customer",
    502: "blocked_by_carrier",
}
"""By the status code of a recipient."""

REASON_OF_WORD = {
    "absentsubscriber": "unreachable",
    "deliveryfailure": "provider_error",
    "donotdisturbrejection": "blocked_by_customer",
    "expired": "expired",
    "insufficientbalance": "no_credit",
    "insufficientcredit": "no_credit",
    "invalidlinkid": "provider_error",
    "invalidphonenumber": "invalid_recipient",
    "invalidsenderid": "sender_rejected",
    "notnetworksubscriber": "unreachable",
    "useraccountsuspended": "unreachable",
    "userdoesnotexist": "invalid_recipient",
    "userinblacklist": "opted_out",
    "userisinactive": "unreachable",
    "usernotsubscribedtoproduct": "provider_error",
}
"""By a failure reason, or by the word in an answer that lists no recipient; in lower case."""
