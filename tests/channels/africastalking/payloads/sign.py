"""Africa's Talking signs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    return {"content-type": "application/x-www-form-urlencoded"}
