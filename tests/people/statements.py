"""Counts Leadline's statements by name while something runs: counts are stable, times are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable
from typing import Any

import psycopg
import pytest

from leadline.store.queries import queries

NAMES = {getattr(queries, name).sql: name for name in queries.available_queries if "_cursor" not in name}
BESIDE = {"lease_budget", "learn_budget", "ring"}
"""One for many calls; and the bell, which rings for what was kept up to 50 ms later: no statements of this work."""


async def counted(monkeypatch: pytest.MonkeyPatch, work: Awaitable[object]) -> dict[str, int]:
    """The statements that the work makes; those of the sandbox have other texts."""
    seen: Counter[str] = Counter()
    execute = psycopg.AsyncCursor.execute

    async def counting(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        text = query.decode() if isinstance(query, bytes) else str(query)
        seen.update([NAMES[text]] if text in NAMES else [])
        return await execute(self, query, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.AsyncCursor, "execute", counting)
        await work
    return {name: count for name, count in seen.items() if name not in BESIDE}
