"""Intercom is away while customers write: nothing is parked, and all of it arrives in order afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from leadline.engine import breaker as breakers
from leadline.engine import parked, worker
from tests.acceptance.conftest import Open
from tests.acceptance.town import Town, until

SENDERS = [f"+35386123450{number}" for number in range(9)]


async def test_messages_wait_while_intercom_is_away_and_arrive_in_order_afterwards(
    open_town: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breakers, "FIRST", 0.2)
    monkeypatch.setattr(breakers, "LONGEST", 0.5)
    monkeypatch.setattr(worker, "TEND", 0.1)
    async with open_town(max_attempts=3) as town:
        away = {"path": "/(contacts|conversations).*", "status": 503, "times": 100_000}
        await town.intercom("POST", "/_sandbox/faults", away)
        for number, sender in enumerate(SENDERS * 2):
            assert await town.sms_in(sender, f"Number {number // len(SENDERS)}", number) == 200

        async def all_wait() -> bool:
            return [row["lanes"] for row in await _away(town)] == [len(SENDERS)]

        await until(all_wait)
        assert await parked.parked(town.leadline.database, "sandbox") == []
        await town.intercom("DELETE", "/_sandbox/faults")

        async def all_arrived() -> bool:
            return sorted((await town.threads()).values()) == [["Number 0", "Number 1"]] * len(SENDERS)

        await until(all_arrived)
        assert await _away(town) == []


async def _away(town: Town) -> list[dict[str, Any]]:
    return await breakers.breakers(town.leadline.database, "sandbox")
