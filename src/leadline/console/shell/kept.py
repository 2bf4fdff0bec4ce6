"""What pages show of many rows is read once in a few seconds, however many people look. A page asks its house."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, TypeVar, cast

SECONDS = 5.0
Value = TypeVar("Value")
Key = tuple[str, ...]
"""What it is, and of whom: a workspace, a channel of it."""


class Kept:
    """Values that are at most SECONDS old."""

    def __init__(self) -> None:
        self._values: dict[Key, tuple[float, Any]] = {}
        self._reading: dict[Key, asyncio.Lock] = {}

    async def of(self, key: Key, read: Callable[[], Awaitable[Value]]) -> Value:
        """The value of this name, read where it is too old; whoever asks meanwhile waits for the same reading."""
        async with self._reading.setdefault(key, asyncio.Lock()):
            read_at, value = self._values.get(key, (None, None))
            if read_at is None or monotonic() - read_at >= SECONDS:
                value = await read()
                self._values[key] = (monotonic(), value)
        return cast("Value", value)
