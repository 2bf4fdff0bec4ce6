"""What an installation takes while nothing happens: CPU, transactions, memory.

Run: `python -m benchmarks.rest.run [--seconds 60] [--leave]`. One `leadline serve` with its worker and PostgreSQL, two
channels, nobody writes, the console is not opened. Memory is that of all their processes: PSS, where a page that others
use, too, counts by its share, and as it would be if nothing else ran.
"""

from __future__ import annotations

import argparse
import asyncio
import compileall
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import report
from benchmarks.door.run import Target, serving
from benchmarks.machine import alone, conditions, cpu, pss

SETTLING = 15.0  # seconds after the start that are not counted
COLUMNS = ("cpu_percent", "postgres_cpu_percent", "transactions_per_second", "leadline_mb", "postgres_mb",
    "alone_mb")  # fmt: skip


def compile_all() -> None:
    """As pip leaves them: what has to be compiled first takes 15 MB more. Imports nothing, so it shares nothing."""
    for name in ("leadline", "psycopg"):  # the folder of psycopg is that of all other packages, too
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        package = Path(spec.origin).parent
        compileall.compile_dir(package if name == "leadline" else package.parent, quiet=2)


async def transactions(url: str) -> int:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        asked = "select sum(xact_commit + xact_rollback) from pg_stat_database where datname = 'leadline'"
        row = await (await connection.execute(asked)).fetchone()
        assert row is not None
        return int(row[0])


async def measure(door: Target, seconds: float) -> dict[str, Any]:
    """CPU and transactions of so many seconds; the question about transactions counts itself and is taken off."""
    await asyncio.sleep(SETTLING)
    before = (cpu(door.process), cpu(door.postgres), await transactions(door.database_url))
    await asyncio.sleep(seconds)
    after = (cpu(door.process), cpu(door.postgres), await transactions(door.database_url))
    return {
        "cpu_percent": 100 * (after[0] - before[0]) / seconds,
        "postgres_cpu_percent": 100 * (after[1] - before[1]) / seconds,
        "transactions_per_second": max(0, after[2] - before[2] - 1) / seconds,
        "leadline_mb": pss(door.process) / 1e6,
        "postgres_mb": pss(door.postgres) / 1e6,
        "alone_mb": alone(door.process, door.postgres) / 1e6,
    }


async def main(arguments: argparse.Namespace) -> None:
    about = conditions()
    compile_all()
    async with serving(worker=True) as door:
        row = await measure(door, arguments.seconds)
    print(report.table([row], COLUMNS))
    if arguments.leave:
        picture = report.bars(
            "At rest", [("Leadline, memory", row["leadline_mb"]), ("PostgreSQL", row["postgres_mb"])], "MB"
        )
        report.leave(Path(__file__).parent, "results", {"conditions": about, "rows": [row]}, picture)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--leave", action="store_true", help="Write results.json and results.svg")
    asyncio.run(main(parser.parse_args()))
