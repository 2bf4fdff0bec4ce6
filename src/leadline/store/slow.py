"""Statements that took long are logged, without their values. `database.py` gives its connections these cursors."""

from __future__ import annotations

import time
from typing import Any

import structlog
from psycopg import AsyncCursor
from psycopg.rows import DictRow

SHOWN = 300  # characters of a statement
log = structlog.get_logger(__name__)
limit = 0.0  # seconds; 0: nothing is logged. Set once, at start


class TimedCursor(AsyncCursor[DictRow]):
    """As psycopg's own, with a look at the clock."""

    async def execute(self, query: Any, *positional: Any, **named: Any) -> TimedCursor:
        """Run a statement; a slow one is told to the log."""
        began = time.perf_counter()
        try:
            await super().execute(query, *positional, **named)
        finally:
            took = time.perf_counter() - began
            if limit and took > limit:
                log.warning("slow_query", ms=round(took * 1000), statement=_shown(query))
        return self


def tell_from(seconds: float) -> None:
    """From now on statements that take longer are logged; 0: none."""
    global limit
    limit = seconds


def _shown(query: Any) -> str:
    text = query.decode(errors="replace") if isinstance(query, bytes) else str(query)
    return " ".join(text.split())[:SHOWN]
