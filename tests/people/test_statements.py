"""How many statements a message of a known sender costs, all in all: counts are stable, times are not."""

from __future__ import annotations

from collections import Counter
from typing import Any

import psycopg
import pytest

from leadline.store.queries import queries
from tests.people.conftest import WORKSPACE, Desk

PHONE = "tel:+353861234567"
BUDGET = {"lease_budget", "learn_budget"}  # one for many calls


async def test_a_message_of_a_known_sender_costs_eight_statements(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {getattr(queries, name).sql: name for name in queries.available_queries if "_cursor" not in name}
    for _ in range(2):
        await desk.write(PHONE)
    await desk.keep(PHONE)
    seen: Counter[str] = Counter()
    execute = psycopg.AsyncCursor.execute

    async def counting(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        text = query.decode() if isinstance(query, bytes) else str(query)
        seen.update([names[text]] if text in names else [])  # the sandbox has statements of its own
        return await execute(self, query, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.AsyncCursor, "execute", counting)
        await desk.leadline.lanes.drain(WORKSPACE, PHONE)
    # The bell rings for what was kept, up to 50 ms later: not a statement of this work.
    assert {name: count for name, count in seen.items() if name not in (*BUDGET, "ring")} == {
        "take_lanes": 1,
        "recall_senders": 1,
        "see_senders": 1,
        "thread_states": 1,
        "begin_steps": 1,
        "hold_places": 1,
        "finish_steps": 1,
        "settle_lanes": 1,
    }
