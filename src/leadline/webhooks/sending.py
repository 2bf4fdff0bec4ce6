"""Sends events to other systems, again with growing pauses where one does not take them. The worker runs `keep_up`.

An event is put off before it is sent, so that several workers never send it at once, and a killed one loses nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import psycopg
import structlog

from leadline.channels.http import standard_webhook_headers
from leadline.connections.posting import post
from leadline.connections.workspaces import Workspaces
from leadline.errors import LeadlineError
from leadline.store.database import Database
from leadline.store.queries import queries
from leadline.store.vault import Vault
from leadline.webhooks.events import Event
from leadline.webhooks.subscriptions import Webhook, opened

PAUSES = (30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14_400.0, 21_600.0, 36_000.0)
"""Seconds after each try, about a day together; one more try, then an event is given up. A try takes less than any."""
LOOK = 5.0  # seconds between looks while something is due, or the database is away
LONGEST = 60.0  # seconds between looks otherwise: a new event rings, and when one is due again is known
SHORTEST = 0.01  # seconds that are waited at least: it is not due a moment too early
log = structlog.get_logger(__name__)
Key = tuple[str, int]


class Sender:
    """That of one process; one webhook that is slow holds no other up."""

    def __init__(
        self, database: Database, vault: Vault, *, allowed: frozenset[str], pauses: Sequence[float] = PAUSES
    ) -> None:
        """allowed: private hosts that webhooks may go to. pauses: seconds after each try."""
        self._database = database
        self._vault = vault
        self._allowed = allowed
        self._pauses = list(pauses)
        self._rung = asyncio.Event()
        self._busy: set[Key] = set()

    async def keep_up(self, workspaces: Workspaces) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            while True:
                self._rung.clear()
                due, pause = await self._look([*workspaces.ids])
                for key in due:
                    if key not in self._busy:
                        self._busy.add(key)
                        group.create_task(self._drain(key))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._rung.wait()

    async def round(self, workspace_id: str) -> None:
        """Everything that is due in a workspace, until each webhook has taken all or did not take one."""
        due, _ = await self._look([workspace_id])
        for key in due:
            while await self._next(key):
                pass

    async def _listen(self) -> None:
        async for _ in self._database.ear.hear("leadline_webhooks"):
            self._rung.set()

    async def _look(self, workspace_ids: list[str]) -> tuple[list[Key], float]:
        """The webhooks that have something to be sent now, and the seconds until the next look."""
        try:
            async with self._database.connection() as connection:
                rows = [row async for row in queries.webhooks_waiting(connection, workspace_ids=workspace_ids)]
        except (psycopg.Error, OSError) as error:
            log.warning("webhooks_not_listed", why=type(error).__name__)
            return [], LOOK
        due = [(row["workspace_id"], row["webhook_id"]) for row in rows if row["wait"] <= 0]
        waits = (max(row["wait"], SHORTEST) for row in rows if row["wait"] > 0)
        return due, min([LOOK if due else LONGEST, *waits])

    async def _drain(self, key: Key) -> None:
        """One after the other; after one that was not taken the next look goes on."""
        try:
            while await self._next(key):
                pass
        except (psycopg.Error, OSError) as error:
            log.warning("webhook_not_sent", webhook=key[1], why=type(error).__name__)
        except Exception:  # what breaks here must not stop the work on messages
            log.exception("webhook_broke", webhook=key[1])
        finally:
            self._busy.discard(key)

    async def _next(self, key: Key) -> bool:
        """Send the next event that is due; False where there is none, it was not taken, or the webhook is paused."""
        place = {"workspace_id": key[0], "webhook_id": key[1]}
        async with self._database.connection() as connection:
            row = await queries.webhook_by_id(connection, **place)
            goes = row and row["paused_at"] is None
            claimed = goes and await queries.claim_webhook_event(connection, **place, pauses=self._pauses)
        if not claimed:
            return False
        event = msgspec.convert(claimed, Event)
        named = {"workspace_id": key[0], "event_id": event.event_id}
        try:
            await send(opened(self._vault, row), event, allowed=self._allowed)
        except LeadlineError as error:
            log.warning("webhook_refused", webhook=row["name"], number=event.name, tries=event.tries, why=str(error))
            async with self._database.connection() as connection:
                most = len(self._pauses) + 1
                await queries.webhook_event_unsent(connection, **named, trouble=str(error), most=most)
            return False
        async with self._database.connection() as connection:
            await queries.webhook_event_sent(connection, **named)
        return True


async def send(webhook: Webhook, event: Event, *, allowed: frozenset[str]) -> None:
    """Post one event, signed with every secret that holds; raises NotPosted."""
    body = event.body()
    headers = standard_webhook_headers(body, event.name, time.time(), *webhook.secrets)
    await post(webhook.address, body, headers, allowed=allowed)


def trial() -> Event:
    """An event that says it is a test."""
    return Event(event_id=uuid.uuid4(), kind="webhook.test", at=datetime.now(UTC), content={})
