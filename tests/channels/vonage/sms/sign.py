"""Puts Vonage's `sig` into payload files, by plain hmac."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.channels import wire


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    if method == "GET":
        return {}
    return {"content-type": "application/json" if body[:1] == b"{" else "application/x-www-form-urlencoded"}


def seal(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> tuple[str, bytes]:
    """The same request with time, nonce and signature; what is no set of fields stays as it is."""
    if method == "GET":
        address, _, query = url.partition("?")
        return f"{address}?{urlencode(_signed(dict(parse_qsl(query, keep_blank_values=True)), settings))}", body
    try:
        fields = json.loads(body) if body[:1] == b"{" else dict(parse_qsl(body.decode(), keep_blank_values=True))
    except ValueError:
        return url, body
    whole = _signed(fields, settings)
    return url, (json.dumps(whole) if body[:1] == b"{" else urlencode(whole)).encode()


def _signed(fields: dict[str, str], settings: Mapping[str, Any]) -> dict[str, str]:
    whole = {"timestamp": str(int(wire.NOW)), "nonce": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"} | fields
    message = "".join(f"&{name}={str(whole[name]).replace('&', '_').replace('=', '_')}" for name in sorted(whole))
    return whole | {
        "sig": hmac.new(settings["signature_secret"].encode(), message.encode(), hashlib.sha256).hexdigest().upper()
    }
