"""The face of duplicates: scan, look, say, merge, take back, learn. CLI, console and worker call `Duplicates`.

Nothing here merges without a person's word, but for what was switched on (`unattended.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from psycopg.types.json import Jsonb

from leadline.connections.workspaces import Workspaces
from leadline.directory import Directory
from leadline.errors import Retry
from leadline.identity.merge import refusal
from leadline.identity.same_person import unpacked
from leadline.identity.same_person_rules import LATEST, RULES, Rules, taught
from leadline.merging.desk import Merging
from leadline.merging.duplicates.batch import Batches
from leadline.merging.duplicates.batch_record import BatchRecord
from leadline.merging.duplicates.batch_seen import Batch
from leadline.merging.duplicates.bulk import Progress
from leadline.merging.duplicates.group_seen import DuplicatesRefused, GroupSeen, leaving
from leadline.merging.duplicates.learning import ENOUGH, Reviewed, Shown, learnt, shown
from leadline.merging.duplicates.recheck import Recheck
from leadline.merging.duplicates.review import Review, tenths
from leadline.merging.duplicates.scan import Scan, Scanned
from leadline.merging.duplicates.survivors import order
from leadline.model import Struct
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

LEAST = 7.5
"""Points a pair needs to be put before people, where no other number is asked for."""


NO_PREVIEW = "This workspace does not have Intercom's Preview API now."


class LastScan(Struct, frozen=True, kw_only=True):
    """The last scan of a workspace; scanned_at: unix seconds."""

    rules: str
    least: int
    contacts: int
    compared: int
    groups: int
    mergeable: int
    seconds: float
    scanned_at: float


class Duplicates:
    """Everything about the duplicates of the workspaces. keep: who of a group stays, see `survivors.py`.

    memory: for a scan, as DuckDB reads it.
    """

    def __init__(
        self,
        database: Database,
        workspaces: Workspaces,
        merging: Merging,
        directory: Directory,
        *,
        keep: str = "",
        memory: str = "",
    ) -> None:
        self._database = database
        self._merging = merging
        self.review = Review(database, directory.find, order(keep), merging.previews.may_merge_users)
        self.record = BatchRecord(database)
        self.batches = Batches(database, self.record, merging, Recheck(database, workspaces, merging, directory))
        self._scan = Scan(database, directory.find, keep=keep, memory=memory)

    async def scan(
        self, workspace_id: str, *, min_score: float = LEAST, tell: Progress = lambda text: None
    ) -> Scanned | None:
        """Compare all contacts now; None where another process is at it. Raises SettingError without DuckDB."""
        rules, least = await self.rules(workspace_id), tenths(min_score)
        users_too = await self._merging.previews.merges_users(workspace_id)
        return await self._scan.run(workspace_id, rules, least=least, users_too=users_too, tell=tell)

    async def last_scan(self, workspace_id: str) -> LastScan | None:
        """When all contacts were compared last, and what was found; None for never."""
        async with self._database.connection() as connection:
            row = await queries.duplicate_scan_of(connection, workspace_id=workspace_id)
        return msgspec.convert(dict(row), LastScan) if row else None

    async def previewed(self, workspace_id: str, groups: Sequence[GroupSeen]) -> list[GroupSeen]:
        """The groups without those merges of users that Intercom's own preview refuses now, and its reasons."""
        return [await self._asked(workspace_id, group) for group in groups]

    async def _asked(self, workspace_id: str, group: GroupSeen) -> GroupSeen:
        """While Intercom is away its answer is left to the merge itself."""
        why: dict[str, str] = {}
        for step in group.steps:
            if step.from_id in group.users_merged:
                try:
                    said = await self._merging.previews.of_users(workspace_id, step.from_id, step.into_id)
                except Retry:
                    continue
                if said is None or not said.allowed:
                    why[step.from_id] = str(refusal(group.name(step.from_id), said)) if said else NO_PREVIEW
        return leaving(group, why) if why else group

    async def merge(self, workspace_id: str, contact_id: str, *, author: str) -> Batch:
        """Merge one group, as it is proposed, now; a batch of its own, so that it can be taken back as one."""
        group = await self.review.group(workspace_id, contact_id)
        batch = await self.batch_of(workspace_id, [group], author=author)
        return await self.batches.run(workspace_id, batch.batch_id)

    async def batch_of(
        self, workspace_id: str, groups: Sequence[GroupSeen], *, author: str, unattended: bool = False
    ) -> Batch:
        """Put these groups on record as one batch, as many as a batch may have now; nothing is merged yet."""
        return await self.record.make(workspace_id, groups, author=author, unattended=unattended, limited=True)

    async def rules(self, workspace_id: str) -> Rules:
        """The rules of this workspace: what it has taught, else those that Leadline ships."""
        async with self._database.connection() as connection:
            row = await queries.duplicate_rules_of(connection, workspace_id=workspace_id)
        return taught(row["version"], row["weights"]) if row else RULES[LATEST]

    async def shown(self, workspace_id: str) -> tuple[int, tuple[Shown, ...]]:
        """How many pairs people reviewed here, and how often each score was right by the rules of this workspace."""
        pairs = await self._reviewed(workspace_id)
        return len(pairs), shown(pairs, await self.rules(workspace_id))

    async def learn(self, workspace_id: str, *, author: str) -> Rules:
        """Fit the weights to the reviewed pairs; scans use them from then on. Raises DuplicatesRefused below 50."""
        pairs = await self._reviewed(workspace_id)
        enough(len(pairs))
        rules = learnt(pairs, RULES[LATEST], f"{LATEST}, learnt from {len(pairs)} pairs")
        async with self._database.connection() as connection:
            await queries.keep_duplicate_rules(
                connection,
                workspace_id=workspace_id,
                version=rules.version,
                weights=Jsonb(dict(rules.weights)),
                pairs=len(pairs),
                author=author,
            )
        return rules

    async def unlearn(self, workspace_id: str) -> None:
        """Back to the rules that Leadline ships; switches off what ran unattended by the others."""
        async with self._database.connection() as connection:
            await queries.forget_duplicate_rules(connection, workspace_id=workspace_id)
            await switch_off(connection, workspace_id)

    async def _reviewed(self, workspace_id: str) -> list[Reviewed]:
        async with self._database.connection() as connection:
            rows = queries.reviewed_pairs(connection, workspace_id=workspace_id)
            return [Reviewed(unpacked(row["evidence"]), row["same"]) async for row in rows]


async def switch_off(connection: Connection, workspace_id: str) -> None:
    """Nothing is merged unattended any more; what of it is under way stops after the merge at hand."""
    await queries.switch_duplicate_auto_off(connection, workspace_id=workspace_id)
    await queries.stop_unattended_batches(connection, workspace_id=workspace_id)


def enough(pairs: int) -> None:
    """Raises DuplicatesRefused where too few pairs were reviewed to say anything of this workspace."""
    if pairs < ENOUGH:
        raise DuplicatesRefused(
            f"Only {pairs} pairs were reviewed in this workspace. With {ENOUGH} there is enough to learn from: merge "
            "groups, or say that they are not the same."
        )
