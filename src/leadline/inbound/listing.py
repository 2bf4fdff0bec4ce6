"""Unsigned messages of channels that are to believe only what the provider lists: held until the list has them.

What is delivered is what the list says; the webhook is only a hint to ask for it. `receive.py` holds, the worker looks.
"""

from __future__ import annotations

from hashlib import sha256

import msgspec

from leadline.channels.exchange import Parsed
from leadline.connections.shared import Connections
from leadline.connections.switchboard import Connected
from leadline.engine.arrival import NewArrival, Raw, bounded
from leadline.engine.keep import Keeper
from leadline.engine.lanes import Arrival
from leadline.errors import Park, ProviderTrouble, Retry, Waiting
from leadline.inbound.arrivals import Sorter
from leadline.inbound.poll import OVERLAP, Polls
from leadline.model import Inbound
from leadline.store.database import Database
from leadline.store.queries import queries

LOOK = 10.0  # seconds between two questions for the list of one channel
WITHIN = OVERLAP  # seconds a list may take to show what a webhook brought: later it would not be asked for it again
AWAY = 60.0  # seconds until the next try where the list could not be had


def held(arrival: NewArrival) -> NewArrival:
    """A message as it is kept until it is found: in a lane of its own, so that a forged one holds up nobody, and under
    a key of its own, so that it is never taken for the real one. Anything else stays as it is.
    """
    if arrival.kind != "message":
        return arrival
    name = f"unlisted:{arrival.channel_id}:{arrival.dedupe}:{sha256(arrival.content.encode()).hexdigest()[:16]}"
    return NewArrival(
        source=arrival.source,
        dedupe=name,
        kind="unlisted",
        lane=name,
        content=arrival.content,
        channel_id=arrival.channel_id,
    )


class Listing:
    """Looks held messages up in their provider's list."""

    def __init__(self, database: Database, keeper: Keeper, connections: Connections, polls: Polls) -> None:
        self._database = database
        self._keeper = keeper
        self._switchboard = connections.switchboard
        self._polls = polls

    async def look(self, arrival: Arrival) -> str:
        """One held message: found, or not yet, or given to a person. Says what came of it. Raises Waiting, Park."""
        message = msgspec.convert(arrival.content, Inbound)
        connected = await self._switchboard.of_message(arrival.workspace_id, arrival.channel_id or 0)
        if await self._is_listed(connected, message):
            return "found in the provider's list, and delivered from there"
        if not connected.adapter.only_listed(connected.settings):
            return await self._believe(connected, message)
        await self._ask(connected)
        if await self._is_listed(connected, message):
            return "found in the provider's list, and delivered from there"
        title = connected.adapter.title
        if await self._reached(connected) - arrival.arrived_at > WITHIN:
            raise Park(
                "not_listed",
                f"{title} does not list this message among those it received, so somebody else may have written it. "
                f"If it is genuine, set only_listed=false on channel {connected.row.name} and retry it.",
            )
        raise Waiting("not_listed_yet", f"{title} does not list this message yet", LOOK)

    async def _is_listed(self, connected: Connected, message: Inbound) -> bool:
        """Whether a list brought it: on such a channel nothing else makes arrivals under the provider's own id."""
        async with self._database.connection() as connection:
            rows = queries.known_dedupes(
                connection,
                workspace_id=connected.workspace_id,
                source=f"channel:{connected.channel_id}",
                dedupes=[bounded(message.provider_id)],
            )
            return bool([row async for row in rows])

    async def _ask(self, connected: Connected) -> None:
        """Have the list read unless that was done just now; a provider that is away says nothing about a message."""
        try:
            await self._polls.poll(connected, every=LOOK)
        except (ProviderTrouble, Retry) as trouble:
            what = f"{connected.adapter.title} could not be asked whether it has this message: {trouble}"
            raise Waiting("list_not_had", what, AWAY) from trouble

    async def _reached(self, connected: Connected) -> float:
        """Unix time up to which the list was had."""
        key = {"workspace_id": connected.workspace_id, "channel_id": connected.channel_id}
        async with self._database.connection() as connection:
            row = await queries.round_of(connection, **key, kind="poll")
        return float(row["reached"] or 0.0) if row else 0.0

    async def _believe(self, connected: Connected, message: Inbound) -> str:
        """The operator no longer wants it proved: keep it as if it had just come, in its sender's lane."""
        arrivals = await Sorter(self._switchboard).sort(connected, Parsed(messages=(message,)))
        body = msgspec.json.encode(message)
        raw = Raw(channel_id=connected.channel_id, method="HELD", url=connected.row.provider, headers={}, body=body)
        await self._keeper.keep(connected.workspace_id, raw, arrivals)
        return "delivered without proof, as the channel asks for none now"
