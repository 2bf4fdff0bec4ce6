"""Brings webhooks to Leadline the way providers do: in the background, repeated by each provider's rule."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

import aiohttp
from yarl import URL

from leadline.model import Struct


class Posted(Struct, frozen=True, kw_only=True):
    """One try to bring a webhook. Status 0: nobody answered."""

    url: str
    status: int
    body: bytes
    method: str = "POST"
    headers: Mapping[str, str] = {}
    answer: str = ""


class Courier:
    """Posts webhooks and remembers each try. `pause` is the seconds between a message's states."""

    def __init__(self, pause: float = 0.05, *, timeout: float = 15.0) -> None:
        self.pause = pause
        self.posted: list[Posted] = []
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, errand: Coroutine[Any, Any, None]) -> None:
        """Run an errand in the background."""
        task = asyncio.create_task(errand)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Wait until every errand is done; raises what one of them raised."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Drop what is not done yet."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, *, method: str = "POST") -> Posted:
        """One try."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        try:
            async with self._session.request(
                method, URL(url, encoded=True), headers=dict(headers), data=body or None, allow_redirects=False
            ) as answer:
                posted = Posted(
                    url=url,
                    status=answer.status,
                    body=body,
                    method=method,
                    headers=headers,
                    answer=await answer.text(),
                )
        except (aiohttp.ClientError, TimeoutError):
            posted = Posted(url=url, status=0, body=body, method=method, headers=headers)
        self.posted.append(posted)
        return posted

    async def until_taken(
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        tries: int,
        any_answer: bool = False,
        method: str = "POST",
    ) -> Posted:
        """Try until a 2xx comes (or any answer, where the provider repeats only lost connections)."""
        for attempt in range(tries):
            posted = await self.post(url, headers, body, method=method)
            if 200 <= posted.status < 300 or (any_answer and posted.status):
                break
            if attempt + 1 < tries:
                await asyncio.sleep(max(self.pause, 0.01) * 2**attempt)
        return posted
