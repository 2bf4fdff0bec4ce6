"""Twilio's webhook signature, for all its senders. Called by the Twilio adapters' `verify`.

Source: https://www.twilio.com/docs/usage/security, shared keys of the webhooks API, Twilio's validator; November 2026.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from leadline.channels.exchange import Request
from leadline.channels.http import Pairs, first_of, is_signed, query, same, urlencoded
from leadline.errors import Refused


def check_signature(request: Request, *, auth_token: str, signing_key: str = "") -> None:
    """Raise Refused unless X-Twilio-Signature fits address and fields, or the address with the body's hash.

    The address is tried with and without its port, because Twilio signs either. Unreadable where a form is no form.
    """
    given = request.headers.get("x-twilio-signature", "")
    if not given:
        raise Refused("X-Twilio-Signature is missing: only Twilio may call this address")
    key, algorithm = _key(request.headers, auth_token, signing_key)
    fields = _canonical(_signed_fields(request))
    for url in _addresses(request.url):
        message = (url + fields).encode("utf-8", "surrogatepass")
        if is_signed(given, (key,), message, algorithm=algorithm, encoding="base64"):
            return
    raise Refused(
        "X-Twilio-Signature does not fit. Check that the auth token is the one of the account (or subaccount) that "
        "owns the number, and that LEADLINE_PUBLIC_URL is exactly the address entered at Twilio"
    )


def is_form(headers: Mapping[str, str]) -> bool:
    """Whether the body is a form; no content type counts as one, too."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() in (
        "",
        "application/x-www-form-urlencoded",
    )


def _key(headers: Mapping[str, str], auth_token: str, signing_key: str) -> tuple[bytes, str]:
    """Which secret signed, and how: a shared key where the settings header names one, else the auth token."""
    named = headers.get("x-twilio-webhooks-signature-settings", "")
    if not named:
        return auth_token.encode(), "sha1"
    options = dict(part.strip().partition("=")[::2] for part in named.split(","))
    algorithm = {"": "sha1", "HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}.get(options.get("algorithm", "").upper())
    if algorithm is None:
        raise Refused(
            "Twilio signed with an algorithm this version does not know: switch the shared key to HMAC_SHA256"
        )
    if not signing_key:
        raise Refused("Twilio signed with a shared key: set it as signing_key of this channel")
    return signing_key.encode(), algorithm


def _signed_fields(request: Request) -> Pairs:
    """The fields that the signature covers; of a body that is no form, the address must carry the hash."""
    if request.method == "GET":
        return ()
    if is_form(request.headers):
        return urlencoded(request.body)
    claimed = first_of(query(request.url)).get("bodySHA256", "")
    if not same(claimed.lower(), hashlib.sha256(request.body).hexdigest()):
        raise Refused("bodySHA256 in the address is not the hash of the body")
    return ()


def _canonical(pairs: Pairs) -> str:
    """Names and values in the order of the names; of a repeated name each different value once, in order."""
    by_name = dict(pairs)
    if len(by_name) < len(pairs):
        return "".join([name + value for name, value in sorted(set(pairs))])
    return "".join([name + by_name[name] for name in sorted(by_name)])


def _addresses(url: str) -> Iterator[str]:
    """The address without credentials: as it is, then without its port or with the default one."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    host = host.rpartition("@")[2]
    yield f"{scheme}://{host}{slash}{path}"
    bare, _, port = host.rpartition(":")
    other = bare if bare and port.isdigit() else f"{host}:{443 if scheme == 'https' else 80}"
    yield f"{scheme}://{other}{slash}{path}"
