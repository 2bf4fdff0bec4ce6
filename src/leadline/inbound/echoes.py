"""What the business wrote in the provider's own app: shown to the teammates as a note, and never sent again.

The worker calls `receive`, in the lane of the customer's messages. A channel tells of it only where its settings ask.
"""

from __future__ import annotations

import msgspec

from leadline.conversations import Threads
from leadline.engine.lanes import Arrival
from leadline.errors import Retry
from leadline.inbound.consents import addresses_of
from leadline.inbound.quotes import Quotes
from leadline.inbound.wording import worded
from leadline.model import Inbound, Quote
from leadline.store.database import Database
from leadline.store.queries import queries

WAITS = (2.0, 6.0, 18.0)  # seconds between looks, while a send of our own has no answer yet: it may be this message


class Echoes:
    """Puts into a conversation what was written outside Intercom."""

    def __init__(self, database: Database, threads: Threads) -> None:
        self._database = database
        self._threads = threads
        self._quotes = Quotes(database)

    async def receive(self, arrival: Arrival) -> str:
        """One message of the business; says what came of it. Safe to repeat. Raises Park, Retry."""
        echo = msgspec.convert(arrival.content, Inbound)
        key = {"workspace_id": arrival.workspace_id, "channel_id": arrival.channel_id}
        async with self._database.connection() as connection:
            found = await queries.echoed(connection, **key, number=echo.provider_id, sender=echo.sender)
            handles = addresses_of(arrival, echo.handles)
            conversation = await queries.open_conversation_of(connection, **key, handles=handles)
        if found["ours"]:
            return "it went out from Intercom"
        if found["sending"] and arrival.attempts < len(WAITS):
            raise Retry(
                "echo_before_send", "A send has no answer yet, and this may be its echo", WAITS[arrival.attempts]
            )
        if conversation is None:
            return f"written in {echo.author} to somebody without an open conversation"
        note = shown(echo, await self._quotes.of(arrival, echo))
        await self._threads.note(
            arrival.workspace_id, conversation["conversation_id"], f"echo:{arrival.arrival_id}", note
        )
        return f"shown in conversation {conversation['conversation_id']}"


def shown(echo: Inbound, quote: Quote | None) -> str:
    """The note."""
    files = (f"[{file.name or file.content_type}]" for file in echo.attachments)
    words = worded(msgspec.structs.replace(echo, author=""), quote, *files)
    return f"Written to the customer in {echo.author}, not in Intercom:\n{words}"
