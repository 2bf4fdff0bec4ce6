"""Announcements of PostgreSQL: one connection hears for all, also for who comes later, and says when it was deaf."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from leadline.store import hearing
from leadline.store.database import Database
from tests.engine.working import count, until

LISTENING = "select count(*) from pg_stat_activity where datname = current_database() and query like 'listen%'"


async def noted(heard: AsyncIterator[str | None], notes: list[str | None]) -> None:
    async for word in heard:
        notes.append(word)


async def test_one_connection_hears_for_all(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "AGAIN", 0.1)
    lanes, channels = list[str | None](), list[str | None]()

    async def say(channel: str, word: str) -> None:
        async with store.connection() as connection:
            await connection.execute("select pg_notify(%s, %s)", [channel, word])

    async with asyncio.TaskGroup() as group:
        one = group.create_task(noted(store.ear.hear("lanes"), lanes))
        await until(_said(lanes, ""))
        two = group.create_task(noted(store.ear.hear("channels"), channels))
        await until(_said(channels, ""))
        assert await count(store, LISTENING) == 1
        await say("lanes", "first")
        await say("channels", "second")
        await until(_said(lanes, "first"))
        await until(_said(channels, "second"))
        async with store.connection() as connection:
            await connection.execute(LISTENING.replace("count(*)", "pg_terminate_backend(pid)").encode())
        await until(_said(channels, "second", None, ""))
        await say("lanes", "third")
        await until(_said(lanes, "first", None, "", "third"))
        for task in (one, two):
            task.cancel()
    assert "second" not in lanes


def _said(notes: list[str | None], *last: str | None) -> Callable[[], Awaitable[bool]]:
    async def said() -> bool:
        return tuple(notes[-len(last) :]) == last

    return said
