"""What the directory is told: contacts as Intercom shows them become entries, and others hear what changed by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from leadline.connections.workspaces import Workspace
from leadline.directory import stored
from leadline.directory.keys import Entry, Filing, entry
from leadline.directory.stored import Change
from leadline.intercom.contacts import Contact
from leadline.store.database import Connection


class Read(NamedTuple):
    """Contacts as they are to be stored: those that are there, and the ids of archived ones."""

    there: tuple[Entry, ...]
    archived: tuple[str, ...]


class Follower(Protocol):
    """Whoever has something on record that hangs on contacts: `people/following.py`."""

    async def changed(self, connection: Connection, workspace_id: str, changes: Sequence[Change]) -> None:
        """These contacts are new, or have other keys or another role now; in the transaction that stores it."""

    async def missed(self, workspace: Workspace, contact_id: str) -> bool:
        """This contact is not in the list of all contacts: find out why. True where it is gone or was merged."""

    async def notified(self, workspace_id: str, topic: str, contact_id: str, merged_from: str | None) -> str:
        """Intercom says that this contact was merged into another, or deleted; says what followed."""


class Learning:
    """The one way into the directory."""

    def __init__(self, filing: Filing, follower: Follower) -> None:
        self.filing = filing
        self.follower = follower

    async def learn(self, connection: Connection, workspace_id: str, contacts: Sequence[Contact]) -> int:
        """Store what these contacts are found by; returns how many were news. An archived one is taken out."""
        return await self.store(connection, workspace_id, self.read(contacts))

    def read(self, contacts: Sequence[Contact]) -> Read:
        """What is to be stored of them: the work of this process alone."""
        return Read(
            tuple(entry(contact, self.filing) for contact in contacts if not contact.archived),
            tuple(contact.contact_id for contact in contacts if contact.archived),
        )

    async def store(self, connection: Connection, workspace_id: str, read: Read) -> int:
        """Store what was read; returns how many were news."""
        changes = await stored.learn(connection, workspace_id, read.there) if read.there else []
        gone = await stored.forget(connection, workspace_id, read.archived) if read.archived else []
        if changes:
            await self.follower.changed(connection, workspace_id, changes)
        return len(changes) + len(gone)
