"""The face of the directory: `app.py` opens it, `people` and `outbound/notifications.py` hold it in hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from leadline.connections.workspaces import Workspace, Workspaces
from leadline.directory import stored
from leadline.directory.activities import Feed
from leadline.directory.catch_up import CatchUp
from leadline.directory.find import Find
from leadline.directory.keys import Filing
from leadline.directory.learning import Follower, Learning
from leadline.directory.rounds import Rounds
from leadline.directory.walk import Walk, Walked
from leadline.intercom.contacts import Contact
from leadline.intercom.preview_api import PreviewApi
from leadline.spaces import Book
from leadline.store.database import Database
from leadline.store.queries import queries


class Directory:
    """What is known of a workspace's contacts, and how it is kept true.

    every: seconds between catch-ups; 0: only webhooks and the nightly walk.
    """

    def __init__(
        self,
        database: Database,
        workspaces: Workspaces,
        follower: Follower,
        filing: Filing,
        book: Book,
        preview_api: PreviewApi,
        *,
        every: float,
    ) -> None:
        self._database = database
        self.filing = filing
        self.find = Find(database, book)
        self._learning = Learning(filing, follower)
        self.catch_up = CatchUp(database, self._learning)
        walk = Walk(database, self._learning)
        self.feed = Feed(database, preview_api, follower)
        self._rounds = Rounds(database, workspaces, walk, self.catch_up, self.feed, book, every=every)

    async def keep_up(self) -> None:
        """Fill, catch up, compare at night; until cancelled."""
        await self._rounds.keep_up()

    async def walk(self, workspace: Workspace) -> Walked | None:
        """Fill it, or compare it with Intercom, now; None where another process is at it. Raises as Client.call."""
        return await self._rounds.walk_now(workspace)

    async def heard(self, workspace_id: str, contact: Contact) -> None:
        """A webhook showed this contact."""
        async with self._database.connection() as connection:
            await self._learning.learn(connection, workspace_id, [contact])
            await queries.directory_heard(connection, workspace_id=workspace_id)

    async def read(self, workspace_id: str, there: Iterable[Contact], gone: Sequence[str]) -> None:
        """Contacts that were read because of what the directory said, and those that are not in Intercom any more."""
        async with self._database.connection() as connection:
            await self._learning.learn(connection, workspace_id, [*there])
            if gone:
                await stored.forget(connection, workspace_id, gone)
