"""How many webhooks a second one door answers durably, beside a bare endpoint that stores nothing, in the same run.

Run: `python -m benchmarks.door.run [--seconds 4] [--rounds 3] [--connections 1,32,256] [--kinds …] [--processes 1]`.
Real processes: PostgreSQL with fsync, `leadline serve`, the bare endpoint, the load generator.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import report
from benchmarks.door.load import Plan
from benchmarks.door.wire import ACCOUNTS
from benchmarks.installation import PUBLIC_URL, answering_intercom, connected, environ
from benchmarks.machine import conditions, cpu, free_port, postgres, started, wait_for
from leadline.store.database import ensure_database

RESULTS = Path(__file__).parent
COLUMNS = ("webhook", "connections", "bare_per_second", "door_per_second", "ratio", "door_p50_ms", "door_p99_ms",
    "bare_cpu_ms", "door_cpu_ms", "postgres_cpu_ms")  # fmt: skip


class Target(msgspec.Struct):
    """A server under load: where it listens, the path of each channel, and whose CPU time counts."""

    name: str
    port: int
    paths: dict[str, str]
    process: Any
    postgres: Any = None
    database_url: str = ""


@asynccontextmanager
async def targets(processes: int = 1) -> AsyncIterator[list[Target]]:
    """The bare endpoint and a door with two channels, both up."""
    port = free_port()
    with started("benchmarks.door.bare", str(port), PUBLIC_URL) as bare:
        await asyncio.to_thread(wait_for, port)
        async with serving(processes) as door:
            yield [Target("bare", port, {name: f"/in/{name}" for name in ACCOUNTS}, bare), door]


@asynccontextmanager
async def serving(processes: int = 1, *, worker: bool = False) -> AsyncIterator[Target]:
    """A door with two channels, up. worker: its process works, too."""
    with ExitStack() as stack:
        server, postmaster = stack.enter_context(postgres())
        database_url = await ensure_database(server, "leadline")
        port = free_port()
        environment = environ(database_url, stack.enter_context(answering_intercom()), port=str(port))
        paths = {name: f"/in/{row.key}" for name, row in (await connected(environment, ACCOUNTS)).items()}
        many = ["--processes", str(processes)] if processes > 1 else []
        command = ["leadline", "serve", *([] if worker else ["--no-with-worker"]), *many]
        door = stack.enter_context(started(*command, environ=environment))
        await asyncio.to_thread(wait_for, port)
        yield Target("door", port, paths, door, postmaster, database_url)


def measure(target: Target, kind: str, connections: int, seconds: float) -> dict[str, Any]:
    """One run of the load generator; the CPU time a webhook includes the warm-up's."""
    plan = Plan(
        port=target.port,
        kind=kind,
        path=target.paths[kind],
        public_url=PUBLIC_URL,
        connections=connections,
        seconds=seconds,
        warm_up=min(1.0, seconds / 3),
        seed=time.time_ns() % 2**32,
    )
    command = [sys.executable, "-m", "benchmarks.door.load", msgspec.json.encode(plan).decode()]
    before = (cpu(target.process), cpu(target.postgres) if target.postgres else 0.0)
    found = dict(json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60 + 2 * seconds).stdout))
    after = (cpu(target.process), cpu(target.postgres) if target.postgres else 0.0)
    if set(found["statuses"]) != {"200"}:
        raise RuntimeError(f"{target.name} answered {found['statuses']}")
    every = found["statuses"]["200"]
    return found | {
        "cpu_ms": 1000 * (after[0] - before[0]) / every,
        "postgres_ms": 1000 * (after[1] - before[1]) / every,
    }


def rows_of(found: dict[tuple[str, str, int], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Medians of the rounds, door beside bare; the ratio is the median of each round's own."""
    rows = []
    for kind, connections in dict.fromkeys((kind, count) for _, kind, count in found):
        bare, door = found["bare", kind, connections], found["door", kind, connections]
        ratios = [{"ratio": d["per_second"] / b["per_second"]} for b, d in zip(bare, door, strict=True)]
        b, d = report.median(bare), report.median(door)
        rows.append({
            "webhook": kind,
            "connections": connections,
            "bare_per_second": b["per_second"],
            "door_per_second": d["per_second"],
            "ratio": report.median(ratios)["ratio"],
            "door_p50_ms": d["p50"],
            "door_p99_ms": d["p99"],
            "bare_cpu_ms": b["cpu_ms"],
            "door_cpu_ms": d["cpu_ms"],
            "postgres_cpu_ms": d["postgres_ms"],
        })  # fmt: skip
    return rows


async def main(arguments: argparse.Namespace) -> None:
    about = conditions()
    found: dict[tuple[str, str, int], list[dict[str, Any]]] = {}
    async with targets(arguments.processes) as both:
        for connections in map(
            int, arguments.connections.split(",")
        ):  # after many, PostgreSQL cleans up beside lone ones
            for kind in arguments.kinds.split(","):
                for _ in range(arguments.rounds):
                    for target in both:
                        one = await asyncio.to_thread(measure, target, kind, connections, arguments.seconds)
                        found.setdefault((target.name, kind, connections), []).append(one)
    rows = rows_of(found)
    print(report.table(rows, COLUMNS))
    results = {"conditions": about, "processes": arguments.processes, "rows": rows}
    labels = [(f"{row['webhook']}, {row['connections']} connections", 100 * row["ratio"]) for row in rows]
    if arguments.leave:
        picture = report.bars("Door, durable, in percent of a bare endpoint", labels, "%")
        report.leave(RESULTS, "results", results, picture)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", default="1,32,256")
    parser.add_argument("--kinds", default=",".join(ACCOUNTS))
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--leave", action="store_true", help="Write results.json and results.svg")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(_arguments()))
