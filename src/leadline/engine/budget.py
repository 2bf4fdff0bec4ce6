"""Intercom's rate limit, shared by all processes of a workspace. `app.py` gives it to the Intercom client."""

from __future__ import annotations

import asyncio
import random

from leadline.store.database import Database
from leadline.store.queries import queries

RESERVE = 5  # calls left for the Inbox app, which people wait for


class Budget:
    """One row per workspace: calls left in the current window and when it ends, learnt from Intercom's headers."""

    def __init__(self, database: Database, workspace_id: str) -> None:
        self._database = database
        self._workspace_id = workspace_id

    async def spend(self) -> None:
        """Take one call from the window; sleeps until the next one when nothing is left."""
        while wait := await self._take():  # noqa: ASYNC110  # other processes refill it: there is no event to await
            await asyncio.sleep(wait + random.uniform(0.0, 0.25))  # noqa: S311

    async def learn(self, limit: int, remaining: int, reset: float) -> None:
        """Take over what Intercom said: calls left, and the unix time of the next window."""
        async with self._database.connection() as connection:
            await queries.learn_budget(connection, workspace_id=self._workspace_id, remaining=remaining, reset=reset)

    async def _take(self) -> float:
        async with self._database.connection() as connection:
            row = await queries.spend_budget(connection, workspace_id=self._workspace_id, reserve=RESERVE)
        return 0.0 if row is None else max(0.0, float(row["wait"]))
