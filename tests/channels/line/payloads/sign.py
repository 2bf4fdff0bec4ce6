"""Signs payload files by plain hmac, as LINE's reference describes."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    digest = hmac.new(settings["channel_secret"].encode(), body, hashlib.sha256).digest()
    return {"content-type": "application/json; charset=utf-8", "x-line-signature": base64.b64encode(digest).decode()}
