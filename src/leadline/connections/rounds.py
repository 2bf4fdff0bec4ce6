"""What is asked of a provider from time to time, by one process at a time: missed messages, templates, new tokens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

import structlog

from leadline.connections.switchboard import Connected
from leadline.errors import LeadlineError, Retry
from leadline.store.database import Database
from leadline.store.queries import queries

Kind = Literal["poll", "templates", "renewal"]
LOOK = 0.2  # seconds between looks at a round that somebody else is at
PATIENCE = 60.0  # seconds for which it is waited for
LEASE = 300.0  # seconds after which a process that took a round and died is not waited for
log = structlog.get_logger(__name__)


class Rounds:
    """Leases: a round is taken when it is due and nobody is at it; what was reached is remembered."""

    def __init__(self, database: Database, *, patience: float = PATIENCE) -> None:
        self._database = database
        self._patience = patience

    async def take(
        self, connected: Connected, kind: Kind, every: float, ask: Callable[[float | None], Awaitable[object]]
    ) -> bool:
        """Ask if the last round is `every` seconds ago. `ask` gets the unix time up to which everything was had.

        False where it was not due. Who asks with `every` 0 waits for a round that is under way, and raises Retry where
        that does not end. A failure is recorded and raised as the LeadlineError it is.
        """
        key = {"workspace_id": connected.workspace_id, "channel_id": connected.channel_id, "kind": kind}
        begun = time.time()
        claimed = await self._claimed(key, every)
        while claimed is None and not every:
            if time.time() > begun + self._patience:
                what = f"{connected.row.name} is being asked by another process, which does not come to an end"
                raise Retry("round_under_way", f"{what}. Try again in {LEASE / 60:.0f} minutes")
            await asyncio.sleep(LOOK)
            claimed = await self._claimed(key, every)
        if claimed is None:
            return False
        try:
            await ask(claimed["reached"])
        except LeadlineError as error:
            async with self._database.connection() as connection:
                await queries.fail_round(connection, **key, trouble=str(error))
            raise
        async with self._database.connection() as connection:
            await queries.finish_round(connection, **key, reached=begun)
        return True

    async def _claimed(self, key: Mapping[str, Any], every: float) -> Mapping[str, Any] | None:
        async with self._database.connection() as connection:
            row: Mapping[str, Any] | None = await queries.claim_round(connection, **key, every=every, lease=LEASE)
        return row
