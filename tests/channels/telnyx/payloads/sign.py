"""Signs payload files with the private half that belongs to the settings' public key."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.channels.wire import NOW


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    moment = str(int(NOW))
    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(settings["api_key"].encode()).digest())
    given = base64.b64encode(private.sign(f"{moment}|".encode() + body)).decode()
    return {
        "content-type": "application/json",
        "telnyx-timestamp": moment,
        "telnyx-signature-ed25519": given,
    }
