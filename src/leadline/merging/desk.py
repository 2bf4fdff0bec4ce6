"""Merging two contacts: find, preview, merge, undo, history. The Inbox app, the CLI and the tests call `Merging`.

A merge is journalled and kept as work in one commit (`journal.py`), made in its lane (`work.py`), and the
caller waits for the outcome a while. Whoever dies meanwhile, the lane's job goes on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection

import msgspec
import structlog

from leadline.connections.workspaces import Workspaces
from leadline.engine.lanes import Arrival
from leadline.errors import Retry
from leadline.identity.merge import Preview, Way
from leadline.identity.merge_refusals import MergeRefused, day, refused
from leadline.intercom import contacts
from leadline.intercom.contacts import Contact
from leadline.merging.journal import Journal, Row, Snapshot, Wishes, lane, moved_of
from leadline.merging.records import Merged, MergeRecord, Undone
from leadline.merging.reroute import route_back, routed, told_of
from leadline.merging.undo import Report
from leadline.merging.work import MergeWork, awaits_comparison
from leadline.people import ContactSearch
from leadline.store.database import Database
from leadline.store.queries import queries

__all__ = ["MergeRecord", "MergeRefused", "Merged", "Merging", "Preview", "Undone", "Way", "Wishes"]

NO_WISHES = Wishes()
LOOK = 0.1
FORGET_EVERY = 6 * 3600.0
log = structlog.get_logger(__name__)

Drain = Callable[[str, str], Awaitable[None]]


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
        drain: Drain,
        *,
        search: ContactSearch,
        grace: float = 0.0,
    ) -> None:
        self._database = database
        self._workspaces = workspaces
        self._journal = journal
        self._work = work
        self._drain = drain
        self._search = search
        self._grace = grace
        self._draining: set[asyncio.Task[None]] = set()

    async def find(self, workspace_id: str, text: str) -> tuple[Contact, ...]:
        """Contacts a person may mean, see `ContactSearch.find`."""
        return await self._search.find(workspace_id, text)

    async def preview(self, workspace_id: str, from_id: str, into_id: str, take: Collection[str] = ()) -> Preview:
        """Both sides, what Intercom will keep, what moves, the ways, the warnings; raises MergeRefused.

        take: keys of the fields for which a person chose the lead's value.
        """
        return await self._work.previewed(workspace_id, from_id, into_id, take)

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
        row = await self._outcome(row, wait)
        return await self._merged(row)

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
            raise refused("under_way", name=from_id)
        return row

    async def _known(self, workspace_id: str, from_id: str, into_id: str, way: Way) -> Row | None:
        """The same merge asked for before, under way or made; raises MergeRefused for another one of this contact."""
        row = await self._journal.of(workspace_id, from_id)
        if row is None or (row["way"] == "reroute" and row["state"] not in {"planned", "calling"}):
            return None
        if (row["into_id"], row["way"]) == (into_id, way) and row["state"] in {"planned", "calling", "merged"}:
            return row
        name = self._names(row)[0] or from_id
        if row["state"] in {"planned", "calling"}:
            raise refused("under_way", name=name)
        raise refused(
            "already_merged", name=name, into=self._names(row)[1] or row["into_id"], when=day(row["settled_at"])
        )

    async def _outcome(self, row: Row, wait: float) -> Row:
        """Work in the lane here and now, so that no worker is needed for it; whoever has the lane does the same."""
        until = time.monotonic() + wait
        task = asyncio.create_task(self._drained(row, until))
        self._draining.add(task)
        task.add_done_callback(self._draining.discard)
        await asyncio.wait({task}, timeout=wait)
        while True:
            now = await self._journal.row(row["workspace_id"], row["merge_id"]) or row
            waits = now["state"] == "planned" and now["due_in"] > wait
            working = now["state"] in {"planned", "calling", "undoing"} or awaits_comparison(now)
            if not working or waits or time.monotonic() > until:
                return now
            await asyncio.sleep(LOOK)

    async def _drained(self, row: Row, until: float) -> None:
        while True:
            try:
                await self._drain(row["workspace_id"], lane(row))
            except Retry as retry:
                log.info("merge_waits", merge=row["merge_id"], reason=retry.reason)
                pause = max(LOOK, retry.delay or 1.0)
            else:
                return
            if time.monotonic() + pause > until:
                return  # the lane's job goes on
            await asyncio.sleep(pause)

    async def _merged(self, row: Row) -> Merged:
        if row["state"] in {"refused", "cancelled"}:
            raise MergeRefused(row["code"] or row["state"], row["explanation"] or "The merge was cancelled.")
        return Merged(
            merge_id=row["merge_id"],
            state="calling" if _due(row) else row["state"],
            way=row["way"],
            from_id=row["from_id"],
            contact_id=row["into_id"],
            sentence=self._sentence(row),
            differences=tuple(row["differences"]),
        )

    def _sentence(self, row: Row) -> str:
        source, target = self._names(row)
        source, target = source or row["from_id"], target or row["into_id"]
        if row["state"] == "calling" or _due(row):
            return f"The merge of {source} into {target} is under way. It goes on by itself; look again in a moment."
        if row["state"] == "planned":
            return f"{source} will be merged into {target} in {max(1, round(row['due_in']))} seconds; undo cancels it."
        if row["way"] == "reroute":
            return f"Future messages of {source} go to {target}. Nothing was changed in Intercom."
        told = f"{source} is merged into {target}. Future messages go there."
        if awaits_comparison(row):
            return f"{told} Leadline has not read {target} back yet to compare it with the preview."
        return told

    async def undo(self, workspace_id: str, merge_id: int, *, author: str, wait: float = 10.0) -> Undone:
        """Take a merge back as far as that goes: exactly before Intercom was asked and for a re-route, else by a new
        lead. Raises MergeRefused.
        """
        row = await self._journal.row(workspace_id, merge_id)
        if row is None:
            raise refused("no_such_merge", name=str(merge_id))
        if row["erased_at"] is not None and row["state"] == "merged":
            raise refused(
                "not_undoable", name=str(merge_id), why="its journal is forgotten, so nobody knows what moved"
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
            return await queries.cancel_merge(connection, **_key(row), author=author) is not None

    async def _start_undo(self, row: Row, author: str) -> None:
        """The state and the work in one commit; a second click finds the state taken."""
        async with self._database.connection() as connection:
            if await queries.start_undo(connection, **_key(row), author=author) is not None:
                await self._journal.keep_work(connection, row, undo=True)

    async def _undone(self, row: Row, wait: float) -> Undone:
        row = await self._outcome(row, wait)
        if row["state"] == "merged":
            raise refused("not_undoable", name=str(row["merge_id"]), why=row["explanation"].rstrip("."))
        report = _report(row)
        return Undone(
            merge_id=row["merge_id"],
            state=row["state"],
            contact_id=row["undo_contact_id"],
            returned=report.returned,
            lost=report.lost,
        )

    async def _routed_back(self, row: Row, author: str) -> Undone:
        """Handles that still go where the re-route sent them go back, and so do the conversations open then."""
        handles = list(moved_of(row).handles)
        async with self._database.connection() as connection:
            standing = await routed(connection, row)
            if await queries.finish_reroute_undo(connection, **_key(row), author=author) is not None:
                await route_back(connection, row, [handle for handle in handles if standing.goes_back(handle)], author)
            now = await routed(connection, row)
        returned, lost = told_of(row["from_id"], handles, standing, now)
        return Undone(merge_id=row["merge_id"], state="undone", contact_id=row["from_id"], returned=returned, lost=lost)

    async def history(self, workspace_id: str, *, contact_id: str = "", count: int = 50) -> list[MergeRecord]:
        """Merges of this workspace or this contact, the latest first, also those made in Intercom itself."""
        return [self._record(row) for row in await self._journal.listed(workspace_id, contact_id, count)]

    async def record(self, workspace_id: str, merge_id: int) -> MergeRecord:
        """One merge; raises MergeRefused when there is none."""
        row = await self._journal.row(workspace_id, merge_id)
        if row is None:
            raise refused("no_such_merge", name=str(merge_id))
        return self._record(row)

    async def erase(self, workspace_id: str, merge_id: int) -> None:
        """Forget both snapshots of a settled merge now. Raises MergeRefused when it is under way or unknown."""
        record = await self.record(workspace_id, merge_id)
        if not await self._journal.erase(workspace_id, merge_id):
            raise refused("under_way", name=record.from_id)

    async def forget(self) -> int:
        """Drop journals that are older than they are kept; returns how many."""
        return await self._journal.forget(self._workspaces.only.workspace_id)

    async def forget_in_time(self) -> None:
        """`forget` now and then, until cancelled. The worker runs it."""
        while True:
            await self.forget()
            await asyncio.sleep(FORGET_EVERY)

    async def work(self, arrival: Arrival) -> None:
        """The work of one kept merge, in its lane."""
        await self._work.do(arrival)

    async def close(self) -> None:
        """Leave the work under way to the next worker."""
        for task in self._draining:
            task.cancel()
        await asyncio.gather(*self._draining, return_exceptions=True)

    def _names(self, row: Row) -> tuple[str, str]:
        snapshot = self._journal.snapshot(row)
        return (snapshot.source.name, snapshot.target.name) if snapshot else ("", "")

    def _record(self, row: Row) -> MergeRecord:
        same = {
            name: row[name] for name in MergeRecord.__struct_fields__ if name in row and not isinstance(row[name], list)
        }
        from_name, into_name = self._names(row)
        report = _report(row)
        return MergeRecord(
            **same,
            from_name=from_name,
            into_name=into_name,
            handles=moved_of(row).handles,
            take=tuple(row["take"]),
            differences=tuple(row["differences"]),
            returned=report.returned,
            lost=report.lost,
        )


def _due(row: Row) -> bool:
    """Planned, and not waiting for its time to be cancelled to pass: it is being made."""
    return bool(row["state"] == "planned" and row["due_in"] <= 0)


def _why_not(state: str) -> str:
    return {
        "calling": "it is under way; try again in a moment",
        "refused": "it was refused, so there is nothing to undo",
        "cancelled": "it was cancelled before",
    }.get(state, "it is being changed by somebody else")


def _report(row: Row) -> Report:
    return msgspec.convert(row["undo_report"] or {}, Report)


def _key(row: Row) -> dict[str, object]:
    return {"workspace_id": row["workspace_id"], "merge_id": row["merge_id"]}
