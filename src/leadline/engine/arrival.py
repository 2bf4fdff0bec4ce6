"""What comes in, as it is kept: the webhook as it came, and each thing that was read from it. `keep.py` stores it."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import msgspec

from leadline.model import Struct
from leadline.model.storable import without_nul

UNSTORED = {"authorization", "proxy-authorization", "cookie", "x-telegram-bot-api-secret-token"}
LONGEST_KEY = 1000  # bytes


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


def storable_arrival(arrival: NewArrival) -> NewArrival:
    """The same as PostgreSQL can keep it: keys that fit its indexes, and no NUL characters."""
    return _without_nul(_bounded(arrival))


def bounded(key: str) -> str:
    """A key that fits an index, always the same for the same text: a long one ends in the hash of all of it.

    PostgreSQL takes 2,704 bytes for a row of an index; no key here is the only one in its row.
    """
    if len(key) <= LONGEST_KEY // 4 or len(encoded := key.encode()) <= LONGEST_KEY:
        return key
    return f"{key[:64]}…sha256:{sha256(encoded).hexdigest()}"


def _bounded(arrival: NewArrival) -> NewArrival:
    keys = (arrival.dedupe, arrival.lane, arrival.piece_group, *arrival.also)
    if max(map(len, keys)) <= LONGEST_KEY // 4:
        return arrival
    return msgspec.structs.replace(
        arrival,
        dedupe=bounded(arrival.dedupe),
        lane=bounded(arrival.lane),
        piece_group=bounded(arrival.piece_group),
        also=tuple(map(bounded, arrival.also)),
    )


def _without_nul(arrival: NewArrival) -> NewArrival:
    """The raw bytes have them; neither text nor JSON can."""
    if "u0000" not in arrival.content and b"u0000" not in msgspec.json.encode(arrival):
        return arrival
    texts = {name: getattr(arrival, name) for name in ("source", "dedupe", "lane", "piece_group", "explanation")}
    return msgspec.structs.replace(
        arrival,
        **{name: text.replace("\0", "") for name, text in texts.items()},
        also=tuple(name.replace("\0", "") for name in arrival.also),
        content=without_nul(arrival.content.encode()).decode(),
    )
