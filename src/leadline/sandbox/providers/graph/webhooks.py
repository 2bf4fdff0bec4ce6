"""The webhooks Meta sends for Messenger and Instagram, built and signed by its rule. Used by the fakes and by tests.

Source: webhook pages of the Messenger Platform and the Instagram messaging API, v25.0, November 2026.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import Any

from leadline.channels.graph.adapter import kind_of
from leadline.model import Attachment


def envelope(product: str, account: str, events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One entry around the events."""
    return {"object": product, "entry": [{"id": account, "time": now(), "messaging": list(events)}]}


def now() -> int:
    """Milliseconds, as Meta writes times."""
    return int(time.time() * 1000)


def event(sender: str, recipient: str, **content: Any) -> dict[str, Any]:
    """One event: who, to whom, when, and what."""
    return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": now(), **content}


def written(sender: str, account: str, text: str, files: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """A customer's words and files (content type, address): each file is a message of its own."""
    contents: list[dict[str, Any]] = [
        {"attachments": [{"type": kind_of(Attachment(content_type=kind)), "payload": {"url": url}}]}
        for kind, url in files
    ]
    contents += [{"text": text}] if text or not contents else []
    return [event(sender, account, message={"mid": f"m_{secrets.token_hex(12)}", **content}) for content in contents]
