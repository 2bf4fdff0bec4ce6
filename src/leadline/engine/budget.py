"""Intercom's rate limit, shared by all processes of a workspace. `connections/opened.py` gives it to the client."""

from __future__ import annotations

import asyncio
import random
import time

from leadline.store.database import Database
from leadline.store.queries import queries

RESERVE = 5  # calls left for the Inbox app, which people wait for
BATCH = 20  # calls that a process takes from the window at once
WINDOW = 10.0  # seconds of a window of which nothing is known but that the one before is over
TELL = 1.0  # seconds between two words on the same window, while there is plenty left


class Budget:
    """One row per workspace: calls left in the current window and when it ends, learnt from Intercom's headers.

    A process takes calls from it in batches, so that most calls cost no statement.
    """

    def __init__(self, database: Database, workspace_id: str) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._left = 0
        self._until = 0.0
        self._reset = 0.0
        self._told = -TELL
        self._leasing = asyncio.Lock()

    async def spend(self) -> None:
        """Take one call from the window; sleeps until the next one when nothing is left."""
        while not self._take():
            async with self._leasing:
                wait = 0.0 if self._has_some() else await self._lease()
            if wait:
                await asyncio.sleep(wait + random.uniform(0.0, 0.25))  # noqa: S311

    async def learn(self, limit: int, remaining: int, reset: float) -> None:
        """Take over what Intercom said: calls per window, calls left, and the unix time of the next by our clock."""
        self._left = min(self._left, max(0, remaining - RESERVE))
        now = time.monotonic()
        if remaining > RESERVE and abs(reset - self._reset) < 1.0 and now - self._told < TELL:
            return
        self._reset, self._told = reset, now
        async with self._database.connection() as connection:
            await queries.learn_budget(
                connection,
                workspace_id=self._workspace_id,
                per_window=limit,
                remaining=remaining,
                seconds=reset - time.time(),
            )

    def _has_some(self) -> bool:
        return self._left > 0 and time.monotonic() < self._until

    def _take(self) -> bool:
        if taken := self._has_some():
            self._left -= 1
        return taken

    async def _lease(self) -> float:
        """Take a batch; seconds to wait where there is none. While nothing is known, no call is held back."""
        asked = time.monotonic()
        async with self._database.connection() as connection:
            row = await queries.lease_budget(
                connection, workspace_id=self._workspace_id, batch=BATCH, reserve=RESERVE, window=WINDOW
            )
        self._left, lasts = (1, TELL) if row is None else (row["size"], float(row["lasts"]))
        self._until = asked + lasts
        return 0.0 if self._left else lasts
