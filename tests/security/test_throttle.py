"""Guessing gets slow, and no signed message with it."""

from __future__ import annotations

import asyncio

import pytest

from leadline.door import throttle
from leadline.door.throttle import ADDRESSES, FREE, LONGEST, Throttle
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town


def test_the_delay_grows_with_refusals_of_one_address_and_of_no_other() -> None:
    one = Throttle()
    delays = [one.delay("203.0.113.9") for _ in range(FREE + 80)]
    assert delays[:FREE] == [0.0] * FREE
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST
    assert one.delay("203.0.113.10") == 0.0


def test_an_address_that_stops_is_forgiven(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    one = Throttle()
    for _ in range(FREE + 5):
        one.delay("a")
    assert one.delay("a") > 0
    now += throttle.WINDOW + 1
    assert one.delay("a") == 0.0


def test_a_million_addresses_do_not_fill_the_memory() -> None:
    one = Throttle()
    for number in range(ADDRESSES + 500):
        one.delay(str(number))
    assert len(one._refused) == ADDRESSES


async def test_while_an_address_guesses_its_signed_messages_are_taken_at_once(
    open_town: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "LONGEST", 3600.0)
    monkeypatch.setattr(throttle, "STEP", 3600.0)
    async with open_town() as town:

        async def guess(number: int) -> int:
            url = f"{town.places.leadline}/in/{number:032x}"
            async with town.http.post(url, data=b"{}") as answer:
                return answer.status

        assert {await guess(number) for number in range(FREE)} == {404}
        waiting = [asyncio.create_task(guess(number)) for number in range(500, 510)]
        for number in range(1, 6):
            assert await town.sms_in("+353888888999", f"Hello {number}", number) == 200
        assert not any(task.done() for task in waiting), "a refusal waits"
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
