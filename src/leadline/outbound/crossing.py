"""A customer who has written on a channel answers in Intercom's Messenger, which shows the same conversation there.

`notifications.py` keeps such words, the worker calls `noticed`: the teammates are told where the customer is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from leadline.connections.switchboard import Switchboard
from leadline.conversations import Threads
from leadline.engine.arrival import NewArrival
from leadline.engine.lanes import Arrival
from leadline.intercom.webhooks import Notification
from leadline.model import Struct
from leadline.outbound.notes import crossed
from leadline.spaces import Book
from leadline.store.database import Database
from leadline.store.queries import queries


class Crossing(Struct, frozen=True, kw_only=True):
    """One part that a customer typed in the Messenger."""

    conversation_id: str
    part_id: str


class Crossings:
    """Notices them, and remembers when the last one was."""

    def __init__(self, database: Database, switchboard: Switchboard, threads: Threads, book: Book) -> None:
        self._database = database
        self._switchboard = switchboard
        self._threads = threads
        self._book = book

    async def noticed(self, arrival: Arrival) -> str:
        """Tell the teammates once, until the customer writes on the channel again. Safe to repeat."""
        crossing = msgspec.convert(arrival.content, Crossing)
        key = {"workspace_id": arrival.workspace_id, "conversation_id": crossing.conversation_id}
        async with self._database.connection() as connection:
            if await queries.is_own_part(connection, **key, part_id=crossing.part_id) is not None:
                return "written by Leadline itself"
            row = await queries.crossed(connection, **key, at=arrival.arrived_at)
        if row is None:
            return "not a conversation of Leadline's"
        connected = await self._switchboard.by_id(arrival.workspace_id, row["channel_id"])
        channel = connected.row.name if connected else "their channel"
        space = self._book.of(arrival.workspace_id, row["channel_id"])
        note = crossed(channel, both=space.messenger_answers == "both")
        owner = f"crossed:{crossing.conversation_id}:{row['since']}"
        await self._threads.note(arrival.workspace_id, crossing.conversation_id, owner, note)
        return "told in the conversation: the customer writes in the Messenger"


def crossings(notification: Notification) -> list[NewArrival]:
    """What customers typed in the Messenger; what came over a channel was written through the API."""
    return [
        NewArrival(
            source="intercom",
            dedupe=f"crossed:{notification.conversation_id}:{part.part_id}",
            kind="crossed",
            lane=f"conversation:{notification.conversation_id}",
            content=msgspec.json.encode(
                Crossing(conversation_id=notification.conversation_id, part_id=part.part_id)
            ).decode(),
        )
        for part in notification.typed
    ]


def is_elsewhere(conversation: Mapping[str, Any]) -> bool:
    """Whether the customer's last word came by the Messenger."""
    crossed_at, inbound_at = conversation["crossed_at"], conversation["last_inbound_at"]
    return crossed_at is not None and (inbound_at is None or crossed_at > inbound_at)
