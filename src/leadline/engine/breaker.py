"""An outage means waiting: one message at a time tries the service that is down, all others wait.

Whoever calls Intercom or a provider asks its `Breaker` before and tells it what became of the call. `lanes.py` holds
back the lanes of what is away; the worker tends the breakers: tries, and lets the lanes go on afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import structlog
from prometheus_client import Gauge

from leadline.engine.holds import HOLD
from leadline.engine.ledger import Ledger, Rows, Statement
from leadline.errors import Outage, Retry
from leadline.model import Struct
from leadline.store.database import Database
from leadline.store.queries import queries

INTERCOM = "intercom"
SURE = 3  # failures in a row that no message can be the cause of
LIKELY = 5  # failures in a row, of messages of at least two senders
FIRST, LONGEST = 1.0, 30.0  # seconds before the first try, and at most between two
BATCH = 500  # lanes that are let go at once
OPEN = Gauge("leadline_breaker_open", "1 while Intercom or a channel's provider is away", ["workspace", "breaker"])
log = structlog.get_logger(__name__)
Key = tuple[str, str]  # workspace, breaker

_TRYING: ContextVar[Key | None] = ContextVar("trying", default=None)  # what the work under way is the try of


class _Failure(Struct, frozen=True):
    lane: str
    sure: bool
    is_write: bool


class Breaker:
    """One that may be away, as this process knows it. Opens after failures in a row, closes after a try that worked."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.why: Retry | None = None
        self.answered = False
        self._failures: list[_Failure] = []

    @property
    def is_open(self) -> bool:
        return self.why is not None

    def check(self) -> None:
        """Raises Outage while it is open; not for the message that is the try."""
        if self.why is not None and _TRYING.get() != self.key:
            raise Outage(self.why.reason, str(self.why), breaker=self.key[1])

    def worked(self, *, is_write: bool = True) -> None:
        """The other side answered as it should. That it can be read says nothing about writing."""
        self.answered = True
        self._failures = [] if is_write else [failure for failure in self._failures if failure.is_write]

    def failed(self, why: Retry, *, sure: bool, is_write: bool = True, at_once: bool = False) -> None:
        """The other side did not answer as it should. sure: no single message can be the cause of it."""
        why.breaker, why.sure = self.key[1], sure
        hold = HOLD.get()
        self._failures.append(_Failure(hold.lane if hold else "", sure, is_write))
        certain = sum(failure.sure for failure in self._failures)
        several = len({failure.lane for failure in self._failures}) > 1
        if at_once or certain >= SURE or (several and len(self._failures) >= LIKELY):
            self.open(why)

    def open(self, why: Retry) -> None:
        """It is away, as this process or another one found out."""
        if self.why is None:
            log.warning("breaker_open", breaker=self.key[1], why=str(why))
            OPEN.labels(*self.key).set(1)
        self.why = why

    def close(self) -> None:
        """It is there again."""
        if self.why is not None:
            log.info("breaker_closed", breaker=self.key[1])
            OPEN.labels(*self.key).set(0)
        self.why = None
        self._failures = []


class Trial(Struct, frozen=True):
    """It is time to try: with this lane, where one waits."""

    key: Key
    lane: str | None


class Tend(Struct, frozen=True):
    """What this process found out: who is away and why, and who is there again."""

    opened: tuple[tuple[Key, Retry], ...]
    closed: tuple[Key, ...]


class Release(Struct, frozen=True):
    """How many lanes are let go at once."""

    size: int


def _tend(entries: Sequence[Tend]) -> dict[str, Any]:
    [entry] = entries
    return {
        "opened_in": [workspace_id for (workspace_id, _), _ in entry.opened],
        "opened": [name for (_, name), _ in entry.opened],
        "reasons": [why.reason for _, why in entry.opened],
        "explanations": [str(why) for _, why in entry.opened],
        "closed_in": [workspace_id for workspace_id, _ in entry.closed],
        "closed": [name for _, name in entry.closed],
        "first": FIRST,
        "longest": LONGEST,
    }


def _release(entries: Sequence[Release]) -> dict[str, Any]:
    return {"batch": entries[0].size}


def _rows(rows: Rows) -> Rows:
    return rows


TEND = Statement[Tend, Rows](queries.tend_breakers.sql, _rows, _tend, rank=3, shared=False)
RELEASE = Statement[Release, int](queries.release_lanes.sql, len, _release, rank=8, shared=False)


class Breakers:
    """All breakers of this process, and what the workers of all processes put on record about them."""

    def __init__(self) -> None:
        self._known: dict[Key, Breaker] = {}
        self._recorded: set[Key] = set()

    def of(self, workspace_id: str, name: str) -> Breaker:
        """The breaker of this name; the same one for everybody who asks."""
        return self._known.setdefault((workspace_id, name), Breaker((workspace_id, name)))

    @property
    def any_open(self) -> bool:
        return any(breaker.is_open for breaker in self._known.values()) or bool(self._recorded)

    async def tend(self, ledger: Ledger) -> list[Trial]:
        """Tell and learn who is away; the tries that this worker is to make now. Raises Lost."""
        away = {key: breaker.why for key, breaker in self._known.items() if breaker.why is not None}
        opened = {key: why for key, why in away.items() if key not in self._recorded}
        closed = self._recorded - away.keys()
        rows = await ledger.write(TEND, Tend(tuple(opened.items()), tuple(closed)))
        recorded = {(row["workspace_id"], row["breaker"]): row for row in rows}
        for key in self._recorded - closed - recorded.keys():
            self.of(*key).close()  # another worker's try worked
        for key, row in recorded.items():
            if not self.of(*key).is_open:
                self.of(*key).open(Outage(row["reason"], row["explanation"], breaker=row["breaker"]))
        self._recorded = {*recorded, *opened}
        return [Trial(key, row["lane"]) for key, row in recorded.items() if row["is_due"]]

    async def release(self, ledger: Ledger) -> bool:
        """Let lanes go on whose breaker is closed, a batch of them; whether there may be more. Raises Lost."""
        return await ledger.write(RELEASE, Release(size=BATCH)) == BATCH

    @contextmanager
    def trying(self, key: Key) -> Iterator[Breaker]:
        """What is done in the block is the try: it may call."""
        breaker = self.of(*key)
        breaker.answered = False
        token = _TRYING.set(key)
        try:
            yield breaker
        finally:
            _TRYING.reset(token)


async def breakers(database: Database, workspace_id: str) -> list[dict[str, Any]]:
    """Who is away now: since when, why, when the next try is, and how many lanes wait for it."""
    async with database.connection() as connection:
        return [row async for row in queries.breakers(connection, workspace_id=workspace_id)]


async def outages(database: Database, workspace_id: str) -> list[tuple[str, str]]:
    """Who is away now, each as `outage_in_words` says it."""
    return [outage_in_words(row) for row in await breakers(database, workspace_id)]


def outage_in_words(row: Mapping[str, Any]) -> tuple[str, str]:
    """Who is away and what that means, for people; of a row of `breakers`."""
    name = row["breaker"]
    part = "calls to Intercom" if name == INTERCOM else f"messages to channel {name.removeprefix('channel:')}"
    return part, (
        f"away since {row['opened_at']:%Y-%m-%d %H:%M}: {row['explanation']} The messages of {row['lanes']} senders "
        "wait in order. One is tried from time to time; once it goes through, the others follow"
    )
