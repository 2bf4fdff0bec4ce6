"""The lane table as a queue: what a round costs, whatever the statistics say, who wakes up, and older databases."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sized
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from leadline.engine import worker
from leadline.engine.bell import Bell
from leadline.engine.keep import Keeper
from leadline.engine.lanes import Arrival, Limits
from leadline.engine.leases import EVER, SETTLE, TAKE, Settle, Take
from leadline.engine.session import Session
from leadline.errors import Retry
from leadline.store.database import Database, ensure_database
from leadline.store.line import PLANS
from leadline.store.migrating import migrate
from leadline.store.opened import migrate_all
from leadline.store.queries import queries
from tests.engine.working import RAW, arrival, count, settled, until, working

WAITING = 100_000
HOLDER = uuid.uuid4()
TWENTY = [f"tel:+{number}" for number in range(1, 21)]
FILL = """
    insert into lane (workspace_id, lane, ready, due_at)
    select 'w', 'tel:+' || n, true, now() - make_interval(secs => n) from generate_series(1, %(waiting)s) n;
    insert into arrival (workspace_id, raw_id, source, dedupe, kind, lane, content)
    select 'w', gen_random_uuid(), 'channel:1', n::text, 'message', 'tel:+' || n, '{}'
    from generate_series(1, %(waiting)s) n;
"""
ENTRIES = [Settle(workspace_id="w", lane=lane, epoch=1, arrival_id=number) for number, lane in enumerate(TWENTY, 1)]
OLDER = """
    create type procrastinate_job_status as enum ('todo', 'doing');
    create table procrastinate_jobs (id int primary key, status procrastinate_job_status);
    create table procrastinate_events (job_id int references procrastinate_jobs);
    create function procrastinate_fetch() returns procrastinate_jobs language sql
        as 'select * from procrastinate_jobs limit 1';
    create table procrastinate_migration (name text);
    insert into lane values ('w', 'tel:+1', true), ('w', 'tel:+2', true), ('w', 'tel:+3', false);
    insert into lane_join values ('w', 'whatsapp:1/A', 'tel:+1');
    insert into arrival (workspace_id, raw_id, source, dedupe, kind, lane, content, also, next_at)
    select 'w', gen_random_uuid(), 'channel:1', n::text, 'message', 'tel:+' || lane, jsonb_build_object('number', n),
        also, now() + interval '1 day'
    from (values (1, 1, array['whatsapp:1/A']), (2, 1, '{}'), (3, 2, '{}')) waiting (n, lane, also);
"""
PROCRASTINATE = """
    select (select count(*) from pg_class where relname like 'procrastinate%')
        + (select count(*) from pg_proc where proname like 'procrastinate%')
        + (select count(*) from pg_type where typname like 'procrastinate%') as left
"""


@pytest.mark.parametrize("analyzed", ["never", "when empty"])
async def test_a_round_reads_what_it_takes_among_a_hundred_thousand_lanes(store: Database, analyzed: str) -> None:
    async with await psycopg.AsyncConnection.connect(store.url, options=PLANS) as connection:
        if analyzed == "when empty":  # pages that hold nothing are the most misleading statistics there are
            for statement in (*FILL.split(";"), "delete from lane; delete from arrival", "analyze lane, arrival"):
                await connection.execute(statement.encode(), {"waiting": 1000} if "%" in statement else None)
        for statement in FILL.split(";"):
            await connection.execute(statement.encode(), {"waiting": WAITING})
        for back in (EVER, 2.0):
            take = await _explained(connection, queries.take_lanes.sql, **TAKE.parameters([Take(slots=20, back=back)]))
            assert _read(take) <= 8 * 20, json.dumps(take, indent=1)
        await connection.execute("update lane set holder = %s, epoch = 1 where lane = any(%s)", [HOLDER, TWENTY])
        settle = await _explained(connection, queries.settle_lanes.sql, **SETTLE.parameters(ENTRIES))
        assert _read(settle) <= 8 * 20, json.dumps(settle, indent=1)
        await connection.rollback()


async def _explained(connection: psycopg.AsyncConnection[Any], statement: str, **values: Any) -> dict[str, Any]:
    explain = f"explain (analyze, format json) {statement.rstrip().rstrip(';')}"
    [[[plan]]] = await (await connection.execute(explain.encode(), {**values, "holder": HOLDER})).fetchall()
    return dict(plan["Plan"])


def _read(plan: dict[str, Any]) -> float:
    """How many rows were read from tables and indexes."""
    nodes = [node for node in _nodes(plan) if "Relation Name" in node and "Scan" in node["Node Type"]]
    assert {node["Node Type"] for node in nodes}.isdisjoint({"Seq Scan", "Bitmap Heap Scan"})
    each = [(node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] for node in nodes]
    return float(sum(each))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


@pytest.fixture
def nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers rely on the bell alone: one that misses it sleeps for ten minutes, and the test fails."""
    monkeypatch.setattr(worker, "LOOK", 600.0)


@pytest.mark.usefixtures("nobody_looks")
async def test_a_hundred_single_messages_wake_the_worker_a_hundred_times(store: Database, bell: Bell) -> None:
    done = asyncio.Queue[int]()

    async def do(item: Arrival) -> None:
        done.put_nowait(item.content["number"])

    keeper = Keeper(store, bell)
    async with working(store, bell, do):
        for number in range(100):
            await keeper.keep("w", RAW, [arrival(number, f"tel:+3538800{number % 7}")])
            assert await asyncio.wait_for(done.get(), 100) == number


@pytest.mark.usefixtures("nobody_looks")
async def test_workers_of_other_processes_hear_the_bell_and_retries_are_on_time(store: Database, bell: Bell) -> None:
    tries: list[int] = []

    async def do(item: Arrival) -> None:
        tries.append(item.attempts)
        if item.attempts < 2:
            raise Retry("intercom_unavailable", "Intercom answered 503")

    async with working(store, Bell(store), do):
        await until(lambda: _listening(store))
        await Keeper(store, bell).keep("w", RAW, [arrival(1)])
        await until(lambda: settled(store))
    assert tries == [0, 1, 2]


@pytest.mark.usefixtures("nobody_looks")
async def test_workers_of_other_processes_hear_of_all_that_is_kept_at_one_moment(store: Database, bell: Bell) -> None:
    done: list[int] = []

    async def do(item: Arrival) -> None:
        done.append(item.content["number"])

    async with working(store, Bell(store), do):
        await until(lambda: _listening(store))
        keeper = Keeper(store, bell)
        for number in range(20):
            await keeper.keep("w", RAW, [arrival(number, f"tel:+35388000{number}")])
        async with store.connection() as connection:
            await keeper.keep_in(connection, "w", RAW, [arrival(20, "tel:+3538800020")])
        await until(lambda: settled(store))
    assert sorted(done) == list(range(21))


async def _listening(store: Database) -> bool:
    return await count(store, "select count(*) from pg_stat_activity where query like 'listen%'") > 0


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """The statements of each shared commit, by name."""
    commits: list[list[str]] = []
    names = {getattr(queries, name).sql: name for name in queries.available_queries if "_cursor" not in name}
    run = Session.run

    async def counting(self: Session, statements: list[tuple[str, dict[str, Any]]]) -> list[list[dict[str, Any]]]:
        commits.append([names[sql] for sql, _ in statements])
        return await run(self, statements)

    with monkeypatch.context() as patch:
        patch.setattr(Session, "run", counting)
        yield commits


@pytest.mark.usefixtures("nobody_looks")
async def test_what_many_lanes_write_at_one_moment_is_one_commit(
    store: Database, bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = asyncio.Event()
    begun: set[str] = set()

    async def do(item: Arrival) -> None:
        begun.add(item.lane)
        await end.wait()

    keeper = Keeper(store, bell)
    with counted(monkeypatch) as commits:
        async with working(store, bell, do, slots=60):
            await until(lambda: _listening(store))
            await until(lambda: _has_looked(commits))
            commits.clear()
            arrivals = [arrival(n, f"tel:+35388000{lane}") for lane in range(50) for n in range(2)]
            await keeper.keep("w", RAW, arrivals)
            await until(lambda: _are(begun, 50))
            took = [names for names in commits if names == ["take_lanes"]]
            assert took == commits, "nothing but the taking"
            assert len(took) <= 2, "fifty lanes, one statement, with the arrivals; a second one finds none left"
            commits.clear()
            end.set()
            await until(lambda: settled(store))
            await until(lambda: _none_ready(store))
    assert [names for names in commits if "let_go" not in names] == [["settle_lanes"], ["settle_lanes"]], (
        "the first of each lane brings the second, the second closes it"
    )


async def _are(found: Sized, number: int) -> bool:
    return len(found) >= number


async def _has_looked(commits: list[list[str]]) -> bool:
    return bool(commits)


async def _none_ready(store: Database) -> bool:
    return await count(store, "select count(*) from lane where ready") == 0


async def test_a_worker_at_rest_makes_one_commit_in_every_look(
    store: Database, bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LOOK", 0.3)

    async def do(item: Arrival) -> None:
        raise AssertionError(item)

    with counted(monkeypatch) as commits:
        async with working(store, bell, do):
            await until(lambda: _listening(store))
            await until(lambda: _has_looked(commits))
            commits.clear()
            before, began = await count(store, "select txid_current()"), time.monotonic()
            await until(lambda: _are(commits, 6))
            looked, took = list(commits), time.monotonic() - began
            written = await count(store, "select txid_current()") - before - 1
    looks = [sorted(names) for names in looked if names != ["take_lanes"]]
    assert looks == [["free_lanes_of_the_dead", "release_lanes", "take_lanes", "tend_breakers"]] * len(looks)
    assert len(looked) <= 2 * took / 0.3 + 2, "a look, and one for lanes that came too early; on a busy machine fewer"
    assert written == 0, "looking writes nothing"


@pytest.fixture
async def older(server_url: str) -> AsyncIterator[Database]:
    """A database as the last version with Procrastinate left it, with three messages waiting."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    url = await ensure_database(server_url, name)
    async with Database.open(url) as database:
        yield database
    async with await psycopg.AsyncConnection.connect(server_url, autocommit=True) as connection:
        await connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


async def test_what_an_older_version_left_waiting_is_worked_on(older: Database, tmp_path: Path) -> None:
    for file in (files("leadline.store") / "migrations").iterdir():
        if file.name.endswith(".sql") and file.name < "0010":
            (tmp_path / file.name).write_text(file.read_text())
    await migrate(older, tmp_path)
    async with older.connection() as connection:
        await connection.execute(OLDER.encode())
    await migrate_all(older)
    assert await count(older, PROCRASTINATE) == 0
    seen: list[int] = []

    async def do(item: Arrival) -> None:
        seen.append(item.content["number"])

    async with working(older, Bell(older), do, Limits(attempts=1)):
        await until(lambda: settled(older))
    assert sorted(seen) == [1, 2, 3]
    assert seen.index(1) < seen.index(2)
