"""Intercom's rate limit among several processes, on real PostgreSQL."""

from __future__ import annotations

import asyncio
import time

import pytest

from leadline.engine import budget as budgets
from leadline.engine.budget import BATCH, Budget
from leadline.store.database import Database
from tests.engine.working import count


async def test_a_hundred_calls_take_five_bites_and_what_others_use_is_noticed(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "TELL", 600.0)
    one, other = Budget(store, "w"), Budget(store, "w")
    end = time.time() + 600
    await one.learn(1667, 1667, end)
    before = await count(store, "select txid_current()")
    for _ in range(100):
        await one.spend()
        await one.learn(1667, 1600, end)
    assert await count(store, "select txid_current()") - before - 1 == 100 / BATCH
    assert await count(store, "select remaining from rate_budget") == 1667 - 100
    await other.spend()
    await other.learn(1667, 40, end)
    assert await count(store, "select remaining from rate_budget") == 40, "another app of the workspace calls, too"


async def test_a_window_that_is_over_makes_room_for_the_next(store: Database) -> None:
    budget = Budget(store, "w")
    await budget.learn(167, 0, time.time() - 1)
    await budget.spend()
    assert await count(store, "select remaining from rate_budget") == 167 - BATCH


async def test_processes_share_what_is_left_of_intercoms_window(store: Database) -> None:
    one, other = Budget(store, "w"), Budget(store, "w")
    await one.spend()  # nothing known: nothing held back
    await one.learn(167, 7, time.time() + 600)
    await one.spend()
    await other.spend()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await other.spend()  # the reserve of five is not touched
    async with store.connection() as connection:
        await connection.execute("update rate_budget set resets_at = now() + interval '0.5 seconds'")
    await other.spend()  # in the next window
    assert await count(store, "select remaining from rate_budget") == 167 - BATCH
