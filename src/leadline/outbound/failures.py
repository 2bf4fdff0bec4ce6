"""Tells teammates, in the conversation, what did not reach the customer, why, and what to do. `sending.py` calls it."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from leadline.connections.switchboard import Switchboard
from leadline.conversations import Threads
from leadline.errors import Park
from leadline.outbound.notes import NEEDS_TEMPLATE, failure, offer, stopped
from leadline.outbound.outbox import Row, Target
from leadline.outbound.reach import Reaches

log = structlog.get_logger(__name__)


class Failures:
    """Writes the note of each failure once; says whether a teammate can read it."""

    def __init__(self, switchboard: Switchboard, threads: Threads, reaches: Reaches) -> None:
        self._switchboard = switchboard
        self._threads = threads
        self._reaches = reaches

    async def tell(self, row: Row) -> str:
        """One piece failed, or nobody knows what became of it. Raises Park where no conversation can hold the note."""
        if not row["conversation_id"]:
            raise Park("not_reached", f"{failure(row)} Nobody was told: it belongs to no conversation")
        text = await self._with_templates(row, failure(row))
        owner = f"outbound:{row['outbound_id']}:{row['state']}"
        return _told(await self._threads.note(row["workspace_id"], row["conversation_id"], owner, text))

    async def tell_stopped(self, target: Target, rows: Sequence[Row]) -> str:
        """Pieces of one message were not given to the provider at all. Raises Park as `tell`."""
        text = await self._with_templates(rows[0], stopped(rows))
        log.info("stopped", conversation=target.conversation_id, reason=rows[0]["reason"])
        if not target.conversation_id:
            raise Park("not_reached", f"{text} Nobody was told: it belongs to no conversation")
        owner = f"stopped:{target.conversation_id}:{rows[0]['part_id']}"
        return _told(await self._threads.note(target.workspace_id, target.conversation_id, owner, text))

    async def _with_templates(self, row: Row, text: str) -> str:
        """The note with the templates that can be sent instead, where that would help."""
        if row["reason"] not in NEEDS_TEMPLATE:
            return text
        connected = await self._switchboard.by_id(row["workspace_id"], row["channel_id"])
        if connected is None or not connected.can.templates:
            return text
        templates = await self._reaches.templates(row["workspace_id"], row["channel_id"])
        return "\n".join(filter(None, (text, offer(templates, connected.row.name))))


def _told(written: bool) -> str:
    return "told in the conversation" if written else "nobody could be told: the conversation was deleted"
