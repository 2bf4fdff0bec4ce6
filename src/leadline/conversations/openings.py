"""Conversations that Leadline is opening and that are not on record yet: whoever meets one in Intercom puts it there.

`outbound/reply.py` asks for every reply in a conversation that it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
import structlog

from leadline.connections.workspaces import Workspaces
from leadline.conversations.places import Place, know
from leadline.intercom import conversations
from leadline.intercom.conversations import Conversation
from leadline.intercom.traces import begins_with
from leadline.store.database import Database
from leadline.store.queries import queries

ABANDONED = 600.0  # seconds after which nobody goes on with a conversation that a teammate began
log = structlog.get_logger(__name__)

Whose = Literal["ours", "strange", "unclear", "stuck"]


class Openings:
    """Tells whether a conversation in Intercom is one that a message of Leadline is just opening."""

    def __init__(self, database: Database, workspaces: Workspaces) -> None:
        self._database = database
        self._workspaces = workspaces

    async def claim(self, workspace_id: str, conversation_id: str) -> Whose:
        """Look at a conversation that is not on record: `ours` is on record now, `strange` is not Leadline's.

        `unclear`: a message of its contact is being written; `stuck`: such a message waits for an operator.
        Raises what Intercom's client raises.
        """
        async with self._database.connection() as connection:
            if await queries.anything_being_opened(connection, workspace_id=workspace_id) is None:
                return "strange"
        client = (await self._workspaces.get(workspace_id)).client
        found = await conversations.get_conversation(client, conversation_id)
        return "strange" if found is None else await self.recognise(workspace_id, found)

    async def recognise(self, workspace_id: str, found: Conversation) -> Whose:
        """As `claim`, for a conversation that was read already."""
        people = [*found.contact_ids, *filter(None, [found.source and found.source.author_id])]
        async with self._database.connection() as connection:
            rows = [
                row
                async for row in queries.being_opened(connection, workspace_id=workspace_id, contact_ids=list(people))
            ]
            for row in rows:
                if begins_with(found, row["body"], since=row["since"], by_contact=row["kind"] == "open"):
                    await _record(connection, workspace_id, found.conversation_id, row)
                    return "ours"
        if not rows:
            return "strange"
        return "stuck" if all(_given_up(row) for row in rows) else "unclear"


async def _record(connection: Any, workspace_id: str, conversation_id: str, row: Mapping[str, Any]) -> None:
    log.info("opening_recognised", conversation=conversation_id, owner=row["owner"])
    key = {"workspace_id": workspace_id, "owner": row["owner"], "step": row["step"]}
    await queries.finish_step(connection, **key, conversation_id=conversation_id, part_id="")
    await know(connection, workspace_id, conversation_id, msgspec.convert(row["place"], Place))


def _given_up(row: Mapping[str, Any]) -> bool:
    """Whether nobody goes on with it by itself."""
    return bool(row["begun_ago"] > ABANDONED if row["owner_state"] is None else row["owner_state"] != "waiting")
