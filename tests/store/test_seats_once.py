"""Seats given before a workspace is known are taken over by one workspace, however many become known at once."""

from __future__ import annotations

import asyncio

from leadline.store.database import Database
from tests.engine.working import until

WAITING = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


async def test_of_two_workspaces_connected_at_once_one_takes_the_seats_over(store: Database) -> None:
    async with store.connection() as connection:
        rows = await connection.execute("insert into operator (email) values ('o@example.org') returning operator_id")
        [operator] = await rows.fetchall()
        await connection.execute(
            "insert into seat (workspace_id, operator_id, role) values ('installation', %s, 'owner')",
            (operator["operator_id"],),
        )

    async def known(name: str) -> None:
        async with store.connection() as connection:
            await connection.execute("insert into workspace (workspace_id) values (%s)", (name,))

    async def waits() -> bool:
        async with store.connection() as connection:
            return bool(await (await connection.execute(WAITING)).fetchone())

    async with store.connection() as first:
        await first.execute("insert into workspace (workspace_id) values ('one')")
        second = asyncio.create_task(known("two"))
        await until(waits)
    await second
    async with store.connection() as connection:
        rows = await connection.execute("select workspace_id, role from seat")
        assert [tuple(row.values()) for row in await rows.fetchall()] == [("one", "owner")]
