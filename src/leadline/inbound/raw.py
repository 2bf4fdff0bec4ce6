"""A provider's webhook as it is stored: all of it but credentials. `receive.py` keeps it.

Some providers, and gateways by their settings, put a secret into the address, a header or the body.
"""

from __future__ import annotations

import json
from functools import lru_cache
from urllib.parse import quote, quote_plus

from leadline.channels.exchange import Request
from leadline.channels.settings import secret_names
from leadline.connections.switchboard import Connected
from leadline.engine.arrival import Raw, storable

SHORTEST_SECRET = 6  # shorter ones may stand in any text
HIDDEN = "[secret]"
_Forms = tuple[tuple[str, bytes], ...]


def raw_of(request: Request, connected: Connected) -> Raw:
    """The webhook as it is stored."""
    key, secrets = connected.row.key, _secrets(connected)
    known = _written(key, *secrets)
    body = request.body
    for _, written in known:
        body = body.replace(written, HIDDEN.encode())
    return Raw(
        channel_id=connected.channel_id,
        method=request.method,
        url=_without_secrets(request.url, key, secrets),
        headers=_without(known, storable(request.headers)),
        body=body,
    )


def place_of(request: Request, connected: Connected) -> str:
    """The address a webhook came to, without the key of its channel and without credentials."""
    return _without_secrets(request.url, connected.row.key, _secrets(connected))


def _without_secrets(url: str, key: str, secrets: list[str]) -> str:
    url = url.replace(key, "…")
    for written, _ in _written(*secrets):
        url = url.replace(written, HIDDEN)
    return url


def _without(known: _Forms, headers: dict[str, str]) -> dict[str, str]:
    """Nearly always all of them are free of credentials, so all are looked through at once."""
    every = "\n".join(headers.values())
    if not any(written in every for written, _ in known):
        return headers
    return {name: HIDDEN if any(written in given for written, _ in known) else given for name, given in headers.items()}


def _secrets(connected: Connected) -> list[str]:
    """The credentials of a channel that are long enough to be told from other words."""
    settings = connected.settings
    return [value for name in secret_names(settings) if len(value := getattr(settings, name)) >= SHORTEST_SECRET]


@lru_cache(maxsize=1024)
def _written(*values: str) -> _Forms:
    """Credentials as a body may hold them, one after the other, the longer forms of each first; as text and bytes."""
    return tuple((form, form.encode()) for value in values for form in sorted(_forms(value), key=len, reverse=True))


def _forms(value: str) -> set[str]:
    """Plain, with the escapes of a form, or with those of JSON, needed or not."""
    in_json = [json.dumps(value, ensure_ascii=ascii)[1:-1] for ascii in (True, False)]
    return {value, quote(value, safe=""), quote_plus(value), *in_json, *(text.replace("/", r"\/") for text in in_json)}
