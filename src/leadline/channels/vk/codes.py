"""VK's error numbers as Leadline's reasons. Used by `adapter.py`.

Source: VK's JSON schema of errors, 5.199, November 2026.
"""

from __future__ import annotations

from leadline.channels.reasons import AUTH_FAILED

_CODES_OF_REASON: dict[str, tuple[int, ...]] = {
    AUTH_FAILED: (4, 5, 7, 27, 28, 1117, 3609),
    "rate_limited": (6, 9, 940),
    "quota_exceeded": (29, 944),
    "blocked_by_customer": (900,),
    "not_on_channel": (901, 902, 987, 988),
    "invalid_recipient": (18, 113, 917, 922, 936, 3610),
    "sender_rejected": (14, 15, 20, 37, 42, 912, 943, 945, 985),
    "account_suspended": (19,),
    "too_long": (910, 914),
    "media_rejected": (22, 105, 129),
    "window_closed": (950,),
    "unsupported": (911, 913, 946),
    "provider_error": (8, 100),
}
REASON_OF_CODE = {code: reason for reason, codes in _CODES_OF_REASON.items() for code in codes}

WAITS = frozenset((*_CODES_OF_REASON[AUTH_FAILED], *_CODES_OF_REASON["rate_limited"]))
"""Surely not taken: tried again, or waiting for an operator."""

NOBODY_KNOWS = frozenset((1, 10, 36))
"""VK failed by itself: the message may have gone out. Sent again with the same random_id it stays one message."""
