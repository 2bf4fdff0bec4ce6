"""What PostgreSQL cannot hold, taken out of what others sent: webhooks, and answers of Intercom and providers."""

from __future__ import annotations

import re

_ESCAPED = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def without_nul(sent: bytes) -> bytes:
    """A body in text or JSON without NUL characters, as they are and as JSON writes them."""
    if b"u0000" in sent:
        sent = _ESCAPED.sub(rb"\1", sent)
    return sent.replace(b"\0", b"")
