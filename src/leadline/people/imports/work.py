"""The story of an import: every contact is read once, then each address is linked or left, and told why.

It goes on behind live messages, and where it stopped, whoever stopped it. No link that stands is touched, and what an
import linked is taken back as a whole. `cli/imports.py` starts it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog

from leadline.connections.workspaces import Workspaces
from leadline.directory.find import Find
from leadline.errors import LeadlineError
from leadline.identity.words import counted
from leadline.intercom import contacts
from leadline.intercom.client import Client
from leadline.intercom.contacts import Page
from leadline.intercom.outcomes import IntercomError
from leadline.people.imports.reading import Reader
from leadline.people.imports.record import Import, ImportRecord, lock, note
from leadline.people.imports.settling import settle_batch, unlink_batch
from leadline.people.imports.sources import Asked, Sources
from leadline.spaces import Book
from leadline.store.channels import ChannelStore
from leadline.store.database import Database
from leadline.store.queries import queries

PATIENCE = 5.0
"""Seconds to wait for another import: the database notices a moment later that a process was killed."""
Tell = Callable[[str], None]
"""Hears in words how far it is."""
log = structlog.get_logger(__name__)


class ImportRefused(LeadlineError):
    """An import that cannot be made or taken back now; the message says why."""


def _silent(words: str) -> None:
    """Nobody listens."""


class Imports:
    """Runs and takes back the imports of a workspace; one runs at a time."""

    def __init__(
        self, database: Database, workspaces: Workspaces, channels: ChannelStore, find: Find, book: Book
    ) -> None:
        self._database = database
        self._workspaces = workspaces
        self._find = find
        self._book = book
        self.sources = Sources(database, workspaces, channels)
        self.record = ImportRecord(database)

    async def run(self, workspace_id: str, asked: Asked, *, applies: bool, author: str, tell: Tell = _silent) -> Import:
        """Read all contacts and decide about every address, from where the same import broke off.

        applies: also link; else this is a dry run. Raises ImportRefused while another one runs, and as Client.call.
        """
        async with self._alone(workspace_id):
            import_id = await self.record.begin(workspace_id, asked, applies=applies, author=author)
            state, cursor = await self.record.place(workspace_id, import_id)
            if state == "reading":
                await self._read(workspace_id, import_id, asked, cursor, tell)
            await self._settle(workspace_id, import_id, applies=applies, author=author, tell=tell)
            linked = (await self.get(workspace_id, import_id)).linked
            await self.record.end(workspace_id, import_id, "done", "import.done" if applies else "", linked=linked)
        return await self.get(workspace_id, import_id)

    async def undo(self, workspace_id: str, import_id: int, *, tell: Tell = _silent) -> Import:
        """End every link that an import made and that still stands; the next message of its sender decides anew.

        Raises ImportRefused where it linked nothing or is taken back already.
        """
        key = {"workspace_id": workspace_id, "import_id": import_id}
        async with self._alone(workspace_id):
            await self.get(workspace_id, import_id)
            async with self._database.connection() as connection:
                if await queries.undo_import(connection, **key) is None:
                    raise ImportRefused(f"Import {import_id} was a dry run, or is taken back already.")
                await note(connection, workspace_id, "import.undoing", number=import_id)
            done, names = 0, [""]
            while names := await self._unlink(workspace_id, import_id, names[-1]):
                tell(f"{counted(done := done + len(names), 'link')} taken back")
            await self.record.end(workspace_id, import_id, "undone", "import.undone")
        return await self.get(workspace_id, import_id)

    async def _unlink(self, workspace_id: str, import_id: int, after: str) -> list[str]:
        async with self._database.connection() as connection:
            return await unlink_batch(connection, workspace_id, import_id, after)

    async def get(self, workspace_id: str, import_id: int) -> Import:
        """How far an import is; raises ImportRefused where there is none of this number."""
        found = await self.record.get(workspace_id, import_id)
        if found is None:
            raise ImportRefused(f"There is no import number {import_id}. `leadline import list` shows all.")
        return found

    @asynccontextmanager
    async def _alone(self, workspace_id: str) -> AsyncIterator[None]:
        async with self._database.if_alone(lock(workspace_id), patience=PATIENCE) as alone:
            if not alone:
                raise ImportRefused("An import is running in another process. Wait for it, or stop it there.")
            yield

    async def _read(self, workspace_id: str, import_id: int, asked: Asked, cursor: str, tell: Tell) -> None:
        client = (await self._workspaces.get(workspace_id)).client.in_background()
        region = await self._find.region(workspace_id)
        reader = Reader(asked.sources, await self.sources.ways(workspace_id), mark=asked.mark, region=region)
        page = await self._first(client, workspace_id, import_id, cursor)
        while True:
            there = [contact for contact in page.contacts if not contact.archived]
            claims = [claim for contact in there for claim in reader.claims(contact)]
            met = await self.record.store(
                workspace_id, import_id, claims, cursor=page.after, met=len(page.contacts), total=page.total
            )
            tell(f"{met:,} of {counted(page.total, 'contact')} read")
            if not page.after:
                return
            page = await contacts.page(client, page.after)

    async def _first(self, client: Client, workspace_id: str, import_id: int, cursor: str) -> Page:
        """The page to go on with; the first one of all where Intercom does not know that place any more."""
        try:
            return await contacts.page(client, cursor)
        except IntercomError as refused:
            if not cursor or refused.status != 400:
                raise
        log.warning("import_begins_again", workspace=workspace_id, number=import_id)
        await self.record.restart(workspace_id, import_id)
        return await contacts.page(client)

    async def _settle(self, workspace_id: str, import_id: int, *, applies: bool, author: str, tell: Tell) -> None:
        blocked = self._book.of(workspace_id).rules.blocked
        done, names = 0, [""]
        while names:
            async with self._database.connection() as connection:
                names = await settle_batch(
                    connection, workspace_id, import_id, names[-1], blocked=blocked, author=author, applies=applies
                )
            if names:
                tell(f"{counted(done := done + len(names), 'address', 'addresses')} compared with what is linked")
