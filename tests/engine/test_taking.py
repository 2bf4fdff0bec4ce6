"""Taking lanes while others write them at that moment: a lane is leased whole or not at all, and never overlooked."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from leadline.engine import worker
from leadline.engine.bell import Bell
from leadline.engine.keep import Keeper
from leadline.engine.lanes import Arrival, Lanes, Limits
from leadline.engine.leases import EVER, SETTLE, TAKE, Found, Settle, Settled, Take
from leadline.engine.session import Session
from leadline.engine.shared import Engine
from leadline.errors import Retry
from leadline.store.database import Database
from leadline.store.line import PLANS
from leadline.store.queries import queries
from tests.engine.working import RAW, arrival, count, opened, settled, until, working

PHONE, ACCOUNT = "tel:+353861234567", "whatsapp:222/IE.1349"
HELD = "select count(*) from lane where holder is not null"
BLOCKED = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
# The statement with a stop after it has begun and before it looks for lanes.
STOPPED = queries.take_lanes.sql.replace("%(slots)s", "(select %(slots)s from pg_advisory_xact_lock_shared(77))", 1)
SETTLING = queries.settle_lanes.sql.replace(
    "select * from json_to_recordset(",
    "select asked.* from (select pg_advisory_xact_lock_shared(77)) as stop, json_to_recordset(",
    1,
)


@pytest.fixture
async def session(store: Database) -> AsyncIterator[Session]:
    session = await Session.open(store.url)
    yield session
    await session.close()


async def taken(session: Session, sql: str = queries.take_lanes.sql, back: float = EVER) -> Found:
    values = TAKE.parameters([Take(slots=5, back=back)]) | {"holder": session.holder}
    [rows] = await session.run([(sql, values)])
    return TAKE.read(rows)


async def written(session: Session, entry: Settle, sql: str = queries.settle_lanes.sql) -> Settled:
    [rows] = await session.run([(sql, SETTLE.parameters([entry]) | {"holder": session.holder})])
    return SETTLE.read(rows)


@asynccontextmanager
async def written_meanwhile(store: Database, lane: str) -> AsyncIterator[None]:
    """Somebody writes this lane after a statement with a stop has begun, and before it goes on."""
    async with await psycopg.AsyncConnection.connect(store.url, autocommit=True) as connection:
        await connection.execute("select pg_advisory_lock(77)")
        yield
        await until(lambda: _some(store, BLOCKED))
        await connection.execute("select open_lanes(array['w'], array[%s], array[false])", [lane])
        await connection.execute("select pg_advisory_unlock(77)")


@pytest.mark.parametrize("lane", [PHONE, ACCOUNT])
async def test_a_lane_that_is_written_before_it_can_be_locked_is_left_whole(
    store: Database, bell: Bell, session: Session, lane: str
) -> None:
    await Keeper(store, bell).keep("w", RAW, [replace(arrival(1, PHONE), also=(ACCOUNT,))])
    async with written_meanwhile(store, lane):
        taking = asyncio.create_task(taken(session, STOPPED))
    found = await taking
    assert found.lanes == ()
    assert found.soon is not None
    assert found.soon <= 1.0, "it is looked at again, at once or when the other lane is free"
    assert await count(store, HELD) == 0, "neither it nor the lane beside it"
    async with store.connection() as connection:
        await connection.execute("update lane set due_at = now() - interval '1 second'")
    [leased] = (await taken(session)).lanes
    assert [place.lane for place in leased.places] == [PHONE, ACCOUNT]
    assert leased.arrival is not None
    assert leased.arrival.others == (ACCOUNT,)


@pytest.mark.parametrize("lane", [PHONE, ACCOUNT])
async def test_all_lanes_of_a_sender_are_let_go_together_when_one_is_written_at_that_moment(
    store: Database, bell: Bell, session: Session, lane: str
) -> None:
    await Keeper(store, bell).keep("w", RAW, [replace(arrival(1, PHONE), also=(ACCOUNT,))])
    [leased] = (await taken(session)).lanes
    assert leased.arrival is not None
    own, *beside = leased.places
    entry = Settle(workspace_id="w", lane=PHONE, epoch=own.epoch, beside=tuple(beside))
    async with written_meanwhile(store, lane):
        settling = asyncio.create_task(written(session, replace(entry, arrival_id=leased.arrival.arrival_id), SETTLING))
    first = await settling
    assert (first.held, first.gone, first.arrival) == (True, False, None)
    assert await count(store, HELD) == 2, "none of them goes alone"
    assert await count(store, "select count(*) from arrival where state = 'done'") == 1
    assert (await written(session, entry)).gone
    assert await count(store, HELD) == 0


async def test_one_lane_by_name_is_taken_although_it_is_written_at_that_moment(store: Database, bell: Bell) -> None:
    """Doors write it without a pause; `drain` must not mistake that for another worker."""
    keeper, engine, done = Keeper(store, bell), opened(store, bell), list[int]()

    async def do(item: Arrival) -> str:
        done.append(item.content["number"])
        return "done"

    async def write() -> None:
        async with await psycopg.AsyncConnection.connect(store.url, autocommit=True) as connection:
            while len(done) < 40:
                await connection.execute("select open_lanes(array['w'], array[%s], array[false])", [PHONE])

    lanes = Lanes(engine, do, Limits())
    async with asyncio.TaskGroup() as group:
        writing = [group.create_task(write()) for _ in range(2)]
        for number in range(40):
            await keeper.keep("w", RAW, [arrival(number, PHONE)])
            await lanes.drain("w", PHONE)
        await asyncio.gather(*writing)
    assert done == list(range(40))
    await lanes.close()
    await engine.ledger.close()


async def test_two_workers_and_many_doors_keep_every_lane_in_order(store: Database, bell: Bell) -> None:
    seen: dict[str, list[int]] = defaultdict(list)
    busy: set[str] = set()

    async def do(item: Arrival) -> None:
        assert item.lane not in busy
        busy.add(item.lane)
        await asyncio.sleep(0)
        busy.discard(item.lane)
        seen[item.lane].append(item.content["number"])

    async def customer(lane: str, keeper: Keeper) -> None:
        for number in range(60):
            await keeper.keep("w", RAW, [arrival(number, lane)])

    lanes = [f"tel:+3538800{number:03}" for number in range(12)]
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(working(store, bell, do, engine=Engine(store)))
        await asyncio.gather(*(customer(lane, Keeper(store, bell)) for lane in lanes))
        await until(lambda: settled(store))
    assert seen == {lane: list(range(60)) for lane in lanes}
    assert await count(store, "select count(*) from arrival where attempts > 0 or reason <> ''") == 0


async def test_a_retry_lets_its_lane_go_although_something_is_kept_at_that_moment(
    store: Database, bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise it would stay leased for half a minute, with nobody at work in it."""
    monkeypatch.setattr(worker, "LOOK", 600.0)
    begun, end, tried = asyncio.Event(), asyncio.Event(), list[int]()

    async def do(item: Arrival) -> None:
        tried.append(item.content["number"])
        if len(tried) == 1:
            begun.set()
            await end.wait()
            raise Retry("intercom_unavailable", "Intercom answered 503")

    keeper = Keeper(store, bell)
    await keeper.keep("w", RAW, [arrival(1)])
    async with working(store, bell, do):
        await begun.wait()
        async with store.connection() as connection:
            await keeper.keep_in(connection, "w", RAW, [arrival(2)])
            end.set()
            await until(lambda: _some(store, "select count(*) from pg_locks where not granted"))
        await until(lambda: settled(store))
    assert tried == [1, 1, 2]


async def test_a_look_leaves_out_what_was_seen_before(store: Database, bell: Bell) -> None:
    keeper, engine = Keeper(store, bell), opened(store, bell)
    lanes = Lanes(engine, _never, Limits())
    assert await lanes.take(5) == ([], None)
    async with store.connection() as connection:
        await connection.execute("select open_lanes(array['w'], array['tel:+1'], array[true])")
        await connection.execute("update lane set due_at = now() - interval '10 seconds'")
    await keeper.keep("w", RAW, [arrival(1)])
    found, _ = await lanes.take(5, ever=False)
    assert [hold.lane for hold, _ in found] == [arrival(1).lane]
    found, _ = await lanes.take(5)
    assert [hold.lane for hold, _ in found] == ["tel:+1"]
    await lanes.close()
    await engine.ledger.close()


async def test_while_slots_are_taken_whatever_waits_longest_comes_first(store: Database, bell: Bell) -> None:
    keeper, engine = Keeper(store, bell), opened(store, bell)
    lanes, order = Lanes(engine, _never, Limits()), list[set[str]]()
    for number in range(6):
        await keeper.keep("w", RAW, [arrival(number, f"tel:+{number}")])
    async with store.connection() as connection:
        await connection.execute("update lane set due_at = due_at - interval '1 minute' where lane <> 'tel:+5'")
    for _ in range(3):
        found, _ = await lanes.take(2, ever=False)
        order.append({hold.lane for hold, _ in found})
    assert order == [{f"tel:+{number}", f"tel:+{number + 1}"} for number in (0, 2, 4)]
    await lanes.close()
    await engine.ledger.close()


async def test_a_held_snapshot_makes_no_look_slow(store: Database) -> None:
    """What died since then stays in the indexes, as while a backup runs."""
    worked_off = "insert into lane (workspace_id, lane, ready, due_at) select 'w', 'tel:+' || n, true,"
    async with (
        await psycopg.AsyncConnection.connect(store.url, autocommit=True, options=PLANS) as connection,
        await psycopg.AsyncConnection.connect(store.url) as backup,
    ):
        await connection.execute(f"{worked_off} now() - interval '1 hour' from generate_series(1, 20000) n".encode())
        await backup.execute("set transaction isolation level repeatable read")
        await backup.execute("select count(*) from lane")
        await connection.execute("delete from lane")
        await connection.execute("select open_lanes(array['w'], array['tel:+353861234567'], array[true])")
        ever, recent = [await _pages(connection, back) for back in (EVER, 2.0)]
    assert recent < 50 < ever / 5


async def _pages(connection: psycopg.AsyncConnection[Any], back: float) -> int:
    """How many pages a look reads."""
    values = TAKE.parameters([Take(slots=20, back=back)]) | {"holder": None}
    explain = f"explain (analyze, buffers, format json) {queries.take_lanes.sql.rstrip().rstrip(';')}"
    async with connection.transaction(force_rollback=True):
        [[[plan]]] = await (await connection.execute(explain.encode(), values)).fetchall()
    assert plan["Plan"]["Actual Rows"] == 1, json.dumps(plan, indent=1)
    return int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])


async def _never(item: Arrival) -> str:
    raise AssertionError(item)


async def _some(store: Database, question: str) -> bool:
    return await count(store, question) > 0
