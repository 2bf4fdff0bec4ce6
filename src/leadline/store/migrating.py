"""Forward-only migrations: `NNNN_name.sql` in their order, all that are missing or none. `opened.py` runs them."""

from __future__ import annotations

import re
from importlib.resources.abc import Traversable
from itertools import takewhile
from pathlib import Path
from typing import Any

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.rows import tuple_row

from leadline.errors import SettingError
from leadline.model import Struct
from leadline.store.database import Database

LOCK = 0x6C656164  # one number for all of Leadline's migrations: they run one after the other
_RECORD = sql.SQL("create table if not exists {} (name text primary key, at timestamptz not null default now())")
_NAME = re.compile(r"^\d[\w.]*\.sql$")
_CHANGED = re.compile(
    r"^(?:alter table|create (?:unique )?index \w+ on|update|insert into|delete from) (\w+)", re.MULTILINE
)


class Step(Struct, frozen=True, kw_only=True):
    """A migration that is to be made: the tables that are there and that it changes, and how many rows these have."""

    name: str
    words: str
    tables: tuple[str, ...]
    rows: int


async def migrate(database: Database, folder: Path | Traversable, table: str = "migration") -> list[str]:
    """Run every file of `folder` that `table` does not list; returns their names.

    In one transaction, so that a failure leaves the database to the version before, under an advisory lock, so that
    processes starting together do not collide. Raises SettingError where it fails, and for a database of a newer
    version.
    """
    async with database.connection() as connection:
        await connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        missing = await _missing(connection, folder, table)
        if missing:
            await connection.execute(_RECORD.format(sql.Identifier(table)))
            for file in missing:
                await _run(connection, file, table)
    return [file.name for file in missing]


async def planned(database: Database, folder: Path | Traversable, table: str = "migration") -> list[Step]:
    """What `migrate` would do; raises SettingError as it does."""
    async with await AsyncConnection.connect(database.url, autocommit=True) as connection:
        missing = await _missing(connection, folder, table)
        return [await _step(connection, file) for file in missing]


async def _missing(connection: AsyncConnection[Any], folder: Path | Traversable, table: str) -> list[Traversable]:
    done = await _done(connection, table)
    files = sorted((file for file in folder.iterdir() if _NAME.match(file.name)), key=lambda file: file.name)
    newest = files[-1].name if files else ""
    if newer := sorted(name for name in done if _NAME.match(name) and name > newest):
        raise SettingError(
            f"The database was made by a newer Leadline: it has {newer[-1]}, and this version ends with {newest}. "
            "Install the newer version again, or restore the backup that was made before it."
        )
    return [file for file in files if file.name not in done]


async def _done(connection: AsyncConnection[Any], table: str) -> set[str]:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute("select to_regclass(%s)", [table])
        if await cursor.fetchone() == (None,):
            return set()
        await cursor.execute(sql.SQL("select name from {}").format(sql.Identifier(table)))
        return {row[0] async for row in cursor}


async def _run(connection: AsyncConnection[Any], file: Traversable, table: str) -> None:
    try:
        await connection.execute(file.read_text("utf-8").encode())
        await connection.execute(
            sql.SQL("insert into {} (name) values (%s)").format(sql.Identifier(table)), [file.name]
        )
    except psycopg.Error as error:
        why = str(error).strip().splitlines()[0]
        raise SettingError(
            f"The database could not be changed by {file.name}, and is as it was: {why}. "
            "The former version goes on with it."
        ) from error


async def _step(connection: AsyncConnection[Any], file: Traversable) -> Step:
    text = file.read_text("utf-8")
    tables = dict.fromkeys(_CHANGED.findall(text))
    rows = {table: await _rows(connection, table) for table in tables}
    there = {table: count for table, count in rows.items() if count is not None}
    return Step(name=file.name.removesuffix(".sql"), words=_words(text), tables=tuple(there), rows=sum(there.values()))


async def _rows(connection: AsyncConnection[Any], table: str) -> int | None:
    """About how many, as PostgreSQL last counted; None where the table is not there yet."""
    found = await connection.execute(
        "select greatest(reltuples, 0)::bigint from pg_class where oid = to_regclass(%s)", [table]
    )
    row = await found.fetchone()
    return int(row[0]) if row else None


def _words(text: str) -> str:
    """The comment at the head of a file, up to its first full stop."""
    head = takewhile(lambda line: line.startswith("--"), text.splitlines())
    return re.split(r"(?<=[.])\s", " ".join(line.removeprefix("--").strip() for line in head))[0]
