"""Both contacts of a merge read anew, and what it would do. `desk.py` asks for people, `work.py` before it acts.

Intercom's own preview stands beside ours where the workspace has one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection

import msgspec
import structlog

from leadline.connections.workspaces import Workspaces
from leadline.errors import Retry
from leadline.identity.merge import Preview, preview
from leadline.identity.merge_dry import DryRun
from leadline.identity.merge_refusals import MergeRefused, day, refused
from leadline.identity.merge_sides import Side
from leadline.intercom import merges
from leadline.intercom.client import Client
from leadline.intercom.preview_api import PreviewApi
from leadline.merging.journal import Journal
from leadline.model import Role
from leadline.store.database import Database
from leadline.store.queries import queries

log = structlog.get_logger(__name__)


class Previews:
    """Reads and plans; nothing changes."""

    def __init__(self, database: Database, workspaces: Workspaces, journal: Journal, preview_api: PreviewApi) -> None:
        self._database = database
        self._workspaces = workspaces
        self._journal = journal
        self._preview_api = preview_api

    @property
    def users_too(self) -> bool:
        """Whether Intercom's Preview API may be used, by which a user goes into a user."""
        return self._preview_api.wanted

    def may_merge_users(self, workspace_id: str) -> bool:
        """The same of one workspace, as far as is known without a question."""
        return self._preview_api.may(workspace_id)

    async def merges_users(self, workspace_id: str) -> bool:
        """Whether the workspace has the Preview API; while Intercom is away, whether it may have it."""
        client = (await self._workspaces.get(workspace_id)).client.in_background()
        try:
            return await self._preview_api.activities(client, workspace_id, "") is not None
        except Retry:
            return self.may_merge_users(workspace_id)

    async def of_users(self, workspace_id: str, from_id: str, into_id: str) -> DryRun | None:
        """Intercom's word on two users; None where the workspace has no Preview API. Raises Retry."""
        client = (await self._workspaces.get(workspace_id)).client.in_background()
        return await self._preview_api.merge(client, workspace_id, from_id, into_id, skip=False)

    async def of(self, workspace_id: str, from_id: str, into_id: str, take: Collection[str] = ()) -> Preview:
        """Both contacts read anew, and the plan; take: fields for which the lead's value stays. Raises MergeRefused."""
        if from_id == into_id:
            raise refused("same_contact")
        workspace = await self._workspaces.get(workspace_id)
        source, target = await asyncio.gather(
            self._side(workspace.client, workspace_id, from_id), self._side(workspace.client, workspace_id, into_id)
        )
        return preview(
            source,
            target,
            workspace_id=workspace_id,
            now=time.time(),
            take=take,
            dry_run=await self._dry_run(workspace.client, workspace_id, source, target),
        )

    async def _dry_run(self, client: Client, workspace_id: str, source: Side, target: Side) -> DryRun | None:
        """Intercom's own preview, where it is wanted and there is one. While it is away only two users wait for it."""
        if target.role == Role.LEAD:
            return None
        try:
            return await self._preview_api.merge(
                client, workspace_id, source.contact_id, target.contact_id, skip=source.role == Role.LEAD
            )
        except Retry as away:
            if source.role == Role.USER:
                raise
            log.warning("merge_not_previewed_by_intercom", contact=source.contact_id, why=str(away))
            return None

    async def _side(self, client: Client, workspace_id: str, contact_id: str) -> Side:
        side = await merges.read_whole(client, contact_id)
        if side is None or side.contact_id != contact_id:
            raise await self._elsewhere_before(workspace_id, contact_id, side)
        async with self._database.connection() as connection:
            rows = queries.links_of_contact(connection, workspace_id=workspace_id, contact_id=contact_id)
            return msgspec.structs.replace(side, handles=tuple([row["handle"] async for row in rows]))

    async def _elsewhere_before(self, workspace_id: str, contact_id: str, survivor: Side | None) -> MergeRefused:
        """Why Intercom has it no more: the journal knows more than Intercom says, and from before 2.16 too."""
        row = await self._journal.of(workspace_id, contact_id)
        ours = row if row and row["way"] != "reroute" and row["state"] == "merged" else None
        snapshot = self._journal.snapshot(ours) if ours else None
        name = snapshot.source.name if snapshot else f"Contact {contact_id}"
        into = survivor.name if survivor else snapshot.target.name if snapshot else ours["into_id"] if ours else ""
        if not into:
            return refused("not_found", name=contact_id)
        return refused("already_merged", name=name, into=into, when=day(ours["settled_at"]) if ours else "")
