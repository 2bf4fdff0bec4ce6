"""MessageBird's signature on webhooks, made by its rule. Used by its fakes.

Source: MessageBird's page on verifying requests, November 2026.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time

from leadline.channels.http import signature


def signed(key: str, url: str, body: bytes = b"") -> dict[str, str]:
    """The header with a token that lasts a minute, over the address with its query and the body where there is one."""
    now = int(time.time())
    claims = {"iss": "MessageBird", "nbf": now, "exp": now + 60, "jti": secrets.token_hex(16), "url_hash": _hash(url)}
    if body:
        claims["payload_hash"] = hashlib.sha256(body).hexdigest()
    head = f"{_text({'alg': 'HS256', 'typ': 'JWT'})}.{_text(claims)}"
    given = base64.b64decode(signature(key.encode(), head.encode(), encoding="base64"))
    return {"messagebird-signature-jwt": f"{head}.{_url64(given)}"}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: object) -> str:
    return _url64(json.dumps(value, separators=(",", ":")).encode())


def _url64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
