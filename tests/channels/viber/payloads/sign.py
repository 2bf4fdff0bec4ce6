"""Signs payload files by plain hmac, as Viber's reference describes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    given = hmac.new(settings["auth_token"].encode(), body, hashlib.sha256).hexdigest()
    return {"content-type": "application/json", "x-viber-content-signature": given}
