"""What Intercom really sends here, and when last: webhooks by topic, and the panel. For doctor and set-up."""

from __future__ import annotations

import time

from leadline.store.database import Database
from leadline.store.queries import queries

PING = "ping"  # a test of the address, and now and then by itself
PANEL = "panel"  # no topic: a teammate opened the panel
REFUSED = "refused"  # no topic: what says it is of this workspace, and is not signed with its secret
EVERY = 3600.0  # seconds between two notes of one topic


class Topics:
    """One note an hour for each topic, however many webhooks come."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: dict[tuple[str, str], float] = {}

    async def heard(self, workspace_id: str, topic: str) -> None:
        """A webhook of this topic came: signed, but for REFUSED."""
        now = time.monotonic()
        if now - self._noted.get((workspace_id, topic), -EVERY) < EVERY:
            return
        async with self._database.connection() as connection:
            await queries.hear_topic(connection, workspace_id=workspace_id, topic=topic)
        self._noted[workspace_id, topic] = now
