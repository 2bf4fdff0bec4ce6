"""TextMagic signs nothing; the content type tells the account's format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    if body[:2] == b"--":
        boundary = body.partition(b"\r\n")[0][2:].decode("latin-1")
        return {"content-type": f"multipart/form-data; boundary={boundary}"}
    return {"content-type": "application/json" if body[:1] == b"{" else "application/x-www-form-urlencoded"}
