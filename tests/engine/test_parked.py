"""Parked messages go back: all of them, by reason, by channel. Each before the later ones of its sender."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from msgspec.structs import replace

from leadline.engine import parked
from leadline.engine.bell import Bell
from leadline.engine.keep import Keeper
from leadline.engine.lanes import Arrival
from leadline.errors import Park
from leadline.store.database import Database
from tests.engine.working import RAW, arrival, settled, until, working

# Four senders, two on each channel. What is even is parked for one reason, what is odd for another.
SENDERS = {f"tel:+35388000{number}": 1 + number // 2 for number in range(4)}
REASONS = ("handle_conflict", "media_refused")
EARLIER, LATER = range(4), 9


async def keep(keeper: Keeper, numbers: list[int]) -> None:
    for lane, channel in SENDERS.items():
        for number in numbers:
            await keeper.keep("w", RAW, [replace(arrival(number, lane), channel_id=channel)])


@pytest.mark.parametrize(
    ("chosen", "retried", "lanes"),
    [
        ({}, list(EARLIER), set(SENDERS)),
        ({"reason": REASONS[1]}, [1, 3], set(SENDERS)),
        ({"channel_id": 2}, list(EARLIER), {lane for lane, channel in SENDERS.items() if channel == 2}),
        ({"reason": REASONS[0], "channel_id": 1}, [0, 2], {lane for lane, channel in SENDERS.items() if channel == 1}),
        ({"reason": "unreadable"}, [], set[str]()),
    ],
)
async def test_parked_messages_go_back_before_the_later_ones_of_their_sender(
    store: Database, bell: Bell, chosen: dict[str, Any], retried: list[int], lanes: set[str]
) -> None:
    keeper, healed, seen = Keeper(store, bell), False, defaultdict[str, list[int]](list)

    async def do(item: Arrival) -> None:
        number = item.content["number"]
        if not healed:
            raise Park(REASONS[number % 2], "cannot")
        seen[item.lane].append(number)

    await keep(keeper, list(EARLIER))
    async with working(store, bell, do):
        await until(lambda: settled(store))
    await keep(keeper, [LATER])
    healed = True
    assert await parked.retry(store, "w", **chosen) == len(retried) * len(lanes)
    async with working(store, bell, do):
        await until(lambda: settled(store))
    assert seen == {lane: [*(retried if lane in lanes else ()), LATER] for lane in SENDERS}
    left = [(row["lane"], row["content"]["number"]) for row in await parked.parked(store, "w")]
    wanted = {(lane, number) for lane in SENDERS for number in EARLIER if lane not in lanes or number not in retried}
    assert len(left) == len(wanted)
    assert set(left) == wanted
