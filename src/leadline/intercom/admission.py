"""What a call to Intercom must pass before it is made: the budget of calls, the breaker, the window of its lane.

`client.py` asks; `connections` puts in the engine's budget and breaker, which know nothing of Intercom.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from leadline.errors import Retry, Waiting
from leadline.intercom.outcomes import WINDOW
from leadline.model import Struct


class Budget(Protocol):
    """How many calls may still be made; shared by everything that calls for one workspace."""

    async def spend(self) -> None:
        """Take one call; may sleep until there is one."""

    async def learn(self, limit: int, remaining: int, reset: float) -> None:
        """Take over what Intercom answered: calls per window, calls left, unix time of the next window."""


class Breaker(Protocol):
    """Whether the workspace's Intercom is there; shared by everything that calls it."""

    def check(self) -> None:
        """Raises Outage while Intercom is away."""

    def worked(self, *, is_write: bool) -> None:
        """It answered as it should, which may be a refusal."""

    def failed(self, why: Retry, *, sure: bool, is_write: bool, at_once: bool) -> None:
        """It did not; `sure` where no single call can be the cause, `at_once` where one is enough to know."""


class Background:
    """A budget behind that of the messages: it pauses while less than half of a window is left."""

    def __init__(self, budget: Budget | None) -> None:
        self._budget = budget
        self._short_until = 0.0

    async def spend(self) -> None:
        pause = self._short_until - time.monotonic()
        if pause > 0:
            await asyncio.sleep(min(pause, WINDOW))
        if self._budget:
            await self._budget.spend()

    async def learn(self, limit: int, remaining: int, reset: float) -> None:
        self._short_until = time.monotonic() + reset - time.time() if remaining * 2 < limit else 0.0
        if self._budget:
            await self._budget.learn(limit, remaining, reset)


class Window(Struct, frozen=True, kw_only=True):
    """When calls may be made: started until `start_by` of the monotonic clock, given up after `limit` seconds.

    held: raises unless the lane that the calls belong to is surely held for so many seconds more.
    """

    start_by: float
    limit: float
    held: Callable[[float], None]

    def seconds(self) -> float:
        """Seconds a call that starts now may take. Raises Waiting when it must not start any more."""
        if time.monotonic() > self.start_by:
            raise Waiting("write_held_up", "Leadline was held up before it could write; nothing was sent yet", 0.0)
        self.held(self.limit)
        return self.limit
