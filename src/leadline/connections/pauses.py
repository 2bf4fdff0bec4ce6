"""Paused channels: their messages are set aside, so that the sender's lane goes on for other channels, and come back to
their places once the channel is resumed. `inbound/receive.py` asks; the worker's rounds, console and CLI resume.
"""

from __future__ import annotations

from leadline.connections.switchboard import Connected
from leadline.engine import parked
from leadline.errors import Park
from leadline.store.acting import acting
from leadline.store.channels import ChannelStore
from leadline.store.database import Database
from leadline.store.queries import queries

PAUSED = "channel_paused"
LOOK = 60.0  # seconds until a reply looks again whether its channel goes on; resuming does not wait for that


class Pauses:
    """Pauses and resumes channels, and sets their messages aside. The rounds notice what another process resumed."""

    def __init__(self, database: Database, channels: ChannelStore) -> None:
        self._database = database
        self._channels = channels
        self._settled: set[tuple[str, int]] = set()  # resumed channels of which nothing was set aside since

    def check(self, connected: Connected) -> None:
        """Raises Park where the channel is paused."""
        if connected.row.is_paused:
            self._settled.discard((connected.workspace_id, connected.channel_id))
            raise Park(PAUSED, f"{connected.row.name} is paused. This goes on when the channel is resumed.")

    async def pause(self, workspace_id: str, channel_id: int) -> None:
        """From now on what comes is kept, and replies wait."""
        await self._channels.pause(workspace_id, channel_id, paused=True)

    async def resume(self, workspace_id: str, channel_id: int) -> int:
        """Let go on what was set aside, in its order, and the replies; returns how many messages of customers."""
        await self._channels.pause(workspace_id, channel_id, paused=False)
        return await self._release(workspace_id, channel_id)

    async def remove(self, workspace_id: str, channel_id: int) -> None:
        """Take a channel out of service. What was taken while it was paused goes on: nobody else has it."""
        await self._channels.remove(workspace_id, channel_id)
        await self._release(workspace_id, channel_id)

    async def catch_up(self, connected: Connected) -> None:
        """A message may have been set aside at the very moment of the resuming."""
        key = connected.workspace_id, connected.channel_id
        if connected.row.is_paused:
            self._settled.discard(key)
        elif key not in self._settled:
            self._settled.add(key)
            await self._release(*key)

    async def _release(self, workspace_id: str, channel_id: int) -> int:
        async with self._database.connection() as connection:
            held = [row["arrival_id"] async for row in queries.held_back(connection, workspace_id=workspace_id)]
        with acting("", ""):  # the resuming is the person's act, not each message
            await parked.retry(self._database, workspace_id, ids=held)
            return await parked.retry(self._database, workspace_id, reason=PAUSED, channel_id=channel_id)
