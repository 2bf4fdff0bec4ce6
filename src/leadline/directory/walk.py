"""The walk through all contacts of a workspace: it fills the directory, and every night compares it with Intercom.

It goes on where it stopped, whoever stopped it, and never runs twice at once. `rounds.py` starts it.
"""

from __future__ import annotations

import asyncio

import structlog

from leadline.connections.workspaces import Workspace
from leadline.directory import stored
from leadline.directory.learning import Learning, Read
from leadline.errors import LeadlineError
from leadline.intercom import contacts, searches
from leadline.intercom.client import Client
from leadline.intercom.contacts import Page
from leadline.intercom.outcomes import IntercomError, Unavailable
from leadline.model import Struct
from leadline.store.database import Database
from leadline.store.queries import queries

LISTED = "all pages are read"
"""In place of a cursor: only those that were not met are still to be looked at."""
BATCH = 200
MOST_FAILURES = 5
log = structlog.get_logger(__name__)


class Walked(Struct, frozen=True, kw_only=True):
    """What a walk found: contacts met, entries it corrected, contacts that could not be looked at."""

    met: int = 0
    changed: int = 0
    failed: int = 0


class Walk:
    """Pages `GET /contacts` behind live work; each page is stored together with the place it leads to."""

    def __init__(self, database: Database, learning: Learning) -> None:
        self._database = database
        self._learning = learning

    async def run(self, workspace: Workspace) -> Walked | None:
        """Walk to the end; None where another process is at it. Raises what Client.call raises, and keeps the place."""
        async with self._database.if_alone(f"directory walk {workspace.workspace_id}") as alone:
            return await self._walk(workspace) if alone else None

    async def _walk(self, workspace: Workspace) -> Walked:
        client, workspace_id = workspace.client.in_background(), workspace.workspace_id
        place = await self._place(client, workspace_id)
        if place != LISTED:
            await self._pages(client, workspace_id, place)
        changed, failed = await self._missed(workspace)
        async with self._database.connection() as connection:
            await queries.directory_end_walk(connection, workspace_id=workspace_id, changed=changed)
            await queries.directory_forget_met(connection, workspace_id=workspace_id)
            state = await stored.state(connection, workspace_id)
        log.info("directory_walked", workspace=workspace_id, met=state.walked, changed=state.changed, failed=failed)
        return Walked(met=state.walked, changed=state.changed, failed=failed)

    async def _place(self, client: Client, workspace_id: str) -> str:
        """The page to go on with; empty for the first of a new walk."""
        async with self._database.connection() as connection:
            state = await stored.state(connection, workspace_id)
            met = (await queries.directory_met_count(connection, workspace_id=workspace_id))["met"]
        if state.walk_begun_at is None or met != state.walked:
            await self._begin(client, workspace_id)
            return ""
        return state.walk_cursor

    async def _begin(self, client: Client, workspace_id: str) -> None:
        reached = 0
        async for newest in searches.updated_since(client, 0):
            reached = newest.updated_at
            break
        async with self._database.connection() as connection:
            await queries.directory_forget_met(connection, workspace_id=workspace_id)
            await queries.directory_begin_walk(connection, workspace_id=workspace_id, reached=reached)

    async def _pages(self, client: Client, workspace_id: str, place: str) -> None:
        """While one page is stored, the next one is read, and the one after that is asked for."""
        asked = asyncio.create_task(self._first(client, workspace_id, place))
        storing: asyncio.Task[None] | None = None
        been = {place}
        try:
            while True:
                page = await asked
                if page.after and page.after in been:
                    raise Unavailable("Intercom's list of contacts leads in a circle; it will be read again later")
                been.add(page.after)
                if page.after:
                    asked = asyncio.create_task(contacts.page(client, page.after))
                await asyncio.sleep(0)  # the question leaves before the page is worked on
                read = self._learning.read(page.contacts)
                if storing is not None:
                    await storing
                storing = asyncio.create_task(self._store(workspace_id, page, read))
                if not page.after:
                    await storing
                    return
        finally:
            asked.cancel()
            if storing is not None:
                await asyncio.gather(storing, return_exceptions=True)

    async def _first(self, client: Client, workspace_id: str, place: str) -> Page:
        try:
            return await contacts.page(client, place)
        except IntercomError as refused:
            if not place or refused.status != 400:
                raise
            log.warning("directory_walk_begins_again", workspace=workspace_id, why=str(refused))
            await self._begin(client, workspace_id)
            return await contacts.page(client)

    async def _store(self, workspace_id: str, page: Page, read: Read) -> None:
        key = {"workspace_id": workspace_id}
        async with self._database.connection() as connection:
            changed = await self._learning.store(connection, workspace_id, read)
            met = await queries.directory_meet(
                connection, **key, contact_ids=[contact.contact_id for contact in page.contacts]
            )
            place = page.after or LISTED
            await queries.directory_step(connection, **key, cursor=place, changed=changed, total=page.total, met=met)

    async def _missed(self, workspace: Workspace) -> tuple[int, int]:
        """What is on record and was not met was merged, deleted or archived: each is looked at, one by one.

        One that Intercom will not show now is left for the next walk and holds no other up; many in a row end it.
        """
        changed = failed = in_a_row = 0
        after = ""
        while batch := await self._unmet(workspace.workspace_id, after):
            for contact_id in batch:
                try:
                    changed += await self._learning.follower.missed(workspace, contact_id)
                    in_a_row = 0
                except LeadlineError as error:
                    failed, in_a_row = failed + 1, in_a_row + 1
                    log.warning("contact_not_looked_at", contact=contact_id, why=str(error))
                    if in_a_row == MOST_FAILURES:
                        raise
            after = batch[-1]
        return changed, failed

    async def _unmet(self, workspace_id: str, after: str) -> list[str]:
        async with self._database.connection() as connection:
            rows = queries.directory_missed(connection, workspace_id=workspace_id, after=after, most=BATCH)
            return [row["contact_id"] async for row in rows]
