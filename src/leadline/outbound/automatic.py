"""What a channel says by itself: a welcome to customers who write for the first time, and a word when nobody is there.

`app.py` calls `after` for every message once it is in Intercom. What is said is kept like a message that a teammate
began, so it goes out once, and a note shows it in the conversation.
"""

from __future__ import annotations

import msgspec
import structlog

from leadline.connections.switchboard import Switchboard
from leadline.engine.lanes import Arrival
from leadline.outbound.outbox import Target
from leadline.outbound.proactive import Proactive
from leadline.outbound.reach import Reaches
from leadline.spaces import Book, WorkspaceSettings
from leadline.store.database import Database
from leadline.store.queries import queries

log = structlog.get_logger(__name__)


class Automatic:
    """Greets people. Safe to repeat for the same message after any crash."""

    def __init__(
        self, database: Database, switchboard: Switchboard, reaches: Reaches, proactive: Proactive, book: Book
    ) -> None:
        self._database = database
        self._switchboard = switchboard
        self._reaches = reaches
        self._proactive = proactive
        self._book = book

    async def after(self, arrival: Arrival) -> None:
        """A message was put into its conversation: say what is to be said to its sender."""
        space = self._book.of(arrival.workspace_id, arrival.channel_id or 0)
        if not (space.welcome or space.out_of_office):
            return
        target = await self._target(arrival)
        if target is None or not await self._may(target):
            return
        if space.welcome and not await self._wrote_before(arrival, target):
            await self._say(arrival, target, "welcome", space.welcome, pause=None)
        if words := _absence(space, arrival.arrived_at):
            await self._say(arrival, target, "out_of_office", words, pause=space.out_of_office_pause)

    async def _target(self, arrival: Arrival) -> Target | None:
        owner = f"arrival:{arrival.arrival_id}"
        async with self._database.connection() as connection:
            row = await queries.conversation_of_arrival(connection, workspace_id=arrival.workspace_id, owner=owner)
        if row is None:
            return None
        return msgspec.convert({name: row[name] for name in Target.__struct_fields__}, Target)

    async def _may(self, target: Target) -> bool:
        """Whether the customer takes messages; one who refuses them gets none, and nobody is told of it."""
        connected = await self._switchboard.by_id(target.workspace_id, target.channel_id)
        return connected is not None and not await self._reaches.barrier(connected, target, template=None)

    async def _wrote_before(self, arrival: Arrival, target: Target) -> bool:
        key = {"workspace_id": target.workspace_id, "channel_id": target.channel_id, "handle": target.handle}
        async with self._database.connection() as connection:
            return await queries.wrote_before(connection, **key, before=arrival.arrived_at) is not None

    async def _say(self, arrival: Arrival, target: Target, kind: str, text: str, *, pause: int | None) -> None:
        key = {"workspace_id": target.workspace_id, "channel_id": target.channel_id, "handle": target.handle}
        async with self._database.connection() as connection:
            taken = await queries.greet(connection, **key, kind=kind, arrival_id=arrival.arrival_id, pause=pause)
        if taken is not None:
            await self._proactive.say(target, text, once=f"{kind}:{arrival.arrival_id}")


def _absence(space: WorkspaceSettings, at: float) -> str:
    """What to say to a customer who writes at this moment, when nobody is there; empty while somebody is."""
    hours = space.hours
    if not space.out_of_office or hours is None or hours.is_open(at):
        return ""
    opens = hours.opens(at)
    when = f"{opens:%A} {opens:%H:%M}" if opens else ""
    return space.out_of_office.replace("{opens}", when)
