"""Batches on record: what is to be merged, in order, and what became of each. `batch.py` runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import structlog
from psycopg.types.json import Jsonb

from leadline.directory import stored
from leadline.merging.duplicates import judgements
from leadline.merging.duplicates.batch_seen import Batch, BatchMerge
from leadline.merging.duplicates.chains import Ties, together
from leadline.merging.duplicates.group_seen import DuplicatesRefused, GroupSeen
from leadline.merging.duplicates.grouping import Pair
from leadline.merging.duplicates.judgements import Verdict
from leadline.merging.duplicates.review import evidence_among
from leadline.model import Struct
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

FIRST = 10
"""So many merges are made in a workspace before there may be more: people look at those first."""
LATEST = 2**31 - 1
log = structlog.get_logger(__name__)
Row = Mapping[str, Any]


class BatchRecord:
    """Writes and reads the batches of all workspaces."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def most(self, workspace_id: str) -> int:
        """How many merges the next batch may have; all batches together ten, until ten were made."""
        async with self._database.connection() as connection:
            return await _most(connection, workspace_id)

    async def make(
        self,
        workspace_id: str,
        groups: Sequence[GroupSeen],
        *,
        author: str,
        least: int | None = None,
        unattended: bool = False,
        limited: bool = False,
    ) -> Batch:
        """Put a batch on record; nothing is merged yet. Raises DuplicatesRefused where nothing is left to merge.

        least: tenths of a point that a pair must keep; else those of the weakest group. limited: only as many merges
        as a batch may have now.
        """
        async with self._database.connection() as connection:
            await queries.hold_batches(connection, workspace_id=workspace_id)
            if limited:
                groups = within(groups, await _most(connection, workspace_id))
            lowest = min((round(one.points * 10) for one in groups), default=0) if least is None else least
            wanted = [(step, group.evidence(step.from_id, step.into_id)) for group in groups for step in group.steps]
            ids = [step.from_id for step, _ in wanted]
            rows = queries.contacts_in_batches(connection, workspace_id=workspace_id, contact_ids=ids)
            taken = {row["from_id"] async for row in rows}
            once = {step.from_id: (step, evidence) for step, evidence in reversed(wanted)}  # groups may be named twice
            free = [each for each in reversed(once.values()) if each[0].from_id not in taken]
            if not free:
                raise DuplicatesRefused(
                    "There is nothing to merge: Intercom allows no merge here, or a batch that waits has them already."
                )
            made = await queries.make_batch(
                connection, workspace_id=workspace_id, author=author, unattended=unattended, least=lowest
            )
            ties = await _ties(connection, workspace_id, groups)
            chains = (ties.chain(step.from_id, step.into_id) for step, _ in free)
            await queries.put_batch_merges(
                connection,
                workspace_id=workspace_id,
                batch_id=made["batch_id"],
                from_ids=[step.from_id for step, _ in free],
                into_ids=[step.into_id for step, _ in free],
                ways=[step.way for step, _ in free],
                evidence=[evidence for _, evidence in free],
                chains=[Jsonb(msgspec.to_builtins(each)) for each in chains],
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
            found = await queries.at_work_now(connection, name=lock(workspace_id))
            rows = queries.batches(connection, workspace_id=workspace_id, batch_id=batch_id, most=count)
            return [msgspec.convert({**row, **found}, Batch) async for row in rows]

    async def merges(
        self, workspace_id: str, batch_id: int, *, count: int | None = None, skip: int = 0
    ) -> list[BatchMerge]:
        """The merges of a batch in order: all, or so many after the first ones."""
        async with self._database.connection() as connection:
            asked = {"workspace_id": workspace_id, "batch_id": batch_id, "most": count, "skip": skip}
            rows = queries.batch_merges(connection, **asked)
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

    async def end(self, workspace_id: str, batch_id: int) -> None:
        """A run is over: done, or stopped where merges are left."""
        async with self._database.connection() as connection:
            await queries.end_batch(connection, workspace_id=workspace_id, batch_id=batch_id)

    async def end_undo(self, workspace_id: str, batch_id: int) -> None:
        """An undo is over: undone, or partly where a merge could not be taken back."""
        async with self._database.connection() as connection:
            await queries.end_undo(connection, workspace_id=workspace_id, batch_id=batch_id)

    async def unattended_on(self, workspace_id: str) -> bool:
        """Whether merging unattended is switched on."""
        async with self._database.connection() as connection:
            return await queries.duplicate_auto_of(connection, workspace_id=workspace_id) is not None

    async def left_running(self, workspace_id: str) -> list[int]:
        """Unattended batches that are to run."""
        async with self._database.connection() as connection:
            rows = queries.unattended_batches_running(connection, workspace_id=workspace_id)
            return [row["batch_id"] async for row in rows]

    async def settle(
        self,
        workspace_id: str,
        batch_id: int,
        row: Row,
        state: str,
        *,
        explanation: str = "",
        merge_id: int | None = None,
        said: Said | None = None,
    ) -> None:
        """What became of one merge, and what that says of pairs, in one commit."""
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
            if state == "merged" and said:
                await stored.forget(connection, workspace_id, [row["from_id"]])
                await queries.duplicates_merged(connection, workspace_id=workspace_id, contact_id=row["from_id"])
            if said:
                evidence = dict.fromkeys(said.pairs, str(row["evidence"]))
                await judgements.judge(
                    connection, workspace_id, said.pairs, said.verdict, author=said.author, evidence=evidence
                )


class Said(Struct, frozen=True):
    """What a merge or its undo says of pairs: they are reviewed from then on."""

    verdict: Verdict
    pairs: tuple[Pair, ...]
    author: str


def lock(workspace_id: str) -> str:
    """What whoever merges or undoes a batch holds meanwhile."""
    return f"duplicates batch {workspace_id}"


def within(groups: Sequence[GroupSeen], most: int) -> list[GroupSeen]:
    """The first so many merges of these groups; the last group is cut short where it has more."""
    kept = []
    for group in groups:
        if most > 0:
            kept.append(msgspec.structs.replace(group, steps=group.steps[:most]))
            most -= group.gain
    return kept


async def _most(connection: Connection, workspace_id: str) -> int:
    """Raises DuplicatesRefused where the first ones are on record and wait."""
    row = await queries.merged_in_batches(connection, workspace_id=workspace_id, enough=FIRST)
    if row["merged"] >= FIRST:
        return LATEST
    if row["merged"] + row["waiting"] >= FIRST:
        raise DuplicatesRefused(
            f"The first {FIRST} merges come alone, so that people can look at them, and a batch that is not finished "
            "has them. Resume that batch, or undo it."
        )
    return FIRST - int(row["merged"] + row["waiting"])


async def _ties(connection: Connection, workspace_id: str, groups: Sequence[GroupSeen]) -> Ties:
    """What connects the members of groups, also by way of contacts that were merged since the scan."""
    ids = [member.contact_id for group in groups for member in group.members]
    judged = await judgements.around(connection, workspace_id, ids)
    found = await evidence_among(connection, workspace_id, [*together(ids, judged.same)])
    return Ties({two: one.evidence for two, one in found.items()}, judged)
