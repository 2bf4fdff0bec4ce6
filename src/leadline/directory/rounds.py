"""Keeps every workspace's directory true, in the worker: fills it, catches up, and compares it at night."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import psycopg
import structlog

from leadline.connections.workspaces import Workspace, Workspaces
from leadline.directory import stored
from leadline.directory.activities import Feed
from leadline.directory.catch_up import CatchUp
from leadline.directory.stored import State
from leadline.directory.walk import Walk, Walked
from leadline.errors import LeadlineError
from leadline.spaces import Book
from leadline.store.database import Database
from leadline.store.queries import queries

LOOK = 30.0  # seconds between looks at what is due
PAUSE = 60.0  # seconds before what went wrong is tried again
HOUR = 3  # UTC, when the nightly walk begins
DAY = 86_400.0
SAMPLE = 2_000
log = structlog.get_logger(__name__)


class Rounds:
    """What is due, and when. every: seconds between catch-ups."""

    def __init__(
        self,
        database: Database,
        workspaces: Workspaces,
        walk: Walk,
        catch_up: CatchUp,
        feed: Feed,
        book: Book,
        *,
        every: float,
    ) -> None:
        self._database = database
        self._workspaces = workspaces
        self._walk = walk
        self._catch_up = catch_up
        self._feed = feed
        self._every = every
        self._book = book

    async def keep_up(self) -> None:
        """Walks and catch-ups side by side, until cancelled: a long walk holds no catch-up up."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._forever(self._walk_if_due))
            group.create_task(self._forever(self._catch_up_if_due))
            if self._feed.wanted:
                group.create_task(self._forever(self._read_feed, pause=self._every))

    async def walk_now(self, workspace: Workspace) -> Walked | None:
        """One walk to its end, then the region that the numbers show; None where another process is at it."""
        walked = await self._walk.run(workspace)
        if walked is not None:
            await self._infer(workspace.workspace_id)
        return walked

    async def _forever(self, task: Callable[[Workspace], Awaitable[None]], *, pause: float = LOOK) -> None:
        while True:
            wait = pause
            for workspace in self._workspaces:
                try:
                    await task(workspace)
                except (LeadlineError, psycopg.Error) as error:
                    wait = PAUSE
                    await self._tell(workspace.workspace_id, error)
            await asyncio.sleep(wait)

    async def _read_feed(self, workspace: Workspace) -> None:
        await self._feed.run(workspace)

    async def _walk_if_due(self, workspace: Workspace) -> None:
        state = await self._state(workspace.workspace_id)
        if walk_due(state, time.gmtime().tm_hour):
            await self.walk_now(workspace)

    async def _catch_up_if_due(self, workspace: Workspace) -> None:
        state = await self._state(workspace.workspace_id)
        if state.complete and not state.fresh(self._every):
            await self._catch_up.run(workspace)

    async def _state(self, workspace_id: str) -> State:
        async with self._database.connection() as connection:
            return await stored.state(connection, workspace_id)

    async def _infer(self, workspace_id: str) -> None:
        async with self._database.connection() as connection:
            region = self._book.of(workspace_id).default_region
            found = await stored.phones(connection, workspace_id, SAMPLE, region=region)
            await queries.directory_infer(connection, workspace_id=workspace_id, region=found.region)

    async def _tell(self, workspace_id: str, error: Exception) -> None:
        log.warning("directory_waits", workspace=workspace_id, why=str(error))
        if isinstance(error, LeadlineError):
            async with self._database.connection() as connection:
                await queries.directory_trouble(connection, workspace_id=workspace_id, trouble=str(error))


def walk_due(state: State, hour: int) -> bool:
    """Whether a walk is to begin or to go on: the first one at once, later ones at night."""
    if state.walked_at is None or state.walk_begun_at is not None:
        return True
    age = state.now - state.walked_at
    return (hour == HOUR and age > DAY - 4 * 3600) or age > 1.5 * DAY
