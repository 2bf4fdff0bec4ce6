"""PostgreSQL's plan of every query: none that runs per message, panel or command walks through a table that grows."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from importlib.resources import files
from typing import Any

import psycopg
import pytest

from benchmarks.growth.fill import TABLES, fill
from leadline.store.database import Database
from leadline.store.line import PLANS
from leadline.store.queries import queries

# These read a whole table, or a workspace's part of it, and may: why, and how often.
WHOLE = {
    "callers": "the demo's list of phones",
    "messages_of_sender": "the demo's phone",
    "last_message": "the demo; from the newest backwards, found at once",
    "recent_messages": "from the newest backwards, found at once",
    "people_latest": "from the newest link backwards, as many as a page shows",
    "messages_found": "from the newest backwards, at most 20,000",
    "messages_reached": "the same",
    "api_received": "the same",
    "api_sent": "the same",
    "api_sent_reached": "the same",
    "channels_last_heard": "the same",
    "channels_sent": "the same",
    "channel_failures": "the same",
    "directory_count": "a count of all, asked for by a person",
    "directory_missed": "the comparison of the whole directory, once a night",
    "kept": "counts of all, asked for by a person",
    "scope_heard": "once, before an import",
    "link_counts": "counts of all, asked for by a person",
    "decisions_since": "a replay of all decisions",
    "restored": "once, after a restore",
    "hold_replies": "once, after a restore",
    "pairs_apart": "what people decided, for a scan of the whole directory",
    "quality": "counts of all, asked for by a person",
    "replies_found": "from the newest backwards, at most 20,000",
    "replies_reached": "the same",
    "messages_over_time": "the messages of a span, by when they arrived; every 30 seconds while somebody looks",
}
# Whoever asks what is on record about a person, or has it erased, wants every place looked into.
WHOLE |= dict.fromkeys(
    re.findall(r"^-- name: (\w+)", (files("leadline.store.queries") / "person.sql").read_text(), re.MULTILINE),
    "for a person's rights",
)
# What these look for depends on what they are given; PostgreSQL plans them with it.
GIVEN = {
    "linked_handles": {"wanted": "'tel:+353800000007'"},
    "corrections": {"contact_id": "'6650a0000000000000000007'"},
    "merges": {"contact_id": "'6650a0000000000000000007'"},
    "stuck": {"arrival_id": "null", "state": "'parked'"},
    "retry_arrivals": {"arrival_ids": "null", "reason": "null", "channel_id": "null"},
    "find_message": {"message_id": "'SM00000000000000000000000000000007'"},
    "reconciled": {"found": "1"},
}
# What runs for every message. Not even the few rows that wait may be walked through: they may be many at any time.
EVERY_MESSAGE = (
    "keep_one",
    "take_lanes",
    "recall_senders",
    "see_senders",
    "thread_states",
    "begin_steps",
    "finish_steps",
    "settle_lanes",
    "renew_lanes",
)
NAMES = sorted(name for name in queries.available_queries if not name.endswith("_cursor"))
COLUMNS = """
    select indexrelid::regclass::text, pg_get_indexdef(indexrelid, 1, true), pg_get_indexdef(indexrelid, 2, true)
    from pg_index"""
PARAMETER = re.compile(r"%\((\w+)\)s")
ONLY_WORKSPACE = re.compile(r"\(*\w*\.?workspace_id = [^()]+\)*")
Plan = dict[str, Any]


@pytest.fixture
async def grown(store: Database) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """A connection to a database with thousands of rows, and without sequential scans where an index can do it."""
    async with await psycopg.AsyncConnection.connect(store.url, autocommit=True) as connection:
        await fill(connection, senders=10_000, messages=12_000)
        # What is left is the way by index, or what cannot be done by one.
        for way in ("seqscan", "hashjoin", "mergejoin"):
            await connection.execute(f"set enable_{way} = off".encode())
        yield connection


def statement(name: str) -> str:
    """The query with values where they decide about the plan, and with numbered parameters elsewhere."""
    given, numbers = GIVEN.get(name, {}), dict[str, int]()

    def value(found: re.Match[str]) -> str:
        return given.get(found[1]) or f"${numbers.setdefault(found[1], len(numbers) + 1)}"

    return PARAMETER.sub(value, getattr(queries, name).sql.rstrip().rstrip(";")).replace("%%", "%")


def nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def walks(node: Plan, partial: set[str]) -> bool:
    """Whether this part of a plan reads all of a growing table, or all that a workspace has in it."""
    if node.get("Relation Name") not in TABLES:
        return False
    if node["Node Type"] == "Seq Scan":
        return True
    if node["Node Type"] not in ("Index Scan", "Index Only Scan") or node["Index Name"] in partial:
        return False
    return ONLY_WORKSPACE.fullmatch(node.get("Index Cond", "(workspace_id = $1)")) is not None


async def plan_of(connection: psycopg.AsyncConnection[Any], name: str) -> Plan:
    cursor = await connection.execute(f"explain (generic_plan, format json) {statement(name)}".encode())
    [[[found]]] = await cursor.fetchall()
    plan: Plan = found["Plan"]
    return plan


async def test_no_query_walks_through_a_table_that_grows(grown: psycopg.AsyncConnection[Any]) -> None:
    rows = await (
        await grown.execute("select indexrelid::regclass::text from pg_index where indpred is not null")
    ).fetchall()
    partial = {row[0] for row in rows}
    walking: dict[str, list[str]] = {}
    for name in NAMES:
        plan = await plan_of(grown, name)
        found = [f"{node['Node Type']} {node['Relation Name']}" for node in nodes(plan) if walks(node, partial)]
        if found:
            walking[name] = found
    assert {name: found for name, found in walking.items() if name not in WHOLE} == {}
    assert not set(WHOLE) - set(NAMES), "these queries are gone"


async def test_what_runs_for_every_message_finds_its_rows_by_the_first_two_columns_of_an_index(store: Database) -> None:
    """As the worker's session plans it, where nothing waited when PostgreSQL last counted."""
    async with await psycopg.AsyncConnection.connect(store.url, autocommit=True, options=PLANS) as connection:
        await fill(connection, senders=10_000, messages=12_000)
        columns = await (await connection.execute(COLUMNS.encode())).fetchall()
        first = {index: [column for column in found if column] for index, *found in columns}
        looked = [(name, node) for name in EVERY_MESSAGE for node in nodes(await plan_of(connection, name))]
        by_index = [
            (name, node) for name, node in looked if node.get("Relation Name") in TABLES and "Index Name" in node
        ]
        assert len(by_index) > 25
        assert not [
            (name, node["Index Name"], node.get("Index Cond"))
            for name, node in by_index
            if not all(column in node.get("Index Cond", "") for column in first[node["Index Name"]])
        ]
        assert not [name for name, node in looked if node["Node Type"] == "Seq Scan"]
