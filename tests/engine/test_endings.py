"""What a lane does with an odd end of its work: a pause that is asked for, words that the database does not take."""

from __future__ import annotations

import pytest

from leadline.engine import parked
from leadline.engine.bell import Bell
from leadline.engine.keep import Keeper
from leadline.engine.lanes import LONGEST_ASKED, Arrival, Limits
from leadline.errors import Park, Retry, Waiting
from leadline.store.database import Database
from tests.engine.working import RAW, arrival, count, settled, until, working

LEFT = "select ceil(extract(epoch from due_at - now()))::int from lane where blocked_on = '' and holder is null"
TRIED = "select count(*) from arrival where explanation <> ''"


@pytest.mark.parametrize(
    ("failure", "least", "most"),
    [
        (Retry("rate_limited", "Come back in a week", 604_800.0), LONGEST_ASKED - 60, LONGEST_ASKED),
        (Waiting("rate_limited", "Come back in ages", 1e300), LONGEST_ASKED - 60, LONGEST_ASKED),
        (Retry("rate_limited", "Come back yesterday", -86_400.0), 60, 375),
        (Retry("rate_limited", "Come back at once", 0.0), 60, 375),
    ],
    ids=["in a week", "in ages", "yesterday", "at once"],
)
async def test_a_pause_that_is_asked_for_is_kept_within_reason(
    store: Database, bell: Bell, failure: Retry, least: float, most: float
) -> None:
    """Ten tries must not be used up in a moment, and nobody waits for a week because of one header.

    The lane's own pause is 225 to 375 seconds here; the rest is for a machine that looks late.
    """

    async def do(_: Arrival) -> None:
        raise failure

    await Keeper(store, bell).keep("w", RAW, [arrival(1)])
    async with working(store, bell, do, Limits(attempts=10, base=1000.0)):

        async def tried() -> bool:
            return await count(store, TRIED) == 1

        await until(tried)
        left = await count(store, LEFT)
    assert least <= left <= most


async def test_what_the_database_does_not_take_is_parked_and_the_lane_goes_on(store: Database, bell: Bell) -> None:
    tried: list[int] = []

    async def do(item: Arrival) -> None:
        tried.append(item.content["number"])
        if item.content["number"] == 1:
            raise Park("provider_refused", "Not taken: a\0b")

    await Keeper(store, bell).keep("w", RAW, [arrival(1), arrival(2)])
    async with working(store, bell, do):
        await until(lambda: settled(store))
    assert tried == [1, 2]
    [left] = await parked.parked(store, "w")
    assert (left["reason"], left["content"]["number"]) == ("internal_error", 1)
    assert "provider_refused" in left["explanation"]
