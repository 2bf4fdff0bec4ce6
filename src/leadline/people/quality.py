"""How often teammates correct what Leadline chose, by the reason of the choice. `leadline quality` and /metrics ask."""

from __future__ import annotations

from leadline.model import Struct
from leadline.store.database import Database
from leadline.store.queries import queries


class Reasoned(Struct, frozen=True, kw_only=True):
    """One reason: the decisions made by it, and what teammates said of the links those made.

    A correction counts for the reason by which its sender was linked, however many messages followed.
    """

    reason: str
    decisions: int
    corrected: int
    confirmed: int

    @property
    def share(self) -> float:
        """Corrections for each decision."""
        return self.corrected / self.decisions if self.decisions else 0.0


async def by_reason(database: Database, workspace_id: str, seconds: float) -> list[Reasoned]:
    """Decisions and corrections of the last `seconds`, the most decisions first; undone corrections do not count."""
    async with database.connection() as connection:
        rows = queries.quality(connection, workspace_id=workspace_id, seconds=seconds)
        return [Reasoned(**row) async for row in rows]


async def corrected(database: Database, workspace_id: str) -> dict[str, int]:
    """All corrections that still count, by reason."""
    async with database.connection() as connection:
        rows = queries.corrections_by_reason(connection, workspace_id=workspace_id)
        return {row["reason"]: row["corrected"] async for row in rows}
