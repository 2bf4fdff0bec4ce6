"""VK signs nothing: its secret stands in the body, as the payload files have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    return {"content-type": "application/json"}
