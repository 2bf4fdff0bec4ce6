"""What needs a person at this moment. `rounds.py` asks from time to time."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from leadline.connections.renewals import outlook
from leadline.connections.switchboard import usable
from leadline.engine import parked
from leadline.engine.breaker import breakers, outage_in_words
from leadline.identity.words import counted
from leadline.model import Struct
from leadline.store.channels import ChannelStore
from leadline.store.database import Database
from leadline.store.queries import queries

LEAST_SENDS = 5  # of an hour; of fewer a rate says nothing
FAILING = 0.2  # of the replies of an hour
ROOM = 0.1, 2 * 1024**3  # share of the disk, and bytes, of which one must be left at least


class Trouble(Struct, frozen=True, kw_only=True):
    """One thing. Kind and subject say whether it is the same as before, the sentence is for people."""

    kind: str
    subject: str
    sentence: str


class Troubles:
    """Looks through one workspace. folder: of the embedded database; None where the database is elsewhere."""

    def __init__(self, database: Database, channels: ChannelStore, folder: Path | None) -> None:
        self._database = database
        self._channels = channels
        self._folder = folder

    async def look(self, workspace_id: str) -> list[Trouble]:
        """All there are now."""
        return [trouble async for trouble in self._all(workspace_id)]

    async def _all(self, workspace_id: str) -> AsyncIterator[Trouble]:
        if undecided := await parked.undecided(self._database, workspace_id):
            messages = counted(undecided, "message")
            sentence = f"{messages} {'is' if undecided == 1 else 'are'} parked: a person must decide about each."
            yield Trouble(kind="parked", subject="", sentence=sentence)
        for row in await breakers(self._database, workspace_id):
            part, sentence = outage_in_words(row)
            yield Trouble(kind="away", subject=row["breaker"], sentence=f"{part[:1].upper()}{part[1:]}: {sentence}.")
        for connected in usable(await self._channels.listed(workspace_id)):
            ending = await outlook(self._database, connected)
            if ending and (warning := ending.warning(time.time())):
                subject = str(connected.channel_id)
                yield Trouble(kind="credential", subject=subject, sentence=f"Channel {connected.row.name}: {warning}")
        async with self._database.connection() as connection:
            sends = await queries.failing_sends(connection, workspace_id=workspace_id)
        if sentence := failing(sends):
            yield Trouble(kind="replies", subject="", sentence=sentence)
        for row in await given_up(self._database, workspace_id):
            yield Trouble(kind="webhooks", subject=str(row["webhook_id"]), sentence=missed(row))
        if self._folder is not None:
            room = await asyncio.to_thread(shutil.disk_usage, self._folder)
            if sentence := tight(room.total, room.free):
                yield Trouble(kind="disk", subject="", sentence=sentence)


async def given_up(database: Database, workspace_id: str) -> list[dict[str, Any]]:
    """Webhooks that missed events for good in the last seven days: webhook_id, name, events."""
    async with database.connection() as connection:
        return [row async for row in queries.webhooks_given_up(connection, workspace_id=workspace_id)]


def missed(row: dict[str, Any]) -> str:
    """What is said of such a webhook."""
    events = counted(row["events"], "event")
    return (
        f"Webhook {row['name']} did not take {events}, however often Leadline tried for a day. When its system works "
        f"again: `leadline webhook replay {row['webhook_id']}`."
    )


def failing(sends: dict[str, Any]) -> str:
    """What is said of an hour's replies; empty while most go out."""
    sent, failed = sends["sent"], sends["failed"]
    if sent < LEAST_SENDS or failed < sent * FAILING:
        return ""
    return (
        f"Of {counted(sent, 'reply', 'replies')} in the last hour, {failed} did not reach the customer or may not have."
    )


def tight(total: int, free: int) -> str:
    """What is said of a disk; empty while there is room."""
    if free >= total * ROOM[0] or free >= ROOM[1]:
        return ""
    left = f"Only {free / 1024**2:,.0f} MB are left on the disk with the database."
    return f"{left} When it is full, no message can be kept."
