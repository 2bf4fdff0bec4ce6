"""What monitoring reads from the database: filled whenever somebody asks for `/metrics`. `process.py` opens it."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from prometheus_client import Gauge

from leadline.connections.workspaces import Workspaces
from leadline.engine import parked
from leadline.people import quality
from leadline.store.database import Database
from leadline.store.queries import queries

BACKLOG = Gauge(
    "leadline_messages",
    "Messages not done yet: waiting, or parked for a person",
    ["state"],
    multiprocess_mode="mostrecent",
)
WAITING = Gauge(
    "leadline_oldest_waiting_seconds",
    "How long the oldest customer's message and the oldest reply have waited; paused channels do not count",
    ["what"],
    multiprocess_mode="mostrecent",
)
CORRECTIONS = Gauge(
    "leadline_corrections",
    "Senders that teammates took from the contact Leadline had chosen, by the reason of the choice",
    ["reason"],
    multiprocess_mode="mostrecent",
)
BACKUP = Gauge(
    "leadline_backup_age_seconds",
    "Age of the last backup that `leadline backup` wrote and read back; absent where there is none",
    ["workspace"],
    multiprocess_mode="mostrecent",
)


class Gauges:
    """Those of all workspaces."""

    def __init__(self, database: Database, workspaces: Workspaces) -> None:
        self._database = database
        self._workspaces = workspaces

    async def fill(self) -> None:
        """Ask the database. Where it cannot be asked they are empty, rather than show what was true before."""
        found: dict[Gauge, dict[str, float]] = {BACKLOG: {}, WAITING: {}, CORRECTIONS: {}, BACKUP: {}}
        try:
            for workspace_id in self._workspaces.ids:
                _add(found[BACKLOG], await parked.backlog(self._database, workspace_id))
                _add(found[CORRECTIONS], await quality.corrected(self._database, workspace_id))
                _keep_longest(found[WAITING], await parked.oldest_waiting(self._database, workspace_id))
                found[BACKUP] |= await self._backup_age(workspace_id)
        except psycopg.Error:
            found = {gauge: {} for gauge in found}
        for gauge, values in found.items():
            gauge.clear()
            for label, value in values.items():
                gauge.labels(label).set(value)

    async def _backup_age(self, workspace_id: str) -> dict[str, float]:
        async with self._database.connection() as connection:
            row = await queries.last_backup(connection, workspace_id=workspace_id)
        return {} if row["age"] is None else {workspace_id: row["age"]}


def _add(sums: dict[str, float], counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        sums[name] = sums.get(name, 0) + count


def _keep_longest(longest: dict[str, float], seconds: Mapping[str, float]) -> None:
    for name, value in seconds.items():
        longest[name] = max(longest.get(name, 0.0), value)
