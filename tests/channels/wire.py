"""Payload files as requests, signed independently of Leadline's code: by a provider's own SDK or by plain hmac."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from leadline.channels import channel
from leadline.channels.base import Request, secret_names

FOLDER = Path(__file__).parent
NOW = 1_763_961_610.0
ADDRESS = "https://bridge.example.com/in/0123456789abcdef0123456789abcdef"
Signer = Callable[[str, str, bytes, Mapping[str, Any]], dict[str, str]]


def signer_of(key: str) -> Signer:
    """Headers that a real request of this provider would carry: `sign` in `sign.py` of the channel's folder."""
    sign: Signer = importlib.import_module(f"tests.channels.{key}.sign").sign
    return sign


def raw_settings(key: str) -> dict[str, Any]:
    """The made-up settings the payload files of a channel go with."""
    return dict(json.loads((FOLDER / key / "settings.json").read_text("utf-8")))


def settings_of(key: str, **changes: Any) -> Any:
    """The same, typed."""
    return msgspec.convert(raw_settings(key) | changes, channel(key).settings)


def secrets_of(key: str) -> list[str]:
    """Names of the credentials among those settings."""
    return [name for name in raw_settings(key) if name in secret_names(settings_of(key))]


def sealed(key: str, method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> tuple[str, bytes]:
    """Address and body with a signature inside, for providers that put it there: `seal` in `sign.py` of the folder."""
    seal = getattr(importlib.import_module(f"tests.channels.{key}.sign"), "seal", None)
    return seal(method, url, body, settings) if seal else (url, body)


def request_of(key: str, body: bytes, *, method: str = "POST", query: str = "", signature: str = "") -> Request:
    """A webhook as the provider sends it; `signature` may be `wrong` or `missing`."""
    url = f"{ADDRESS}?{query}" if query else ADDRESS
    if signature != "missing":
        known = raw_settings(key) | ({"signature_secret": "another"} if signature == "wrong" else {})
        url, body = sealed(key, method, url, body, known)
    headers = signer_of(key)(method, url, body + b"x=1" if signature == "wrong" else body, raw_settings(key))
    if signature == "missing":
        headers = {
            name: value for name, value in headers.items() if "signature" not in name and name != "authorization"
        }
    return Request(method=method, url=url, headers=headers, body=body, now=NOW)
