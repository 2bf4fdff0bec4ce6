"""What comes in, as it is kept: the webhook as it came, and each thing that was read from it. `keep.py` stores it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from leadline.model import Struct

UNSTORED = {"authorization", "proxy-authorization", "cookie", "x-telegram-bot-api-secret-token"}
_NUL_IN_JSON = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


class Raw(Struct, frozen=True, kw_only=True):
    """One webhook as it came. Headers are those that may be stored: no credentials among them."""

    channel_id: int | None
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class NewArrival(Struct, frozen=True, kw_only=True):
    """One thing read from a webhook; `dedupe` is unique within `source`, content is JSON. Parked if it has a reason.

    piece_group: the same for all parts of one message, where it came in several.
    also: lanes that the sender's other addresses name; from now on they go on in one lane.
    """

    source: str
    dedupe: str
    kind: str
    lane: str
    content: str
    channel_id: int | None = None
    piece_group: str = ""
    reason: str = ""
    explanation: str = ""
    also: tuple[str, ...] = ()


def storable(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers without credentials."""
    return {name: value for name, value in headers.items() if name.lower() not in UNSTORED}


def without_nul(arrival: NewArrival) -> NewArrival:
    """The same without NUL characters, which PostgreSQL keeps neither in text nor in JSON; the raw bytes have them."""
    if b"u0000" not in msgspec.json.encode(arrival):
        return arrival
    texts = {name: getattr(arrival, name) for name in ("source", "dedupe", "lane", "piece_group", "explanation")}
    return msgspec.structs.replace(
        arrival,
        **{name: text.replace("\0", "") for name, text in texts.items()},
        also=tuple(name.replace("\0", "") for name in arrival.also),
        content=_NUL_IN_JSON.sub(r"\1", arrival.content),
    )
