"""MessageBird's words and numbers for what became of a message, as Leadline's states and reasons.

Used by the MessageBird adapters. Source: MessageBird's pages on SMS and Conversations errors, Bird's page on extended
SMS codes, WhatsApp's on-premises error codes that classic channels still report; November 2026.
"""

from __future__ import annotations

from leadline.channels.reasons import AUTH_FAILED
from leadline.channels.whatsapp.codes import REASON_OF_CODE as REASON_OF_META_CODE
from leadline.model import DeliveryState

STATES = {
    "scheduled": DeliveryState.QUEUED,
    "accepted": DeliveryState.QUEUED,
    "pending": DeliveryState.QUEUED,
    "dispatched": DeliveryState.QUEUED,
    "sent": DeliveryState.SENT,
    "transmitted": DeliveryState.SENT,
    "buffered": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "opened": DeliveryState.READ,
    "expired": DeliveryState.FAILED,
    "delivery_failed": DeliveryState.FAILED,
    "rejected": DeliveryState.FAILED,
    "failed": DeliveryState.FAILED,
    "bounce": DeliveryState.FAILED,
}

REASON_OF_WORDS = {
    "unknown subscriber": "unreachable",
    "unavailable subscriber": "unreachable",
    "incorrect number": "invalid_recipient",
    "opted out": "opted_out",
    "carrier rejected": "blocked_by_carrier",
    "capacity limit reached": "rate_limited",
    "expired": "expired",
    "dlr not received": "expired",
}
"""By `statusReason` of an SMS report."""

REASON_OF_SMS_CODE = {
    "1": "unreachable",
    "2": "unreachable",
    "3": "unreachable",
    "5": "unreachable",
    "103": "opted_out",
}

REASON_OF_WHATSAPP_CODE = REASON_OF_META_CODE | {
    470: "window_closed",
    471: "rate_limited",
    480: "invalid_recipient",
    1013: "not_on_channel",
    1026: "not_on_channel",
    1031: "account_suspended",
    **dict.fromkeys((2000, 2001, 2002, 2003, 2004, 2005, 2006, 2007, 2008), "template_rejected"),
}

REASON_OF_ANSWER = {2: AUTH_FAILED, 25: "no_credit", 1001: AUTH_FAILED}
"""By the code of an error in an answer; 9, 10, 20 and 21 depend on the parameter they name."""

REASON_OF_PARAMETER = {
    "recipients": "invalid_recipient",
    "recipient": "invalid_recipient",
    "to": "invalid_recipient",
    "originator": "sender_rejected",
    "from": "sender_rejected",
    "channelid": "sender_rejected",
    "body": "content_rejected",
    "mediaurls": "media_rejected",
}
