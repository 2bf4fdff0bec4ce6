"""Payload files as requests, signed independently of Leadline's code: Twilio by its own SDK, Meta by plain hmac."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from twilio.request_validator import RequestValidator

from leadline.channels import channel
from leadline.channels.base import Request
from leadline.channels.http import urlencoded

FOLDER = Path(__file__).parent
NOW = 1_763_961_610.0
ADDRESS = "https://bridge.example.com/in/0123456789abcdef0123456789abcdef"
Signer = Callable[[str, str, bytes, Mapping[str, Any]], dict[str, str]]


def _twilio(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    fields = {} if method == "GET" else dict(urlencoded(body))
    given = RequestValidator(settings["auth_token"]).compute_signature(url, fields)
    return {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": given}


def _meta(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    key = settings["app_secret"].rpartition(", ")[2].encode()
    return {"x-hub-signature-256": "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()}


SIGNERS: dict[str, Signer] = {"twilio_sms": _twilio, "whatsapp_cloud": _meta}
"""For each channel with payload files: headers that a real request of its provider would carry."""


def raw_settings(key: str) -> dict[str, Any]:
    """The made-up settings the payload files of a channel go with."""
    return dict(json.loads((FOLDER / key / "settings.json").read_text("utf-8")))


def settings_of(key: str, **changes: Any) -> Any:
    """The same, typed."""
    return msgspec.convert(raw_settings(key) | changes, channel(key).settings)


def request_of(key: str, body: bytes, *, method: str = "POST", query: str = "", signature: str = "") -> Request:
    """A webhook as the provider sends it; `signature` may be `wrong` or `missing`."""
    url = f"{ADDRESS}?{query}" if query else ADDRESS
    headers = SIGNERS[key](method, url, body + b"x=1" if signature == "wrong" else body, raw_settings(key))
    if signature == "missing":
        headers = {name: value for name, value in headers.items() if "signature" not in name}
    return Request(method=method, url=url, headers=headers, body=body, now=NOW)
