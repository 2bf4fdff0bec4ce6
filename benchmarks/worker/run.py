"""What one message costs the worker, from known and from new senders, against an Intercom that answers at once.

python -m benchmarks.worker.run --messages 2000
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks.machine import conditions, cpu, free_port, postgres, started, wait_for
from benchmarks.report import bars, leave, median, table
from leadline.app import Leadline, open_leadline
from leadline.channels import channel
from leadline.channels.exchange import Parsed
from leadline.cli.logs import configure_logs
from leadline.connections.switchboard import add_channel, connect
from leadline.engine.arrival import Raw
from leadline.inbound.arrivals import Sorter
from leadline.model import Handle, Inbound
from leadline.process import running
from leadline.sandbox.providers import accounts
from leadline.settings import Settings

HERE = Path(__file__).parent
RAW = Raw(channel_id=None, method="POST", url="/in/k", headers={}, body=b"{}")
COLUMNS = ["senders", "messages", "per second", "ms CPU", "ms PostgreSQL", "statements", "commits"]
WAITING = "select count(*) as waiting from arrival where state = 'waiting'"


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Every statement, by its first words."""
    seen: Counter[str] = Counter()
    execute = psycopg.AsyncCursor.execute

    async def counting(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        text = query if isinstance(query, str) else query.decode() if isinstance(query, bytes) else str(query)
        seen[" ".join(text.split())[:60]] += 1
        return await execute(self, query, *args, **kwargs)

    psycopg.AsyncCursor.execute = counting  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        psycopg.AsyncCursor.execute = execute  # type: ignore[method-assign]


async def keep(leadline: Leadline, messages: int, senders: int, batch: str = "", *, first: int = 870_000_000) -> None:
    """So many messages wait, of so many senders from this number on; many are kept at a time, as the door does."""
    workspace_id = leadline.workspace.workspace_id
    [row] = await leadline.channels.listed(workspace_id)
    connected, sorter = connect(row), Sorter(leadline.switchboard)

    async def one(number: int) -> None:
        handle = Handle("tel", f"+353{first + number % senders}")
        message = Inbound(provider_id=f"{batch}{number}", sender=handle.value, handles=(handle,), text="Hello")
        await leadline.keeper.keep(workspace_id, RAW, await sorter.sort(connected, Parsed(messages=(message,))))

    for start in range(0, messages, 1000):
        await asyncio.gather(*map(one, range(start, min(start + 1000, messages))))


async def drained(leadline: Leadline, server: psutil.Process) -> dict[str, Any]:
    """Work until nothing waits, and what that took."""
    own = psutil.Process()
    async with leadline.database.connection() as connection:
        row = await (await connection.execute("select txid_current() as id")).fetchone()
    assert row
    begun, used, database = time.perf_counter(), cpu(own), cpu(server)
    with counted() as seen:
        async with running(leadline):
            await _settled(leadline)
            seconds = time.perf_counter() - begun
            used, database = cpu(own) - used, cpu(server) - database
    async with leadline.database.connection() as connection:
        after = await (await connection.execute("select txid_current() as id")).fetchone()
    assert after
    seen = Counter({text: count for text, count in seen.items() if "as waiting" not in text})
    return {"seconds": seconds, "cpu": used, "database": database, "seen": seen, "commits": after["id"] - row["id"]}


async def _settled(leadline: Leadline) -> None:
    while True:
        async with leadline.database.connection() as connection:
            row = await (await connection.execute(WAITING.encode())).fetchone()
        if row and not row["waiting"]:
            return
        await asyncio.sleep(0.1)


async def measure(
    url: str, server: psutil.Process, messages: int, senders: int, *, verbose: bool
) -> list[dict[str, Any]]:
    port = free_port()
    settings = Settings(
        database_url=url,
        public_url="http://127.0.0.1:1",
        secret_key=secrets.token_hex(16),
        intercom_token="made-up",
        intercom_client_secret="made-up",
        intercom_url=f"http://127.0.0.1:{port}",
        concurrency=50,
        poll_every=0.0,
        templates_every=0.0,
    )
    rows = []
    with started("benchmarks.worker.intercom", str(port)):
        wait_for(port)
        async with open_leadline(settings) as leadline:
            adapter = channel("twilio_sms")
            account = accounts("http://127.0.0.1:9", "twilio_sms")["twilio_sms"]
            await add_channel(leadline.channels, leadline.workspace.workspace_id, adapter, "sms", account)
            for kind, count in (("new", senders), ("known", messages)):
                await keep(leadline, count, senders, kind)
                found = await drained(leadline, server)
                if verbose:
                    for text, times in found["seen"].most_common(30):
                        print(f"{times / count:8.2f}  {text}")
                rows.append(_row(kind, count, found))
    return rows


def _row(kind: str, messages: int, found: dict[str, Any]) -> dict[str, Any]:
    return {
        "senders": kind,
        "messages": messages,
        "per second": messages / found["seconds"],
        "ms CPU": found["cpu"] / messages * 1000,
        "ms PostgreSQL": found["database"] / messages * 1000,
        "statements": found["seen"].total() / messages,
        "commits": found["commits"] / messages,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--senders", type=int, default=500)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--verbose", action="store_true", help="Print how often each statement ran for a message")
    parser.add_argument("--leave", action="store_true", help="Write results.json and results.svg")
    given = parser.parse_args()
    configure_logs("quiet")
    about, runs = conditions(), []
    for _ in range(given.runs):
        with postgres() as (url, server):
            runs.append(asyncio.run(measure(url, server, given.messages, given.senders, verbose=given.verbose)))
    rows = [median(each) for each in zip(*runs, strict=True)]
    print(table(rows, COLUMNS))
    if given.leave:
        picture = bars("Messages a second, one worker", [(row["senders"], row["per second"]) for row in rows], "/s")
        leave(HERE, "results", {"conditions": about, "rows": rows, "runs": runs}, picture)


if __name__ == "__main__":
    main()
