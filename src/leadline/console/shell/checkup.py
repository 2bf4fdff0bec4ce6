"""The doctor's findings, at most a minute old, however many pages show them. The CLI brings the doctor along."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol

HOLDS = 60.0  # seconds: the checks ask Intercom and every provider


class Finding(Protocol):
    """One check; `trouble` is empty when all is well, `workspace_id` where it is about the installation."""

    @property
    def part(self) -> str: ...

    @property
    def trouble(self) -> str: ...

    @property
    def word(self) -> str: ...

    @property
    def workspace_id(self) -> str: ...


Examine = Callable[[], Awaitable[Sequence[Finding]]]


class Found(NamedTuple):
    """What was found, and when (unix seconds)."""

    at: float
    findings: tuple[Finding, ...]

    def of(self, workspace_id: str) -> Found:
        """What is for the eyes of one workspace's people: its own, and what is about the installation."""
        return Found(self.at, tuple(one for one in self.findings if one.workspace_id in ("", workspace_id)))


class Checkup:
    """One at a time."""

    def __init__(self, examine: Examine) -> None:
        self._examine = examine
        self._looking = asyncio.Lock()
        self._found: Found | None = None
        self._looked = -HOLDS  # by the monotonic clock

    @property
    def latest(self) -> Found | None:
        """What was found last; None before the first time."""
        return self._found

    async def look(self, *, at_once: bool = False) -> Found:
        """Look again where the last time is too long ago, or at once."""
        async with self._looking:
            if self._found is None or at_once or time.monotonic() - self._looked > HOLDS:
                self._found = Found(time.time(), tuple(await self._examine()))
                self._looked = time.monotonic()
            return self._found
