"""The Authorization that 360dialog was told to send; a wrong one where the body is not what was meant to be signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    given = "another-secret" if body.endswith(b"x=1") else settings["webhook_secret"]
    return {"content-type": "application/json", "authorization": f"Bearer {given}"}
