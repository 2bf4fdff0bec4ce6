"""Batches: groups merged one after the other through `merging/desk.py`, behind live work, and taken back as a whole.

A batch is on record before its first merge. Whoever dies in it, the next run goes on with the first merge that has no
outcome, and asks the journal first; so each is made once. `desk.py` beside this hands it out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from leadline.connections.workspaces import Workspaces
from leadline.directory.find import Find
from leadline.directory.keys import Filing, entry
from leadline.identity.merge_refusals import MergeRefused
from leadline.identity.same_person import Counts, Score, score, told, unpacked
from leadline.intercom import contacts
from leadline.merging.desk import Merging
from leadline.merging.duplicates import judgements
from leadline.merging.duplicates.batch_record import LATEST, Batch, BatchRecord, Row
from leadline.merging.duplicates.grouping import pair
from leadline.merging.duplicates.records import record as compared
from leadline.merging.duplicates.review import DuplicatesRefused
from leadline.store.database import Database

WAIT = 60.0
LOOK = 0.5
Tell = Callable[[Batch], None]


class Batches:
    """Runs, stops and takes back the batches of a workspace; one runs at a time."""

    def __init__(
        self,
        database: Database,
        record: BatchRecord,
        workspaces: Workspaces,
        merging: Merging,
        find: Find,
        filing: Filing,
    ) -> None:
        self._database = database
        self._record = record
        self._workspaces = workspaces
        self._merging = merging
        self._find = find
        self._filing = filing

    async def run(self, workspace_id: str, batch_id: int, tell: Tell = lambda batch: None) -> Batch:
        """Merge until the batch is done or stopped. Raises DuplicatesRefused while another process runs one."""
        async with self._database.if_alone(f"duplicates batch {workspace_id}") as alone:
            if not alone:
                raise DuplicatesRefused("A batch is running in another process. Wait for it, or stop it.")
            await self._record.set(workspace_id, batch_id, "running", ("stopped", "running"))
            while row := await self._record.next(workspace_id, batch_id):
                await self._one(workspace_id, batch_id, row)
                tell(await self._record.batch(workspace_id, batch_id))
            await self._record.done(workspace_id, batch_id)
        return await self._record.batch(workspace_id, batch_id)

    async def stop(self, workspace_id: str, batch_id: int) -> Batch:
        """No further merge; the one under way is finished. `run` goes on later."""
        await self._record.set(workspace_id, batch_id, "stopped", ("running",))
        return await self._record.batch(workspace_id, batch_id)

    async def undo(self, workspace_id: str, batch_id: int, *, author: str, tell: Tell = lambda batch: None) -> Batch:
        """Take every merge of the batch back, the last one first, as far as each goes. What broke off is gone on with.

        One that cannot be taken back stays merged, with the reason.
        """
        async with self._database.if_alone(f"duplicates batch {workspace_id}") as alone:
            if not alone:
                raise DuplicatesRefused("The batch is running in another process. Stop it first.")
            if not await self._record.set(workspace_id, batch_id, "undoing", ("running", "stopped", "done", "undoing")):
                raise DuplicatesRefused(f"Batch {batch_id} is undone already, or there is none.")
            before = LATEST
            while row := await self._record.last(workspace_id, batch_id, before):
                await self._back(workspace_id, batch_id, row, author)
                before = row["position"]
                tell(await self._record.batch(workspace_id, batch_id))
            await self._record.set(workspace_id, batch_id, "undone", ("undoing",))
        return await self._record.batch(workspace_id, batch_id)

    async def _one(self, workspace_id: str, batch_id: int, row: Row) -> None:
        """One merge, made or found made; or why it is not made any more."""
        author = f"{row['author']}, batch {batch_id}"
        asked = {"author": author, "way": row["way"], "wait": WAIT}
        try:
            if why := await self._changed(workspace_id, row):
                await self._record.settle(workspace_id, batch_id, row, "skipped", explanation=why)
                return
            merged = await self._merging.merge(workspace_id, row["from_id"], row["into_id"], **asked)
            while merged.state != "merged":
                await asyncio.sleep(LOOK)
                merged = await self._merging.merge(workspace_id, row["from_id"], row["into_id"], **asked)
        except MergeRefused as refusal:
            await self._record.settle(workspace_id, batch_id, row, "refused", explanation=str(refusal))
            return
        await self._record.settle(workspace_id, batch_id, row, "merged", merge_id=merged.merge_id, author=author)

    async def _changed(self, workspace_id: str, row: Row) -> str:
        """Why the two should not be merged any more; both are read anew, behind live work. Empty: nothing changed.

        What the journal has already begun is seen through.
        """
        history = await self._merging.history(workspace_id, contact_id=row["from_id"], count=5)
        if any(one.into_id == row["into_id"] and one.state in {"calling", "planned", "merged"} for one in history):
            return ""
        client = (await self._workspaces.get(workspace_id)).client.in_background()
        sides = [await contacts.get(client, row[name]) for name in ("from_id", "into_id")]
        if [side and side.contact_id for side in sides] != [row["from_id"], row["into_id"]]:
            return "One of the two is no longer in Intercom, or was merged by somebody else."
        async with self._database.connection() as connection:
            judged = await judgements.among(connection, workspace_id, [row["from_id"], row["into_id"]])
        if judged.different:
            return "Somebody said meanwhile that they are not the same person."
        region = await self._find.region(workspace_id)
        one, other = [compared(entry(side, self._filing), region) for side in sides if side]
        return _weaker(score(one, other, Counts()), row)

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
        await self._record.settle(workspace_id, batch_id, row, "undone", explanation=" ".join(undone.lost))
        pairs = [pair(row["from_id"], row["into_id"])]
        pairs += [pair(undone.contact_id, row["into_id"])] if undone.contact_id else []
        async with self._database.connection() as connection:
            evidence = dict.fromkeys(pairs, str(row["evidence"]))
            await judgements.judge(connection, workspace_id, pairs, "different", author=who, evidence=evidence)


def _weaker(now: Score, row: Row) -> str:
    """Why a pair is not what the scan saw any more; empty where all that agreed then agrees now."""
    if row["unattended"] and not now.named:
        return f"Left for people: the two no longer agree in name and address ({told(now)})."
    codes = {one.code for one in unpacked(row["evidence"]).evidence if one.tenths > 0}
    gone = codes - {one.code for one in now.evidence}
    return f"They have changed since the scan: {told(now) or 'nothing agrees any more'}." if gone else ""
