"""A task that is cancelled while it waits for PostgreSQL ends. Loops that use connections wrap themselves in this."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import psycopg


@contextlib.contextmanager
def cancelled_all_the_same() -> Iterator[None]:
    """Raise the cancellation that came within the block and was lost there.

    Two ways lose one: psycopg raises that the connection broke over it; and `asyncio.wait_for` of Python 3.11, which
    psycopg waits with, returns the answer where answer and cancellation come in the same moment. Whoever waits out
    outages or works in a loop would then go on for ever.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    try:
        yield
    except psycopg.Error as error:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError from error
        raise
    if task is not None and task.cancelling() > before:
        raise asyncio.CancelledError
