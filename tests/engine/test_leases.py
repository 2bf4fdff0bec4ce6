"""Who may write for a lane: workers that freeze, lose their session or share the work; senders with several lanes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import defaultdict

import pytest
from msgspec.structs import replace

from leadline.engine import worker
from leadline.engine.bell import Bell
from leadline.engine.holds import surely_held
from leadline.engine.keep import Keeper
from leadline.engine.lanes import Arrival, Lanes, Limits
from leadline.engine.shared import Engine
from leadline.errors import Lost, Retry
from leadline.store.database import Database
from tests.engine.worker_process import SLOTS, live
from tests.engine.working import RAW, arrival, count, logs, open_gate, settled, until, working
from tests.nursery import forked

LEASE = 2.0
HERE = "database = (select oid from pg_database where datname = current_database())"
SESSIONS = f"select count(*) from pg_locks where locktype = 'advisory' and granted and {HERE}"  # noqa: S608
CUT = SESSIONS.replace("count(*)", "pg_terminate_backend(pid)")


async def test_a_frozen_worker_that_thaws_after_its_lease_writes_nothing(store: Database, bell: Bell) -> None:
    keeper = Keeper(store, bell)
    await logs(store)
    await keeper.keep("w", RAW, [arrival(n) for n in range(3)])
    with forked(live, store.url, 0.0, True, LEASE) as frozen:
        await until(lambda: _some(store, "select count(*) from begun"))
        assert frozen.pid is not None
        os.kill(frozen.pid, signal.SIGSTOP)
        await open_gate(store)
        with forked(live, store.url, 0.0, True, LEASE) as other:
            await until(lambda: settled(store))
        os.kill(frozen.pid, signal.SIGCONT)
        await keeper.keep("w", RAW, [arrival(3)])  # when it is at this one, it has had its chance to write the first
        await until(lambda: settled(store))
    assert await _column(store, "number") == [0, 1, 2, 3]
    assert await _column(store, "process") == [other.pid] * 3 + [frozen.pid]
    assert await count(store, "select count(*) from arrival where attempts > 0 or reason <> ''") == 0


async def test_a_worker_whose_session_was_cut_off_gives_its_lanes_up(
    store: Database, bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LOOK", 0.2)
    cut = asyncio.Event()
    outcomes: list[str] = []

    async def do(item: Arrival) -> None:
        if not cut.is_set():
            async with store.connection() as connection:
                await connection.execute(CUT.encode())
            cut.set()
            try:
                await until(_is_lost)
                surely_held(0.0)
            except Lost:
                outcomes.append("stopped")
                raise
        outcomes.append("written")

    await Keeper(store, bell).keep("w", RAW, [arrival(1)])
    async with working(store, bell, do):
        await until(lambda: settled(store))
    assert sorted(outcomes) == ["stopped", "written"]


async def test_two_workers_share_the_lanes(store: Database, bell: Bell) -> None:
    await logs(store)
    keeper = Keeper(store, bell)
    with forked(live, store.url, 0.0, True), forked(live, store.url, 0.0, True):
        await until(lambda: _sessions(store, 2))
        for lane in range(40):
            await keeper.keep("w", RAW, [arrival(n, f"tel:+3538800{lane}") for n in range(2)])
        await until(lambda: _is(store, "select count(*) from begun", 2 * SLOTS))
        assert await count(store, "select min(n) from (select count(*) n from begun group by process) s") == SLOTS
        await open_gate(store)
        await until(lambda: settled(store))
    assert await count(store, "select count(*) from log") == 80
    assert await count(store, "select count(distinct process) from log") == 2


async def test_what_is_kept_while_a_lane_is_closed_is_worked_on(
    store: Database, bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keeping has written and not committed when the lane's last arrival is settled; nobody rings afterwards."""
    monkeypatch.setattr(worker, "LOOK", 600.0)
    begun, end = asyncio.Event(), asyncio.Event()
    done: list[int] = []

    async def do(item: Arrival) -> None:
        begun.set()
        await end.wait()
        done.append(item.content["number"])

    keeper = Keeper(store, bell)
    await keeper.keep("w", RAW, [arrival(1)])
    async with working(store, bell, do):
        await begun.wait()
        async with store.connection() as connection:
            await keeper.keep_in(connection, "w", RAW, [arrival(2)])
            await connection.execute("select pg_notify('other', '')")
            end.set()
            await until(lambda: _some(store, "select count(*) from pg_locks where not granted"))
        await until(lambda: settled(store))
        await until(lambda: _none(store, "select count(*) from lane where ready"))
    assert done == [1, 2]


async def test_the_lanes_of_one_sender_are_worked_on_one_after_the_other(store: Database, bell: Bell) -> None:
    keeper = Keeper(store, bell)
    phone, account = "tel:+353861234567", "whatsapp:222/IE.1349"
    for number, arrived in enumerate(
        [arrival(0, account), arrival(1, phone), replace(arrival(2, phone), also=(account,)), arrival(3, account)]
    ):
        await keeper.keep("w", RAW, [replace(arrived, dedupe=str(number))])
    seen: dict[str, list[int]] = defaultdict(list)
    working_on: set[int] = set()

    async def do(item: Arrival) -> None:
        assert item.content["number"] < 2 or not working_on, "from the third on it is known to be one sender"
        working_on.add(item.content["number"])
        await asyncio.sleep(0.05)
        working_on.discard(item.content["number"])
        seen["all"].append(item.content["number"])

    async with working(store, bell, do):
        await until(lambda: settled(store))
        await until(lambda: _none(store, "select count(*) from lane where ready or holder is not null"))
    assert seen["all"][2:] == [2, 3]
    assert sorted(seen["all"][:2]) == [0, 1]


async def test_a_lane_that_is_held_is_busy_for_everybody_else(store: Database, bell: Bell) -> None:
    begun, end = asyncio.Event(), asyncio.Event()

    async def do(item: Arrival) -> str:
        begun.set()
        await end.wait()
        return "done"

    await Keeper(store, bell).keep("w", RAW, [arrival(1)])
    engine = Engine(store)
    lanes = Lanes(engine, do, Limits())
    first = asyncio.create_task(lanes.drain("w", "tel:+353888888999"))
    await begun.wait()
    with pytest.raises(Retry, match="Another worker") as busy:
        await lanes.drain("w", "tel:+353888888999")
    assert busy.value.reason == "lane_busy"
    end.set()
    await first
    await lanes.drain("w", "tel:+353888888999")
    assert await settled(store)
    await lanes.close()
    await engine.close()


async def _some(store: Database, question: str) -> bool:
    return await count(store, question) > 0


async def _none(store: Database, question: str) -> bool:
    return await _is(store, question, 0)


async def _is(store: Database, question: str, number: int) -> bool:
    return await count(store, question) == number


async def _sessions(store: Database, number: int) -> bool:
    return await _is(store, SESSIONS, number)


async def _is_lost() -> bool:
    with contextlib.suppress(Lost):
        surely_held(0.0)
        return False
    return True


async def _column(store: Database, name: str) -> list[int]:
    async with store.connection() as connection:
        rows = await (await connection.execute("select * from log")).fetchall()
    return [row[name] for row in rows]
