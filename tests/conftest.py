"""What all tests share: one embedded PostgreSQL per process, emptied databases, the folder of shared facts."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import aclosing, closing, contextmanager
from pathlib import Path

import psycopg
import pytest
import uvloop
from hypothesis import HealthCheck, settings
from psycopg import sql

from leadline.sandbox.app import prepare
from leadline.store import database
from leadline.store.database import Database
from leadline.store.embedded import embedded
from leadline.store.opened import migrate_all
from tests.databases import Databases
from tests.pools import Pools

ROOT = Path(__file__).parents[1]
# No test is timed: how long an example takes says how busy the machine is.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("few", settings.get_profile("untimed"), max_examples=30)


def pytest_configure(config: pytest.Config) -> None:
    """`make check` tries 100 examples of every property, `make test` fewer."""
    is_whole = "not long " not in f"{config.option.markexpr} "
    settings.load_profile("untimed" if is_whole else "few")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nothing of what is collected becomes garbage: looking for some took a fifth of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
        gc.set_threshold(10_000, 20, 50)  # as `leadline serve` has it


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The tests run in the loop that `leadline serve` runs in."""
    return {"uvloop": uvloop.new_event_loop}


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
            connection.execute("alter system set full_page_writes = off")
            # Each test has a database of its own for seconds: nothing in it is worth vacuuming.
            connection.execute("alter system set autovacuum = off")
            _hash_the_password_once(connection, folder)
            connection.execute("select pg_reload_conf()")
        yield url


def _hash_the_password_once(connection: psycopg.Connection, folder: Path) -> None:
    """A test makes twenty connections, and each of them would hash it 4,096 times."""
    password = (folder / "pgpass").read_text().strip().rpartition(":")[2]
    connection.execute("set scram_iterations = 1")
    connection.execute(sql.SQL("alter role postgres password {}").format(password))


@pytest.fixture(scope="session")
async def pools(server_url: str) -> AsyncIterator[Pools]:
    """What keeps the connections to lent databases."""
    async with aclosing(Pools()) as pools:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(database, "opened_pool", pools.open)
            yield pools


@pytest.fixture(scope="session")
def databases(server_url: str, pools: Pools) -> Iterator[Databases]:
    """Databases with Leadline's whole schema."""
    with closing(Databases(server_url, migrate_all, pools)) as databases:
        yield databases


@pytest.fixture(scope="session")
def sandbox_databases(server_url: str, pools: Pools) -> Iterator[Databases]:
    """Databases with the sandbox's tables."""
    with closing(Databases(server_url, prepare, pools)) as databases:
        yield databases


@pytest.fixture
def store_url(databases: Databases) -> Iterator[str]:
    """Address of a database with Leadline's schema and nothing in it."""
    with databases.lent() as url:
        yield url


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Database]:
    """That database, opened."""
    async with Database.open(store_url) as opened:
        yield opened


@pytest.fixture
def database_url(sandbox_databases: Databases) -> Iterator[str]:
    """Address of a database for the sandbox: its tables, and nothing in them."""
    with sandbox_databases.lent() as url:
        yield url


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of specifications and vectors beside the repository, which a plain clone does not have."""
    folder = ROOT.parent / "shared"
    if not folder.exists():
        if os.environ.get("LEADLINE_REQUIRE_SHARED") == "1":
            pytest.fail(f"{folder.name}/ is missing although LEADLINE_REQUIRE_SHARED=1")
        pytest.skip("needs the ../shared folder of specifications, which is not part of this repository")
    return folder
