"""CPU seconds that short commands take from start to end, beside importing typer and rich alone.

Run: `python -m benchmarks.startup.run [rounds]`. Prints the median of the rounds (3) and its ratio to the bare import;
the last line is one JSON object. Only the command's own process counts, and its children that ended before it.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leadline.settings import Settings
from leadline.store.embedded import embedded
from leadline.store.opened import open_database
from leadline.store.queries import queries

BARE = ("-c", "import typer, rich")
COMMANDS = {
    "leadline --version": ("-m", "leadline", "--version"),
    "leadline --help": ("-m", "leadline", "--help"),
    "leadline channel --help": ("-m", "leadline", "channel", "--help"),
    "leadline channel list": ("-m", "leadline", "channel", "list"),
}


def cpu(arguments: tuple[str, ...], environment: dict[str, str], rounds: int) -> float:
    """Median CPU seconds of one run of Python; a first run, which may compile, is not counted."""
    took = []
    for _ in range(rounds + 1):
        before = _spent()
        subprocess.run([sys.executable, *arguments], env=environment, check=True, capture_output=True)
        took.append(_spent() - before)
    return statistics.median(took[1:])


def _spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextmanager
def installation() -> Iterator[dict[str, str]]:
    """The environment of an installation that knows its workspace, with its embedded database running."""
    with tempfile.TemporaryDirectory() as folder, embedded(Path(folder)) as url:
        ours = {"LEADLINE_DATABASE_URL": url, "LEADLINE_SECRET_KEY": "4f9d2c7be18a60353c1b9e7a5d40f682"}
        asyncio.run(_know_a_workspace(Settings(database_url=url)))
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LEADLINE_")}
        yield inherited | ours | {"PYTHONDONTWRITEBYTECODE": ""}


async def _know_a_workspace(settings: Settings) -> None:
    async with open_database(settings) as database, database.connection() as connection:
        await queries.know_workspace(
            connection, workspace_id="w", name="W", region="US", admin_id="1", formatted_phone=None
        )


def main() -> None:
    """Measure every command in this one run; the last line is one JSON object: command → [seconds, ratio]."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with installation() as environment:
        bare = cpu(BARE, environment, rounds)
        print(f"{'import typer, rich':26}{bare:8.3f} s")
        found = {}
        for name, arguments in COMMANDS.items():
            seconds = cpu(arguments, environment, rounds)
            found[name] = [round(seconds, 3), round(seconds / bare, 2)]
            print(f"{name:26}{seconds:8.3f} s{seconds / bare:7.2f} ×")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
