"""Whoever is refused again and again is answered slower. Only refusals wait, so no signed message is lost or late.

`webhooks.py` asks before it refuses.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict

from prometheus_client import Counter

FREE = 100  # refusals of one address in a WINDOW that are answered at once
WINDOW = 60.0  # seconds
LONGEST = 2.0  # seconds
STEP = 0.1  # seconds more for each refusal beyond the free ones
ADDRESSES = 10_000  # that are remembered; the one not seen for longest is forgotten
WAITING = 200  # refusals that wait at a time; beyond that they are answered at once, for waiting costs memory
THROTTLED = Counter("leadline_door_throttled_total", "Refusals that were answered slower")


class Throttle:
    """Counts refusals by address."""

    def __init__(self) -> None:
        self._refused: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._waiting = 0

    def delay(self, client: str) -> float:
        """Count one more refusal of an address; returns the seconds its answer is to wait."""
        now = time.monotonic()
        since, count = self._refused.pop(client, (now, 0))
        if now - since > WINDOW:
            since, count = now, 0
        self._refused[client] = (since, count + 1)
        if len(self._refused) > ADDRESSES:
            self._refused.popitem(last=False)
        return min(LONGEST, max(0.0, (count + 1 - FREE) * STEP))

    async def slow(self, client: str) -> None:
        """Wait as long as this refusal has to."""
        seconds = self.delay(client)
        if not seconds or self._waiting >= WAITING:
            return
        THROTTLED.inc()
        self._waiting += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self._waiting -= 1
