"""Two open conversations of one contact on one channel, as a merge leaves them: found, and merged in Intercom.

`desk.py` and the panel ask. Source: POST /conversations/{id}/merge, API 2.16: the one is closed and linked to the
other, for good.
"""

from __future__ import annotations

from leadline.connections.workspaces import Workspace, Workspaces
from leadline.conversations import Threads
from leadline.identity.merge_refusals import refused
from leadline.identity.words import address, ended
from leadline.intercom import merges
from leadline.intercom.outcomes import IntercomError, NotFound
from leadline.model import Struct
from leadline.store.database import Database
from leadline.store.queries import queries

DONE = "already been merged"  # what Intercom says to a repetition, where the answer to the first try was lost


class Twins(Struct, frozen=True, kw_only=True):
    """Two conversations: the one that would end, and the one in which the customer wrote last, which would go on."""

    from_id: str
    into_id: str
    channel: str
    contact_id: str
    from_handle: str
    into_handle: str

    @property
    def sentence(self) -> str:
        """What there is, for people."""
        where = f"{address(self.from_handle)} and {address(self.into_handle)}"
        return f"There are two conversations on {self.channel}, with {where}."


class OpenTwins:
    """Offers to merge them, where Intercom's API can."""

    def __init__(self, database: Database, workspaces: Workspaces, threads: Threads) -> None:
        self._database = database
        self._workspaces = workspaces
        self._threads = threads

    async def of(self, workspace_id: str, contact_id: str) -> tuple[Twins, ...]:
        """Pairs of open conversations of this contact, one for each channel; none before API 2.16."""
        if not _able(await self._workspaces.get(workspace_id)):
            return ()
        async with self._database.connection() as connection:
            rows = queries.open_twins(connection, workspace_id=workspace_id, contact_id=contact_id)
            return tuple([Twins(**row) async for row in rows])

    async def merge(self, workspace_id: str, from_id: str, into_id: str, *, author: str) -> Twins:
        """Merge the one into the other for good; later messages from both addresses go on there.

        Raises MergeRefused where the two are no such pair any more, or Intercom will not; and what Client.call raises.
        """
        workspace = await self._workspaces.get(workspace_id)
        pair = await self._pair(workspace, from_id, into_id)
        try:
            await merges.merge_conversations(workspace.client, from_id, into_id)
        except NotFound:
            raise refused("no_conversation", name=from_id) from None
        except IntercomError as error:
            if DONE not in error.message.lower():
                raise refused("intercom_refused", why=error.message or error.code) from error
        async with self._database.connection() as connection:
            key = {"workspace_id": workspace_id, "from_id": from_id, "into_id": into_id}
            await queries.hold_place(connection, workspace_id=workspace_id, handle=pair.from_handle)
            await queries.join_conversations(connection, **key)
        text = ended(f"{author} merged the conversation with {address(pair.from_handle)} into this one")
        await self._threads.note(workspace_id, into_id, f"joined:{from_id}:{into_id}", text)
        return pair

    async def _pair(self, workspace: Workspace, from_id: str, into_id: str) -> Twins:
        workspace_id = workspace.workspace_id
        async with self._database.connection() as connection:
            row = await queries.conversation_by_id(connection, workspace_id=workspace_id, conversation_id=from_id)
        for pair in await self.of(workspace_id, row["contact_id"]) if row else ():
            if (pair.from_id, pair.into_id) == (from_id, into_id):
                return pair
        raise refused("no_twins")


def _able(workspace: Workspace) -> bool:
    return merges.version(workspace.client.version) >= merges.CHECKED_SINCE
