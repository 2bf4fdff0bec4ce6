"""Payload files as requests, signed independently of Leadline's code: by a provider's own SDK or by plain hmac."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from leadline.channels import CHANNELS, channel
from leadline.channels.exchange import Request
from leadline.channels.settings import secret_names

HERE = Path(__file__).parent
NOW = 1_763_961_610.0
ADDRESS = "https://bridge.example.com/in/0123456789abcdef0123456789abcdef"
Signer = Callable[[str, str, bytes, Mapping[str, Any]], dict[str, str]]


def folder_of(key: str) -> Path:
    """Where the payloads of a channel are: beside its provider's tests, named as the adapter's file is."""
    provider, module = type(channel(key)).__module__.split(".")[2:4]
    return HERE / provider / ("payloads" if module == "adapter" else module)


def cases() -> list[tuple[str, Path]]:
    """Every payload file of every channel, with the channel's key."""
    return [(key, path) for key in CHANNELS for path in sorted(folder_of(key).glob("*.request.*"))]


def _signing(key: str) -> ModuleType:
    return importlib.import_module(".".join(("tests.channels", *folder_of(key).relative_to(HERE).parts, "sign")))


def signer_of(key: str) -> Signer:
    """Headers that a real request of this provider would carry: `sign` in `sign.py` of the channel's folder."""
    sign: Signer = _signing(key).sign
    return sign


def raw_settings(key: str) -> dict[str, Any]:
    """The made-up settings the payload files of a channel go with."""
    return dict(json.loads((folder_of(key) / "settings.json").read_text("utf-8")))


def settings_of(key: str, **changes: Any) -> Any:
    """The same, typed."""
    return msgspec.convert(raw_settings(key) | changes, channel(key).settings)


def secrets_of(key: str) -> list[str]:
    """Names of the credentials among those settings."""
    return [name for name in raw_settings(key) if name in secret_names(settings_of(key))]


def sealed(key: str, method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> tuple[str, bytes]:
    """Address and body with a signature inside, for providers that put it there: `seal` in `sign.py` of the folder."""
    seal = getattr(_signing(key), "seal", None)
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
