"""WeChat's error numbers as Leadline's reasons. Used by `adapter.py`.

Source: list of return codes and pages of the customer service messages, WeChat Official Accounts, November 2026.
"""

from __future__ import annotations

from leadline.channels.reasons import AUTH_FAILED

_CODES_OF_REASON: dict[str, tuple[int, ...]] = {
    AUTH_FAILED: (40001, 40002, 40013, 40014, 40125, 40164, 40243, 41001, 41002, 41004, 42001, 50004, 61024, 89503),
    "rate_limited": (-1, 45011, 45065),
    "window_closed": (45015,),
    "replies_used_up": (45047,),
    "quota_exceeded": (45009,),
    "invalid_recipient": (40003, 40031, 41009),
    "not_on_channel": (43004, 43019),
    "blocked_by_customer": (48002,),
    "sender_rejected": (48001, 48005, 48006, 61500),
    "account_suspended": (48004, 50001, 50002),
    "too_long": (45002,),
    "content_rejected": (44004, 87014),
    "media_rejected": (40004, 40005, 40006, 40007, 40009, 40010, 40011, 41005, 41006, 43005, 44001, 45001, 45007),
    "unsupported": (40008,),
    "provider_error": (47001,),
}
REASON_OF_CODE = {code: reason for reason, codes in _CODES_OF_REASON.items() for code in codes}

WAITS = frozenset((*_CODES_OF_REASON[AUTH_FAILED], *_CODES_OF_REASON["rate_limited"]))
"""Surely not taken: tried again, or waiting for an operator."""

TOKEN_DIED = frozenset((40001, 40014, 42001))
"""The access token is not valid any more although its time is not over: somebody fetched another one."""
