"""A connection of its own beside the pool, for what must not wait for one: `Database.line` makes them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from leadline.store.direct import Direct
from leadline.store.queries import queries

# A server that went away without a word is noticed within seconds, not after the two hours the kernel waits by itself.
KEEPALIVES: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
# The tables are large and statistics may be old or missing: a plan that reads a whole one is never right here.
PLANS = "-c enable_seqscan=off -c enable_mergejoin=off -c jit=off"
_PLACE = re.compile(r"%\((\w+)\)s")


class Line:
    """Opened when it is needed, again after it broke. Every statement commits by itself, and is prepared once.

    direct: names of queries that `run` is asked for.
    """

    def __init__(self, url: str, direct: Sequence[str] = ()) -> None:
        self._url = url
        self._statements = {name: _numbered(getattr(queries, name).sql) for name in direct}
        self._connection: AsyncConnection[DictRow] | None = None
        self._opening = asyncio.Lock()
        self._direct: Direct | None = None

    async def connection(self) -> AsyncConnection[DictRow]:
        """The open connection, for psycopg's cursors; raises psycopg.OperationalError where there is no server."""
        self._leave_direct()
        async with self._opening:
            if self._connection is None or self._connection.closed:
                self._connection = await self._opened()
            return self._connection

    async def run(self, name: str, **values: str | bytes | None) -> int:
        """How many rows this query returned; raises psycopg.Error. One at a time, and none beside a cursor."""
        if self._direct is None or self._connection is None or self._connection.closed:
            self._direct = Direct(await self.connection())
        given = map(values.__getitem__, self._statements[name][1])
        sent = [each.encode() if isinstance(each, str) else each for each in given]
        try:
            return await self._direct.rows(name.encode(), sent)
        except asyncio.CancelledError:  # the statement goes on over there: its answer must not be that of the next
            await self.close()
            raise

    async def close(self) -> None:
        """Hang up."""
        self._leave_direct()
        if self._connection is not None:
            await self._connection.close()

    def _leave_direct(self) -> None:
        if self._direct is not None:
            self._direct.leave()
            self._direct = None

    async def _opened(self) -> AsyncConnection[DictRow]:
        connection = await AsyncConnection.connect(
            self._url,
            autocommit=True,
            row_factory=dict_row,
            prepare_threshold=0,
            connect_timeout=5,
            options=f"{PLANS} -c plan_cache_mode=force_generic_plan",
            **KEEPALIVES,
        )
        for name, (statement, _) in self._statements.items():
            await connection.execute(f"prepare {name} as {statement}".encode())
        return connection


def _numbered(statement: str) -> tuple[str, list[str]]:
    """A query with numbered parameters, and their names in that order."""
    names = list(dict.fromkeys(_PLACE.findall(statement)))
    return _PLACE.sub(lambda found: f"${names.index(found[1]) + 1}", statement), names
