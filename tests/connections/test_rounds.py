"""Rounds of asking a provider: one process at a time, and people get an answer all the same."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from leadline.connections.rounds import Rounds
from leadline.errors import Retry
from leadline.store.database import Database
from tests.clocks import clock

CONNECTED = cast("Any", SimpleNamespace(workspace_id="w", channel_id=1, row=SimpleNamespace(name="SMS")))


async def test_a_person_waits_for_the_round_under_way_and_the_clock_does_not(store: Database) -> None:
    rounds, begun, go_on = Rounds(store), asyncio.Event(), asyncio.Event()
    asked: list[str] = []

    async def slow(_: float | None) -> None:
        begun.set()
        await go_on.wait()
        asked.append("slow")

    async def quick(_: float | None) -> None:
        asked.append("quick")

    first = asyncio.create_task(rounds.take(CONNECTED, "templates", 60.0, slow))
    await begun.wait()
    assert not await rounds.take(CONNECTED, "templates", 60.0, quick)
    person = asyncio.create_task(rounds.take(CONNECTED, "templates", 0.0, quick))
    await asyncio.sleep(0.5)
    assert asked == []
    go_on.set()
    assert (await first, await person) == (True, True)
    assert asked == ["slow", "quick"]


async def test_a_round_that_does_not_end_is_told(store: Database) -> None:
    rounds, begun = Rounds(store, patience=0.3), asyncio.Event()

    async def never(_: float | None) -> None:
        begun.set()
        await asyncio.sleep(600)

    stuck = asyncio.create_task(rounds.take(CONNECTED, "poll", 60.0, never))
    await begun.wait()
    with pytest.raises(Retry, match="SMS is being asked by another process"):
        await rounds.take(CONNECTED, "poll", 0.0, never)
    stuck.cancel()
    await asyncio.gather(stuck, return_exceptions=True)


async def test_a_reader_waits_until_the_round_under_way_has_found_something(store: Database) -> None:
    rounds, begun, go_on = Rounds(store), asyncio.Event(), asyncio.Event()

    async def slow(_: float | None) -> None:
        begun.set()
        await go_on.wait()

    await rounds.settled(CONNECTED, "templates")
    first = asyncio.create_task(rounds.take(CONNECTED, "templates", 60.0, slow))
    await begun.wait()
    reader = asyncio.create_task(rounds.settled(CONNECTED, "templates"))
    await asyncio.sleep(0.5)
    assert not reader.done()
    go_on.set()
    assert await first
    await reader


async def test_a_round_reaches_no_further_than_the_databases_clock(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By it messages are dated: one that came later is not held against a list from before."""
    clock(monkeypatch, 7200)
    reached: list[float | None] = []

    async def ask(since: float | None) -> None:
        reached.append(since)

    rounds = Rounds(store)
    for _ in range(2):
        await rounds.take(CONNECTED, "poll", 0.0, ask)
    async with store.connection() as connection:
        row = await (await connection.execute("select extract(epoch from now())::float8 as now")).fetchone()
    assert reached[0] is None
    assert row is not None
    assert reached[1] is not None
    assert reached[1] <= row["now"]
