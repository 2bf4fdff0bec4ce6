"""The time a restored database knows nothing of: what came in it may be in Intercom already. `threads.py` asks."""

from __future__ import annotations

import msgspec

from leadline.model import Struct
from leadline.store.database import Database
from leadline.store.queries import queries

CLOCKS = 900.0  # seconds by which Intercom's clock and the database's may differ: looking further back costs nothing


class Gap(Struct, frozen=True, kw_only=True):
    """From the backup until the restore, in unix seconds."""

    since: float
    until: float

    def reaches(self, sent_at: float) -> float | None:
        """From when on a message of that time may be in Intercom without being on record; None where it cannot be."""
        return self.since - CLOCKS if sent_at < self.until else None


class Gaps:
    """The gap of each workspace, asked once: a restore needs all processes to have ended."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, Gap | None] = {}

    async def of(self, workspace_id: str) -> Gap | None:
        """The latest gap; None where the database was never restored."""
        if workspace_id not in self._known:
            async with self._database.connection() as connection:
                row = await queries.restored_gap(connection, workspace_id=workspace_id)
            self._known[workspace_id] = None if row is None else msgspec.convert(row, Gap)
        return self._known[workspace_id]
