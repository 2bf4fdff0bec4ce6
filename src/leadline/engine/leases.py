"""The statements by which lanes are leased, renewed, settled and freed, as entries of the ledger. For lanes.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from leadline.engine import holds
from leadline.engine.holds import Place
from leadline.engine.ledger import Rows, Statement, document
from leadline.model import Struct
from leadline.store.queries import queries

EVER = 1e9  # seconds


class Next(Struct, frozen=True, kw_only=True):
    """The next arrival of a lane, as it is on record. `behind`: another lane of the sender goes first."""

    arrival_id: int
    raw_id: str
    channel_id: int | None
    kind: str
    content: Any
    attempts: int
    arrived: float
    waited: float
    others: tuple[str, ...]
    behind: bool = False


class Take(Struct, frozen=True, kw_only=True):
    """Lease so many lanes that are due, at most since `back` seconds, and the one that is named."""

    slots: int = 0
    back: float = EVER
    workspace_id: str = ""
    lane: str = ""


class Taken(Struct, frozen=True, kw_only=True):
    """A lane that was leased, the first of its places; without an arrival when nothing waits in it after all."""

    workspace_id: str
    places: tuple[Place, ...]
    arrival: Next | None


class Found(Struct, frozen=True, kw_only=True):
    """The lanes leased. soon: seconds until the next one is due, None when none has a time.

    0: one that is due was written at this very moment, and is left for the next look.
    """

    lanes: tuple[Taken, ...]
    soon: float | None


class Settle(Struct, frozen=True, kw_only=True):
    """What became of an arrival. waiting: the lane is let go for `delay` seconds, or until `blocked_on` is over.

    arrival_id: 0 when there is none, and only the lane is to be let go or to go on. go_on: the next arrival is wanted.
    """

    workspace_id: str
    lane: str
    epoch: int
    beside: tuple[Place, ...] = ()
    arrival_id: int = 0
    state: str = "done"
    reason: str = ""
    explanation: str = ""
    counted: int = 0
    delay: float = 0.0
    blocked_on: str = ""
    go_on: bool = True


class Settled(Struct, frozen=True, kw_only=True):
    """held: the lane was this worker's. gone: it was let go. woken: a lane that waited for it is due."""

    held: bool
    gone: bool
    woken: bool
    arrival: Next | None


class Renewal(Struct, frozen=True, kw_only=True):
    """One place whose lease is to begin anew."""

    workspace_id: str
    lane: str
    epoch: int


class Alone(Struct, frozen=True):
    """An entry that says nothing but that the statement is to be run."""


def _next(row: dict[str, Any]) -> Next | None:
    return msgspec.convert(row, Next) if row["arrival_id"] is not None else None


def _found(rows: Rows) -> Found:
    leased = tuple(_taken(row) for row in rows if row["lane"] is not None)
    return Found(lanes=leased, soon=rows[0]["soon"])


def _taken(row: dict[str, Any]) -> Taken:
    places = tuple(map(Place, row["lanes"], row["epochs"]))
    return Taken(workspace_id=row["workspace_id"], places=places, arrival=_next(row))


def _take(entries: Sequence[Take]) -> dict[str, Any]:
    return msgspec.structs.asdict(entries[0]) | {"lease": holds.LEASE}


def _settled(rows: Rows) -> Settled:
    [row] = rows
    return Settled(held=row["held"], gone=row["gone"], woken=row["woken"], arrival=_next(row))


def _renewal(entries: Sequence[Renewal]) -> dict[str, Any]:
    return document(entries) | {"lease": holds.LEASE}


def _nothing(entries: Sequence[Alone]) -> dict[str, Any]:
    return {}


def _freed(rows: Rows) -> list[str]:
    return [row["lane"] for row in rows]


def _free(rows: Rows) -> bool | None:
    return rows[0]["free"] if rows else None


def _one(entries: Sequence[Take]) -> dict[str, Any]:
    return {"workspace_id": entries[0].workspace_id, "lane": entries[0].lane}


SETTLE = Statement[Settle, Settled](queries.settle_lanes.sql, _settled, rank=0)
RENEWAL = Statement[Renewal, bool](queries.renew_lanes.sql, bool, _renewal, rank=7)
FREE_DEAD = Statement[Alone, list[str]](queries.free_lanes_of_the_dead.sql, _freed, _nothing, rank=8, shared=False)
TAKE = Statement[Take, Found](queries.take_lanes.sql, _found, _take, rank=9, shared=False)
IS_FREE = Statement[Take, bool | None](queries.is_free.sql, _free, _one, shared=False)
LET_GO = Statement[Alone, object](queries.let_go.sql, bool, _nothing, shared=False)
