"""PostgreSQL: the connection pool. Opened once by `app.py`."""

from __future__ import annotations

import asyncio
import contextlib
import re
import select
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, Self
from urllib.parse import unquote

import msgspec
import psycopg
import structlog
from psycopg import AsyncConnection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool

from leadline.errors import SettingError
from leadline.store.acting import ACTING
from leadline.store.cancelled import cancelled_all_the_same
from leadline.store.hearing import Ear
from leadline.store.line import KEEPALIVES, Line
from leadline.store.queries import queries
from leadline.store.slow import TimedCursor

Connection = AsyncConnection[DictRow]
# The server, too, notices within seconds that the other host is gone; it would hold that one's locks for hours.
NOTICE_THE_DEAD = b"set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3"
TRIED_AGAIN = 0.2
_JOINED: ContextVar[tuple[Database, Connection] | None] = ContextVar("joined", default=None)  # see `Database.together`
log = structlog.get_logger(__name__)


async def ensure_database(server_url: str, name: str) -> str:
    """Create database `name` on the server when it is missing; returns its address."""
    url = make_conninfo(server_url, dbname=name)
    async with await psycopg.AsyncConnection.connect(server_url, autocommit=True) as connection:
        found = await (await connection.execute("select 1 from pg_database where datname = %s", [name])).fetchone()
        if not found:
            with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                await connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    return url


class Database:
    """A pool of connections whose rows are dicts. `connection()` is one transaction, committed at its end."""

    def __init__(self, url: str, pool: AsyncConnectionPool[Connection]) -> None:
        self.url = url
        self.pool = pool
        self.ear = Ear(url, KEEPALIVES)
        self._lines: list[Line] = []

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, *, max_size: int = 10) -> AsyncIterator[Self]:
        """Open the pool; raises SettingError when the server cannot be reached."""
        async with opened_pool(url, max_size) as pool:
            database = cls(url, pool)
            try:
                yield database
            finally:
                await database.ear.close()
                for line in database._lines:
                    await line.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        joined = _JOINED.get()
        if joined and joined[0] is self:
            yield joined[1]
            return
        with cancelled_all_the_same():
            async with self.pool.connection() as connection:
                if acts := ACTING.get():
                    await queries.act_as(connection, actor=acts[0], source=acts[1])
                yield connection

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Every `connection()` in the block is the same one: many questions, one transaction. For rounds that only
        read, or write what belongs together.
        """
        async with self.connection() as connection:
            token = _JOINED.set((self, connection))
            try:
                yield
            finally:
                _JOINED.reset(token)

    def line(self, *direct: str) -> Line:
        """A connection of its own beside the pool; closed with the database. direct: the queries it is to `run`."""
        line = Line(self.url, direct)
        self._lines.append(line)
        return line

    async def changes(self, channel: str) -> AsyncIterator[bool]:
        """For every notification on `channel` True, also when it listens again; False when it became deaf."""
        async for heard in self.ear.hear(channel):
            yield heard is not None

    @asynccontextmanager
    async def alone(self, name: str) -> AsyncIterator[None]:
        """Nobody else is in a block of this name meanwhile, in no process; waits its turn.

        Holds a connection of its own: whoever dies in it lets go at once, and waiting takes none from the pool.
        """
        with cancelled_all_the_same():
            async with await AsyncConnection.connect(self.url, autocommit=True) as connection:
                await connection.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [name])
                yield

    @asynccontextmanager
    async def if_alone(self, name: str, *, patience: float = 0.0) -> AsyncIterator[bool]:
        """True where nobody else is in a block of this name now, in no process; then nobody comes in meanwhile.

        Holds a connection of its own: whoever leaves it lets go at once, and whoever dies in it as soon as the server
        has noticed. patience: seconds to wait for that.
        """
        until = time.monotonic() + patience
        with cancelled_all_the_same():
            async with await AsyncConnection.connect(self.url, autocommit=True) as connection:
                await connection.execute(NOTICE_THE_DEAD)
                alone = await _locked(connection, name)
                while not alone and time.monotonic() < until:
                    await asyncio.sleep(TRIED_AGAIN)
                    alone = await _locked(connection, name)
                try:
                    yield alone
                finally:
                    if alone:
                        await _let_go(connection, name)


@asynccontextmanager
async def opened_pool(url: str, max_size: int) -> AsyncIterator[AsyncConnectionPool[Connection]]:
    """The connections of a `Database`; raises SettingError when the server cannot be reached."""
    await _check(url)
    pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
        url,
        min_size=1,
        max_size=max_size,
        max_idle=4.0,  # seconds between looks which connection only a burst needed; one of them is closed each time
        kwargs={"row_factory": dict_row, "cursor_factory": TimedCursor, **KEEPALIVES},
        open=False,
        configure=_reading_json,
        check=_tried,
        reconnect_timeout=5.0,  # after a long outage the next request tries at once, not when a backoff is over
    )
    await pool.open(wait=True)
    try:
        yield pool
    finally:
        await pool.close()


async def _locked(connection: AsyncConnection[Any], name: str) -> bool:
    asked = await connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
    return bool(await asked.fetchone() == (True,))


async def _let_go(connection: AsyncConnection[Any], name: str) -> None:
    """Before the connection closes, which the server notices a moment later: the next one would be refused in it."""
    with contextlib.suppress(psycopg.Error):
        await connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [name])


async def _reading_json(connection: Connection) -> None:
    """Documents are read by msgspec, many times faster than by the standard library."""
    set_json_loads(msgspec.json.decode, connection)


async def _tried(connection: Connection) -> None:
    """A server that hangs up says so. Only where it has said something is it asked: a question costs a transaction."""
    said = select.poll()
    said.register(connection.fileno(), select.POLLIN)
    if said.poll(0):
        await AsyncConnectionPool.check_connection(connection)


async def _check(url: str) -> None:
    try:
        async with await AsyncConnection.connect(url, connect_timeout=5):
            pass
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        told = _scrubbed(f"The database {without_password(url)} cannot be reached: {reason}", url)
        raise SettingError(
            f"{told}. Start it, or correct LEADLINE_DATABASE_URL "
            "(postgresql://user:password@host:5432/name; empty for the embedded one)."
        ) from None  # the cause would show the address again


def without_password(url: str) -> str:
    """A database address that may be shown."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return "LEADLINE_DATABASE_URL"
    return _scrubbed(f"{parts.get('dbname', '')} on {parts.get('host', 'localhost')}", url)


def _scrubbed(text: str, url: str) -> str:
    """A text about an address without any piece of its password, also where that was mistaken for a host or port."""
    password = re.sub(r"^\w+:/*", "", url).rpartition("@")[0].partition(":")[2]
    with contextlib.suppress(psycopg.ProgrammingError):
        password = f"{password}@{conninfo_to_dict(url).get('password') or ''}"
    pieces = {*(split := re.split(r"[:@/?#&\[\]\s]", password)), *map(unquote, split)}
    for piece in sorted(pieces, key=len, reverse=True):
        if len(piece) > 1:
            text = text.replace(piece, "…")
    return text
