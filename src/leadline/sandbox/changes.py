"""The live feed of a sandbox: every change of its database, also from another process. Used by the demo page."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
from psycopg import AsyncConnection

CHANNEL = "sandbox_change"


class Change(msgspec.Struct, frozen=True):
    """`kind` is contact or conversation, `id` which one, `what` a webhook topic or a short word."""

    kind: str
    id: str
    what: str


async def changes(database_url: str) -> AsyncIterator[Change]:
    """Yield changes as they are committed, on a connection of its own; ends when the caller stops iterating."""
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute(f"listen {CHANNEL}".encode())
        async for notice in connection.notifies():
            yield msgspec.json.decode(notice.payload, type=Change)
