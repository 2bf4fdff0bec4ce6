"""What Leadline knows of the demo's customers and conversations, read from its database. `scene.py` asks it."""

from __future__ import annotations

from collections.abc import Sequence

from leadline.channels import reasons
from leadline.console.records import Records, Row, why_of
from leadline.console.shown import Why
from leadline.stage.shown import LinkLine
from leadline.store.queries import queries


class StageRecords(Records):
    """Reads of the demo's workspace."""

    async def messages(self, channel_id: int, sender: str, count: int = 100) -> list[Row]:
        """What one customer wrote on one channel, oldest first."""
        return await self.rows(queries.messages_of_sender, channel_id=channel_id, sender=sender, count=count)

    async def senders(self, count: int = 50) -> list[Row]:
        """Everybody who ever wrote, the last one first."""
        return await self.rows(queries.callers, count=count)

    async def sends(self, channel_id: int, provider_ids: Sequence[str]) -> dict[str, Row]:
        """When each of these messages was sent and what became of it, by the provider's id."""
        rows = await self.rows(queries.sends_by_provider_ids, channel_id=channel_id, provider_ids=list(provider_ids))
        return {provider_id: row for row in rows for provider_id in row["provider_ids"]}

    async def conversations(self, conversation_ids: Sequence[str]) -> dict[str, Row]:
        """Channel, sender and last message of those conversations that Leadline keeps."""
        rows = await self.rows(queries.conversations_with_last_words, conversation_ids=list(conversation_ids))
        return {row["conversation_id"]: row for row in rows}

    async def links(self, contact_id: str) -> tuple[LinkLine, ...]:
        """The handles that lead to a contact."""
        rows = await self.rows(queries.links_to_contact, contact_id=contact_id)
        return tuple(LinkLine(handle=row["handle"], evidence=row["evidence"], author=row["author"]) for row in rows)

    async def why(self, channel_id: int, lane: str) -> Why | None:
        """The decision of the last message of a sender on a channel."""
        async with self.database.connection() as connection:
            row = await queries.last_decision(
                connection, workspace_id=self.workspace_id, channel_id=channel_id, lane=lane
            )
        return None if row is None else why_of(row)


def trouble_of(row: Row | None) -> str:
    """Why a message did not arrive, in words; empty when nothing is wrong."""
    return reasons.sentence(row["reason"]) if row and row["reason"] else ""
