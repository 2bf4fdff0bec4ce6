"""The worker's session of the database: it writes for lanes, and its lock proves that the worker lives.

`ledger.py` opens it. The lock ends with the session, so nobody has to be believed about who is dead. A host that dies
without a word is noticed by the network's own means, and at the latest when its leases end.
"""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import set_json_loads
from psycopg.types.numeric import Int8Dumper

from leadline.store.database import Connection
from leadline.store.line import KEEPALIVES, PLANS

# Seconds: silent for 10, then asked every 5, given up after 4 questions: the server's side. KEEPALIVES is ours.
ALIVE = (
    "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4 -c tcp_user_timeout=30000 "
    "-c client_connection_check_interval=2000"
)
NUMBER = 7305  # what the names of sessions are hashed with, here and in lanes.sql
LOCK = "select pg_advisory_lock(hashtextextended(%s::text, 7305))"


class Session:
    """One connection; `holder` names it in the lanes it holds, and dies with it."""

    def __init__(self, connection: psycopg.AsyncConnection[DictRow]) -> None:
        self.connection = connection
        self.holder = uuid.uuid4()

    @classmethod
    async def open(cls, url: str) -> Session:
        """Connect and take the session's lock; raises psycopg.OperationalError."""
        connection: Connection = await psycopg.AsyncConnection.connect(
            url,
            autocommit=True,
            row_factory=dict_row,
            prepare_threshold=0,
            connect_timeout=5,
            options=f"{PLANS} {ALIVE}",
            **KEEPALIVES,
        )
        connection.adapters.register_dumper(int, Int8Dumper)  # one type, whatever the size: one prepared statement
        set_json_loads(msgspec.json.decode, connection)
        session = cls(connection)
        await connection.execute(LOCK, [session.holder])
        return session

    @property
    def alive(self) -> bool:
        return not self.connection.closed

    async def run(self, statements: list[tuple[str, dict[str, Any]]]) -> list[list[DictRow]]:
        """The rows of each statement; all of them are one transaction, sent in one go."""
        if len(statements) == 1:
            cursor = await self.connection.execute(statements[0][0].encode(), statements[0][1])
            return [await cursor.fetchall() if cursor.description else []]
        async with self.connection.pipeline():
            cursors = [await self.connection.execute(sql.encode(), values) for sql, values in statements]
        return [await cursor.fetchall() if cursor.description else [] for cursor in cursors]

    async def close(self) -> None:
        await self.connection.close()
