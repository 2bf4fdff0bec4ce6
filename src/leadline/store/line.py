"""A connection of its own beside the pool, for what must not wait for one: `Database.line` makes them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection, generators
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.rows import DictRow, dict_row

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
        self._direct = {name: _numbered(getattr(queries, name).sql) for name in direct}
        self._connection: AsyncConnection[DictRow] | None = None
        self._opening = asyncio.Lock()

    async def connection(self) -> AsyncConnection[DictRow]:
        """The open connection; raises psycopg.OperationalError where the server cannot be reached."""
        if self._connection is None or self._connection.closed:
            async with self._opening:
                if self._connection is None or self._connection.closed:
                    self._connection = await self._opened()
        return self._connection

    async def run(self, name: str, **values: str | bytes | None) -> int:
        """How many rows this query returned, for texts and bytes; raises psycopg.Error.

        Values go out as they are, and none comes back: psycopg's cursor, which converts both, takes longer in this
        process than everything else about a small statement.
        """
        connection = await self.connection()
        given = [values[each] for each in self._direct[name][1]]
        sent = [each.encode() if isinstance(each, str) else each for each in given]
        async with connection.lock:
            connection.pgconn.send_query_prepared(name.encode(), sent, [1] * len(sent))
            result = (await connection.wait(generators.execute(connection.pgconn)))[-1]
        if result.status != ExecStatus.TUPLES_OK:
            raise error_from_result(result)
        return int(result.ntuples)

    async def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            await self._connection.close()

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
        for name, (statement, _) in self._direct.items():
            await connection.execute(f"prepare {name} as {statement}".encode())
        return connection


def _numbered(statement: str) -> tuple[str, list[str]]:
    """A query with numbered parameters, and their names in that order."""
    names = list(dict.fromkeys(_PLACE.findall(statement)))
    return _PLACE.sub(lambda found: f"${names.index(found[1]) + 1}", statement), names
