"""Batches on record: what is to be merged, in order, and what became of each. `batch.py` runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import structlog

from leadline.directory import stored
from leadline.identity.merge import Way
from leadline.merging.duplicates import judgements
from leadline.merging.duplicates.grouping import pair
from leadline.merging.duplicates.review import DuplicatesRefused, GroupSeen
from leadline.model import Struct
from leadline.store.database import Database
from leadline.store.queries import queries

FIRST = 10
"""Merges in the batches of a workspace until so many have been made: people look at those before there are more."""
LATEST = 2**31 - 1
log = structlog.get_logger(__name__)
Row = Mapping[str, Any]


class Batch(Struct, frozen=True, kw_only=True):
    """One batch and how far it is. least: tenths of a point that a pair must still have just before its merge."""

    batch_id: int
    author: str
    state: str
    unattended: bool
    least: int
    made_at: datetime
    ended_at: datetime | None
    merges: int
    waiting: int
    merged: int
    refused: int
    skipped: int
    undone: int


class BatchMerge(Struct, frozen=True, kw_only=True):
    """One merge of a batch. explanation: why it was refused or skipped, or what its undo could not bring back."""

    position: int
    from_id: str
    into_id: str
    way: Way
    state: str
    merge_id: int | None
    evidence: str
    explanation: str


class BatchRecord:
    """Writes and reads the batches of all workspaces."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def most(self, workspace_id: str) -> int:
        """How many merges the next batch may have: ten, until ten were made."""
        async with self._database.connection() as connection:
            row = await queries.merged_in_batches(connection, workspace_id=workspace_id)
        return LATEST if row["merged"] >= FIRST else FIRST

    async def make(
        self, workspace_id: str, groups: Sequence[GroupSeen], *, author: str, least: int, unattended: bool = False
    ) -> Batch:
        """Put a batch on record; nothing is merged yet. Raises DuplicatesRefused where nothing is left to merge."""
        wanted = [(step, group.evidence(step.from_id, step.into_id)) for group in groups for step in group.steps]
        async with self._database.connection() as connection:
            ids = [step.from_id for step, _ in wanted]
            rows = queries.contacts_in_batches(connection, workspace_id=workspace_id, contact_ids=ids)
            taken = {row["from_id"] async for row in rows}
            free = [(step, evidence) for step, evidence in wanted if step.from_id not in taken]
            if not free:
                raise DuplicatesRefused(
                    "There is nothing to merge: Intercom allows no merge here, or a batch that waits has them already."
                )
            made = await queries.make_batch(
                connection, workspace_id=workspace_id, author=author, unattended=unattended, least=least
            )
            await queries.put_batch_merges(
                connection,
                workspace_id=workspace_id,
                batch_id=made["batch_id"],
                from_ids=[step.from_id for step, _ in free],
                into_ids=[step.into_id for step, _ in free],
                ways=[step.way for step, _ in free],
                evidence=[evidence for _, evidence in free],
            )
        return await self.batch(workspace_id, made["batch_id"])

    async def batch(self, workspace_id: str, batch_id: int) -> Batch:
        """How far a batch is; raises DuplicatesRefused where there is none of this number."""
        found = await self.batches(workspace_id, 1, batch_id=batch_id) if batch_id else []
        if not found:
            raise DuplicatesRefused(f"There is no batch number {batch_id}.")
        return found[0]

    async def batches(self, workspace_id: str, count: int = 50, *, batch_id: int = 0) -> list[Batch]:
        """The batches, the latest first; only this one, where it is named."""
        async with self._database.connection() as connection:
            rows = queries.batches(connection, workspace_id=workspace_id, batch_id=batch_id, most=count)
            return [msgspec.convert(dict(row), Batch) async for row in rows]

    async def merges(self, workspace_id: str, batch_id: int) -> list[BatchMerge]:
        """Every merge of a batch, in order."""
        async with self._database.connection() as connection:
            rows = queries.batch_merges(connection, workspace_id=workspace_id, batch_id=batch_id)
            return [msgspec.convert(dict(row), BatchMerge) async for row in rows]

    async def next(self, workspace_id: str, batch_id: int) -> Row | None:
        """The first merge without an outcome, as long as the batch is to run."""
        async with self._database.connection() as connection:
            row: Row | None = await queries.next_of_batch(connection, workspace_id=workspace_id, batch_id=batch_id)
        return row

    async def last(self, workspace_id: str, batch_id: int, before: int) -> Row | None:
        """The last merge that was made, before this position."""
        async with self._database.connection() as connection:
            row: Row | None = await queries.last_merged_of_batch(
                connection, workspace_id=workspace_id, batch_id=batch_id, before=before
            )
        return row

    async def set(self, workspace_id: str, batch_id: int, state: str, from_states: Sequence[str]) -> bool:
        """Put the batch into this state; False where it is in none of `from_states`."""
        async with self._database.connection() as connection:
            found = await queries.set_batch(
                connection, workspace_id=workspace_id, batch_id=batch_id, state=state, from_states=list(from_states)
            )
        return found is not None

    async def done(self, workspace_id: str, batch_id: int) -> None:
        """Every merge has its outcome, or the batch was stopped before."""
        if not (await self.batch(workspace_id, batch_id)).waiting:
            await self.set(workspace_id, batch_id, "done", ("running",))

    async def settle(
        self,
        workspace_id: str,
        batch_id: int,
        row: Row,
        state: str,
        *,
        explanation: str = "",
        merge_id: int | None = None,
        author: str = "",
    ) -> None:
        """What became of one merge. author: who merged it; the pair is a reviewed one from then on."""
        log.info("duplicate_settled", batch=batch_id, position=row["position"], state=state, merge=merge_id)
        async with self._database.connection() as connection:
            await queries.settle_batch_merge(
                connection,
                workspace_id=workspace_id,
                batch_id=batch_id,
                position=row["position"],
                state=state,
                merge_id=merge_id,
                explanation=explanation,
            )
            if author:
                await stored.forget(connection, workspace_id, [row["from_id"]])
                await queries.duplicates_merged(connection, workspace_id=workspace_id, contact_id=row["from_id"])
                two = pair(row["from_id"], row["into_id"])
                evidence = {two: row["evidence"]}
                await judgements.judge(connection, workspace_id, [two], "same", author=author, evidence=evidence)
