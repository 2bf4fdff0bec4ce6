"""Snoozed conversations open again at their time, by the workspace's clock. `app.py` keeps this running.

Topic `conversation.admin.unsnoozed` as Intercom's list of topics names it (2.16); which part it shows is not public,
and is `timer_unsnooze` of a bot here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import structlog

from leadline.sandbox import conversation_views as views
from leadline.sandbox.call import Call
from leadline.sandbox.queries import queries
from leadline.sandbox.replies import OPERATOR, add_part
from leadline.sandbox.webhooks import Outbox
from leadline.sandbox.workspace import Workspace, now
from leadline.store.database import Connection

LOOK = 0.5  # seconds between looks
log = structlog.get_logger(__name__)


class Snoozes:
    """The alarm clock of one workspace."""

    def __init__(self, workspace: Workspace, outbox: Outbox) -> None:
        self._workspace = workspace
        self._outbox = outbox

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """For as long as the application lives."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            try:
                if await self._end_due():
                    self._outbox.wake()
            except psycopg.Error as error:
                log.warning("sandbox_snoozes_wait_for_database", error=str(error))
            await asyncio.sleep(LOOK)

    async def _end_due(self) -> int:
        async with self._workspace.database.connection() as connection:
            due = [dict(row) async for row in queries.due_snoozes(connection, at=now())]
            for row in due:
                await self._end(connection, row)
        return len(due)

    async def _end(self, connection: Connection, row: dict[str, object]) -> None:
        call = Call(self._workspace, self._outbox, connection)
        call.human = True
        row |= {"state": "open", "snoozed_until": None}
        await views.save(call, row)
        part = await add_part(call, row, ("bot", OPERATOR), "timer_unsnooze", None, [], at=now())
        await views.publish(call, row, "conversation.admin.unsnoozed", [part])
