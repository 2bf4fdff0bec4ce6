"""Ninety thousand contacts get other links in one transaction: PostgreSQL has locks enough for that."""

from __future__ import annotations

import pytest

from leadline.store.database import Database
from tests.engine.working import count

MANY = 90_000
LINKED = """
    insert into link (workspace_id, handle, contact_id, role, evidence, author)
    select 'w', 'tel:+353' || 800000000 + n, %s || n, 'user', 'unique_phone', 'leadline' from generate_series(1, %s) n
"""
CURRENT = "select count(*) from link where superseded_at is null and contact_id like 'new%'"
LOCKS = "select count(*) from pg_locks where locktype = 'advisory'"


@pytest.mark.long
async def test_ninety_thousand_contacts_are_linked_anew_in_one_transaction(store: Database) -> None:
    async with store.connection() as connection:
        await connection.execute(LINKED, ["old", MANY])
    async with store.connection() as connection:
        await connection.execute("update link set superseded_at = now() where superseded_at is null")
        await connection.execute(LINKED, ["new", MANY])
        row = await (await connection.execute(LOCKS)).fetchone()
    assert row is not None
    assert row["count"] <= 1024, "one for a group of contacts, not one each"
    assert await count(store, CURRENT) == MANY
