"""Batches: groups merged one after the other through `merging/desk.py`, behind live work, and taken back as a whole.

A batch is on record before its first merge. If its process dies, the next run goes on with the first merge that has no
outcome, and asks the journal first; so each is made once. `desk.py` beside this hands it out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from leadline.identity.merge_refusals import MergeRefused
from leadline.merging.desk import Merging, Undone
from leadline.merging.duplicates.batch_record import LATEST, BatchRecord, Row, Said, lock
from leadline.merging.duplicates.batch_seen import STATES, Batch
from leadline.merging.duplicates.group_seen import DuplicatesRefused
from leadline.merging.duplicates.grouping import pair
from leadline.merging.duplicates.recheck import Recheck
from leadline.store.database import Database

WAIT = 60.0
LOOK = 0.5
PATIENCE = 5.0
"""Seconds to wait for whoever is at a batch: the database notices a moment later that a process was killed."""
Tell = Callable[[Batch], None]


class Batches:
    """Runs, stops and takes back the batches of a workspace; one runs at a time."""

    def __init__(self, database: Database, record: BatchRecord, merging: Merging, recheck: Recheck) -> None:
        self._database = database
        self._record = record
        self._merging = merging
        self._recheck = recheck

    async def run(self, workspace_id: str, batch_id: int, tell: Tell = lambda batch: None) -> Batch:
        """Merge until the batch is done or stopped. Raises DuplicatesRefused while another process runs one."""
        async with self._alone(workspace_id):
            batch = await self._record.batch(workspace_id, batch_id)
            if batch.state == "done":
                return batch
            if batch.unattended and batch.waiting and not await self._record.unattended_on(workspace_id):
                raise DuplicatesRefused("Merging unattended is switched off, so its batch does not go on.")
            if not await self._record.set(workspace_id, batch_id, "running", ("stopped", "running")):
                raise DuplicatesRefused(f"Batch {batch_id} is {STATES[batch.state]}, so it does not go on.")
            while row := await self._record.next(workspace_id, batch_id):
                await self._one(workspace_id, batch_id, row)
                tell(await self._record.batch(workspace_id, batch_id))
            await self._record.end(workspace_id, batch_id)
        return await self._record.batch(workspace_id, batch_id)

    async def stop(self, workspace_id: str, batch_id: int) -> Batch:
        """No further merge; the one under way is finished. `run` goes on later."""
        await self._record.set(workspace_id, batch_id, "stopped", ("running",))
        return await self._record.batch(workspace_id, batch_id)

    async def undo(self, workspace_id: str, batch_id: int, *, author: str, tell: Tell = lambda batch: None) -> Batch:
        """Take every merge of the batch back, the last one first, as far as each goes. What broke off is gone on with.

        One that cannot be taken back stays merged, with the reason; then the batch is partly undone, and this can be
        asked for again.
        """
        undoable = ("running", "stopped", "done", "undoing", "partly_undone")
        async with self._alone(workspace_id):
            if not await self._record.set(workspace_id, batch_id, "undoing", undoable):
                raise DuplicatesRefused(f"Batch {batch_id} is undone already, or there is none.")
            before = LATEST
            while row := await self._record.last(workspace_id, batch_id, before):
                await self._back(workspace_id, batch_id, row, author)
                before = row["position"]
                tell(await self._record.batch(workspace_id, batch_id))
            await self._record.end_undo(workspace_id, batch_id)
        return await self._record.batch(workspace_id, batch_id)

    @asynccontextmanager
    async def _alone(self, workspace_id: str) -> AsyncIterator[None]:
        async with self._database.if_alone(lock(workspace_id), patience=PATIENCE) as alone:
            if not alone:
                raise DuplicatesRefused("A batch is running in another process. Wait for it, or stop it.")
            yield

    async def _one(self, workspace_id: str, batch_id: int, row: Row) -> None:
        """One merge, made or found made; or why it is not made any more."""
        author = f"{row['author']}, batch {batch_id}"
        asked = {"author": author, "way": row["way"], "wait": WAIT}
        try:
            if why := await self._recheck.why_not(workspace_id, batch_id, row):
                await self._record.settle(workspace_id, batch_id, row, "skipped", explanation=why)
                return
            merged = await self._merging.merge(workspace_id, row["from_id"], row["into_id"], **asked)
            while merged.state != "merged":
                await asyncio.sleep(LOOK)
                merged = await self._merging.merge(workspace_id, row["from_id"], row["into_id"], **asked)
        except MergeRefused as refusal:
            await self._record.settle(workspace_id, batch_id, row, "refused", explanation=str(refusal))
            return
        said = Said("same", (pair(row["from_id"], row["into_id"]),), author)
        await self._record.settle(workspace_id, batch_id, row, "merged", merge_id=merged.merge_id, said=said)

    async def _back(self, workspace_id: str, batch_id: int, row: Row, author: str) -> None:
        """One merge taken back; the pair counts as two people from now on, and so do the new lead and the survivor."""
        who = f"{author}, batch {batch_id}"
        try:
            undone = await self._merging.undo(workspace_id, row["merge_id"], author=who, wait=WAIT)
            while undone.state == "undoing":
                await asyncio.sleep(LOOK)
                undone = await self._merging.undo(workspace_id, row["merge_id"], author=who, wait=WAIT)
        except MergeRefused as refusal:
            await self._record.settle(workspace_id, batch_id, row, "merged", explanation=str(refusal))
            return
        said = Said("different", _apart(row, undone), who)
        await self._record.settle(workspace_id, batch_id, row, "undone", explanation=" ".join(undone.lost), said=said)


def _apart(row: Row, undone: Undone) -> tuple[tuple[str, str], ...]:
    both = [row["from_id"], undone.contact_id] if undone.contact_id else [row["from_id"]]
    return tuple(dict.fromkeys(pair(each, row["into_id"]) for each in both))
