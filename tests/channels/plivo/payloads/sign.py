"""Signs payload files as Plivo's page on signatures says, by plain hmac."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

NONCE = "12345"


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    base, _, query = url.partition("?")
    asked = "&".join(f"{name}={value}" for name, value in sorted(parse_qsl(query, keep_blank_values=True)))
    fields = "".join(f"{name}{value}" for name, value in sorted(parse_qsl(body.decode("utf-8", "replace"), True)))
    text = f"{base}?{asked}" if asked or fields else base
    text += f".{fields}" if asked and fields else fields
    digest = hmac.new(settings["auth_token"].encode(), f"{text}.{NONCE}".encode(), hashlib.sha256).digest()
    return {
        "content-type": "application/x-www-form-urlencoded",
        "x-plivo-signature-v3": base64.b64encode(digest).decode(),
        "x-plivo-signature-v3-nonce": NONCE,
    }
