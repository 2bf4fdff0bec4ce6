"""A task that is cancelled while it uses the database ends, also where the connection breaks over it."""

from __future__ import annotations

import asyncio
import contextlib

import psycopg
import pytest

from leadline.store.database import Database


async def waits_out_outages(database: Database, begun: asyncio.Event) -> None:
    """As the loops of the worker do: an error of the database is no reason to end."""
    while True:
        try:
            async with database.connection():
                begun.set()
                try:
                    await asyncio.sleep(60)
                except asyncio.CancelledError as cancelled:
                    raise psycopg.OperationalError("the connection is closed") from cancelled
        except psycopg.Error:
            await asyncio.sleep(60)


async def test_an_error_in_place_of_a_cancellation_is_a_cancellation(store: Database) -> None:
    begun = asyncio.Event()
    task = asyncio.create_task(waits_out_outages(store, begun))
    await begun.wait()
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=20)
    assert done
    assert task.cancelled()


@pytest.mark.parametrize("turns", range(12))
async def test_a_cancellation_that_comes_with_the_awaited_connection_ends_the_task(store: Database, turns: int) -> None:
    """`asyncio.wait_for` of Python 3.11 gives the answer and forgets the cancellation. `turns`: of the loop between."""

    async def go_on_for_ever() -> None:
        while True:
            async with store.connection():
                pass
            await asyncio.sleep(60)

    async with contextlib.AsyncExitStack() as others:
        for _ in range(store.pool.max_size - 1):
            await others.enter_async_context(store.connection())
        async with store.connection():
            task = asyncio.create_task(go_on_for_ever())
            while not store.pool.get_stats().get("requests_waiting"):  # noqa: ASYNC110 - for a connection
                await asyncio.sleep(0.01)
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=20)
    assert done


async def test_an_error_without_a_cancellation_stays_what_it_is(store: Database) -> None:
    with pytest.raises(psycopg.OperationalError, match="closed"):
        async with store.connection():
            raise psycopg.OperationalError("the connection is closed")
