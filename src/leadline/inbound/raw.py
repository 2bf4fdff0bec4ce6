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


def raw_of(request: Request, connected: Connected) -> Raw:
    """The webhook as it is stored."""
    known = [connected.row.key, *_secrets(connected)]
    body = request.body
    for written in [each for value in known for each in _written(value)]:
        body = body.replace(written, HIDDEN.encode())
    headers = {
        name: HIDDEN if any(each.decode() in given for value in known for each in _written(value)) else given
        for name, given in storable(request.headers).items()
    }
    return Raw(
        channel_id=connected.channel_id,
        method=request.method,
        url=place_of(request, connected),
        headers=headers,
        body=body,
    )


def place_of(request: Request, connected: Connected) -> str:
    """The address a webhook came to, without the key of its channel and without credentials."""
    place = request.url.replace(connected.row.key, "…")
    for written in [each.decode() for value in _secrets(connected) for each in _written(value)]:
        place = place.replace(written, HIDDEN)
    return place


def _secrets(connected: Connected) -> list[str]:
    """The credentials of a channel that are long enough to be told from other words."""
    settings = connected.settings
    return [value for name in secret_names(settings) if len(value := getattr(settings, name)) >= SHORTEST_SECRET]


@lru_cache(maxsize=1024)
def _written(value: str) -> tuple[bytes, ...]:
    """A credential as a body may hold it: plain, with the escapes of a form, or with those of JSON, needed or not."""
    in_json = [json.dumps(value, ensure_ascii=ascii)[1:-1] for ascii in (True, False)]
    forms = {value, quote(value, safe=""), quote_plus(value), *in_json, *(text.replace("/", r"\/") for text in in_json)}
    return tuple(text.encode() for text in sorted(forms, key=len, reverse=True))
