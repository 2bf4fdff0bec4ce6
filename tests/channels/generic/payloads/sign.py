"""Signs payload files by the Standard Webhooks library."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook

NOW = 1_763_961_610
OTHER = {"signing_secret": "whsec_YW5vdGhlci0zMi1ieXRlLXNlY3JldC1vZi1zb21lb25l"}


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    number, moment = "msg_0123456789", datetime.fromtimestamp(NOW, UTC)
    text = body.decode("utf-8", "replace")
    given = Webhook(settings["signing_secret"]).sign(number, moment, text)
    return {"webhook-id": number, "webhook-timestamp": str(NOW), "webhook-signature": given}
