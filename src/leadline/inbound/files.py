"""The files of a message, fetched once and kept until they are written: the provider may not have them a second time.

`contents.py` asks for them before anything of the message is written, and forgets them when all is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from leadline.connections.media import Media, NotFetched
from leadline.connections.switchboard import Connected
from leadline.engine.lanes import Arrival
from leadline.errors import Retry
from leadline.intercom.conversations import File
from leadline.model import Attachment, Struct
from leadline.model.seen import as_name
from leadline.store.database import Database
from leadline.store.queries import queries

TRIES = 3


class Kept(Struct, frozen=True, kw_only=True):
    """What became of one attachment, by its number in the message: a file, or the line that stands for it."""

    number: int
    file: File | None = None
    line: str = ""


class Files:
    """Fetches attachments, and keeps what was fetched."""

    def __init__(self, database: Database, media: Media) -> None:
        self._database = database
        self._media = media

    async def of(
        self, arrival: Arrival, connected: Connected, attachments: Sequence[Attachment]
    ) -> tuple[list[File], list[str]]:
        """The files, and a line for each one that cannot be had. Raises Retry while waiting may help."""
        if not attachments:
            return [], []
        attachments = tuple(dict.fromkeys(attachments))  # a file that an event names twice is one
        kept = await self._kept(arrival)
        results = await asyncio.gather(
            *(
                self._one(arrival, connected, number, attachment)
                for number, attachment in enumerate(attachments, 1)
                if number not in kept
            ),
            return_exceptions=True,
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result
            kept[result.number] = result
        in_order = [kept[number] for number in sorted(kept)]
        return [each.file for each in in_order if each.file], [each.line for each in in_order if each.line]

    async def _one(self, arrival: Arrival, connected: Connected, number: int, attachment: Attachment) -> Kept:
        """Fetch one, and keep it before anything else can fail."""
        try:
            file = await self._media.fetch(connected, attachment, number)
        except NotFetched as error:
            line = f"[{as_name(attachment.name) or attachment.content_type} could not be fetched: {error}]"
            if error.later and arrival.attempts + 1 < TRIES:
                raise Retry("media_not_fetched", line) from error
            return await self._keep(arrival, Kept(number=number, line=line))
        return await self._keep(arrival, Kept(number=number, file=file))

    async def forget(self, arrival: Arrival) -> None:
        """They are written."""
        async with self._database.connection() as connection:
            await queries.forget_fetched(connection, **_key(arrival))

    async def _kept(self, arrival: Arrival) -> dict[int, Kept]:
        async with self._database.connection() as connection:
            rows = [row async for row in queries.fetched(connection, **_key(arrival))]
        return {
            row["number"]: Kept(
                number=row["number"],
                file=None if row["line"] else File(row["name"], row["content_type"], bytes(row["content"])),
                line=row["line"],
            )
            for row in rows
        }

    async def _keep(self, arrival: Arrival, kept: Kept) -> Kept:
        file = kept.file or File("", "", b"")
        async with self._database.connection() as connection:
            await queries.keep_fetched(
                connection,
                **_key(arrival),
                number=kept.number,
                name=file.name,
                content_type=file.content_type,
                content=file.content,
                line=kept.line,
            )
        return kept


def _key(arrival: Arrival) -> dict[str, object]:
    return {"workspace_id": arrival.workspace_id, "arrival_id": arrival.arrival_id}
