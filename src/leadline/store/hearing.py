"""One connection that hears everything PostgreSQL announces (NOTIFY), for all in this process who want to know.

`database.py` hands it out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import psycopg
import structlog
from psycopg import AsyncConnection, generators, sql

from leadline.store.cancelled import cancelled_all_the_same

AGAIN = 5.0  # seconds before a connection that broke is opened again
QUIET = 3600.0  # seconds between two looks whether there is anything; psycopg's own `notifies` looks ten times a second
log = structlog.get_logger(__name__)


class Ear:
    """Listens while somebody wants to hear."""

    def __init__(self, url: str, keepalives: Mapping[str, Any]) -> None:
        self._url = url
        self._keepalives = keepalives
        self._wanted: dict[str, set[asyncio.Queue[str | None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def hear(self, channel: str) -> AsyncIterator[str | None]:
        """What is announced on a channel. Empty when it begins to listen: something may have been said before. None
        when it became deaf.
        """
        heard = asyncio.Queue[str | None]()
        self._wanted.setdefault(channel, set()).add(heard)
        self._begin()
        try:
            while True:
                yield await heard.get()
        finally:
            self._wanted[channel].discard(heard)

    async def close(self) -> None:
        """Hang up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self) -> None:
        """Anew: a connection that waits for announcements can be told of no other channel."""
        for task in self._tasks:
            task.cancel()
        task = asyncio.create_task(self._listen())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _listen(self) -> None:
        while True:
            await asyncio.sleep(0)  # whoever is about to want something comes along
            try:
                with cancelled_all_the_same():
                    await self._listened()
            except psycopg.Error as error:
                log.warning("not_listening", why=str(error).strip() or type(error).__name__)
            self._tell(None, *self._wanted)
            await asyncio.sleep(AGAIN)

    async def _listened(self) -> None:
        async with await AsyncConnection.connect(self._url, autocommit=True, **self._keepalives) as connection:
            for channel in self._wanted:
                await connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
            self._tell("", *self._wanted)
            while True:
                for notice in await connection.wait(generators.notifies(connection.pgconn), interval=QUIET):
                    self._tell(notice.extra.decode(), notice.relname.decode())

    def _tell(self, what: str | None, *channels: str) -> None:
        for channel in channels:
            for heard in self._wanted[channel]:
                heard.put_nowait(what)
