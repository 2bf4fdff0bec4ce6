"""What a message, an opened panel and a question cost the database at 10,000, 100,000 and 1,000,000 senders.

Run: `python -m benchmarks.growth.run [--senders 10000,100000,1000000] [--leave]`. Three messages a sender. Times are
those of the statements, from here and back, medians of many, of the panel also the 99th percentile; CPU times are of a
worker that gets messages of known senders, and of PostgreSQL meanwhile; blocks are how often it looked at one of 8 kB
for a message, which no load changes; the log is what PostgreSQL wrote to it for a message, whole pages that a
checkpoint had left untouched included; the disk is all of the database.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import time
from pathlib import Path
from typing import Any

import msgspec
import psutil
import psycopg

from benchmarks import report
from benchmarks.door.wire import ACCOUNTS
from benchmarks.growth.fill import fill
from benchmarks.machine import conditions, free_port, postgres, started, wait_for
from benchmarks.worker.run import drained, keep
from leadline.app import open_leadline
from leadline.channels import channel
from leadline.cli.logs import configure_logs
from leadline.connections.switchboard import add_channel
from leadline.engine.arrival import NewArrival, Raw
from leadline.engine.bell import Bell
from leadline.engine.keep import Keeper
from leadline.settings import Settings
from leadline.store.database import Database, ensure_database
from leadline.store.opened import migrate_all
from leadline.store.queries import queries

RAW = Raw(channel_id=1, method="POST", url="https://bench.example.com/in/…", headers={"a": "b" * 300}, body=b"x" * 500)
TIMES = 200
SETTINGS = {
    "public_url": "https://bench.example.com",
    "secret_key": "4f9d2c7be18a60353c1b9e7a5d40f682",
    "intercom_token": "made-up",
    "intercom_client_secret": "made-up",
}
SAID = 3.0  # seconds after which every connection that rests has told what it looked at
WORKED = 600  # messages of known senders that a worker gets
COLUMNS = ("senders", "messages", "keep_ms", "panel_ms", "panel_p99_ms", "explain_ms", "history_ms", "worker_cpu_ms",
    "postgres_cpu_ms", "blocks", "log_kb", "disk_mb")  # fmt: skip
BLOCKS = """
    select (sum(heap_blks_hit + heap_blks_read) + sum(coalesce(idx_blks_hit + idx_blks_read, 0))
        + sum(coalesce(toast_blks_hit + toast_blks_read + tidx_blks_hit + tidx_blks_read, 0)))::bigint
    from pg_statio_user_tables"""
EMPTIED = (
    "delete from arrival where state = 'waiting'",
    "update lane set ready = false where ready",
    "delete from channel",
    "select setval(pg_get_serial_sequence('channel', 'channel_id'), 1, false)",
)


def contact(number: int) -> str:
    return f"6650a0{number:018x}"


async def timed(connection: psycopg.AsyncConnection[Any], names: dict[str, dict[str, Any]]) -> float:
    """Milliseconds for these queries, one after the other."""
    started = time.perf_counter()
    for name, values in names.items():
        found = getattr(queries, name)(connection, workspace_id="w", **values)
        _ = [row async for row in found] if hasattr(found, "__aiter__") else await found
    return 1000 * (time.perf_counter() - started)


def panel(number: int) -> dict[str, dict[str, Any]]:
    """What an opened panel asks about one contact."""
    line = f"tel:+353{800_000_000 + number}"
    return {
        "links_to_contact": {"contact_id": contact(number)},
        "conversations_of_contact": {"contact_id": contact(number)},
        "last_decision": {"channel_id": 1, "lane": line},
        "outbound_of_contact": {"contact_id": contact(number), "count": 5},
        "refused_channels": {"contact_id": contact(number)},
        "merge_of": {"from_id": contact(number)},
    }


async def keeping(database: Database, senders: int) -> float:
    """Milliseconds until a lone message is kept, with its commit."""
    keeper, took = Keeper(database, Bell(database)), []
    for number in range(TIMES):
        lane = f"tel:+353{800_000_000 + random.randrange(senders)}"
        arrival = NewArrival(
            source="channel:1", dedupe=f"B{number}", kind="message", lane=lane, content="{}", channel_id=1
        )
        started = time.perf_counter()
        await keeper.keep("w", RAW, [arrival])
        took.append(1000 * (time.perf_counter() - started))
    await keeper.close()
    return statistics.median(took)


async def working(url: str, server: psutil.Process, senders: int, name: str) -> dict[str, float]:
    """CPU milliseconds that a message of a known sender costs the worker, and PostgreSQL meanwhile."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for statement in EMPTIED:
            await connection.execute(statement.encode())
    port = free_port()
    quiet = {f"{name}_every": 0.0 for name in ("poll", "templates", "directory", "reconcile")}
    settings = msgspec.convert({"database_url": url, "concurrency": 50, **SETTINGS, **quiet}, Settings)
    settings = msgspec.structs.replace(settings, intercom_url=f"http://127.0.0.1:{port}")
    with started("benchmarks.worker.intercom", str(port), "w"):
        wait_for(port)
        async with open_leadline(settings) as leadline:
            await add_channel(leadline.channels, "w", channel("twilio_sms"), "sms", ACCOUNTS["twilio_sms"])
            await keep(leadline, WORKED, senders, name, first=800_000_001)
            before, touched = await logged(url), await blocks(url)
            found = await drained(leadline, server)
    if (made := found["seen"].total()) > 3 * WORKED:
        raise RuntimeError(f"{made} statements for {WORKED} messages: their senders were not known")
    return {
        "worker_cpu_ms": 1000 * found["cpu"] / WORKED,
        "postgres_cpu_ms": 1000 * found["database"] / WORKED,
        "log_kb": (await logged(url) - before) / WORKED / 1000,
        "blocks": (await blocks(url) - touched) / WORKED,
    }


async def blocks(url: str) -> int:
    """How often blocks of 8 kB of tables and indexes were looked at so far, wherever they were found.

    Those of the catalog are left out: they are read when a connection opens.
    """
    await asyncio.sleep(SAID)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        row = await (await connection.execute(BLOCKS.encode())).fetchone()
    assert row is not None
    return int(row[0])


async def logged(url: str) -> int:
    """Bytes that PostgreSQL has written to its write-ahead log since it was made."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        row = await (await connection.execute("select pg_current_wal_insert_lsn() - '0/0'")).fetchone()
    assert row is not None
    return int(row[0])


async def measure(url: str, server: psutil.Process, senders: int) -> dict[str, Any]:
    async with Database.open(url) as database:
        await migrate_all(database)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await fill(connection, senders, 3 * senders)
            await connection.execute("checkpoint")
        await asyncio.to_thread(os.sync)  # what was filled is written out before anything is measured, not beside it
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            some = [random.randrange(1, senders) for _ in range(TIMES)]
            sids = [f"SM{number:032x}" for number in some]
            history = [{"link_history": {"handle": f"tel:+353{800_000_000 + number}"}} for number in some]
            panels = sorted([await timed(connection, panel(number)) for number in some])
            return {
                "senders": senders,
                "messages": 3 * senders,
                "keep_ms": await keeping(database, senders),
                "panel_ms": statistics.median(panels),
                "panel_p99_ms": panels[len(panels) * 99 // 100],
                "explain_ms": statistics.median(
                    [await timed(connection, {"find_message": {"message_id": sid}}) for sid in sids]
                ),
                "history_ms": statistics.median([await timed(connection, one) for one in history]),
                "disk_mb": await size(connection),
                **report.median([await working(url, server, senders, name) for name in "GHI"]),
            }


async def size(connection: psycopg.AsyncConnection[Any]) -> float:
    row = await (await connection.execute("select pg_database_size(current_database())")).fetchone()
    assert row is not None
    return float(row[0]) / 1e6


async def main(arguments: argparse.Namespace) -> None:
    configure_logs("quiet")
    about, rows = conditions(), []
    with postgres() as (url, server):
        for senders in map(int, arguments.senders.split(",")):
            rows.append(await measure(await ensure_database(url, f"grown_{senders}"), server, senders))
    print(report.table(rows, COLUMNS))
    if arguments.leave:
        labels = [(f"panel, {row['senders']:,} senders", row["panel_ms"]) for row in rows]
        labels += [(f"keep, {row['senders']:,} senders", row["keep_ms"]) for row in rows]
        picture = report.bars("What the database takes as it grows", labels, "ms")
        report.leave(Path(__file__).parent, "results", {"conditions": about, "rows": rows}, picture)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--senders", default="10000,100000,1000000")
    parser.add_argument("--leave", action="store_true", help="Write results.json and results.svg")
    asyncio.run(main(parser.parse_args()))
