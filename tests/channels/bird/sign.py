"""Signs payload files by the Standard Webhooks rule, with plain hmac."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from tests.channels.wire import NOW


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    number, moment = "msg_01krdgeqcxet5s7t44vh8rt9mg", str(int(NOW))
    key = base64.b64decode(settings["signing_secret"].removeprefix("whsec_"))
    digest = hmac.new(key, f"{number}.{moment}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": number,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,bm90LXRoaXMtb25l v1,{base64.b64encode(digest).decode()}",
    }
