"""One, two and four workers on one PostgreSQL, and a thousand workspaces simulated from what that took.

Run: `python -m benchmarks.scale.run [--messages 3000] [--senders 600] [--workers 1,2,4] [--cores 8] [--leave]`.
Messages of known senders wait; the workers are let go at one moment. Intercom answers at once. On a machine with fewer
cores than there are processes the rates say little: the CPU times do.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks import report
from benchmarks.door.wire import ACCOUNTS
from benchmarks.installation import answering_intercom, connected, environ
from benchmarks.machine import conditions, cpu, postgres, started
from benchmarks.scale import simulated
from benchmarks.worker.run import keep
from leadline.app import open_leadline
from leadline.cli.logs import configure_logs
from leadline.settings import load
from leadline.store.database import ensure_database

PATIENCE = 300.0
COLUMNS = ("workers", "messages a second", "ms CPU in workers", "ms CPU in PostgreSQL")
HOLD = "update lane set due_at = 'infinity' where ready"
LET_GO = "with free as (update lane set due_at = now() where ready returning 1) select pg_notify('leadline_lanes', '')"
WAITING = "select count(*) from arrival where state = 'waiting'"
LISTENING = "select count(*) from pg_stat_activity where datname = current_database() and query like 'listen%'"


async def fill(environment: dict[str, str], messages: int, senders: int, batch: str) -> None:
    """So many messages wait, held back."""
    async with open_leadline(load(environment)) as leadline:
        await keep(leadline, messages, senders, batch)
        async with leadline.database.connection() as connection:
            await connection.execute(HOLD.encode())


@contextmanager
def working(environment: dict[str, str], url: str, workers: int) -> Iterator[list[psutil.Process]]:
    """So many workers, all of them listening."""
    with ExitStack() as stack:
        processes = [stack.enter_context(started("leadline", "worker", environ=environment)) for _ in range(workers)]
        until(url, LISTENING, workers)
        yield processes


def until(url: str, question: str, wanted: int) -> None:
    """Until the answer is this number; raises TimeoutError."""
    end = time.monotonic() + PATIENCE
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(question.encode()).fetchone() != (wanted,):
            if time.monotonic() > end:
                raise TimeoutError(question)
            time.sleep(0.05)


def drained(environment: dict[str, str], url: str, workers: int, server: psutil.Process) -> tuple[float, float, float]:
    """Seconds until nothing waits, CPU seconds of the workers and of PostgreSQL."""
    with working(environment, url, workers) as processes:
        before, begun = (cpu(*processes), cpu(server)), time.perf_counter()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(LET_GO)
        until(url, WAITING, 0)
        return time.perf_counter() - begun, cpu(*processes) - before[0], cpu(server) - before[1]


def measure(server_url: str, server: psutil.Process, workers: int, messages: int, senders: int) -> dict[str, Any]:
    url = asyncio.run(ensure_database(server_url, f"scale_{workers}"))
    with answering_intercom() as port:
        environment = environ(url, port, concurrency="50", poll_every="0", templates_every="0")
        asyncio.run(connected(environment, {"twilio_sms": ACCOUNTS["twilio_sms"]}))
        asyncio.run(fill(environment, senders, senders, "first"))
        drained(environment, url, 1, server)
        asyncio.run(fill(environment, messages, senders, "then"))
        seconds, used, database = drained(environment, url, workers, server)
    return {
        "workers": workers,
        "messages a second": messages / seconds,
        "ms CPU in workers": 1000 * used / messages,
        "ms CPU in PostgreSQL": 1000 * database / messages,
    }


def main(arguments: argparse.Namespace) -> None:
    configure_logs("quiet")
    about, rows = conditions(), []
    with postgres() as (url, server):
        for workers in map(int, arguments.workers.split(",")):
            rows.append(measure(url, server, workers, arguments.messages, arguments.senders))
    print(report.table(rows, COLUMNS))
    thousand = simulated.table(arguments.cores, rows[0]["ms CPU in workers"], rows[0]["ms CPU in PostgreSQL"])
    print(f"\n{simulated.WORKSPACES:,} workspaces, simulated:\n{report.table(thousand, tuple(thousand[0]))}")
    if arguments.leave:
        bars = [(row["PostgreSQL"], row["messages a second"]) for row in thousand]
        results = {"conditions": about, "rows": rows, "simulated": thousand}
        report.leave(
            Path(__file__).parent, "results", results, report.bars("A thousand workspaces, simulated", bars, "/s")
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=3_000)
    parser.add_argument("--senders", type=int, default=600)
    parser.add_argument("--workers", default="1,2,4", help="How many workers, one run after the other")
    parser.add_argument("--cores", type=int, default=8, help="Cores that a simulated PostgreSQL has for messages")
    parser.add_argument("--leave", action="store_true", help="Write results.json and results.svg")
    main(parser.parse_args())
