"""The embedded server, the pool and migrations, on real PostgreSQL and with really killed processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg import sql

from leadline.errors import SettingError
from leadline.store.database import Database, ensure_database, without_password
from leadline.store.embedded import embedded
from leadline.store.migrating import migrate

OWNER = """
import sys, time, pathlib
from leadline.store.embedded import embedded
with embedded(pathlib.Path(sys.argv[1])) as url:
    print(url, flush=True)
    time.sleep(60)
"""


@pytest.fixture
async def empty_url(server_url: str) -> AsyncIterator[str]:
    """Address of a new database, dropped after the test."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    yield await ensure_database(server_url, name)
    async with await psycopg.AsyncConnection.connect(server_url, autocommit=True) as connection:
        await connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def postmaster(folder: Path) -> int:
    return int((folder / "pg" / "postmaster.pid").read_text().splitlines()[0])


def test_restart_after_kill_9_attaches_and_the_last_to_leave_stops_the_server(data_dir: Path) -> None:
    folder = data_dir
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    with owner.stdout:
        url = owner.stdout.readline().strip()
        with psycopg.connect(url) as connection:
            connection.execute("create table kept as select 42 as answer")
        os.kill(owner.pid, signal.SIGKILL)
        owner.wait()
    server = postmaster(folder)
    assert psutil.pid_exists(server), "the server must survive its owner"
    with embedded(folder) as again, psycopg.connect(again) as connection:
        assert postmaster(folder) == server, "a second process attaches to the running server"
        assert connection.execute("select answer from kept").fetchone() == (42,)
    assert not (folder / "pg" / "postmaster.pid").exists(), "the last to leave stops it, though a dead owner was listed"


@pytest.mark.parametrize("how", [signal.SIGKILL, pytest.param(signal.SIGQUIT, marks=pytest.mark.long)])
async def test_a_server_that_dies_is_started_again_and_work_goes_on(data_dir: Path, how: signal.Signals) -> None:
    with embedded(data_dir) as url:
        async with Database.open(url) as database:
            async with database.connection() as connection:
                await connection.execute("create table kept as select 42 as answer")
            before = postmaster(data_dir)
            os.kill(before, how)
            while psutil.pid_exists(before):  # noqa: ASYNC110 - it is no child of this process
                await asyncio.sleep(0.05)
            for _ in range(100):
                with contextlib.suppress(psycopg.Error):
                    async with database.pool.connection(timeout=1) as connection:
                        row = await (await connection.execute("select answer from kept")).fetchone()
                        break
                await asyncio.sleep(0.2)
        assert row == {"answer": 42}
        assert postmaster(data_dir) != before
    assert not (data_dir / "pg" / "postmaster.pid").exists()


def test_a_folder_that_cannot_be_used_is_named_with_the_way_out(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(SettingError, match=r"LEADLINE_DATA_DIR"), embedded(blocked / "pg"):
        pass


async def test_an_unreachable_server_is_named_without_its_password() -> None:
    with pytest.raises(SettingError, match="LEADLINE_DATABASE_URL") as caught:
        async with Database.open("postgresql://ann:hush@127.0.0.1:1/shop"):
            pass
    assert "hush" not in str(caught.value)
    assert without_password("postgresql://ann:hush@db.internal/shop") == "shop on db.internal"


async def test_migrations_run_once_in_order_though_many_start_together(empty_url: str, tmp_path: Path) -> None:
    (tmp_path / "0001_first.sql").write_text("create table log (line text); insert into log values ('first')")
    (tmp_path / "0002_second.sql").write_text("insert into log values ('second')")
    (tmp_path / "notes.txt").write_text("not a migration")
    async with Database.open(empty_url) as database:
        ran = await asyncio.gather(*(migrate(database, tmp_path) for _ in range(5)))
        assert sorted(map(len, ran)) == [0, 0, 0, 0, 2]
        (tmp_path / "0003_third.sql").write_text("insert into log values ('third')")
        assert await migrate(database, tmp_path) == ["0003_third.sql"]
        async with database.connection() as connection:
            rows = await (await connection.execute("select line from log")).fetchall()
    assert [row["line"] for row in rows] == ["first", "second", "third"]


async def test_a_failing_migration_leaves_nothing_behind(empty_url: str, tmp_path: Path) -> None:
    (tmp_path / "0001_broken.sql").write_text("create table half (a int); select no_such_function()")
    async with Database.open(empty_url) as database:
        with pytest.raises(SettingError, match=r"0001_broken\.sql, and is as it was: function no_such_function"):
            await migrate(database, tmp_path)
        async with database.connection() as connection:
            row = await (await connection.execute("select to_regclass('half') as half")).fetchone()
    assert row == {"half": None}


@pytest.mark.long
async def test_after_a_long_outage_the_next_request_is_served(server_url: str, empty_url: str) -> None:
    name = sql.Identifier(empty_url.partition("dbname=")[2].split()[0])
    refuse = sql.SQL("alter database {} with allow_connections {}")
    async with (
        Database.open(empty_url) as database,
        await psycopg.AsyncConnection.connect(server_url, autocommit=True) as server,
    ):
        await server.execute(refuse.format(name, sql.SQL("false")))
        gone = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s"
        await server.execute(gone, [name.as_string().strip('"')])
        for _ in range(8):
            with pytest.raises(psycopg.Error):
                async with database.pool.connection(timeout=1):
                    pass
        await server.execute(refuse.format(name, sql.SQL("true")))
        async with database.pool.connection(timeout=3) as connection:
            await connection.execute("select 1")


async def test_a_released_lock_lets_the_next_one_in_at_once(empty_url: str) -> None:
    free = b"select pg_try_advisory_lock(hashtextextended('a look', 0)) as free, pg_advisory_unlock_all()"
    async with Database.open(empty_url) as database, database.connection() as other:
        for _ in range(100):
            with suppress(LookupError):
                async with database.if_alone("a look") as alone, database.if_alone("a look") as beside:
                    assert (alone, beside) == (True, False)
                    raise LookupError
            row = await (await other.execute(free)).fetchone()
            assert row
            assert row["free"]


async def test_what_is_asked_together_is_one_transaction(store: Database) -> None:
    async def begun() -> datetime:
        async with store.connection() as connection:
            row = await (await connection.execute("select now() as at")).fetchone()
            assert row is not None
            at: datetime = row["at"]
            return at

    before = store.pool.get_stats()["requests_num"]
    async with store.together():
        assert await begun() == await begun()
    assert store.pool.get_stats()["requests_num"] - before == 1
    assert await begun() != await begun()


async def test_what_is_done_together_is_all_done_or_nothing(store: Database) -> None:
    async def known() -> int:
        async with store.connection() as connection:
            row = await (await connection.execute("select count(*) as count from workspace")).fetchone()
            assert row is not None
            return int(row["count"])

    async def broken_off() -> None:
        async with store.together():
            async with store.connection() as connection:
                await connection.execute("insert into workspace (workspace_id) values ('w')")
            assert await known() == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await broken_off()
    assert await known() == 0
