"""What a message brings into Intercom: its words, with what they refer to, and its files. `receive.py` asks for it."""

from __future__ import annotations

import msgspec

from leadline.connections.media import Media
from leadline.connections.switchboard import Connected
from leadline.engine.lanes import Arrival
from leadline.inbound.files import Files
from leadline.inbound.quotes import Quotes
from leadline.inbound.wording import worded
from leadline.intercom.conversations import File
from leadline.model import Inbound
from leadline.model.seen import is_seen
from leadline.store.database import Database


class Contents:
    """Puts together what is in the message, at the provider and on record."""

    def __init__(self, database: Database, media: Media) -> None:
        self._quotes = Quotes(database)
        self._files = Files(database, media)

    async def of(self, arrival: Arrival, message: Inbound, connected: Connected) -> tuple[str, list[File]]:
        """Text and files; a file that cannot be had leaves a line, and never takes the text with it. Raises Retry."""
        message = msgspec.structs.replace(message, text=message.text if is_seen(message.text) else "")
        files, lines = await self._files.of(arrival, connected, message.attachments)
        names = [f"[{file.name}]" for file in files] if not message.text else []
        if choice := await self._quotes.choice(arrival, message):
            message = msgspec.structs.replace(message, text=f"{message.text.strip()} ({choice})")
        quote = await self._quotes.of(arrival, message)
        return worded(message, quote, *names, *lines), files

    async def forget(self, arrival: Arrival, message: Inbound) -> None:
        """All of it is written: the files are not needed any more."""
        if message.attachments:
            await self._files.forget(arrival)
