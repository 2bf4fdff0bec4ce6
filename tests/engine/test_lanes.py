"""Keeping, lanes, retries and parking on real PostgreSQL, with real workers and real kills."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import defaultdict

from leadline.engine import parked
from leadline.engine.bell import Bell
from leadline.engine.keep import Keeper
from leadline.engine.lanes import Arrival, Limits
from leadline.errors import Park, Retry, Waiting
from leadline.store.database import Database
from tests.engine.worker_process import live
from tests.engine.working import RAW, arrival, count, logs, settled, until, working
from tests.nursery import forked


async def test_many_requests_share_few_commits_and_each_knows_what_was_new(store: Database, bell: Bell) -> None:
    keeper = Keeper(store, bell)
    new = await asyncio.gather(*(keeper.keep("w", RAW, [arrival(n % 50)]) for n in range(100)))
    assert sum(new) == 50
    assert await count(store, "select count(*) from raw") == 50, "no second copy of what is known"
    assert await count(store, "select count(*) from arrival") == 50
    assert await count(store, "select count(distinct xmin::text) from raw") < 10, "group commit"
    assert await count(store, "select count(*) from lane where ready") == 1, "one lane"


async def test_one_refused_parcel_does_not_take_the_others_with_it(store: Database, bell: Bell) -> None:
    keeper = Keeper(store, bell)
    good = [keeper.keep("w", RAW, [arrival(n)]) for n in range(5)]
    bad = keeper.keep("w", RAW, [arrival(9, content="no JSON at all")])
    results = await asyncio.gather(*good, bad, return_exceptions=True)
    assert results[:5] == [1] * 5
    assert isinstance(results[5], Exception)
    assert await count(store, "select count(*) from arrival") == 5


async def test_a_character_that_postgresql_cannot_keep_costs_no_message(store: Database, bell: Bell) -> None:
    keeper = Keeper(store, bell)
    text = 'a\0b "\\u0000" \\\0\0c'
    odd = arrival(1, "sender:1/A\0B", dedupe="SM\0 1", content=json.dumps({"text": text, "number": 1}))
    assert await keeper.keep("w", RAW, [odd]) == 1
    assert await keeper.keep("w", RAW, [odd]) == 0, "its redelivery is one"
    async with store.connection() as connection:
        row = await (await connection.execute("select lane, content from arrival")).fetchone()
    assert row == {"lane": "sender:1/AB", "content": {"text": text.replace("\0", ""), "number": 1}}


async def test_lanes_keep_their_order_while_messages_still_arrive(store: Database, bell: Bell) -> None:
    seen: dict[str, list[int]] = defaultdict(list)

    async def do(item: Arrival) -> None:
        await asyncio.sleep(0.001)
        seen[item.lane].append(item.content["number"])

    keeper = Keeper(store, bell)
    async with working(store, bell, do):
        for number in range(40):
            await asyncio.gather(*(keeper.keep("w", RAW, [arrival(number, f"tel:+35388000{n}")]) for n in range(5)))
        await until(lambda: settled(store))
        await until(lambda: _empty(store, "select count(*) from lane where ready"))
    assert seen == {f"tel:+35388000{n}": list(range(40)) for n in range(5)}


async def _empty(store: Database, question: str) -> bool:
    return await count(store, question) == 0


async def test_a_failing_message_is_tried_again_then_parked_and_its_lane_goes_on(store: Database, bell: Bell) -> None:
    tried: list[int] = []

    async def do(item: Arrival) -> None:
        tried.append(item.content["number"])
        if item.content["number"] == 1:
            raise Retry("intercom_unavailable", "Intercom answered 503")
        if item.content["number"] == 2:
            raise Park("handle_conflict", "Two people")
        if item.content["number"] == 3 and tried.count(3) == 1:
            raise ZeroDivisionError("a bug")

    keeper = Keeper(store, bell)
    await keeper.keep("w", RAW, [arrival(n) for n in (1, 2, 3, 4)])
    async with working(store, bell, do):
        await until(lambda: settled(store))
    assert tried == [1, 1, 1, 2, 3, 3, 4]
    waiting = await parked.parked(store, "w")
    assert [(row["reason"], row["content"]["number"]) for row in waiting] == [
        ("intercom_unavailable", 1),
        ("handle_conflict", 2),
    ]
    assert "Given up after 3 tries: Intercom answered 503" in waiting[0]["explanation"]


async def test_parked_messages_are_retried_or_dropped_on_demand(store: Database, bell: Bell) -> None:
    healed = False
    done: list[int] = []

    async def do(item: Arrival) -> None:
        if not healed:
            raise Park("unreadable", "cannot")
        done.append(item.content["number"])

    keeper = Keeper(store, bell)
    await keeper.keep("w", RAW, [arrival(1), arrival(2)])
    async with working(store, bell, do):
        await until(lambda: settled(store))
        first, second = [row["arrival_id"] for row in await parked.parked(store, "w")]
        healed = True
        assert await parked.drop(store, "w", [second]) == 1
        assert await parked.retry(store, "w", ids=[first, second]) == 1
        await until(lambda: settled(store))
    assert done == [1]
    assert await parked.parked(store, "w") == []


async def test_what_waits_for_a_person_is_never_given_up_and_shows_why(store: Database, bell: Bell) -> None:
    put_right = False
    done: list[int] = []

    async def do(item: Arrival) -> None:
        if not put_right:
            raise Waiting("intercom_token_refused", "Intercom refused the token", 0.05)
        done.append(item.content["number"])

    keeper = Keeper(store, bell)
    await keeper.keep("w", RAW, [arrival(1)])
    async with working(store, bell, do, Limits(attempts=1, base=0.05)):
        await until(lambda: _some(store))
        [row] = await parked.postponed(store, "w")
        assert row["reason"] == "intercom_token_refused"
        assert row["attempts"] == 0
        put_right = True
        await until(lambda: settled(store))
    assert done == [1]


async def _some(store: Database) -> bool:
    return bool(await parked.postponed(store, "w"))


async def test_a_killed_worker_is_followed_by_another_and_nothing_is_lost(store: Database, bell: Bell) -> None:
    keeper = Keeper(store, bell)
    for lane in range(4):
        await keeper.keep("w", RAW, [arrival(n, f"tel:+3538800{lane}") for n in range(5)])
    await logs(store)
    with forked(live, store.url) as first:
        await until(lambda: _some_of(store, "select count(*) from log"))
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        first.join()
    with forked(live, store.url):
        await until(lambda: settled(store))
    for lane in range(4):
        async with store.connection() as connection:
            rows = await connection.execute("select number from log where lane = %s", [f"tel:+3538800{lane}"])
            numbers = [row["number"] for row in await rows.fetchall()]
        assert sorted(set(numbers)) == list(range(5))
        assert numbers == sorted(numbers), "in order, the interrupted one at most repeated"


async def _some_of(store: Database, question: str) -> bool:
    return await count(store, question) > 0
