"""Merging unattended: off, until a person switches it on at a score that the workspace's own pairs show safe.

The worker runs `keep_up`. Only a group whose every link passes the name gate is merged, and only leads into a user.
"""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

import msgspec
import structlog

from leadline.connections.workspaces import Workspaces
from leadline.errors import LeadlineError
from leadline.merging.duplicates.batch_seen import Batch
from leadline.merging.duplicates.desk import Duplicates, enough, switch_off
from leadline.merging.duplicates.group_seen import DuplicatesRefused, GroupSeen
from leadline.merging.duplicates.learning import Shown
from leadline.model import Struct
from leadline.store.database import Database
from leadline.store.queries import queries

PRECISE = 0.97
"""Share of reviewed pairs that must be one person, at the score and above, before anything runs unattended there."""
FEWEST = 30
"""Reviewed pairs at that score and above, below which their share says nothing."""
MOST = 500
HOUR = 4
LOOK = 300.0
DAY = 86_400.0
AUTHOR = "Leadline (unattended)"
log = structlog.get_logger(__name__)


class Switched(Struct, frozen=True, kw_only=True):
    """At which score it was switched on, by whom, and what the reviewed pairs showed then."""

    least: int
    shown: float
    pairs: int
    author: str
    switched_at: datetime


class Unattended:
    """Switched on and off a workspace; merges at night what is surest."""

    def __init__(self, database: Database, workspaces: Workspaces, duplicates: Duplicates) -> None:
        self._database = database
        self._workspaces = workspaces
        self._duplicates = duplicates

    async def state(self, workspace_id: str) -> Switched | None:
        """None where it is off."""
        async with self._database.connection() as connection:
            row = await queries.duplicate_auto_of(connection, workspace_id=workspace_id)
        return msgspec.convert(dict(row), Switched) if row else None

    async def switch_on(self, workspace_id: str, *, score: int, author: str) -> Switched:
        """Merge unattended from this score on. Raises DuplicatesRefused where reviewed pairs do not show it safe."""
        pairs, rows = await self._duplicates.shown(workspace_id)
        enough(pairs)
        at = _shown_at(rows, score)
        values: dict[str, Any] = {"least": score * 10, "shown": at.precision, "pairs": at.pairs, "author": author}
        async with self._database.connection() as connection:
            await queries.switch_duplicate_auto(connection, workspace_id=workspace_id, **values)
        return Switched(**values, switched_at=datetime.now().astimezone())

    async def switch_off(self, workspace_id: str) -> None:
        """Also stops a batch that runs, after the merge at hand."""
        async with self._database.connection() as connection:
            await switch_off(connection, workspace_id)

    async def keep_up(self) -> None:
        """Look now and then, until cancelled."""
        while True:
            for workspace in self._workspaces:
                try:
                    await self.go_on(workspace.workspace_id)
                    if time.gmtime().tm_hour == HOUR:
                        await self.run_if_due(workspace.workspace_id)
                except LeadlineError as error:
                    log.warning("duplicates_wait", workspace=workspace.workspace_id, why=str(error))
            await asyncio.sleep(LOOK)

    async def go_on(self, workspace_id: str) -> None:
        """A batch whose process died is gone on with, at whatever hour."""
        record, batches = self._duplicates.record, self._duplicates.batches
        for batch_id in await record.left_running(workspace_id):
            if (await record.batch(workspace_id, batch_id)).broken_off:
                await batches.run(workspace_id, batch_id)

    async def run_if_due(self, workspace_id: str) -> Batch | None:
        """Scan and merge once a night where it is switched on; None where it is not, or there is nothing sure."""
        switched = await self.state(workspace_id)
        last = await self._duplicates.last_scan(workspace_id)
        if switched is None or (last is not None and time.time() - last.scanned_at < DAY / 2):
            return None
        await self._duplicates.scan(workspace_id)
        return await self.run(workspace_id, switched)

    async def run(self, workspace_id: str, switched: Switched) -> Batch | None:
        """One batch of what is surest; None where there is nothing."""
        review = self._duplicates.review
        found = await review.groups(workspace_id, min_score=switched.least / 10, mergeable=True, count=MOST)
        sure = [group for group in found.groups if surest(group)]
        if not sure:
            return None
        batch = await self._duplicates.batch_of(workspace_id, sure, author=AUTHOR, unattended=True)
        return await self._duplicates.batches.run(workspace_id, batch.batch_id)


def surest(group: GroupSeen) -> bool:
    """Whether a group may be merged unattended: names and addresses agree in every link, and leads go into one user."""
    alone = not group.users and not group.users_merged
    return group.named and alone and all(step.way == "merge" for step in group.steps)


def _shown_at(rows: tuple[Shown, ...], score: int) -> Shown:
    at = next((row for row in rows if row.points >= score), None)
    if at is None or at.pairs < FEWEST:
        raise DuplicatesRefused(
            f"Only {at.pairs if at else 0} reviewed pairs have {score} points or more. With {FEWEST} they say how "
            "often that score is right here."
        )
    if at.precision < PRECISE:
        raise DuplicatesRefused(
            f"Of {at.pairs} reviewed pairs with {score} points or more, {at.precision:.1%} are one person. Unattended "
            f"merging needs {PRECISE:.0%}: choose a higher score."
        )
    return at
