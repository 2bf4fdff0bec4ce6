"""Intercom's rate limit among several processes, on real PostgreSQL."""

from __future__ import annotations

import time

from leadline.engine.budget import BITE, Budget
from leadline.store.database import Database
from tests.engine.working import count


async def test_a_hundred_calls_take_five_bites_and_what_others_use_is_noticed(store: Database) -> None:
    one, other = Budget(store, "w"), Budget(store, "w")
    await one.learn(1667, 1667, time.time() + 10)
    before = await count(store, "select txid_current()")
    for _ in range(100):
        await one.spend()
        await one.learn(1667, 1600, time.time() + 10)
    assert await count(store, "select txid_current()") - before - 1 == 100 / BITE
    assert await count(store, "select remaining from rate_budget") == 1667 - 100
    await other.spend()
    await other.learn(1667, 40, time.time() + 10)
    assert await count(store, "select remaining from rate_budget") == 40, "another app of the workspace calls, too"


async def test_a_window_that_is_over_makes_room_for_the_next(store: Database) -> None:
    budget = Budget(store, "w")
    await budget.learn(167, 0, time.time() - 1)
    await budget.spend()
    assert await count(store, "select remaining from rate_budget") == 167 - BITE


async def test_processes_share_what_is_left_of_intercoms_window(store: Database) -> None:
    one, other = Budget(store, "w"), Budget(store, "w")
    await one.spend()  # nothing known: nothing held back
    await one.learn(167, 7, time.time() + 1.5)
    started = time.monotonic()
    await one.spend()
    await other.spend()
    assert time.monotonic() - started < 1.0
    await other.spend()  # the reserve of five is not touched
    assert time.monotonic() - started > 1.0
