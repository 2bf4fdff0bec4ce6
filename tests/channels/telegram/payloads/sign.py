"""Adds the header that Telegram sends back: the secret given to setWebhook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    return {"content-type": "application/json", "x-telegram-bot-api-secret-token": settings["secret_token"]}
