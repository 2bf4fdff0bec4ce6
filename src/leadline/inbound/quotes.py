"""What a message refers to, from Leadline's own records: the words it answers, the choice its number means.

`contents.py` asks for both; most messages refer to nothing and cost no query.
"""

from __future__ import annotations

from leadline.engine.lanes import Arrival
from leadline.inbound.chosen import chosen, number_in
from leadline.model import Inbound, Quote
from leadline.store.database import Database
from leadline.store.queries import queries


class Quotes:
    """Looks up messages of both directions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, arrival: Arrival, message: Inbound) -> Quote | None:
        """The quote of a message with its words: the provider's where it tells some, else those on record."""
        quote = message.quote
        if quote is None or quote.text or quote.file or not quote.provider_id:
            return quote
        async with self._database.connection() as connection:
            row = await queries.words_of(
                connection,
                workspace_id=arrival.workspace_id,
                source=f"channel:{arrival.channel_id}",
                channel_id=arrival.channel_id,
                provider_id=quote.provider_id,
            )
        if row is None:
            return quote
        return Quote(
            provider_id=quote.provider_id, text=row["text"] or "", file=row["file"] or "", author=row["author"]
        )

    async def choice(self, arrival: Arrival, message: Inbound) -> str:
        """What a bare number stands for, where the last message to this customer offered numbered choices; else ''."""
        if number_in(message.text) is None:
            return ""
        async with self._database.connection() as connection:
            row = await queries.last_choices(
                connection, workspace_id=arrival.workspace_id, channel_id=arrival.channel_id, sender=message.sender
            )
        return chosen(message.text, (row["choices"] if row else None) or ())
