"""Intercom is away while messages wait: what that costs, whether any is given up, and how fast they go on afterwards.

python -m benchmarks.backlog.run --messages 50000 --senders 10000 --away 600
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks.backlog.intercom import WINDOW
from benchmarks.machine import conditions, cpu, free_port, postgres, started, wait_for
from benchmarks.report import bars, leave, table
from benchmarks.worker.run import keep
from leadline.app import open_leadline
from leadline.channels import channel
from leadline.cli.logs import configure_logs
from leadline.connections.switchboard import add_channel
from leadline.sandbox.providers import accounts
from leadline.settings import Settings

HERE = Path(__file__).parent
STATES = "select state, count(*) from arrival group by state"
OUT_OF_ORDER = """
    select count(*) from arrival a join arrival b on b.workspace_id = a.workspace_id and b.lane = a.lane
    where a.arrival_id < b.arrival_id and a.settled_at > b.settled_at
"""
COLUMNS = ["phase", "seconds", "worker, % of a core", "PostgreSQL, % of a core", "waiting", "parked", "of allowance, %"]


def phase(name: str, seconds: float, url: str, worker: psutil.Process, server: psutil.Process) -> dict[str, Any]:
    """Let so much time pass, and say what was used and what waits."""
    before, begun = (cpu(worker), cpu(server)), time.perf_counter()
    time.sleep(seconds)
    passed = time.perf_counter() - begun
    used = [(now - then) / passed * 100 for now, then in zip((cpu(worker), cpu(server)), before, strict=True)]
    with psycopg.connect(url) as connection:
        states: dict[str, int] = dict(connection.execute(STATES).fetchall())
    return {
        "phase": name,
        "seconds": passed,
        "worker, % of a core": used[0],
        "PostgreSQL, % of a core": used[1],
        "waiting": states.get("waiting", 0),
        "parked": states.get("parked", 0),
    }


def granted(port: int, limit: int) -> float:
    """Per cent of the allowance that was used, over the whole windows since Intercom is back."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_calls") as answer:
        windows = [calls for _, calls in json.loads(answer.read())][1:-1]
    used: float = sum(windows) / (limit * max(1, len(windows))) * 100
    return used


def measure(given: argparse.Namespace, url: str, server: psutil.Process, place: Path) -> list[dict[str, Any]]:
    port, back = free_port(), place / "back"
    environ = {
        "LEADLINE_DATABASE_URL": url,
        "LEADLINE_PUBLIC_URL": "http://127.0.0.1:1",
        "LEADLINE_SECRET_KEY": secrets.token_hex(16),
        "LEADLINE_INTERCOM_TOKEN": "made-up",
        "LEADLINE_INTERCOM_CLIENT_SECRET": "made-up",
        "LEADLINE_INTERCOM_URL": f"http://127.0.0.1:{port}",
        "LEADLINE_CONCURRENCY": "50",
    }
    with started("benchmarks.backlog.intercom", str(port), str(back), str(given.limit)):
        wait_for(port)
        values = {name.removeprefix("LEADLINE_").lower(): value for name, value in environ.items()}
        back.touch()
        asyncio.run(fill(Settings(**values | {"concurrency": 50}), given.messages, given.senders))  # type: ignore[arg-type]
        back.unlink()
        with started("leadline", "worker", environ=environ) as worker:
            rows = [phase("away, the first minute", 60, url, worker, server)]
            rows.append(phase("away, after that", given.away - 60, url, worker, server))
            back.touch()
            rows.append(phase("back, live and backlog", given.drain, url, worker, server))
            rows[-1]["of allowance, %"] = granted(port, given.limit)
    with psycopg.connect(url) as connection:
        [[wrong]] = connection.execute(OUT_OF_ORDER).fetchall()
    print(f"{wrong} messages out of order")
    return rows


async def fill(settings: Settings, messages: int, senders: int) -> None:
    async with open_leadline(settings) as leadline:
        account = accounts("http://127.0.0.1:9", "twilio_sms")["twilio_sms"]
        await add_channel(leadline.channels, leadline.workspace.workspace_id, channel("twilio_sms"), "sms", account)
        await keep(leadline, messages, senders)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--senders", type=int, default=10_000)
    parser.add_argument("--away", type=int, default=180, help="seconds, 60 of them the first minute")
    parser.add_argument("--drain", type=int, default=7 * WINDOW, help="seconds that are looked at afterwards")
    parser.add_argument("--limit", type=int, default=1666, help="calls that Intercom grants in ten seconds")
    parser.add_argument("--leave", action="store_true", help="Write results.json and results.svg")
    given = parser.parse_args()
    configure_logs("quiet")
    about = conditions()
    with postgres() as (url, server), tempfile.TemporaryDirectory() as place:
        rows = measure(given, url, server, Path(place))
    print(table(rows, COLUMNS))
    if given.leave:
        shown = [(f"{row['phase']}: worker", row["worker, % of a core"]) for row in rows]
        shown += [(f"{row['phase']}: PostgreSQL", row["PostgreSQL, % of a core"]) for row in rows]
        leave(HERE, "results", {"conditions": about, "rows": rows}, bars("An outage of Intercom", shown, "%"))


if __name__ == "__main__":
    main()
