"""Signs payload files as Vonage does: a JWT with the hash of the body, put together by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from tests.channels import wire


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    claims = {"iat": int(wire.NOW), "jti": "c5ba8f24", "iss": "Vonage", "api_key": settings["api_key"]}
    claims["payload_hash"] = hashlib.sha256(body).hexdigest()
    message = b".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    mac = hmac.new(settings["signature_secret"].encode(), message, hashlib.sha256).digest()
    return {"content-type": "application/json", "authorization": f"Bearer {(message + b'.' + _encoded(mac)).decode()}"}


def _encoded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")
