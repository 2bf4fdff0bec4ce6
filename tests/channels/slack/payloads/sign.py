"""Signs payload files by Slack's own SDK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_sdk.signature import SignatureVerifier

from tests.channels.wire import NOW


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    moment = str(int(NOW))
    given = SignatureVerifier(settings["signing_secret"]).generate_signature(timestamp=moment, body=body)
    kind = "application/x-www-form-urlencoded" if body.startswith(b"payload=") else "application/json"
    return {"content-type": kind, "x-slack-request-timestamp": moment, "x-slack-signature": str(given)}
