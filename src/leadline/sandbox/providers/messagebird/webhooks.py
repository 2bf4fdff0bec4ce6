"""What MessageBird's fakes share: the signature on webhooks, and errors as it words them.

Source: MessageBird's pages on verifying requests and on errors, November 2026.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time

from starlette.responses import JSONResponse, Response

from leadline.channels.http import signature
from leadline.sandbox.providers.faults import Fault


def signed(key: str, url: str, body: bytes = b"") -> dict[str, str]:
    """The header with a token that lasts a minute, over the address with its query and the body where there is one."""
    now = int(time.time())
    claims = {"iss": "MessageBird", "nbf": now, "exp": now + 60, "jti": secrets.token_hex(16), "url_hash": _hash(url)}
    if body:
        claims["payload_hash"] = hashlib.sha256(body).hexdigest()
    head = f"{_text({'alg': 'HS256', 'typ': 'JWT'})}.{_text(claims)}"
    given = base64.b64decode(signature(key.encode(), head.encode(), encoding="base64"))
    return {"messagebird-signature-jwt": f"{head}.{_url64(given)}"}


def refused(fault: Fault) -> Response:
    """An error as MessageBird words it; it names the parameter where one is invalid."""
    parameter, _, rest = fault.message.partition(" is ")
    trouble = {"code": fault.code, "description": fault.message, "parameter": parameter if rest == "invalid" else None}
    return JSONResponse({"errors": [trouble]}, fault.status)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: object) -> str:
    return _url64(json.dumps(value, separators=(",", ":")).encode())


def _url64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
