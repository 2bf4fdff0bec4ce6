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

TABLES = "select tablename from pg_tables where schemaname = 'public' order by tablename"
OTHERS = """
    select count(pg_terminate_backend(pid)) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
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

    def __init__(self, server_url: str, prepare: Callable[[Database], Awaitable[object]]) -> None:
        self._server_url = server_url
        self._template = f"template_{uuid.uuid4().hex[:8]}"
        self._free: list[str] = []
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

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The address of a database that nobody else uses; whoever is still connected at the end is cut off."""
        name = self._free.pop() if self._free else self._new()
        yield make_conninfo(self._server_url, dbname=name)
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
        with psycopg.connect(make_conninfo(self._server_url, dbname=name)) as connection:
            if not _alone(connection) or _shape(connection) != self._shape:
                return False
            connection.execute("set local session_replication_role = replica")
            with connection.pipeline():
                emptied = [connection.execute(each) for each in self._empty]
                connection.execute(COUNTERS)
            return sum(each.rowcount for each in emptied) <= TOO_MANY


def make_attributes(sandbox_url: str) -> None:
    """The contact attributes of Leadline are in this workspace, as where it was connected before: each costs a call."""
    made = attributes()
    with psycopg.connect(sandbox_url) as connection:
        connection.execute(ATTRIBUTES, [[*made.keys()], [*made.values()]])


def _alone(connection: psycopg.Connection) -> bool:
    """Cut off everybody else, and wait until they are gone; a process that a test left running may come back."""
    for _ in range(1_000):
        if connection.execute(OTHERS).fetchone() == (0,):
            return True
        time.sleep(0.002)
    return False


def _shape(connection: psycopg.Connection) -> tuple[object, ...]:
    """Which objects there are: a test may have made some of its own, or renamed one."""
    found = connection.execute(OBJECTS).fetchone()
    assert found is not None
    return found
