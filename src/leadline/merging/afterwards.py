"""After Intercom has merged: the survivor is read back, put right where the preview promised more, and compared.

`work.py` runs it in the lane of the merge; every call can be repeated. What differs is told, never hidden.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from leadline.connections.workspaces import Workspace, Workspaces
from leadline.conversations import Threads
from leadline.identity.merge import promoted
from leadline.identity.merge_afterwards import Amends, amends, differences, lost_note
from leadline.identity.merge_changes import Change, changes
from leadline.identity.words import ended
from leadline.intercom import belongings, contacts, merges
from leadline.intercom.client import Client
from leadline.intercom.outcomes import IntercomError
from leadline.merging.journal import Journal, Row, Snapshot, moved_of

log = structlog.get_logger(__name__)


class Afterwards:
    """Makes the preview of a merge come true, and says where it did not."""

    def __init__(self, workspaces: Workspaces, journal: Journal, threads: Threads) -> None:
        self._workspaces = workspaces
        self._journal = journal
        self._threads = threads

    async def do(self, row: Row) -> None:
        """Compare the survivor with what was previewed and note the result, in the journal and for the teammates."""
        snapshot = self._journal.snapshot(row)
        if snapshot is None:  # made in Intercom, or its journal is forgotten: nothing was promised
            await self._journal.compared(row, ())
            return
        workspace = await self._workspaces.get(row["workspace_id"])
        rows = previewed_rows(row, snapshot)
        found = await self._looked_at(workspace, row, snapshot, rows)
        await self._tell(row, snapshot, found)
        await self._journal.compared(row, found)

    async def _looked_at(
        self, workspace: Workspace, row: Row, snapshot: Snapshot, rows: Sequence[Change]
    ) -> tuple[str, ...]:
        client = workspace.client
        survivor = await merges.read_whole(client, row["into_id"])
        if survivor is None:
            return (f"{snapshot.target.name} is no longer in Intercom, so nothing could be compared.",)
        missing = amends(snapshot.source, snapshot.target, survivor)
        if missing.fields or missing.refusals:
            await _amend(client, survivor.contact_id, missing)
            survivor = await merges.read_whole(client, row["into_id"]) or survivor
        note = lost_note(snapshot.source, rows) if row["keep_lost"] else None
        if note is not None:
            await belongings.add_notes(client, survivor.contact_id, workspace.admin_id, (note,))
        return differences(rows, survivor)

    async def _tell(self, row: Row, snapshot: Snapshot, found: Sequence[str]) -> None:
        """One note in each conversation that was open: its teammates now read another name there."""
        text = ended(f"{row['author']} merged {snapshot.source.name} into {snapshot.target.name}")
        text = "\n".join((text, *(f"Different from the preview: {line}" for line in found)))
        for conversation_id, _, _ in moved_of(row).conversations:
            owner = f"merge:{row['merge_id']}:{conversation_id}"
            await self._threads.note(row["workspace_id"], conversation_id, owner, text)


def previewed_rows(row: Row, snapshot: Snapshot) -> tuple[Change, ...]:
    """The rows of the preview that was confirmed."""
    target = promoted(snapshot.target) if row["way"] == "promote" else snapshot.target
    return changes(snapshot.source, target, row["take"])


async def _amend(client: Client, contact_id: str, missing: Amends) -> None:
    """A refusal by Intercom shows in the comparison that follows."""
    try:
        if missing.fields:
            await contacts.update(client, contact_id, **missing.fields)
        for subscription in missing.refusals:
            await belongings.subscribe(client, contact_id, subscription)
    except IntercomError as error:
        log.warning("merge_not_amended", contact=contact_id, why=str(error))
