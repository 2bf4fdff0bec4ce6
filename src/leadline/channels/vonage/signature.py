"""How Vonage signs SMS webhooks: a field `sig` among the others. Called by `sms.py`, and by the sandbox to sign.

Source: Vonage's pages on signing messages, November 2026.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from leadline.channels.http import check_age, same, signature
from leadline.errors import Refused

METHODS = ("md5hash", "md5", "sha1", "sha256", "sha512")
AGE = 300.0  # seconds a signature may be old


def signature_of(fields: Mapping[str, str], secret: str, method: str) -> str:
    """The `sig` of these fields in lower-case hex: a bare MD5 hash, or an HMAC by the method's name."""
    written = [f"&{name}={_plain(fields[name])}" for name in sorted(fields) if name != "sig"]
    message = "".join(written).encode("utf-8", "surrogatepass")
    if method == "md5hash":
        return hashlib.md5(message + secret.encode(), usedforsecurity=False).hexdigest()
    return signature(secret.encode(), message, algorithm=method)


def check_signature(fields: Mapping[str, str], *, secret: str, method: str, now: float) -> None:
    """Check `sig` and its age; raises Refused."""
    given = fields.get("sig", "")
    if not given:
        raise Refused("sig is missing: ask Vonage to sign this account's webhooks, or remove signature_secret here")
    if not same(given.lower(), signature_of(fields, secret, method)):
        raise Refused("sig does not fit: check signature_secret and signature_method, found in Vonage's API settings")
    check_age(fields.get("timestamp", ""), now, AGE)


def _plain(value: str) -> str:
    return value.replace("&", "_").replace("=", "_")
