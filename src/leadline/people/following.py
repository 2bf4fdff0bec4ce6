"""Following contacts that Intercom merged, deleted, restored or converted: what Leadline linked to them goes along.

`outbound/reply.py` calls `notified` for webhooks, `conversations/threads.py` calls `find_again` when a write is
refused; the directory calls `changed` and `missed` for what webhooks did not tell.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

import structlog

from leadline.connections.workspaces import Workspace, Workspaces
from leadline.directory import stored
from leadline.directory.keys import Filing, entry
from leadline.directory.stored import Change
from leadline.intercom import contacts, conversations, merges
from leadline.intercom.outcomes import Merged as MergedAway
from leadline.model import Role
from leadline.people import phones
from leadline.people.links import Person, unlink_contact
from leadline.spaces import Book
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

Lost = Literal["leave", "restore", "end"]
# Which contact the merges on record have left of this one; empty where there is none. Raises Waiting while one runs.
SurvivorOf = Callable[[Connection, str, str], Awaitable[str]]
# Everything of a contact becomes another's, in this transaction: Intercom has merged the one into the other.
Merged = Callable[[Connection, str, str, Person], Awaitable[None]]
log = structlog.get_logger(__name__)


class Following:
    """Keeps links and conversations at the contact that is left. It tells the journal of merges what it notices."""

    def __init__(
        self,
        database: Database,
        workspaces: Workspaces,
        survivor_of: SurvivorOf,
        merged: Merged,
        filing: Filing,
        book: Book,
    ) -> None:
        self._database = database
        self._workspaces = workspaces
        self._survivor_of = survivor_of
        self._merged = merged
        self._filing = filing
        self._book = book

    async def notified(self, workspace_id: str, topic: str, contact_id: str, merged_from: str | None) -> str:
        """A webhook of Intercom about a contact; says what followed. Old ones of `contact.merged` do not tell who was
        merged.
        """
        workspace = await self._workspaces.get(workspace_id)
        await self._keep_up(workspace, topic, contact_id, merged_from)
        if topic != "contact.merged":
            moved = await self.find_again(workspace, contact_id, lost="end" if topic == "contact.deleted" else "leave")
        elif merged_from:
            moved = await self.find_again(workspace, merged_from, told=contact_id)
        else:
            moved = await self.absorbed(workspace, contact_id)
        return "followed" if moved else "nothing of Leadline's has changed with it"

    async def _keep_up(self, workspace: Workspace, topic: str, contact_id: str, merged_from: str | None) -> None:
        """A contact that left Intercom leaves the directory; one that came back is read and stored again."""
        left = {"contact.archived": contact_id, "contact.deleted": contact_id, "contact.merged": merged_from}
        if gone := left.get(topic):
            async with self._database.connection() as connection:
                await stored.forget(connection, workspace.workspace_id, [gone])
        if topic == "contact.unarchive":
            contact = await contacts.get(workspace.client, contact_id)
            if contact is not None and not contact.archived:
                await self._learn(workspace.workspace_id, contact)

    async def find_again(self, workspace: Workspace, contact_id: str, *, told: str = "", lost: Lost = "leave") -> bool:
        """A contact that may not be what it was: follow it where it went. True when something changed.

        told: the survivor as a webhook named it. lost: what is done about one that is archived or deleted, which
        Intercom does not tell apart: leave its links for now; restore it, as its customer wrote again; or end them.
        """
        try:
            contact = await contacts.get_itself(workspace.client, contact_id)
        except MergedAway as merged:
            if not merged.canonical_id or merged.canonical_id == contact_id:
                contact = None
            else:  # whoever is left of a merge is a user, and needs no look
                survivor = Person(contact_id=merged.canonical_id, role=Role.USER)
                await self._moved(workspace.workspace_id, contact_id, survivor)
                return True
        return await self._follow(workspace, contact_id, contact, told, lost)

    async def _follow(
        self, workspace: Workspace, contact_id: str, contact: contacts.Contact | None, told: str, lost: Lost
    ) -> bool:
        """As `find_again`, for a contact that was read just now."""
        if contact is not None and contact.contact_id == contact_id and not contact.archived:
            return await self._same_role(workspace.workspace_id, contact)
        if contact is None or contact.archived:
            contact = await self._traced(workspace, contact_id, told)
        if contact is None and lost == "leave":
            return False
        if contact is None and lost == "restore" and await contacts.restore(workspace.client, contact_id):
            return True
        person = Person(contact_id=contact.contact_id, role=contact.role) if contact is not None else None
        await self._moved(workspace.workspace_id, contact_id, person)
        return True

    async def absorbed(self, workspace: Workspace, survivor_id: str) -> bool:
        """A merge whose webhook does not say who was merged: ours are in the survivor's history, where it has one,
        else they own conversations here that in Intercom are the survivor's.
        """
        gone = await merges.merged_into(workspace.client, survivor_id)
        if not gone:
            gone = await self._former_owners(workspace, survivor_id)
        async with self._database.connection() as connection:
            rows = queries.linked_contacts(connection, workspace_id=workspace.workspace_id, contact_ids=list(gone))
            ours = [row["contact_id"] async for row in rows]
        return any([await self.find_again(workspace, contact_id, told=survivor_id) for contact_id in ours])

    async def changed(self, connection: Connection, workspace_id: str, changes: Sequence[Change]) -> None:
        """The directory learnt of contacts that have another role or other phones now."""
        await queries.roles_changed(
            connection,
            workspace_id=workspace_id,
            contact_ids=[change.contact_id for change in changes],
            roles=[change.role.value for change in changes],
        )
        await phones.moved(connection, workspace_id, changes, region=self._book.of(workspace_id).default_region)

    async def missed(self, workspace: Workspace, contact_id: str) -> bool:
        """A contact on record that is not in Intercom's list: merged, deleted or archived, unless the list is late."""
        contact = await contacts.get(workspace.client, contact_id)
        if contact is not None and contact.contact_id == contact_id and not contact.archived:
            await self._learn(workspace.workspace_id, contact)
            return False
        key = {"workspace_id": workspace.workspace_id}
        async with self._database.connection() as connection:
            gone = await stored.forget(connection, workspace.workspace_id, [contact_id])
            known = await queries.is_known_contact(connection, **key, contact_id=contact_id) is not None
        moved = known and await self._follow(workspace, contact_id, contact, told="", lost="leave")
        return bool(gone) or moved

    async def _learn(self, workspace_id: str, contact: contacts.Contact) -> None:
        async with self._database.connection() as connection:
            await stored.learn(connection, workspace_id, [entry(contact, self._filing)])

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

    async def _moved(self, workspace_id: str, old_id: str, survivor: Person | None) -> None:
        """Links and conversations follow in one transaction; without a survivor they end."""
        log.info("contact_moved", contact=old_id, into=survivor and survivor.contact_id)
        async with self._database.connection() as connection:
            await stored.forget(connection, workspace_id, [old_id])
            if survivor is not None:
                await self._merged(connection, workspace_id, old_id, survivor)
                return
            await unlink_contact(connection, workspace_id, old_id)
            await queries.end_conversations_of(connection, workspace_id=workspace_id, contact_id=old_id)
