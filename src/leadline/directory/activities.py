"""Intercom's feed of what happened to contacts: merges and deletions that no webhook told. `rounds.py` reads it.

Only where the workspace has the Preview API and the operator wants it; the nightly walk finds the same, but later.
"""

from __future__ import annotations

from collections.abc import Sequence

from leadline.connections.workspaces import Workspace
from leadline.directory.learning import Follower
from leadline.intercom.preview_api import Activity, PreviewApi
from leadline.store.database import Database
from leadline.store.queries import queries

TOPICS = {"merged": "contact.merged", "deleted": "contact.deleted"}


class Feed:
    """Reads on where it stopped. A page that is read again changes nothing: what it told is done."""

    def __init__(self, database: Database, preview_api: PreviewApi, follower: Follower) -> None:
        self._database = database
        self._preview_api = preview_api
        self._follower = follower

    @property
    def wanted(self) -> bool:
        """Whether it is to be read at all."""
        return self._preview_api.wanted

    async def run(self, workspace: Workspace) -> int | None:
        """Follow what happened since the last time; returns how many of Leadline's contacts it concerned.

        None where the workspace has no feed, or another process reads it now. Raises what Client.call raises.
        """
        async with self._database.if_alone(f"contact activities {workspace.workspace_id}") as alone:
            return await self._read(workspace) if alone else None

    async def _read(self, workspace: Workspace) -> int | None:
        workspace_id, client = workspace.workspace_id, workspace.client.in_background()
        async with self._database.connection() as connection:
            row = await queries.activities_read(connection, workspace_id=workspace_id)
        place, followed = str(row["cursor"]) if row else "", 0
        while True:
            page = await self._preview_api.activities(client, workspace_id, place)
            if page is None:
                await self._put(workspace_id, "")  # Intercom may have refused the cursor: begin anew the next time
                return None
            followed += await self._follow(workspace_id, page.listed)
            if not page.after:
                return followed  # the last page is read again next time: it may have grown
            place = page.after
            await self._put(workspace_id, place)

    async def _put(self, workspace_id: str, place: str) -> None:
        async with self._database.connection() as connection:
            await queries.read_activities(connection, workspace_id=workspace_id, cursor=place)

    async def _follow(self, workspace_id: str, listed: Sequence[Activity]) -> int:
        told = {one.contact_id: one for one in listed if one.kind in TOPICS}
        async with self._database.connection() as connection:
            rows = queries.contacts_on_record(connection, workspace_id=workspace_id, contact_ids=[*told])
            ours = [told[row["contact_id"]] async for row in rows]
        for one in ours:
            merged_from = one.contact_id if one.kind == "merged" else None
            await self._follower.notified(workspace_id, TOPICS[one.kind], one.into_id or one.contact_id, merged_from)
        return len(ours)
