"""Databases that tests use one after the other: making one costs more than most tests do. Lent by the fixtures."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from leadline.inbound import attributes
from leadline.store.database import Database, ensure_database
from tests.pools import Pools

TABLES = "select tablename from pg_tables where schemaname = 'public' order by tablename"
OTHERS = """
    select count(pg_terminate_backend(pid)) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and pid <> all(%s)
"""
COUNTERS = "select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) from pg_sequences"
OBJECTS = """
    select (select md5(string_agg(relname, ' ' order by relname)) from pg_class), (select count(*) from pg_proc),
        (select count(*) from pg_trigger), (select count(*) from pg_constraint)
"""
# Nobody vacuums here: rows deleted in such numbers would slow down the tests that come after.
TOO_MANY = 5_000


ATTRIBUTES = """
    insert into data_attribute (model, name, data_type, description, admin_id, created_at, updated_at)
    select 'contact', name, 'string', words, '1', 0, 0 from unnest(%s::text[], %s::text[]) as made (name, words)
    on conflict do nothing
"""


class Databases:
    """Databases of one server that all have the schema `prepare` makes, and when lent no rows but those it made."""

    def __init__(self, server_url: str, prepare: Callable[[Database], Awaitable[object]], pools: Pools) -> None:
        self._server_url = server_url
        self._pools = pools
        self._template = f"template_{uuid.uuid4().hex[:8]}"
        self._free: list[str] = []
        self._cleaners: dict[str, psycopg.Connection] = {}
        asyncio.run(self._prepared(prepare))
        with psycopg.connect(make_conninfo(server_url, dbname=self._template)) as connection:
            tables = [row[0] for row in connection.execute(TABLES)]
            rows = sql.SQL("select from {} limit 1")
            self._empty = [
                sql.SQL("delete from {}").format(sql.Identifier(table)).as_bytes()
                for table in tables
                if not connection.execute(rows.format(sql.Identifier(table))).rowcount
            ]
            self._shape = _shape(connection)

    async def _prepared(self, prepare: Callable[[Database], Awaitable[object]]) -> None:
        async with Database.open(await ensure_database(self._server_url, self._template)) as database:
            await prepare(database)

    def close(self) -> None:
        """Hang up."""
        for connection in self._cleaners.values():
            connection.close()

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The address of a database that nobody else uses; whoever is still connected at the end is cut off."""
        name = self._free.pop() if self._free else self._new()
        self._pools.lent.add(name)
        yield make_conninfo(self._server_url, dbname=name)
        self._pools.lent.discard(name)
        if self._emptied(name):
            self._free.append(name)

    def _new(self) -> str:
        name = f"t_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            copy = sql.SQL("create database {} template {}")
            connection.execute(copy.format(sql.Identifier(name), sql.Identifier(self._template)))
        return name

    def _emptied(self, name: str) -> bool:
        """Without triggers and foreign keys, in any order; False when it is not to be lent again."""
        connection = self._cleaner(name)
        try:
            if not _alone(connection, self._pools.pids(name)) or _shape(connection) != self._shape:
                return False
            with connection.transaction(), connection.pipeline():
                emptied = [connection.execute(each) for each in self._empty]
                connection.execute(COUNTERS)
        except psycopg.OperationalError:  # a test cut everybody off
            return False
        return sum(each.rowcount for each in emptied) <= TOO_MANY

    def _cleaner(self, name: str) -> psycopg.Connection:
        """One for each database, kept: a new one would read all about its tables again."""
        if name not in self._cleaners:
            url = make_conninfo(self._server_url, dbname=name, options="-c session_replication_role=replica")
            self._cleaners[name] = psycopg.connect(url, autocommit=True, prepare_threshold=0)
        return self._cleaners[name]


def make_attributes(sandbox_url: str) -> None:
    """The contact attributes of Leadline are in this workspace, as where it was connected before: each costs a call."""
    made = attributes()
    with psycopg.connect(sandbox_url) as connection:
        connection.execute(ATTRIBUTES, [[*made.keys()], [*made.values()]])


def _alone(connection: psycopg.Connection, kept: list[int]) -> bool:
    """Cut off all others, and wait until they are gone; a process that a test left running may come back."""
    for _ in range(1_000):
        if connection.execute(OTHERS, [kept]).fetchone() == (0,):
            return True
        time.sleep(0.002)
    return False


def _shape(connection: psycopg.Connection) -> tuple[object, ...]:
    """Which objects there are: a test may have made some of its own, or renamed one."""
    found = connection.execute(OBJECTS).fetchone()
    assert found is not None
    return found
