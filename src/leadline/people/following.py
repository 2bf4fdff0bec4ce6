"""Following contacts that Intercom merged, deleted, restored or converted: what Leadline linked to them goes along.

`outbound/reply.py` calls `notified` for webhooks, `conversations/threads.py` calls `find_again` when a write is
refused; `nightly` runs in the worker and heals what webhooks missed.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Literal

import structlog

from leadline.connections.workspaces import Workspace, Workspaces
from leadline.errors import LeadlineError
from leadline.intercom import contacts, conversations, merges
from leadline.model import Struct
from leadline.people.links import Person, unlink_contact
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

BATCH = 50
PAUSE = 1.0  # seconds between the calls of a sweep: one call a second leaves Intercom's limit to the messages
HOUR = 3  # UTC, when the nightly sweep begins
LOOK = 600.0  # seconds between looks at the clock
Lost = Literal["leave", "restore", "end"]
# Which contact the merges on record have left of this one; empty where there is none. Raises Waiting while one runs.
SurvivorOf = Callable[[Connection, str, str], Awaitable[str]]
# Everything of a contact becomes another's, in this transaction: Intercom has merged the one into the other.
Merged = Callable[[Connection, str, str, Person], Awaitable[None]]
log = structlog.get_logger(__name__)


class Swept(Struct, frozen=True, kw_only=True):
    """What a sweep found: contacts looked at, those merged or converted since, those that could not be looked at."""

    checked: int = 0
    moved: int = 0
    failed: int = 0


class Following:
    """Keeps links and conversations at the contact that is left. What it notices is told to who keeps the merges."""

    def __init__(
        self,
        database: Database,
        workspaces: Workspaces,
        survivor_of: SurvivorOf,
        merged: Merged,
        *,
        pause: float = PAUSE,
    ) -> None:
        self._database = database
        self._workspaces = workspaces
        self._survivor_of = survivor_of
        self._merged = merged
        self._pause = pause

    async def notified(self, workspace_id: str, topic: str, contact_id: str, merged_from: str | None) -> None:
        """A webhook of Intercom about a contact. Old ones of `contact.merged` do not tell who was merged."""
        workspace = await self._workspaces.get(workspace_id)
        if topic != "contact.merged":
            await self.find_again(workspace, contact_id, lost="end" if topic == "contact.deleted" else "leave")
        elif merged_from:
            await self.find_again(workspace, merged_from, told=contact_id)
        else:
            await self.absorbed(workspace, contact_id)

    async def find_again(self, workspace: Workspace, contact_id: str, *, told: str = "", lost: Lost = "leave") -> bool:
        """A contact that may not be what it was: follow it where it went. True when something changed.

        told: the survivor as a webhook named it. lost: what is done about one that is archived or deleted, which
        Intercom does not tell apart: leave its links for now; restore it, as its customer wrote again; or end them.
        """
        contact = await contacts.get(workspace.client, contact_id)
        if contact is not None and contact.contact_id == contact_id and not contact.archived:
            return await self._same_role(workspace.workspace_id, contact)
        if contact is None or contact.archived:
            contact = await self._traced(workspace, contact_id, told)
        if contact is None and lost == "leave":
            return False
        if contact is None and lost == "restore" and await contacts.restore(workspace.client, contact_id):
            return True
        await self._moved(workspace.workspace_id, contact_id, contact)
        return True

    async def absorbed(self, workspace: Workspace, survivor_id: str) -> None:
        """A merge whose webhook does not say who was merged: ours are in the survivor's history, where it has one,
        else they own conversations here that in Intercom are the survivor's.
        """
        gone = await merges.merged_into(workspace.client, survivor_id)
        if not gone:
            gone = await self._former_owners(workspace, survivor_id)
        async with self._database.connection() as connection:
            rows = queries.linked_contacts(connection, workspace_id=workspace.workspace_id, contact_ids=list(gone))
            ours = [row["contact_id"] async for row in rows]
        for contact_id in ours:
            await self.find_again(workspace, contact_id, told=survivor_id)

    async def sweep(self, workspace: Workspace) -> Swept:
        """Compare every linked contact with Intercom, slowly. What a search does not see is looked at one by one.

        A contact that Intercom will not show now is left for the next night and holds no other up.
        """
        async with self._database.connection() as connection:
            rows = queries.known_contacts(connection, workspace_id=workspace.workspace_id)
            known = [row["contact_id"] async for row in rows]
        moved = failed = 0
        for start in range(0, len(known), BATCH):
            batch = known[start : start + BATCH]
            found = {one.contact_id: one for one in await contacts.live(workspace.client, batch)}
            for contact in found.values():
                moved += await self._same_role(workspace.workspace_id, contact)
            for contact_id in batch:
                if contact_id in found:
                    continue
                await asyncio.sleep(self._pause)
                try:
                    moved += await self.find_again(workspace, contact_id)
                except LeadlineError as error:
                    failed += 1
                    log.warning("not_swept", contact=contact_id, why=str(error))
            await asyncio.sleep(self._pause)
        return Swept(checked=len(known), moved=moved, failed=failed)

    async def sweep_now(self, workspace: Workspace, *, every: float = 0.0) -> Swept | None:
        """One sweep, unless another process is at it or the last one is younger than `every` seconds (then None).

        One that Intercom's absence ends may begin again at once. Raises Retry.
        """
        key = {"workspace_id": workspace.workspace_id}
        async with self._database.connection() as connection:
            if await queries.begin_sweep(connection, **key, every=every) is None:
                return None
        try:
            swept = await self.sweep(workspace)
        except LeadlineError:
            async with self._database.connection() as connection:
                await queries.give_up_sweep(connection, **key)
            raise
        async with self._database.connection() as connection:
            await queries.finish_sweep(connection, **key, checked=swept.checked, moved=swept.moved)
        log.info("swept", workspace=workspace.workspace_id, checked=swept.checked, moved=swept.moved)
        return swept

    async def nightly(self) -> None:
        """Sweep every workspace once a night, until cancelled."""
        while True:
            if time.gmtime().tm_hour == HOUR:
                for workspace in self._workspaces:
                    with contextlib.suppress(LeadlineError):  # Intercom is away: the next look tries again
                        await self.sweep_now(workspace, every=20 * 3600.0)
            await asyncio.sleep(LOOK)

    async def _same_role(self, workspace_id: str, contact: contacts.Contact) -> bool:
        """A lead that became a user stays where it is; True when that was news."""
        async with self._database.connection() as connection:
            changed: int = await queries.role_changed(
                connection, workspace_id=workspace_id, contact_id=contact.contact_id, role=contact.role.value
            )
        return changed > 0

    async def _traced(self, workspace: Workspace, contact_id: str, told: str) -> contacts.Contact | None:
        """Up to API 2.15 a merged contact answers 404 like a deleted one: the webhook, our merges and the owner of its
        last conversation tell more. Raises Waiting while a merge of ours has no outcome yet.
        """
        key = {"workspace_id": workspace.workspace_id}
        async with self._database.connection() as connection:
            recorded = await self._survivor_of(connection, workspace.workspace_id, contact_id)
            last = await queries.last_conversation_of(connection, **key, contact_id=contact_id)
        survivor = told or recorded
        if last and not survivor:
            found = await conversations.get_conversation(workspace.client, last["conversation_id"])
            owners = [owner for owner in (found.contact_ids if found else ()) if owner != contact_id]
            survivor = owners[0] if len(owners) == 1 else ""
        return await contacts.get(workspace.client, survivor) if survivor else None

    async def _former_owners(self, workspace: Workspace, survivor_id: str) -> tuple[str, ...]:
        ids = await merges.conversation_ids(workspace.client, survivor_id)
        async with self._database.connection() as connection:
            rows = queries.owners_of_conversations(
                connection, workspace_id=workspace.workspace_id, conversation_ids=list(ids), except_id=survivor_id
            )
            return tuple([row["contact_id"] async for row in rows])

    async def _moved(self, workspace_id: str, old_id: str, survivor: contacts.Contact | None) -> None:
        """Links and conversations follow in one transaction; without a survivor they end."""
        log.info("contact_moved", contact=old_id, into=survivor and survivor.contact_id)
        async with self._database.connection() as connection:
            if survivor is not None:
                person = Person(contact_id=survivor.contact_id, role=survivor.role)
                await self._merged(connection, workspace_id, old_id, person)
                return
            await unlink_contact(connection, workspace_id, old_id)
            await queries.end_conversations_of(connection, workspace_id=workspace_id, contact_id=old_id)
