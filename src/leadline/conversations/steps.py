"""Writes to Intercom made exactly once: begun on record, called, done on record. `threads.py` writes through these."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable

import msgspec

from leadline.conversations.entries import BEGIN, FINISH, Begun, begin, finish
from leadline.conversations.places import Place
from leadline.engine.holds import surely_held
from leadline.engine.shared import Engine
from leadline.errors import LeadlineError, Retry, Waiting
from leadline.intercom.admission import Window
from leadline.intercom.client import Client
from leadline.intercom.outcomes import OutcomeUnknown
from leadline.model import Struct
from leadline.store.queries import queries

Act = Callable[[Client], Awaitable[tuple[str, str]]]
Find = Callable[[float, str], Awaitable[tuple[str, str] | None]]


class Pace(Struct, frozen=True, kw_only=True):
    """Seconds a write may take: from its record to its call, for the call, and at Intercom once it was given up.

    written_since: unix seconds from which on a Leadline that this database does not know of may have made the write
    (`restored.py`): then its effect is looked for before the first call, too.
    """

    start: float = 10.0
    limit: float = 20.0
    margin: float = 10.0
    written_since: float | None = None

    @property
    def settled(self) -> float:
        """Seconds after its record from which on a call can take no effect any more."""
        return self.start + self.limit + self.margin


class Steps:
    """The writes of one owner (a message, a note), numbered, each made exactly once through crashes and lost answers.

    A step is begun (committed) before the call and done after it. One that was begun and not done has an unknown
    outcome: when it can take no effect any more, `find` looks for its effect; only where there is none it is begun
    anew. No call starts unless its lane is surely held until it has ended (`engine/holds.py`).
    """

    def __init__(self, engine: Engine, client: Client, workspace_id: str, owner: str, pace: Pace) -> None:
        self._database = engine.database
        self._ledger = engine.ledger
        self._client = client
        self._key = {"workspace_id": workspace_id, "owner": owner}
        self._pace = pace

    async def take(
        self,
        step: int,
        kind: str,
        body: str,
        act: Act,
        find: Find,
        *,
        conversation_id: str = "",
        place: Place | None = None,
    ) -> tuple[str, str]:
        """Make the write happen exactly once; returns its (conversation id, part id).

        act: makes it with the client it is given. find: looks for its effect, by Intercom's time when it was begun and
        the body it was begun with. place: put on record together with the conversation. Raises Waiting while the
        outcome is unknown and may not be looked up yet.
        """
        since = self._pace.written_since or await self._client.time()
        began = time.monotonic()
        begun = await self._begin(step, kind, body, conversation_id, place, since)
        if begun.done:
            return begun.conversation_id, begun.part_id
        tries = begun.tries
        if begun.fresh and self._pace.written_since is not None:
            if found := await find(begun.since, begun.body):
                return await self._finish(step, found, place)
        elif not begun.fresh:
            if begun.unsettled > 0:
                raise _unsettled(begun.unsettled)
            if found := await find(begun.since, begun.body):
                return await self._finish(step, found, place)
            began = time.monotonic()
            tries = await self._begin_again(step, tries)
        return await self._finish(step, await self._call(step, tries, act, began), place)

    async def forget(self) -> None:
        """What these steps wrote was deleted in Intercom: everything is planned anew."""
        async with self._database.connection() as connection:
            await queries.forget_steps(connection, **self._key)

    async def _call(self, step: int, tries: int, act: Act, began: float) -> tuple[str, str]:
        """The call, if it can still start in time. A try that surely had no effect is taken back."""
        window = Window(start_by=began + self._pace.start, limit=self._pace.limit, held=surely_held)
        try:
            return await act(self._client.within(window))
        except OutcomeUnknown:
            raise
        except LeadlineError:
            async with self._database.connection() as connection:
                await queries.take_try_back(connection, **self._key, step=step, tries=tries)
            raise

    async def _finish(self, step: int, made: tuple[str, str], place: Place | None) -> tuple[str, str]:
        """On record; with it the conversation, which everybody can use from now on."""
        await self._ledger.write(FINISH, finish(**self._key, step=step, made=made, place=place))
        return made

    async def _begin(
        self, step: int, kind: str, body: str, conversation_id: str, place: Place | None, since: float
    ) -> Begun:
        opening = place is not None and not conversation_id
        entry = begin(
            **self._key,
            step=step,
            kind=kind,
            body=body,
            conversation_id=conversation_id,
            place=msgspec.json.encode(place).decode() if opening else None,
            since=since,
            settled=self._pace.settled,
        )
        return await self._ledger.write(BEGIN, entry)

    async def _begin_again(self, step: int, tries: int) -> int:
        async with self._database.connection() as connection:
            row = await queries.begin_step_again(
                connection, **self._key, step=step, tries=tries, settled=self._pace.settled
            )
        if row is None:
            raise Retry("write_under_way", "Another worker is making this write")
        return int(row["tries"])


def _unsettled(seconds: float) -> Waiting:
    why = f"Intercom has not said whether it wrote this. Leadline looks in {math.ceil(seconds)} seconds"
    return Waiting("write_unsettled", why, seconds)
