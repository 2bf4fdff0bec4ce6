"""The signed token that MessageBird puts on every webhook. Called by the MessageBird adapters' `verify`.

Source: MessageBird's page on verifying requests, its validator and the 44 cases that come with it, November 2026.
"""

from __future__ import annotations

import hashlib

from leadline.channels.exchange import Request
from leadline.channels.http import same
from leadline.channels.tokens import check_token
from leadline.errors import Refused

ALGORITHMS = ("HS256", "HS384", "HS512")


def check_signature(request: Request, signing_key: str) -> None:
    """Raise Refused unless MessageBird-Signature-JWT was made with this key, now, for this address and this body."""
    token = request.headers.get("messagebird-signature-jwt", "")
    if not token:
        raise Refused("MessageBird-Signature-JWT is missing: only MessageBird may call this address")
    claims = check_token(
        token, signing_key, algorithms=ALGORITHMS, now=request.now, require=("iss", "nbf", "exp"), issuer="MessageBird"
    )
    if not same(str(claims.get("url_hash")), _hash(request.url.encode("utf-8", "surrogateescape"))):
        raise Refused(
            "url_hash does not fit: LEADLINE_PUBLIC_URL must be exactly the address entered at MessageBird, "
            "and nothing on the way may change the query"
        )
    if bool(claims.get("payload_hash")) != bool(request.body):
        raise Refused("payload_hash does not fit: the body was taken away or added on the way")
    if request.body and not same(str(claims["payload_hash"]), _hash(request.body)):
        raise Refused("payload_hash does not fit: the body was changed on the way")


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
