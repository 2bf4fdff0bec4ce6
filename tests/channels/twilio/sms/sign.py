"""Signs payload files by Twilio's own SDK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twilio.request_validator import RequestValidator

from leadline.channels.http import urlencoded


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    fields = {} if method == "GET" else dict(urlencoded(body))
    given = RequestValidator(settings["auth_token"]).compute_signature(url, fields)
    return {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": given}
