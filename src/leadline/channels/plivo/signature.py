"""Checks X-Plivo-Signature-V3, made of address, fields and a nonce. Called by `adapter.py:Plivo.verify`.

Source: Plivo's page on signature validation, V3, as known in November 2026.
"""

from __future__ import annotations

from leadline.channels.exchange import Request
from leadline.channels.http import is_signed, query, urlencoded
from leadline.errors import Refused


def check_signature(request: Request, auth_token: str) -> None:
    """Raise Refused unless one of the signatures is that of the account. Several stand in a list, commas between."""
    given, nonce = (request.headers.get(f"x-plivo-signature-v3{end}", "") for end in ("", "-nonce"))
    if not (given and nonce):
        raise Refused("X-Plivo-Signature-V3 is missing: only Plivo may call this address")
    message = f"{canonical(request)}.{nonce}".encode("utf-8", "surrogatepass")
    key = auth_token.encode()
    if not any(is_signed(each.strip(), (key,), message, encoding="base64") for each in given.split(",")):
        raise Refused("X-Plivo-Signature-V3 does not fit: check auth_token, and that the address is the one at Plivo")


def canonical(request: Request) -> str:
    """What is signed: the address, its query in order, and the fields of the body in order, each with its value."""
    base = request.url.partition("#")[0].partition("?")[0]
    asked = "&".join(f"{name}={value}" for name, value in sorted(query(request.url)))
    if request.method == "GET":
        return f"{base}?{asked}" if asked else base
    fields = "".join(f"{name}{value}" for name, value in sorted(urlencoded(request.body)))
    if not fields:
        return f"{base}?{asked}" if asked else base
    return f"{base}?{asked}.{fields}" if asked else f"{base}?{fields}"
