"""One merge of a batch looked at again just before it is made, with what Intercom has and people have said by then.

`batch.py` asks; `chains.py` judges.
"""

from __future__ import annotations

import msgspec

from leadline.connections.workspaces import Workspaces
from leadline.directory import Directory
from leadline.directory.keys import entry
from leadline.directory.records import record
from leadline.identity.compared import Record
from leadline.identity.merge_sides import Side
from leadline.intercom import contacts
from leadline.merging.desk import Merging
from leadline.merging.duplicates import judgements
from leadline.merging.duplicates.batch_record import Row
from leadline.merging.duplicates.chains import Link, as_before, members, why_not
from leadline.store.database import Database
from leadline.store.queries import queries

GONE = "One of the two is no longer in Intercom, or was merged by somebody else."
BETWEEN = "A contact that connected the two is no longer in Intercom, and no journal says what it was. Scan again."


class Recheck:
    """Reads everything anew, behind live work."""

    def __init__(self, database: Database, workspaces: Workspaces, merging: Merging, directory: Directory) -> None:
        self._database = database
        self._workspaces = workspaces
        self._merging = merging
        self._directory = directory

    async def why_not(self, workspace_id: str, batch_id: int, row: Row) -> str:
        """Why the two should not be merged any more. Empty: merge them.

        What the journal has already begun is seen through.
        """
        history = await self._merging.history(workspace_id, contact_id=row["from_id"], count=5)
        if any(one.into_id == row["into_id"] and one.state in {"calling", "planned", "merged"} for one in history):
            return ""
        links = _links(row)
        people: dict[str, Record] = {}
        for contact_id in dict.fromkeys((row["from_id"], row["into_id"], *members(links))):
            found = await self._now(workspace_id, contact_id, row["into_id"])
            if found is None:
                return GONE if contact_id in (row["from_id"], row["into_id"]) else BETWEEN
            people[contact_id] = found
        people[row["into_id"]] = await self._without_gains(workspace_id, batch_id, people[row["into_id"]])
        async with self._database.connection() as connection:
            since = None if row["unattended"] else row["made_at"]
            judged = await judgements.around(connection, workspace_id, [*people], unsure_since=since)
        return why_not(links, people, judged, least=row["least"], unattended=row["unattended"])

    async def _now(self, workspace_id: str, contact_id: str, into_id: str) -> Record | None:
        """A contact as it is; one that was merged into the survivor as it was just before. None for any other."""
        client = (await self._workspaces.get(workspace_id)).client.in_background()
        now = await contacts.get(client, contact_id)
        if now is not None and now.contact_id == contact_id:
            return record(entry(now, self._directory.filing), await self._directory.find.region(workspace_id))
        snapshot = await self._merging.before(workspace_id, contact_id, into_id)
        return await self._of_side(workspace_id, snapshot.source) if snapshot else None

    async def _without_gains(self, workspace_id: str, batch_id: int, now: Record) -> Record:
        """The survivor of the batch, without what it got from the leads that the batch has merged into it."""
        async with self._database.connection() as connection:
            first = await queries.first_merged_into(
                connection, workspace_id=workspace_id, batch_id=batch_id, into_id=now.contact_id
            )
        snapshot = await self._merging.before(workspace_id, first["from_id"], now.contact_id) if first else None
        before = await self._of_side(workspace_id, snapshot.target) if snapshot else None
        return as_before(now, before) if before else now

    async def _of_side(self, workspace_id: str, side: Side) -> Record | None:
        """A contact of the journal; None where it cannot be read."""
        contact = contacts.read(dict(side.raw))
        region = await self._directory.find.region(workspace_id)
        return record(entry(contact, self._directory.filing), region) if contact else None


def _links(row: Row) -> tuple[Link, ...]:
    """The chain as it was put on record; batches of before 0.3 have only what the two agree in themselves."""
    kept = msgspec.convert(row["chain"], tuple[Link, ...])
    direct = (Link(row["from_id"], row["into_id"], row["evidence"]),) if row["evidence"] else ()
    return kept or direct
