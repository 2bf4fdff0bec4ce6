"""Whom an id token is about, once everything in it was checked. Pure; `exchange.py` asks here.

OpenID Connect Core 1.0, 3.1.3.7. The signature is checked by joserfc, the claims by Authlib.
"""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Mapping
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from leadline.errors import LeadlineError
from leadline.model import Struct

ALGORITHMS = ["RS256", "PS256", "ES256"]
"""By public keys alone, whatever a token or a provider says of itself."""
LEEWAY = 120  # seconds that clocks may differ
MICROSOFTS_WORD = "xms_edov"
"""Microsoft's claim instead of email_verified: the domain's owner was verified (learn.microsoft.com, November 2026)."""
YES = (True, 1, "1", "true", "True")


class NotBelieved(LeadlineError):
    """A token that does not prove who signs in. The text is for the log; people are told in general."""


class Expected(Struct, frozen=True, kw_only=True):
    """What a token must be: of this issuer, for this client, for the sign-in that this nonce was made for."""

    issuer: str
    client_id: str
    nonce: str


class Person(Struct, frozen=True, kw_only=True):
    """Whom a provider vouches for. subject: the name that never changes. email: empty where it tells none.

    hosted: the domain whose owner runs the account, where the provider says so.
    """

    subject: str
    email: str = ""
    verified: bool = False
    hosted: str = ""


def claims_of(token: str, keys: Mapping[str, Any], expected: Expected, *, access_token: str = "") -> dict[str, Any]:
    """The claims of a token that proves them; raises NotBelieved."""
    try:
        decoded = jwt.decode(token, _public(keys), algorithms=ALGORITHMS)
        options = {
            "iss": {"essential": True, "value": expected.issuer},
            "sub": {"essential": True},
            "aud": {"essential": True, "value": expected.client_id},
            "exp": {"essential": True},
            "iat": {"essential": True},
            "nonce": {"essential": True, "value": expected.nonce},
        }
        params = {"client_id": expected.client_id, "nonce": expected.nonce, "access_token": access_token}
        claims = CodeIDToken(decoded.claims, decoded.header, options, params)
        claims.validate(leeway=LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise NotBelieved(f"{type(error).__name__}: {error}") from error
    return dict(claims)


def person_of(claims: Mapping[str, Any]) -> Person:
    """What is used of the claims; raises NotBelieved where they name nobody."""
    subject, email = claims.get("sub"), claims.get("email")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise NotBelieved("no usable sub")
    verified = claims.get("email_verified") in YES or claims.get(MICROSOFTS_WORD) in YES
    hosted = claims.get("hd")
    return Person(
        subject=subject, email=_address(email), verified=verified, hosted=hosted if isinstance(hosted, str) else ""
    )


def _address(email: object) -> str:
    """An e-mail address in lower case; empty for what is none, or may turn into somebody else's.

    In lower case the Kelvin sign is a plain k. Unicode's normal form (NFC) has no such second letters.
    """
    text = email.strip() if isinstance(email, str) else ""
    return text.lower() if text.isprintable() and unicodedata.is_normalized("NFC", text) else ""


def _public(keys: Mapping[str, Any]) -> KeySet:
    """The keys that may sign: a secret one that a provider publishes is known to everybody. What cannot be read is left
    out (RFC 7517, 5): a provider may have keys of kinds that we do not know.
    """
    found = keys.get("keys")
    listed = [key for key in found if isinstance(key, dict)] if isinstance(found, list) else []
    usable = []
    for key in listed:
        if key.get("kty") in ("RSA", "EC") and key.get("use", "sig") == "sig":
            with contextlib.suppress(JoseError, ValueError, TypeError, KeyError):
                usable += KeySet.import_key_set({"keys": [key]}).keys
    if not usable:
        raise NotBelieved("no key that can be used")
    return KeySet(usable)
