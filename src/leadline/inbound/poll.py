"""Messages whose webhook was missed: providers are asked for their lists. `connections/rounds.py` runs `catch_up`.

What a list and a webhook both tell has the same key, so that nothing arrives twice.
"""

from __future__ import annotations

import time

import msgspec
import structlog

from leadline.channels.exchange import Parsed
from leadline.connections.shared import Connections
from leadline.connections.switchboard import Connected
from leadline.engine.arrival import NewArrival, Raw
from leadline.engine.keep import Keeper
from leadline.inbound.arrivals import Sorter
from leadline.store.database import Database
from leadline.store.queries import queries

OVERLAP = 600.0  # seconds asked for again: lists lag, and clocks differ
FIRST = 86_400.0  # seconds the first round looks back, at most to when the channel was connected
SLACK = 60.0  # seconds a provider's clock may be behind ours; older messages were there before the channel
log = structlog.get_logger(__name__)


class Polls:
    """Asks each channel that can be asked; one process at a time for each."""

    def __init__(self, database: Database, keeper: Keeper, connections: Connections) -> None:
        self._database = database
        self._keeper = keeper
        self._connections = connections
        self._sorter = Sorter(connections.switchboard)
        self._asked: set[int] = set()

    async def catch_up(self, connected: Connected, *, every: float) -> None:
        """`poll` in the rounds: at once the first time since this process began, then each `every` seconds."""
        first = connected.channel_id not in self._asked
        self._asked.add(connected.channel_id)
        await self.poll(connected, every=0.0 if first else every)

    async def poll(self, connected: Connected, *, since: float | None = None, every: float = 0.0) -> int:
        """Ask one channel's provider, from `since` (unix seconds) or from where the last round ended.

        Returns how many messages were new. Raises ProviderTrouble, Retry.
        """
        kept = 0

        async def ask(reached: float | None) -> None:
            nonlocal kept
            last = time.time() - FIRST if reached is None else reached - OVERLAP
            start = max(last if since is None else since, connected.row.created_at - SLACK)
            parsed = await self._connections.calls.perform(connected.adapter.poll(start, connected.settings))
            kept = await self._keep(connected, parsed)

        if connected.can.polls:
            await self._connections.rounds.take(connected, "poll", every, ask)
        return kept

    async def _keep(self, connected: Connected, parsed: Parsed) -> int:
        """Keep what is not kept yet, and was not there before the channel."""
        born = connected.row.created_at - SLACK
        messages = tuple(each for each in parsed.messages if each.sent_at is None or each.sent_at >= born)
        arrivals = await self._unknown(
            connected, await self._sorter.sort(connected, msgspec.structs.replace(parsed, messages=messages))
        )
        if not arrivals:
            return 0
        body = f"[{','.join(arrival.content for arrival in arrivals)}]".encode()
        raw = Raw(channel_id=connected.channel_id, method="POLL", url=connected.row.provider, headers={}, body=body)
        kept = await self._keeper.keep(connected.workspace_id, raw, arrivals)
        log.info("missed_messages", channel=connected.row.name, kept=kept)
        return kept

    async def _unknown(self, connected: Connected, arrivals: list[NewArrival]) -> list[NewArrival]:
        known: set[tuple[str, str]] = set()
        async with self._database.connection() as connection:
            for source in {arrival.source for arrival in arrivals}:
                dedupes = [arrival.dedupe for arrival in arrivals if arrival.source == source]
                rows = queries.known_dedupes(
                    connection, workspace_id=connected.workspace_id, source=source, dedupes=dedupes
                )
                known |= {(source, row["dedupe"]) async for row in rows}
        return [arrival for arrival in arrivals if (arrival.source, arrival.dedupe) not in known]
