"""Signs payload files by the Standard Webhooks library."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook

from tests.channels.wire import NOW


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    number, moment = "msg_01krdgeqcxet5s7t44vh8rt9mg", datetime.fromtimestamp(NOW, UTC)
    given = Webhook(settings["signing_secret"]).sign(number, moment, body.decode("utf-8", "replace"))
    return {
        "content-type": "application/json",
        "webhook-id": number,
        "webhook-timestamp": str(int(NOW)),
        "webhook-signature": f"v1,bm90LXRoaXMtb25l {given}",
    }
