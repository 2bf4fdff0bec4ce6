"""What is asked of a provider from time to time, by one process at a time: missed messages, templates, new tokens."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Literal

import structlog

from leadline.errors import LeadlineError
from leadline.store.database import Database
from leadline.store.queries import queries
from leadline.switchboard import Connected

Kind = Literal["poll", "templates", "renewal"]
LEASE = 300.0  # seconds after which a process that took a round and died is not waited for
log = structlog.get_logger(__name__)


class Rounds:
    """Leases: a round is taken when it is due and nobody is at it; what was reached is remembered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(
        self, connected: Connected, kind: Kind, every: float, ask: Callable[[float | None], Awaitable[object]]
    ) -> bool:
        """Ask if the last round is `every` seconds ago. `ask` gets the unix time up to which everything was had.

        False where it was not due. A failure is recorded and raised as the LeadlineError it is.
        """
        key = {"workspace_id": connected.workspace_id, "channel_id": connected.channel_id, "kind": kind}
        begun = time.time()
        async with self._database.connection() as connection:
            claimed = await queries.claim_round(connection, **key, every=every, lease=LEASE)
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
