"""What Leadline itself knows, read from its database for the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from leadline.channels import reasons
from leadline.console.shown import Choice, LinkLine, Why
from leadline.identity.decide import explain
from leadline.model import Decision
from leadline.store.database import Database
from leadline.store.queries import queries

Row = Mapping[str, Any]


class Records:
    """Reads of one workspace."""

    def __init__(self, database: Database, workspace_id: str) -> None:
        self._database = database
        self._workspace_id = workspace_id

    async def recent(self, count: int = 50) -> list[Row]:
        """The last customer messages, newest first, each with its decision where there is one."""
        return await self._rows(queries.recent_messages, count=count)

    async def messages(self, channel_id: int, sender: str, count: int = 100) -> list[Row]:
        """What one customer wrote on one channel, oldest first."""
        return await self._rows(queries.messages_of_sender, channel_id=channel_id, sender=sender, count=count)

    async def senders(self, count: int = 50) -> list[Row]:
        """Everybody who ever wrote, the last one first."""
        return await self._rows(queries.callers, count=count)

    async def sends(self, channel_id: int, provider_ids: Sequence[str]) -> dict[str, Row]:
        """When each of these messages was sent and what became of it, by the provider's id."""
        rows = await self._rows(queries.sends_by_provider_ids, channel_id=channel_id, provider_ids=list(provider_ids))
        return {provider_id: row for row in rows for provider_id in row["provider_ids"]}

    async def conversations(self, conversation_ids: Sequence[str]) -> dict[str, Row]:
        """Channel and sender of those conversations that Leadline keeps."""
        rows = await self._rows(queries.conversations_by_id, conversation_ids=list(conversation_ids))
        return {row["conversation_id"]: row for row in rows}

    async def links(self, contact_id: str) -> tuple[LinkLine, ...]:
        """The handles that lead to a contact."""
        rows = await self._rows(queries.links_to_contact, contact_id=contact_id)
        return tuple(LinkLine(handle=row["handle"], evidence=row["evidence"], author=row["author"]) for row in rows)

    async def why(self, channel_id: int, lane: str) -> Why | None:
        """The decision of the last message of a sender on a channel."""
        async with self._database.connection() as connection:
            row = await queries.last_decision(
                connection, workspace_id=self._workspace_id, channel_id=channel_id, lane=lane
            )
        return None if row is None else why_of(row)

    async def _rows(self, query: Any, **values: Any) -> list[Row]:
        async with self._database.connection() as connection:
            return [row async for row in query(connection, workspace_id=self._workspace_id, **values)]


def why_of(row: Row) -> Why:
    """A recorded decision in words."""
    decision = msgspec.convert(row["document"], Decision)
    choices = tuple(
        Choice(
            contact_id=one.contact_id,
            role=one.role,
            name=one.name,
            phone=one.phone,
            chosen=one.contact_id == row["contact_id"],
        )
        for one in decision.candidates
    )
    return Why(
        message=row["arrival_id"],
        code=row["code"],
        policy=decision.policy,
        doubtful=decision.doubtful,
        sentences=tuple(explain(decision)),
        choices=choices,
    )


def trouble_of(row: Row | None) -> str:
    """Why a message did not arrive, in words; empty when nothing is wrong."""
    return reasons.sentence(row["reason"]) if row and row["reason"] else ""
