"""Answers in time: work that takes longer goes on in the background and is found again by its key. Used by `panel`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import structlog

T = TypeVar("T")
KEPT = 30.0  # seconds a result nobody waited for is still worth showing
MOST = 500  # pieces of work remembered at a time
log = structlog.get_logger(__name__)

Work = Callable[[], Awaitable[Any]]


class Late(Exception):
    """Not there in time; it goes on."""


class Looked:
    """What several look-ups gave: results by name, and the names of those that are late or failed."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}
        self.late: list[str] = []
        self.failed: list[str] = []


class Bounds:
    """Runs work with a limit in seconds."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._ended: dict[str, float] = {}

    async def within(self, key: str, limit: float, work: Callable[[], Awaitable[T]]) -> T:
        """The result, or Late; then the next call with this key finds the same work. Raises what the work raised."""
        task = self._task(key, work)
        done, _ = await asyncio.wait({task}, timeout=limit)
        if not done:
            raise Late
        self._forget(key)
        result: T = task.result()
        return result

    async def side_by_side(self, key: str, limit: float, works: Mapping[str, Work]) -> Looked:
        """All of them at once; a failed one is logged and does not take the others with it."""
        tasks = {name: self._task(f"{key}:{name}", work) for name, work in works.items()}
        if tasks:
            await asyncio.wait(tasks.values(), timeout=limit)
        looked = Looked()
        for name, task in tasks.items():
            if not task.done():
                looked.late.append(name)
                continue
            self._forget(f"{key}:{name}")
            if error := _failure(task):
                log.warning("panel_lookup_failed", what=name, why=f"{type(error).__name__}: {error}")
                looked.failed.append(name)
            else:
                looked.found[name] = task.result()
        return looked

    async def close(self) -> None:
        """Wait for what is still going on: it may be halfway through a change."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()

    def _task(self, key: str, work: Work) -> asyncio.Task[Any]:
        self._prune()
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.ensure_future(_run(work))
            task.add_done_callback(lambda _: self._ended.setdefault(key, time.monotonic()))
        return task

    def _forget(self, key: str) -> None:
        self._tasks.pop(key, None)
        self._ended.pop(key, None)

    def _prune(self) -> None:
        """Results nobody came back for."""
        oldest = time.monotonic() - KEPT
        crowded = len(self._tasks) > MOST
        for key in [key for key, ended in self._ended.items() if crowded or ended < oldest]:
            task = self._tasks.pop(key, None)
            self._ended.pop(key)
            if task and (error := _failure(task)):
                log.warning("panel_work_failed_unseen", why=f"{type(error).__name__}: {error}")


async def _run(work: Work) -> Any:
    return await work()


def _failure(task: asyncio.Task[Any]) -> BaseException | None:
    return asyncio.CancelledError() if task.cancelled() else task.exception()
