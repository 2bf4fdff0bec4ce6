"""What all tests share: one embedded PostgreSQL per run, an empty database per test, the folder of shared facts."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from leadline.engine.jobs import migrate_all
from leadline.store.database import Database, embedded, ensure_database

ROOT = Path(__file__).parents[1]
# No test is timed: how long an example takes says how busy the machine is.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@contextmanager
def new_data_dir() -> Iterator[Path]:
    """A folder for an embedded server. Not one of pytest: as root the server is another user, who may not enter it."""
    folder = Path(tempfile.mkdtemp(prefix="leadline-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder for an embedded server of this test's own."""
    with new_data_dir() as folder:
        yield folder


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """Address of a PostgreSQL server that lives as long as the test run."""
    if url := os.environ.get("LEADLINE_TEST_SERVER"):
        yield url
        return
    with new_data_dir() as folder, embedded(folder) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            # Tests kill processes, never the machine: what fsync guards against does not happen here.
            connection.execute("alter system set fsync = off")
            connection.execute("alter system set max_connections = 300")
            connection.execute("alter system set full_page_writes = off")
            # Each test has a database of its own for seconds: nothing in it is worth vacuuming.
            connection.execute("alter system set autovacuum = off")
            connection.execute("select pg_reload_conf()")
        yield url


@pytest.fixture
async def database_url(server_url: str) -> AsyncIterator[str]:
    """Address of a new, empty database, dropped after the test."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    yield await ensure_database(server_url, name)
    async with await psycopg.AsyncConnection.connect(server_url, autocommit=True) as connection:
        await connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """Name of a database that has Leadline's whole schema, copied for each test that needs it."""
    name = f"template_{uuid.uuid4().hex[:8]}"

    async def fill() -> None:
        async with Database.open(await ensure_database(server_url, name)) as database:
            await migrate_all(database)

    asyncio.run(fill())
    return name


@pytest.fixture
async def store(server_url: str, template: str) -> AsyncIterator[Database]:
    """A database with Leadline's schema and nothing in it."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    async with await psycopg.AsyncConnection.connect(server_url, autocommit=True) as connection:
        await connection.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        async with Database.open(await ensure_database(server_url, name)) as database:
            yield database
        await connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of specifications and vectors beside the repository, which a plain clone does not have."""
    folder = ROOT.parent / "shared"
    if not folder.exists():
        if os.environ.get("LEADLINE_REQUIRE_SHARED") == "1":
            pytest.fail(f"{folder.name}/ is missing although LEADLINE_REQUIRE_SHARED=1")
        pytest.skip("needs the ../shared folder of specifications, which is not part of this repository")
    return folder
