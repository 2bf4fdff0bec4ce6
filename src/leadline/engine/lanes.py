"""Stop 3: one lane per sender, worked on in order by at most one worker, which leases it. `worker.py` runs them.

What becomes of the arrivals of many lanes is written in shared commits (`ledger.py`); each answer brings the lane's
next arrival along.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import structlog

from leadline.engine import holds
from leadline.engine.holds import HOLD, Hold
from leadline.engine.leases import (
    EVER,
    FREE_DEAD,
    IS_FREE,
    LET_GO,
    RENEWAL,
    SETTLE,
    TAKE,
    Alone,
    Next,
    Renewal,
    Settle,
    Settled,
    Take,
    Taken,
)
from leadline.engine.shared import Engine
from leadline.errors import Lost, Park, Retry, Waiting
from leadline.model import Struct
from leadline.tracing import followed

LONGEST_DELAY = 300.0
LONGEST_ASKED = 3600.0  # seconds for which a pause is kept that somebody asks for
MARGIN = 2.0  # seconds by which a lane may be due before anybody can see it: a commit takes a while
WAITING_DELAY = 10.0  # seconds between looks whether a person has removed the cause
log = structlog.get_logger(__name__)


class Arrival(Struct, frozen=True, kw_only=True):
    """One thing in a lane. `content` is the decoded JSON that was kept; `arrived_at` in unix seconds.

    waited: seconds from then until it was taken. Both by the database's clock: this machine's may show anything else.
    others: lanes of the same sender's other addresses; nothing is done there meanwhile.
    """

    workspace_id: str
    arrival_id: int
    channel_id: int | None
    kind: str
    lane: str
    content: Any
    attempts: int
    arrived_at: float
    waited: float = 0.0
    others: tuple[str, ...] = ()


Work = Callable[[Arrival], Awaitable[str]]
"""Handles an arrival and returns its result in words: nothing ends silently."""


class Limits(Struct, frozen=True, kw_only=True):
    """How often a message is tried before it is parked, and the seconds before its second try."""

    attempts: int = 10
    base: float = 1.0


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of an arrival, as it is recorded. retry: why it waits, if it does."""

    state: str = "done"
    reason: str = ""
    explanation: str = ""
    counted: int = 0
    delay: float = 0.0
    blocked_on: str = ""
    retry: Retry | None = None


class Lanes:
    """Works through lanes. `work` does one arrival and may be repeated for it after a crash."""

    def __init__(self, engine: Engine, work: Work, limits: Limits) -> None:
        self._ledger = engine.ledger
        self._bell = engine.bell
        self._breakers = engine.breakers
        self._work = work
        self._limits = limits
        self._holds: set[Hold] = set()
        self._looked = -math.inf
        self._renewing: asyncio.Task[None] | None = None

    async def take(self, slots: int, *, ever: bool = True) -> tuple[list[tuple[Hold, Next | None]], float | None]:
        """Lease lanes that are due, at most so many; and the seconds until the next one is. Raises Lost.

        ever: also those that were due before all of them were looked at last, which may be slow (see take_lanes).
        """
        if not slots:
            return [], None
        asked = time.monotonic()
        back = EVER if ever else min(EVER, asked - self._looked + MARGIN)
        found = await self._ledger.write(TAKE, Take(slots=slots, back=back))
        if len(found.lanes) < slots:
            self._looked = asked
        return [(self._held(taken, asked), taken.arrival) for taken in found.lanes], found.soon

    async def drain(self, workspace_id: str, lane: str, go_on: Callable[[], bool] = lambda: True) -> None:
        """Work through this lane here and now, see `run`. Raises Retry when it must go on later, or is another's."""
        asked, named = time.monotonic(), Take(workspace_id=workspace_id, lane=lane)
        try:
            found = await self._ledger.write(TAKE, named)
            free: bool | None = True
            while not found.lanes and (free := await self._ledger.write(IS_FREE, named)):
                found = await self._ledger.write(TAKE, named)  # it was being written at that moment
            if free is False:
                raise Retry("lane_busy", "Another worker is in the lane, or in an earlier one of the same sender", 1.0)
        except Lost as lost:
            raise Retry("database_unavailable", str(lost)) from lost
        for taken in found.lanes:
            if retry := await self.run(self._held(taken, asked), taken.arrival, go_on):
                raise retry

    async def run(self, hold: Hold, first: Next | None, go_on: Callable[[], bool] = lambda: True) -> Retry | None:
        """Work through a lane that was leased until it is let go; says why, when something waits in it.

        go_on: False when the worker is to leave: then the lane is let go after the arrival it is at.
        """
        self._holds.add(hold)
        token = HOLD.set(hold)
        try:
            return await self._through(hold, first, go_on)
        except Lost as lost:
            log.warning("lane_lost", lane=hold.lane, why=str(lost))
            return Retry("lane_lost", str(lost), 1.0)
        finally:
            HOLD.reset(token)
            self._holds.discard(hold)

    async def free_dead(self) -> None:
        """Free the lanes of workers that died. Raises Lost."""
        if freed := await self._ledger.write(FREE_DEAD, Alone()):
            log.warning("lanes_freed", count=len(freed), lanes=freed[:10])

    async def close(self) -> None:
        """Let go of everything that is still held."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)
        if self._ledger.session is not None:
            await asyncio.gather(self._ledger.write(LET_GO, Alone()), return_exceptions=True)

    def _held(self, taken: Taken, asked: float) -> Hold:
        session = self._ledger.session
        if session is None:
            raise Lost("The session broke while lanes were leased")
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())
        return Hold(session, taken.workspace_id, taken.places, asked)

    async def _through(self, hold: Hold, first: Next | None, go_on: Callable[[], bool]) -> Retry | None:
        following = first
        while True:
            outcome = await self._followed(hold, following) if following else Outcome()
            settled = await self._recorded(hold, following.arrival_id if following else 0, outcome, go_on())
            if outcome.retry and not settled.gone:
                await self._let_go(hold, outcome)
            if settled.gone or outcome.retry:
                return outcome.retry
            following = settled.arrival
            if following and (following.behind or not hold.covers(following.others)):
                await self._let_go(hold, Outcome())
                return None

    async def _let_go(self, hold: Hold, outcome: Outcome) -> None:
        """Where something is kept in the lane at this very moment, it stays, and is let go the next time."""
        while not (await self._settle(hold, 0, outcome, go_on=False)).gone:
            pass

    async def _recorded(self, hold: Hold, arrival_id: int, outcome: Outcome, go_on: bool) -> Settled:
        """An outcome that the database does not take is parked; else the lane would come back to it for ever."""
        try:
            return await self._settle(hold, arrival_id, outcome, go_on)
        except psycopg.DataError as error:
            log.error("outcome_not_recorded", arrival=arrival_id, state=outcome.state, why=str(error).strip())
            why = f"The database did not take what became of it ({outcome.reason or outcome.state}); see the log"
            return await self._settle(
                hold, arrival_id, Outcome(state="parked", reason="internal_error", explanation=why), go_on
            )

    async def _settle(self, hold: Hold, arrival_id: int, outcome: Outcome, go_on: bool) -> Settled:
        settled = await self._ledger.write(
            SETTLE,
            Settle(
                workspace_id=hold.workspace_id,
                lane=hold.lane,
                epoch=hold.epoch,
                beside=hold.beside,
                arrival_id=arrival_id,
                state=outcome.state,
                reason=outcome.reason,
                explanation=outcome.explanation,
                counted=outcome.counted,
                delay=outcome.delay,
                blocked_on=outcome.blocked_on,
                go_on=go_on,
            ),
        )
        if not settled.held:
            raise Lost("Another worker has taken it")
        if settled.woken or (settled.gone and (outcome.retry or not go_on)):
            self._bell.ring_here(outcome.delay)
        return settled

    async def _followed(self, hold: Hold, following: Next) -> Outcome:
        with followed(following.raw_id, following.kind, arrival=following.arrival_id):
            outcome = await self._outcome(_arrival(hold, following))
            log.debug("worked", kind=following.kind, state=outcome.state, result=outcome.explanation)
        return outcome

    async def _outcome(self, arrival: Arrival) -> Outcome:
        try:
            return Outcome(explanation=await self._work(arrival))
        except Park as park:
            return _parked(arrival, park.reason, str(park))
        except Retry as retry:
            return self._postponed(arrival, retry)
        except Lost:
            raise
        except Exception as error:
            log.exception("arrival_failed", kind=arrival.kind)
            bug = Retry("internal_error", f"Leadline failed on it ({type(error).__name__}: {error}); see the log")
            return self._postponed(arrival, bug)

    def _postponed(self, arrival: Arrival, retry: Retry) -> Outcome:
        blocked_on = retry.breaker if self._is_away(arrival, retry.breaker) else ""
        counted = not (isinstance(retry, Waiting) or (blocked_on and retry.sure))
        if counted and arrival.attempts + 1 >= self._limits.attempts:
            return _parked(arrival, retry.reason, f"Given up after {arrival.attempts + 1} tries: {retry}")
        delay = retry.delay = self._delay(arrival, retry, counted)
        if not blocked_on:  # the breaker has said it once for all of them
            log.info("postponed", reason=retry.reason, delay=round(delay, 1))
        return Outcome(
            state="waiting",
            reason=retry.reason,
            explanation=str(retry),
            counted=int(counted),
            delay=0.0 if blocked_on else delay,
            blocked_on=blocked_on,
            retry=retry,
        )

    def _is_away(self, arrival: Arrival, breaker: str) -> bool:
        return bool(breaker) and self._breakers.of(arrival.workspace_id, breaker).is_open

    def _delay(self, arrival: Arrival, retry: Retry, counted: bool) -> float:
        """Seconds until the next try. Tries that are counted are not used up in a moment, whatever was asked for."""
        least = backoff(arrival.attempts, self._limits.base) if counted else 0.0
        if retry.delay is None:
            return least if counted else WAITING_DELAY
        return max(least, min(retry.delay, LONGEST_ASKED))

    async def _renew(self) -> None:
        """Prolong every lease that is worked under, from time to time."""
        while True:
            await asyncio.sleep(holds.RENEW)
            if not self._holds:
                return
            asked = time.monotonic()
            await asyncio.gather(*(self._renewed(hold, asked) for hold in self._holds))

    async def _renewed(self, hold: Hold, asked: float) -> None:
        entries = [Renewal(workspace_id=hold.workspace_id, lane=place.lane, epoch=place.epoch) for place in hold.places]
        renewed = await asyncio.gather(
            *(self._ledger.write(RENEWAL, entry) for entry in entries), return_exceptions=True
        )
        if all(each is True for each in renewed):
            hold.renewed(asked)


def _parked(arrival: Arrival, reason: str, explanation: str) -> Outcome:
    log.warning("parked", kind=arrival.kind, reason=reason)
    return Outcome(state="parked", reason=reason, explanation=explanation)


def _arrival(hold: Hold, row: Next) -> Arrival:
    return Arrival(
        workspace_id=hold.workspace_id,
        arrival_id=row.arrival_id,
        channel_id=row.channel_id,
        kind=row.kind,
        lane=hold.lane,
        content=row.content,
        attempts=row.attempts,
        arrived_at=row.arrived,
        waited=row.waited,
        others=tuple(name for name in dict.fromkeys(row.others) if name != hold.lane),
    )


def backoff(attempts: int, base: float) -> float:
    """Seconds before the next try: doubling, at most LONGEST_DELAY, with jitter so that lanes do not march in step."""
    return min(base * 2.0 ** min(attempts, 20), LONGEST_DELAY) * random.uniform(0.75, 1.25)  # noqa: S311
