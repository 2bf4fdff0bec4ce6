"""A webhook that waits alone has a statement of its own: it is kept no otherwise than together with others."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from leadline.engine.arrival import NewArrival, Raw
from leadline.engine.bell import Bell
from leadline.engine.keep import Keeper
from leadline.store.database import Database
from tests.engine.working import RAW, arrival, count, until

LINE, FORMER = "tel:+353888888999", "tel:+353888888111"
OTHER = arrival(9, "tel:+353888888000")
ROWS = """
    select to_jsonb(a) - '{arrival_id,raw_id,arrived_at}'::text[] as arrival,
        to_jsonb(r) - '{raw_id,received_at}'::text[] as raw,
        to_jsonb(l) - '{due_at,since}'::text[] as lane, a.raw_id = r.raw_id as together
    from arrival a
    left join raw r on r.workspace_id = a.workspace_id and r.raw_id = a.raw_id
    left join lane l on l.workspace_id = a.workspace_id and l.lane = a.lane
    where a.lane <> 'tel:+353888888000'
    order by a.arrival_id
"""
JOINED = "insert into lane_join (workspace_id, name, lane) values ('w', %s, %s)"
EMPTIED = "truncate arrival, raw, lane"
HOLDER = "01890000-0000-7000-8000-000000000001"
LANE = """
    insert into lane (workspace_id, lane, ready, holder, since, due_at)
    values ('w', %s, %s, %s, '2026-01-01', '2026-01-01')
"""
OPENED = """
    select ready, holder, since = '2026-01-01' as waits_since, due_at = '2026-01-01' as due from lane
    where workspace_id = 'w' and lane = %s
"""
WAITS = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
STRAYED = """
    select count(*) from arrival a join raw r using (workspace_id, raw_id)
    where a.dedupe like '%#%' and (a.content ->> 'text' = 'another') <> (r.body = 'another')
"""
BREAK = """
    select count(pg_terminate_backend(pid, 60000)) from pg_stat_activity
    where datname = current_database() and query like '%keep_one%' and pid <> pg_backend_pid()
"""


async def kept(store: Database) -> list[dict[str, Any]]:
    async with store.connection() as connection:
        rows = await (await connection.execute(ROWS.encode())).fetchall()
        await connection.execute(EMPTIED)
    return rows


@pytest.mark.parametrize(
    ("raw", "one"),
    [
        (RAW, arrival(1, LINE)),
        (RAW, arrival(1, FORMER)),
        (replace(RAW, channel_id=None), replace(arrival(1, LINE), channel_id=None)),
        (RAW, arrival(1, LINE, piece_group="1:7", kind="echo")),
        (RAW, arrival(1, LINE, content='{"text": "O\'Brien \\"Ú\\" \\\\ 🎉\\n{a,b}"}')),
        (RAW, arrival(1, LINE, reason="unreadable", explanation="No JSON")),
        (replace(RAW, body=b"", headers={}), arrival(1, LINE)),
        (replace(RAW, body=bytes(3_000_000)), arrival(1, LINE)),
        (replace(RAW, headers={"x-name": 'Zoë "Z" \\ {1,2}'}, body=bytes(range(256))), arrival(1, LINE)),
    ],
    ids=["plain", "lane joined", "no channel", "piece", "odd text", "parked", "empty", "large", "odd bytes"],
)
async def test_a_webhook_that_waits_alone_leaves_the_same_rows_as_one_among_others(
    store: Database, bell: Bell, raw: Raw, one: NewArrival
) -> None:
    keeper = Keeper(store, bell)
    async with store.connection() as connection:
        await connection.execute(JOINED, [FORMER, LINE])
    assert [await keeper.keep("w", raw, [one]), await keeper.keep("w", raw, [one])] == [1, 0]
    alone, keeper = await kept(store), Keeper(store, bell)
    for new in (1, 0):
        news = await asyncio.gather(keeper.keep("w", raw, [one]), keeper.keep("w", RAW, [OTHER]))
        assert [*news] == [new, new]
    assert alone == await kept(store)
    assert [row["together"] for row in alone] == [True]


@pytest.mark.parametrize("ready", [True, False], ids=["ready", "empty"])
@pytest.mark.parametrize("holder", [None, HOLDER], ids=["free", "held"])
async def test_a_webhook_that_waits_alone_opens_a_lane_as_one_among_others_does(
    store: Database, bell: Bell, ready: bool, holder: str | None
) -> None:
    found = []
    for others in ([], [OTHER]):
        keeper = Keeper(store, bell)
        async with store.connection() as connection:
            await connection.execute(LANE, [LINE, ready, holder])
        await asyncio.gather(*(keeper.keep("w", RAW, [one]) for one in [arrival(1, LINE), *others]))
        async with store.connection() as connection:
            found.append(await (await connection.execute(OPENED, [LINE])).fetchall())
            await connection.execute(EMPTIED)
    assert found[0] == found[1]
    [lane] = found[0]
    assert (lane["ready"], lane["waits_since"], lane["due"]) == (True, ready, ready or holder is not None)


async def test_what_postgresql_refuses_is_told_and_the_next_webhook_is_kept(store: Database, bell: Bell) -> None:
    keeper = Keeper(store, bell)
    for refused in (replace(RAW, url="/in/k\0"), replace(RAW, method="\0")):
        with pytest.raises(psycopg.DataError):
            await keeper.keep("w", refused, [arrival(1)])
    with pytest.raises(psycopg.DataError):
        await keeper.keep("w", RAW, [arrival(1, content="no JSON at all")])
    assert await count(store, "select count(*) from arrival") == 0
    assert await keeper.keep("w", RAW, [arrival(1)]) == 1


async def test_a_webhook_that_waits_alone_is_kept_although_its_connection_broke(store: Database, bell: Bell) -> None:
    keeper = Keeper(store, bell)
    assert await keeper.keep("w", RAW, [arrival(1)]) == 1
    assert await count(store, BREAK) == 1
    assert await keeper.keep("w", RAW, [arrival(2)]) == 1
    assert await count(store, "select count(*) from arrival") == 2


async def test_a_caller_who_goes_away_during_the_commit_does_not_take_the_next_webhooks_along(
    store: Database, bell: Bell
) -> None:
    async def waits() -> bool:
        return await count(store, WAITS) == 1

    keeper = Keeper(store, bell)
    assert await keeper.keep("w", RAW, [arrival(1, LINE)]) == 1
    async with store.connection() as connection, connection.transaction():
        await connection.execute("select 1 from lane for update")
        gone = asyncio.create_task(keeper.keep("w", RAW, [arrival(2, LINE)]))
        await until(waits)
        others = [asyncio.create_task(keeper.keep("w", RAW, [one])) for one in (arrival(3, FORMER), OTHER)]
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        assert await asyncio.gather(*others) == [1, 1]
    assert await keeper.keep("w", RAW, [arrival(4, LINE)]) == 1


async def test_two_doors_that_get_one_webhook_at_the_same_moment_keep_it_once(store: Database, bell: Bell) -> None:
    """Also where it says something else each time, or comes alone at one door and among others at the other."""
    doors = Keeper(store, bell), Keeper(store, bell)
    for number in range(30):
        news = await asyncio.gather(
            doors[0].keep("w", RAW, [arrival(number, content='{"text": "one"}')]),
            doors[1].keep("w", replace(RAW, body=b"another"), [arrival(number, content='{"text": "another"}')]),
            *([doors[1].keep("w", RAW, [replace(OTHER, dedupe=f"beside {number}")])] if number % 2 else []),
        )
        assert sum(news[:2]) == 1
    assert await count(store, "select count(*) from arrival where source = 'channel:1' and dedupe like '%#%'") == 30
    assert await count(store, STRAYED) == 0, "what it was read from is kept with it"
