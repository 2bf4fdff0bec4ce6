"""The answer to a message that a teammate began is theirs, where the channel's setting says so.

`proactive.py` remembers who began; `app.py` calls `after` for every message once it is in Intercom.
"""

from __future__ import annotations

import structlog

from leadline.connections.workspaces import Workspaces
from leadline.engine.lanes import Arrival
from leadline.errors import Retry
from leadline.intercom import conversation_state
from leadline.intercom.conversation_state import Assignee
from leadline.intercom.outcomes import IntercomError
from leadline.spaces import Book
from leadline.store.database import Database
from leadline.store.queries import queries

log = structlog.get_logger(__name__)


class Ownership:
    """Assigns the conversation in which the answer came. Safe to repeat."""

    def __init__(self, database: Database, workspaces: Workspaces, book: Book) -> None:
        self._database = database
        self._workspaces = workspaces
        self._book = book

    async def after(self, arrival: Arrival) -> None:
        """A message was put into its conversation: assign it to the teammate it answers."""
        if not self._book.of(arrival.workspace_id, arrival.channel_id or 0).assign_to_sender:
            return
        owner = f"arrival:{arrival.arrival_id}"
        async with self._database.connection() as connection:
            row = await queries.conversation_of_arrival(connection, workspace_id=arrival.workspace_id, owner=owner)
            if row is None:
                return
            key = {name: row[name] for name in ("workspace_id", "channel_id", "handle")}
            awaited = await queries.awaited_answer(connection, **key)
        if awaited is not None and await self._assigned(arrival, row["conversation_id"], awaited["admin_id"]):
            async with self._database.connection() as connection:
                await queries.answer_came(connection, **key, admin_id=awaited["admin_id"])

    async def _assigned(self, arrival: Arrival, conversation_id: str, admin_id: str) -> bool:
        """Whether it is theirs now; a refusal parks no message that has arrived."""
        workspace = await self._workspaces.get(arrival.workspace_id)
        try:
            await conversation_state.assign(
                workspace.client, conversation_id, Assignee("admin", admin_id), admin_id=admin_id
            )
        except (IntercomError, Retry) as error:
            log.warning("not_assigned_to_sender", conversation=conversation_id, why=str(error))
            return isinstance(error, IntercomError)
        return True
