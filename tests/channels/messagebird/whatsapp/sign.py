"""Signs payload files as MessageBird does, with a token made by PyJWT."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import jwt

from tests.channels.wire import NOW


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    claims: dict[str, Any] = {"iss": "MessageBird", "nbf": int(NOW) - 10, "exp": int(NOW) + 50, "jti": "made-up"}
    claims["url_hash"] = hashlib.sha256(url.encode()).hexdigest()
    if body:
        claims["payload_hash"] = hashlib.sha256(body).hexdigest()
    token = jwt.encode(claims, settings["signing_key"], algorithm="HS256")
    return {
        "content-type": "application/json" if body[:1] == b"{" else "application/x-www-form-urlencoded",
        "messagebird-signature-jwt": token,
    }
