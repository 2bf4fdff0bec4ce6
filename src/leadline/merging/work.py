"""The durable work of one merge, in the lane of the contact that goes. Safe to repeat after any crash.

planned → calling (committed before Intercom is asked) → merged or refused. What was called and not settled is looked
up first; only a lead that Intercom still has is merged again. `desk.py` keeps the work, `app.py` runs `do`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import structlog

from leadline.connections.workspaces import Workspaces
from leadline.engine.lanes import Arrival
from leadline.errors import Park, Retry, Waiting
from leadline.identity.merge_changes import CUSTOM, chosen
from leadline.identity.merge_refusals import MergeRefused, of_intercom, refused
from leadline.identity.merge_sides import Side
from leadline.intercom import contacts, merges
from leadline.intercom.client import Client
from leadline.intercom.outcomes import Conflict, IntercomError, NotFound, OutcomeUnknown, Unavailable
from leadline.merging.afterwards import Afterwards, previewed_rows
from leadline.merging.journal import Journal, Row, Snapshot
from leadline.merging.previews import Previews
from leadline.merging.records import awaits_comparison
from leadline.merging.undo import UnmergeWork
from leadline.model import Role
from leadline.people import Person

SETTLING = 5.0  # seconds an unanswered merge may still take effect at Intercom before it is looked for
FRESH = 5.0  # seconds after which what was read for the plan is read again
PATIENCE = 900.0  # seconds after which a merge that Intercom could not even be asked for is given up
UNSURE = "Intercom no longer knows the lead, as after a merge; on this API version it does not tell more."
log = structlog.get_logger(__name__)


class MergeWork:
    """Makes planned merges, and finds out what became of those that were interrupted."""

    def __init__(
        self,
        workspaces: Workspaces,
        journal: Journal,
        previews: Previews,
        *,
        unmerge: UnmergeWork,
        afterwards: Afterwards,
    ) -> None:
        self._workspaces = workspaces
        self._journal = journal
        self.previews = previews
        self._unmerge = unmerge
        self._afterwards = afterwards

    async def do(self, arrival: Arrival) -> None:
        """One merge, or one undo. Never given up while Intercom may have it: what fails waits."""
        row = await self._row(arrival)
        try:
            if arrival.content["undo"]:
                await self._unmerge.do(row)
            else:
                await self._make(row)
                await self._compare(await self._row(arrival))
        except Waiting:
            raise
        except Retry as retry:
            raise Waiting(retry.reason, str(retry), retry.delay) from retry

    async def _row(self, arrival: Arrival) -> Row:
        row = await self._journal.row(arrival.workspace_id, arrival.content["merge_id"])
        if row is None:
            raise Park("merge_unknown", "The journal has no such merge.")
        return row

    async def _make(self, row: Row) -> None:
        if row["state"] == "planned":
            await self._due(row)
        elif row["state"] == "calling":
            await self._look(row)

    async def _compare(self, row: Row) -> None:
        if awaits_comparison(row):
            await self._afterwards.do(row)

    async def _due(self, row: Row) -> None:
        if row["due_in"] > 0:
            raise Waiting(
                "merge_in_grace", "The merge is made as soon as it can no longer be cancelled.", row["due_in"]
            )
        read = self._journal.snapshot(row)
        if read is None or row["planned_ago"] > FRESH or row["due_at"] > row["planned_at"]:
            await self._begin(row)
        else:
            await self._go(row, read)

    async def _begin(self, row: Row) -> None:
        """Both contacts are read again: what a person saw may be old, and the journal must hold the last state."""
        try:
            plan = await self.previews.of(row["workspace_id"], row["from_id"], row["into_id"])
            if row["way"] == "merge":
                plan.option("merge")  # the other ways take a target of either role
        except MergeRefused as refusal:
            await self._journal.refused(row, refusal.code, str(refusal))
            return
        earlier = self._journal.snapshot(row)
        await self._go(row, Snapshot(plan.source, _before_choices(plan.target, earlier, row["take"])))

    async def _go(self, row: Row, snapshot: Snapshot) -> None:
        target = snapshot.target
        if row["way"] == "reroute":
            await self._journal.rerouted(row, Person(contact_id=target.contact_id, role=target.role))
        elif await self._journal.calling(row, snapshot):
            await self._call(row, snapshot)

    async def _call(self, row: Row, snapshot: Snapshot) -> None:
        client = (await self._workspaces.get(row["workspace_id"])).client
        source, target = snapshot.source, snapshot.target
        try:
            if target.role == Role.LEAD:
                await merges.promote(client, target)
            if values := chosen(source, previewed_rows(row, snapshot)):
                await contacts.update(client, target.contact_id, **values)
            await merges.merge(client, source, target.contact_id)
        except OutcomeUnknown as unknown:
            raise Waiting(unknown.reason, str(unknown), SETTLING) from unknown
        except Unavailable as away:
            await self._away(row, away)
        except NotFound:
            await self._told_missing(row, client, snapshot)
        except Conflict as conflict:
            refusal = refused("promote_conflict", name=target.name, into=conflict.contact_id or "")
            await self._refuse(row, client, snapshot, refusal.code, str(refusal))
        except IntercomError as error:
            refusal = of_intercom(error.code, error.message, name=source.name)
            promoted = f" {target.name} is a user now all the same." if target.role == Role.LEAD else ""
            await self._refuse(row, client, snapshot, refusal.code, f"{refusal}{promoted}")
        else:
            log.info("merged", contact=source.contact_id, into=target.contact_id, merge=row["merge_id"])
            await self._journal.merged(row)

    async def _refuse(self, row: Row, client: Client, snapshot: Snapshot, code: str, sentence: str) -> None:
        """Not made: the survivor gets back what it had before a person's choices were written to it."""
        taken = chosen(snapshot.source, previewed_rows(row, snapshot))
        custom = {name: snapshot.target.attributes.get(name) for name in taken.pop("custom_attributes", {})}
        values = {name: snapshot.target.fields.get(name) for name in taken} | (
            {"custom_attributes": custom} if custom else {}
        )
        if values:
            await contacts.update(client, snapshot.target.contact_id, **values)
        await self._journal.refused(row, code, sentence)

    async def _away(self, row: Row, away: Unavailable) -> None:
        if not _overdue(row):
            raise away
        await self._given_up(row)

    async def _given_up(self, row: Row) -> None:
        """Surely not made. A merge that happens long after it was asked for surprises people more than none."""
        refusal = refused(
            "intercom_refused", why=f"it did not answer for {PATIENCE / 60:.0f} minutes, and has not made it"
        )
        await self._journal.refused(row, refusal.code, str(refusal))

    async def _told_missing(self, row: Row, client: Client, snapshot: Snapshot) -> None:
        """404 to the merge itself: this call did nothing, but one before it, or somebody else, may have."""
        found = await merges.fate(client, snapshot.source, row["into_id"])
        if found.state == "merged" and found.sure:
            await self._journal.merged(row)
        elif found.state == "elsewhere":
            await self._elsewhere(row, snapshot.source, found.contact_id)
        else:
            missing = snapshot.target if found.state == "alive" else snapshot.source
            await self._missing(row, missing)

    async def _look(self, row: Row) -> None:
        """Called and not settled: nobody knows the outcome, so Intercom is looked at before anything else."""
        if row["called_ago"] < SETTLING:
            raise Waiting("merge_outcome_unknown", "Intercom may still be working on it.", SETTLING - row["called_ago"])
        snapshot = self._journal.snapshot(row)
        source = snapshot.source if snapshot else Side(contact_id=row["from_id"], role=Role.LEAD)
        client = (await self._workspaces.get(row["workspace_id"])).client
        found = await merges.fate(client, source, row["into_id"])
        log.info("merge_looked_up", merge=row["merge_id"], found=found.state, sure=found.sure)
        if found.state == "alive":
            await (self._given_up(row) if _overdue(row) else self._begin(row))
        elif found.state == "merged":
            await self._journal.merged(row, "" if found.sure else UNSURE)
        elif found.state == "elsewhere":
            await self._elsewhere(row, source, found.contact_id)
        else:
            await self._missing(row, source)

    async def _elsewhere(self, row: Row, source: Side, survivor: str) -> None:
        refusal = refused("already_merged", name=source.name, into=survivor)
        await self._journal.refused(row, refusal.code, str(refusal))

    async def _missing(self, row: Row, side: Side) -> None:
        refusal = refused("not_found", name=side.name)
        await self._journal.refused(row, refusal.code, str(refusal))


def _before_choices(target: Side, earlier: Snapshot | None, take: Sequence[str]) -> Side:
    """The target as it was before a person's choices were written to it, perhaps by a try that broke off."""
    if earlier is None or not take:
        return target
    was = earlier.target
    fields = _put_back(target.fields, was.fields, set(take))
    attributes = _put_back(target.attributes, was.attributes, {key.removeprefix(CUSTOM) for key in take})
    return msgspec.structs.replace(target, fields=fields, attributes=attributes)


def _put_back(now: Mapping[str, Any], then: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    kept = {name: value for name, value in now.items() if name not in names}
    return kept | {name: value for name, value in then.items() if name in names}


def _overdue(row: Row) -> bool:
    return bool(row["due_in"] < -PATIENCE)
