"""What a call must pass before it is made."""

from __future__ import annotations

import time

import pytest

from leadline.intercom.admission import Background
from tests.clocks import clock


async def test_background_work_goes_on_when_the_clock_on_the_wall_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("leadline.intercom.admission.asyncio.sleep", sleep)
    budget = Background(None)
    await budget.learn(100, 10, time.time() - 1.0)  # the window is over
    clock(monkeypatch, -7200)
    await budget.spend()
    assert slept == []
