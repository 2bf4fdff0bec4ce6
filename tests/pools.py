"""Connections that one test after the other uses: a new one reads and plans everything anew. For `conftest.py`."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import AsyncConnectionPool

from leadline.store.database import Connection, opened_pool

Pool = AsyncConnectionPool[Connection]
LOOKS = 500  # a hundredth of a second apart, until what was cancelled has given its connection back


class Pools:
    """Stands in for `opened_pool` where a test of this event loop opens a lent database; each pool serves one."""

    def __init__(self) -> None:
        self.lent: set[str] = set()
        self._loop = asyncio.get_running_loop()
        self._idle: dict[tuple[str, int], list[Pool]] = defaultdict(list)
        self._stacks: dict[Pool, AsyncExitStack] = {}

    @asynccontextmanager
    async def open(self, url: str, max_size: int) -> AsyncIterator[Pool]:
        """A pool that an earlier test had, or a new one."""
        name = _name(url)
        if asyncio.get_running_loop() is not self._loop or name not in self.lent:
            async with opened_pool(url, max_size) as pool:
                yield pool
            return
        idle = self._idle[name, max_size]
        pool = idle.pop() if idle else await self._opened(url, max_size)
        try:
            yield pool
        finally:
            if await _whole(pool):
                idle.append(pool)
            else:
                await self._stacks.pop(pool).aclose()

    def pids(self, name: str) -> list[int]:
        """The server's processes that wait for the next test that uses this database."""
        pools = [pool for (idle_for, _), idle in self._idle.items() if idle_for == name for pool in idle]
        return [connection.info.backend_pid for pool in pools for connection in pool._pool]

    async def aclose(self) -> None:
        for stack in self._stacks.values():
            await stack.aclose()

    async def _opened(self, url: str, max_size: int) -> Pool:
        """Without the name that tells which key is in use: it stays open when nobody uses that any more."""
        stack = AsyncExitStack()
        pool = await stack.enter_async_context(opened_pool(make_conninfo(url, application_name=""), max_size))
        self._stacks[pool] = stack
        return pool


def _name(url: str) -> str:
    """Of the database; of none where the address is wrong, or asks for sessions unlike the others."""
    try:
        found = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return ""
    return "" if "options" in found else str(found.get("dbname", ""))


async def _whole(pool: Pool) -> bool:
    for _ in range(LOOKS):
        counts = pool.get_stats()
        if counts["pool_available"] == counts["pool_size"]:
            return True
        await asyncio.sleep(0.01)
    return False
