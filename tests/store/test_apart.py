"""Every query that touches a table of workspaces says which workspace, or is listed here with the reason why not."""

from __future__ import annotations

import re

from leadline.store.database import Database
from leadline.store.queries import queries

OVER_ALL = {
    "avatar_by_key": "by an address that nobody can guess",
    "channel_by_key": "by an address that nobody can guess; it tells the workspace",
    "let_go": "a worker's own lanes, of whatever workspace",
    "wake_lanes": "lanes whose time has come, of all workspaces; nothing of them is read",
    "hurry_breakers": "after a restart everything that is away is tried",
    "hold_replies": "once, after a restore, everything",
    "workspaces": "the workspaces themselves",
    "forget_backups": "records of backups that are too old, of all workspaces; nothing of them is read",
    "forget_operator": "somebody who has no seat left in any workspace",
}
NAMES = sorted(name for name in queries.available_queries if not name.endswith("_cursor"))


async def tables(store: Database) -> set[str]:
    async with store.connection() as connection:
        rows = await connection.execute(
            "select table_name from information_schema.columns"
            " where table_schema = 'public' and column_name = 'workspace_id'"
        )
        return {row["table_name"] async for row in rows}


async def test_every_query_says_which_workspace_or_why_not(store: Database) -> None:
    known = await tables(store)
    touched = re.compile(rf"\b(?:from|join|into|update)\s+(?:only\s+)?({'|'.join(sorted(known))})\b")
    careless = {
        name
        for name in NAMES
        if "workspace_id" not in (statement := getattr(queries, name).sql) and touched.search(statement)
    }
    assert careless - OVER_ALL.keys() == set()
    assert OVER_ALL.keys() - careless == set(), "listed and not needed"


async def test_every_table_of_a_workspace_begins_its_key_with_it(store: Database) -> None:
    async with store.connection() as connection:
        rows = await connection.execute("""
            select c.relname as name, a.attname as first
            from pg_constraint k
            join pg_class c on c.oid = k.conrelid
            join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
            where k.contype = 'p' and c.relnamespace = 'public'::regnamespace
        """)
        first = {row["name"]: row["first"] async for row in rows}
    others = {name for name in await tables(store) if first.get(name) != "workspace_id"}
    assert others == {"operator_link"}, "it is found by a secret, before it is known whose it is"
