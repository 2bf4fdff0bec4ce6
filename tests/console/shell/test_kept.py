"""What many people look at is read once in a while, and by one of them."""

from __future__ import annotations

import asyncio

import pytest

from leadline.console.shell import kept as module
from leadline.console.shell.kept import SECONDS, Kept


class Figures:
    """Something that is slow to read; counts how often it is."""

    def __init__(self) -> None:
        self.reads = 0
        self.begun = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def read(self) -> int:
        self.reads += 1
        self.begun.set()
        await self.may_answer.wait()
        return self.reads


async def test_it_is_read_again_only_when_it_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(module, "monotonic", lambda: now)
    kept, figures = Kept(), Figures()
    assert [await kept.of(("channels", "w"), figures.read) for _ in range(3)] == [1, 1, 1]
    assert await kept.of(("channels", "other"), figures.read) == 2, "each workspace has its own"
    now += SECONDS
    assert await kept.of(("channels", "w"), figures.read) == 3


async def test_a_second_request_waits_for_the_reading_under_way() -> None:
    kept, figures = Kept(), Figures()
    figures.may_answer.clear()
    asking = [asyncio.create_task(kept.of(("channels", "w"), figures.read)) for _ in range(5)]
    await figures.begun.wait()
    figures.may_answer.set()
    assert await asyncio.gather(*asking) == [1] * 5


async def test_what_could_not_be_read_is_read_anew() -> None:
    kept, figures = Kept(), Figures()

    async def away() -> int:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await kept.of(("channels", "w"), away)
    assert await kept.of(("channels", "w"), figures.read) == 1
