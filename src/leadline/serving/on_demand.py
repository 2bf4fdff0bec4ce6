"""A web application that is made when somebody first asks for it, and costs nothing until then.

`leadline serve` has its console behind this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send


class OnDemand:
    """Answers what begins with one of `paths`; everything else is left to `others`."""

    def __init__(self, paths: tuple[str, ...], make: Callable[[], Awaitable[Starlette]], others: ASGIApp) -> None:
        self._paths = paths
        self._make = make
        self._others = others
        self._made: Starlette | None = None
        self._making = asyncio.Lock()
        self._running = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or websocket. Where the application cannot be made, the next request tries again."""
        wanted = scope["path"].startswith(self._paths)
        await (await self._application() if wanted else self._others)(scope, receive, send)

    async def close(self) -> None:
        """Let the application do what it does at its end."""
        await self._running.aclose()

    async def _application(self) -> Starlette:
        async with self._making:
            if self._made is None:
                made = await self._make()
                await self._running.enter_async_context(made.router.lifespan_context(made))
                self._made = made
        return self._made
