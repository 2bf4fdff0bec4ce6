"""What customers see of the teammates beside replies: that their messages were read, where the settings say so.

`sending.py` calls it after a reply. Intercom tells neither when a teammate opens a conversation nor when one types.
"""

from __future__ import annotations

import structlog

from leadline.connections.provider_calls import Unreachable
from leadline.connections.shared import Connections
from leadline.connections.switchboard import Connected
from leadline.outbound.outbox import Outbox, Target

log = structlog.get_logger(__name__)


class Presence:
    """Tells providers that messages were read."""

    def __init__(self, outbox: Outbox, connections: Connections) -> None:
        self._outbox = outbox
        self._connections = connections

    async def read(self, connected: Connected, target: Target) -> None:
        """Everything up to the customer's last message was read. May be repeated; no reply fails by it."""
        if not getattr(connected.settings, "mark_read", False):
            return
        row = await self._outbox.last_written(target)
        adapter, settings = connected.adapter, connected.settings
        call = adapter.marking_read(row["number"], row["ref"], target.sender, settings) if row else None
        if call is None:
            return
        try:
            answer = await self._connections.calls.send(call)
        except Unreachable as error:
            log.warning("not_marked_read", channel=connected.row.name, why=str(error))
            return
        if not 200 <= answer.status < 300:
            log.warning("not_marked_read", channel=connected.row.name, status=answer.status)
