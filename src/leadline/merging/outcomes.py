"""Waits a while for a merge's outcome, for the person who asked, and works in its lane meanwhile. Used by `desk.py`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from leadline.errors import Retry
from leadline.merging.journal import Journal, Row, lane
from leadline.merging.records import awaits_comparison

LOOK = 0.1
log = structlog.get_logger(__name__)

Drain = Callable[[str, str], Awaitable[None]]


class Outcomes:
    """Sees merges through as long as somebody waits; what is left then, the next worker does."""

    def __init__(self, journal: Journal, drain: Drain) -> None:
        self._journal = journal
        self._drain = drain
        self._draining: set[asyncio.Task[None]] = set()

    async def of(self, row: Row, wait: float) -> Row:
        """Work in the lane here and now, so that no worker is needed for it; whoever has the lane does the same."""
        until = time.monotonic() + wait
        task = asyncio.create_task(self._drained(row, until))
        self._draining.add(task)
        task.add_done_callback(self._draining.discard)
        await asyncio.wait({task}, timeout=wait)
        while True:
            now = await self._journal.row(row["workspace_id"], row["merge_id"]) or row
            waits = now["state"] == "planned" and now["due_in"] > wait
            working = now["state"] in {"planned", "calling", "undoing"} or awaits_comparison(now)
            if not working or waits or time.monotonic() > until:
                return now
            await asyncio.sleep(LOOK)

    async def _drained(self, row: Row, until: float) -> None:
        while True:
            try:
                await self._drain(row["workspace_id"], lane(row))
            except Retry as retry:
                log.info("merge_waits", merge=row["merge_id"], reason=retry.reason)
                pause = max(LOOK, retry.delay or 1.0)
            else:
                return
            if time.monotonic() + pause > until:
                return  # the lane's job goes on
            await asyncio.sleep(pause)

    async def close(self) -> None:
        """Leave the work under way to the next worker."""
        for task in self._draining:
            task.cancel()
        await asyncio.gather(*self._draining, return_exceptions=True)
