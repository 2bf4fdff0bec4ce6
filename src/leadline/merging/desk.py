"""Merging two contacts: find, preview, merge, undo, history. The Inbox app, the CLI and the tests call `Merging`.

A merge is journalled and kept as work in one commit (`journal.py`), made in its lane (`work.py`), and the
caller waits for the outcome a while. If the caller dies meanwhile, the lane's job goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from leadline.connections.workspaces import Workspaces
from leadline.engine.lanes import Arrival
from leadline.identity.merge import Preview, Way
from leadline.identity.merge_refusals import MergeRefused, day, refused
from leadline.intercom import contacts
from leadline.intercom.contacts import Contact
from leadline.merging.journal import Journal, Row, Snapshot, Wishes, key_of, moved_of
from leadline.merging.outcomes import Outcomes
from leadline.merging.previews import Previews
from leadline.merging.records import Merged, MergeRecord, Undone, merged_of, record_of, undone_of
from leadline.merging.reroute import route_back, routed, told_of
from leadline.merging.work import MergeWork
from leadline.people import ContactSearch
from leadline.people.standings import lock
from leadline.store.database import Database
from leadline.store.queries import queries

__all__ = ["MergeRecord", "MergeRefused", "Merged", "Merging", "Preview", "Undone", "Way", "Wishes"]

NO_WISHES = Wishes()
FORGET_EVERY = 6 * 3600.0


class Merging:
    """Everything about merging two contacts of one workspace.

    grace: seconds a merge can be cancelled before Intercom is asked.
    """

    def __init__(
        self,
        database: Database,
        workspaces: Workspaces,
        journal: Journal,
        work: MergeWork,
        outcomes: Outcomes,
        *,
        search: ContactSearch,
        grace: float = 0.0,
    ) -> None:
        self._database = database
        self._workspaces = workspaces
        self._journal = journal
        self._work = work
        self._outcomes = outcomes
        self._search = search
        self._grace = grace

    @property
    def users_too(self) -> bool:
        """Whether a user may go into a user, where the workspace allows it."""
        return self._work.previews.users_too

    @property
    def previews(self) -> Previews:
        """What Intercom would do, asked before anything is planned."""
        return self._work.previews

    async def find(self, workspace_id: str, text: str) -> tuple[Contact, ...]:
        """Contacts a person may mean, see `ContactSearch.find`."""
        return await self._search.find(workspace_id, text)

    async def preview(self, workspace_id: str, from_id: str, into_id: str, take: Collection[str] = ()) -> Preview:
        """Both sides, what Intercom will keep, what moves, the ways, the warnings; raises MergeRefused.

        take: keys of the fields for which a person chose the lead's value.
        """
        return await self._work.previews.of(workspace_id, from_id, into_id, take)

    async def restore(self, workspace_id: str, contact_id: str) -> bool:
        """Take a contact out of Intercom's archive; False when that is impossible: it was merged or deleted."""
        return await contacts.restore((await self._workspaces.get(workspace_id)).client, contact_id)

    async def merge(
        self,
        workspace_id: str,
        from_id: str,
        into_id: str,
        *,
        author: str,
        token: str = "",
        way: Way = "merge",
        wishes: Wishes = NO_WISHES,
        wait: float = 5.0,
    ) -> Merged:
        """Merge, once however often it is asked for; raises MergeRefused.

        token: of the preview that was confirmed; refused as `stale` when a side has changed since. wishes: what a
        person chose there. wait: seconds to wait for Intercom; the merge goes on afterwards.
        """
        key = (workspace_id, from_id, into_id, way)
        row = await self._known(*key)
        if row is None:
            try:
                row = await self._planned(*key, wishes, author, token)
            except MergeRefused:
                row = await self._known(*key)  # somebody else was quicker while both were read
                if row is None:
                    raise
        row = await self._outcomes.of(row, wait)
        return merged_of(row, self._journal.names(row))

    async def _planned(
        self, workspace_id: str, from_id: str, into_id: str, way: Way, wishes: Wishes, author: str, token: str
    ) -> Row:
        plan = await self.preview(workspace_id, from_id, into_id, wishes.take)
        if token and token != plan.token:
            raise refused("stale")
        taken = {change.key for change in plan.option(way).changes if change.outcome == "replaced"}
        if unknown := [name for name in wishes.take if name not in taken]:
            raise refused("no_choice", name=", ".join(unknown))
        snapshot = Snapshot(plan.source, plan.target)
        row = await self._journal.plan(workspace_id, snapshot, way, wishes, author=author, grace=self._grace)
        if row is None:
            raise refused("under_way", name=plan.source.name or from_id)
        return row

    async def _known(self, workspace_id: str, from_id: str, into_id: str, way: Way) -> Row | None:
        """The same merge asked for before, under way or made; raises MergeRefused for another one of this contact."""
        row = await self._journal.of(workspace_id, from_id)
        if row is None or (row["way"] == "reroute" and row["state"] not in {"planned", "calling"}):
            return None
        if (row["into_id"], row["way"]) == (into_id, way) and row["state"] in {"planned", "calling", "merged"}:
            return row
        name = self._journal.names(row)[0] or from_id
        if row["state"] in {"planned", "calling"}:
            raise refused("under_way", name=name)
        raise refused(
            "already_merged", name=name, into=self._journal.names(row)[1] or row["into_id"], when=day(row["settled_at"])
        )

    async def undo(self, workspace_id: str, merge_id: int, *, author: str, wait: float = 10.0) -> Undone:
        """Take a merge back as far as that goes: exactly before Intercom was asked and for a re-route, else by a new
        lead. Raises MergeRefused.
        """
        row = await self._journal.row(workspace_id, merge_id)
        if row is None:
            raise refused("no_such_merge", name=str(merge_id))
        if row["erased_at"] is not None and row["state"] == "merged":
            raise refused(
                "not_undoable", name=str(merge_id), why="its journal was deleted, so Leadline does not know what moved"
            )
        if row["state"] == "planned" and await self._cancelled(row, author):
            return Undone(merge_id=merge_id, state="cancelled", contact_id=row["from_id"])
        if row["state"] == "merged" and row["way"] == "reroute":
            return await self._routed_back(row, author)
        if row["state"] == "merged":
            await self._start_undo(row, author)
        elif row["state"] not in {"undoing", "undone"}:
            raise refused("not_undoable", name=str(merge_id), why=_why_not(row["state"]))
        return await self._undone(row, wait)

    async def _cancelled(self, row: Row, author: str) -> bool:
        async with self._database.connection() as connection:
            return await queries.cancel_merge(connection, **key_of(row), author=author) is not None

    async def _start_undo(self, row: Row, author: str) -> None:
        """The state and the work in one commit; a second click finds the state taken."""
        async with self._database.connection() as connection:
            if await queries.start_undo(connection, **key_of(row), author=author) is not None:
                await self._journal.keep_work(connection, row, undo=True)

    async def _undone(self, row: Row, wait: float) -> Undone:
        row = await self._outcomes.of(row, wait)
        if row["state"] == "merged":
            raise refused("not_undoable", name=str(row["merge_id"]), why=row["explanation"].rstrip("."))
        return undone_of(row)

    async def _routed_back(self, row: Row, author: str) -> Undone:
        """Handles that still go where the re-route sent them go back, and so do the conversations open then."""
        handles = list(moved_of(row).handles)
        async with self._database.connection() as connection:
            await lock(connection, row["workspace_id"], handles)  # against corrections made meanwhile
            standing = await routed(connection, row)
            if await queries.finish_reroute_undo(connection, **key_of(row), author=author) is not None:
                await route_back(connection, row, [handle for handle in handles if standing.goes_back(handle)], author)
            now = await routed(connection, row)
        returned, lost = told_of(row["from_id"], handles, standing, now)
        return Undone(merge_id=row["merge_id"], state="undone", contact_id=row["from_id"], returned=returned, lost=lost)

    async def history(self, workspace_id: str, *, contact_id: str = "", count: int = 50) -> list[MergeRecord]:
        """Merges of this workspace or this contact, the latest first, also those made in Intercom itself."""
        return [
            record_of(row, self._journal.names(row))
            for row in await self._journal.listed(workspace_id, contact_id, count)
        ]

    async def before(self, workspace_id: str, from_id: str, into_id: str) -> Snapshot | None:
        """Both contacts of a merge that was made, as they were just before; None where the journal has none such."""
        row = await self._journal.of(workspace_id, from_id)
        if row is None or row["way"] == "reroute" or (row["into_id"], row["state"]) != (into_id, "merged"):
            return None
        return self._journal.snapshot(row)

    async def record(self, workspace_id: str, merge_id: int) -> MergeRecord:
        """One merge; raises MergeRefused when there is none."""
        row = await self._journal.row(workspace_id, merge_id)
        if row is None:
            raise refused("no_such_merge", name=str(merge_id))
        return record_of(row, self._journal.names(row))

    async def erase(self, workspace_id: str, merge_id: int) -> None:
        """Forget both snapshots of a settled merge now. Raises MergeRefused when it is under way or unknown."""
        record = await self.record(workspace_id, merge_id)
        if not await self._journal.erase(workspace_id, merge_id):
            raise refused("under_way", name=record.from_id)

    async def forget(self) -> int:
        """Drop journals that are older than they are kept; returns how many."""
        return sum([await self._journal.forget(workspace_id) for workspace_id in self._workspaces.ids])

    async def forget_in_time(self) -> None:
        """`forget` now and then, until cancelled. The worker runs it."""
        while True:
            await self.forget()
            await asyncio.sleep(FORGET_EVERY)

    async def work(self, arrival: Arrival) -> str:
        """The work of one kept merge, in its lane; says how the journal has it now."""
        await self._work.do(arrival)
        row = await self._journal.row(arrival.workspace_id, arrival.content["merge_id"])
        return f"merge {arrival.content['merge_id']}: {row['state'] if row else 'forgotten'}"


def _why_not(state: str) -> str:
    return {
        "calling": "it is under way; try again in a moment",
        "refused": "it was refused, so there is nothing to undo",
        "cancelled": "it was cancelled before",
    }.get(state, "it is being changed by somebody else")
