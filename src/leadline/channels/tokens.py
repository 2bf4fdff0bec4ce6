"""JSON web tokens as webhooks carry them: fixed algorithms, and times judged by the request, not by a clock.

Only HMAC signatures (RFC 7515, RFC 7518 section 3.2). Made here and not by PyJWT, which takes seven times as long; the
tests hold it against PyJWT and the cases that MessageBird publishes.
"""

from __future__ import annotations

import binascii
from functools import lru_cache
from typing import Any

import msgspec

from leadline.channels.http import same, signature
from leadline.errors import Refused

LEEWAY = 5.0  # seconds the provider's clock may differ
DIGESTS = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
_URL_ALPHABET = str.maketrans("+/", "-_", "=")
_PLAIN_ALPHABET = bytes.maketrans(b"-_", b"+/")


class _Head(msgspec.Struct):
    """What a token says about itself. `crit` names extensions that must be understood; none is."""

    alg: str
    crit: list[str] | None = None


_HEAD = msgspec.json.Decoder(_Head)
_CLAIMS = msgspec.json.Decoder(dict[str, Any])


def check_token(
    token: str,
    key: str | bytes,
    *,
    algorithms: tuple[str, ...],
    now: float,
    require: tuple[str, ...] = (),
    issuer: str = "",
    max_age: float | None = None,
    leeway: float = LEEWAY,
) -> dict[str, Any]:
    """The claims of a signed token; raises Refused. Times are unix seconds, `max_age` seconds after `iat`.

    Only the `algorithms` named here are tried, whatever the token itself says. `exp` and `nbf` hold where present.
    """
    if not key:
        raise Refused("This channel has no signing secret, so its webhooks cannot be believed: set it")
    claims = _signed(token, key.encode() if isinstance(key, str) else key, algorithms)
    missing = [name for name in require if claims.get(name) is None]
    if missing:
        raise Refused(f"The signed token lacks {', '.join(missing)}")
    if issuer and claims.get("iss") != issuer:
        raise Refused(f"The signed token was not issued by {issuer}")
    _check_times(claims, now, leeway, max_age)
    return claims


def _check_times(claims: dict[str, Any], now: float, leeway: float, max_age: float | None) -> None:
    times = {name: claims[name] for name in ("exp", "nbf", "iat") if claims.get(name) is not None}
    if not all(isinstance(value, int | float) for value in times.values()):
        raise Refused("A time in the signed token is no number")
    if now > times.get("exp", now) + leeway:
        raise Refused("The signed token has expired: if that is no replay, set this server's clock")
    if max(times.get("nbf", now), times.get("iat", now)) > now + leeway:
        raise Refused("The signed token is not valid yet: set this server's clock")
    if max_age is not None and now - times.get("iat", now) > max_age + leeway:
        raise Refused("The signed token is too old: if that is no replay, set this server's clock")


def _signed(token: str, key: bytes, algorithms: tuple[str, ...]) -> dict[str, Any]:
    """The claims of a token that was signed with this key by one of these algorithms; raises Refused."""
    message, _, given = token.rpartition(".")
    head, _, payload = message.partition(".")
    try:
        named = _head(head)
        if named.alg not in algorithms or named.alg not in DIGESTS or named.crit is not None:
            raise Refused(f"The signed token is not valid: {named.alg[:20]} is not the way this provider signs")
        expected = signature(key, message.encode("ascii"), algorithm=DIGESTS[named.alg], encoding="base64")
        if not same(given, expected.translate(_URL_ALPHABET)):
            raise Refused("The signed token is not valid: it was signed with another secret")
        return _CLAIMS.decode(_bytes(payload))
    except (msgspec.DecodeError, UnicodeError, ValueError, RecursionError) as error:
        raise Refused(f"The signed token is not valid: {error}") from error


@lru_cache(maxsize=64)
def _head(part: str) -> _Head:
    """A provider writes the same head on every token."""
    return _HEAD.decode(_bytes(part))


def _bytes(part: str) -> bytes:
    """Undo base64url without padding, strictly."""
    plain = part.encode("ascii").translate(_PLAIN_ALPHABET)
    return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4), strict_mode=True)
