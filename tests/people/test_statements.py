"""How many statements a message of a known sender costs, all in all: counts are stable, times are not."""

from __future__ import annotations

import pytest

from tests.people.conftest import WORKSPACE, Desk
from tests.people.statements import counted

PHONE = "tel:+353861234567"


async def test_a_message_of_a_known_sender_costs_eight_statements(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        await desk.write(PHONE)
    await desk.keep(PHONE)
    assert await counted(monkeypatch, desk.leadline.lanes.drain(WORKSPACE, PHONE)) == {
        "take_lanes": 1,
        "recall_senders": 1,
        "see_senders": 1,
        "thread_states": 1,
        "begin_steps": 1,
        "hold_places": 1,
        "finish_steps": 1,
        "settle_lanes": 1,
    }
