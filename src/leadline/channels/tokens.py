"""JSON web tokens as webhooks carry them: fixed algorithms, and times judged by the request, not by a clock."""

from __future__ import annotations

from typing import Any

import jwt
import msgspec
from jwt.algorithms import HMACAlgorithm

from leadline.errors import Refused

LEEWAY = 5.0  # seconds the provider's clock may differ


class _ProviderHMAC(HMACAlgorithm):
    """HMAC with whatever key length the provider chose: nobody here can lengthen it, so no warning about it."""

    def check_key_length(self, key: bytes) -> str | None:
        return None


def _signatures() -> jwt.PyJWS:
    jws = jwt.PyJWS()
    for name, digest in (
        ("HS256", HMACAlgorithm.SHA256),
        ("HS384", HMACAlgorithm.SHA384),
        ("HS512", HMACAlgorithm.SHA512),
    ):
        jws.unregister_algorithm(name)
        jws.register_algorithm(name, _ProviderHMAC(digest))
    return jws


_JWS = _signatures()


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
    try:
        claims = msgspec.json.decode(_JWS.decode(token, key, algorithms=list(algorithms)), type=dict[str, Any])
    except (jwt.PyJWTError, msgspec.DecodeError, UnicodeError, ValueError, TypeError, RecursionError) as error:
        raise Refused(f"The signed token is not valid: {error}") from error
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
