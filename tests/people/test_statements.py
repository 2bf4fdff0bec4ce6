"""How many statements a message of a known and of a new sender costs, all in all: counts are stable, times are not."""

from __future__ import annotations

import pytest

from tests.people.conftest import WORKSPACE, Desk
from tests.people.statements import counted

PHONE, OTHER = "tel:+353861234567", "tel:+353861234568"


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


async def test_the_first_message_of_a_sender_costs_twelve(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.write(OTHER)
    await desk.keep(PHONE)
    assert await counted(monkeypatch, desk.leadline.lanes.drain(WORKSPACE, PHONE)) == {
        "take_lanes": 1,
        "recall_senders": 1,
        "directory_sender": 1,
        "handles_seen": 1,
        "supersede_links": 1,
        "link_handles": 1,
        "record_decision": 1,
        "thread_states": 1,
        "begin_steps": 1,
        "hold_places": 1,
        "finish_steps": 1,
        "settle_lanes": 1,
    }
