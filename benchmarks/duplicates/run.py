"""Duplicates measured: Leadline's scan of a made workspace beside other ways, with the labels as judge.

Run: `python -m benchmarks.duplicates.run [contacts] [--population plaza] [--seed 7] [--only leadline] [--unjudged]`.
Prints a table, leaves results.json and results.svg with --leave; the last line is one JSON object. Each way runs in a
process of its own, so that its memory is its own, with that of the processes it begins. Splink runs where it is
installed (see requirements.lock beside this file). --unjudged: only seconds and memory, for millions of contacts;
--copies 5: of five times as many, who are the same people under other numbers and mailboxes.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from queue import Empty
from typing import Any, NamedTuple

import psutil

from benchmarks.duplicates import ways
from benchmarks.duplicates.judge import Verdict, judge
from benchmarks.duplicates.population import POPULATIONS, Population
from benchmarks.duplicates.workspace import FILE, make, read
from benchmarks.machine import conditions, postgres, pss
from benchmarks.report import bars, leave, table

CONTACTS = 10_000
COLUMNS = ("way", "precision", "recall", "recall_of_all", "seconds", "peak_mb", "postgres_mb")
Way = Callable[[str, Path], Sequence[Sequence[str]]]
WAYS: dict[str, Way] = {
    "exact": ways.exact,
    "rules": ways.rules_alone,
    "splink": ways.splink,
    "leadline": ways.leadline,
}
TITLES = {
    "exact": "exact phone or e-mail, as stored",
    "rules": "same line or mailbox, unscored",
    "splink": "Splink",
    "leadline": "Leadline",
}


class Taken(NamedTuple):
    """What a way found and took. peak: largest memory of its processes; postgres: that of the server's, meanwhile."""

    groups: Sequence[Sequence[str]]
    seconds: float
    peak: int
    postgres: int


def alone(name: str, url: str, file: Path, answer: Any) -> None:
    """One way in a process of its own: its groups and its seconds."""
    began = time.perf_counter()
    groups = WAYS[name](url, file)
    answer.put((groups, time.perf_counter() - began))


def taken(name: str, url: str, file: Path, server: psutil.Process) -> Taken:
    context = get_context("spawn")
    answer = context.Queue()
    process = context.Process(target=alone, args=(name, url, file, answer))  # it may begin others, so it is no daemon
    process.start()
    assert process.pid is not None
    peaks, watched, found = [0, 0], psutil.Process(process.pid), None
    while found is None:
        try:
            found = answer.get(timeout=0.2)
        except Empty as error:
            if not process.is_alive() and answer.empty():
                raise RuntimeError(f"{name} ended without an answer") from error
        peaks = [max(peak, _memory(each)) for peak, each in zip(peaks, (watched, server), strict=True)]
    process.join()
    return Taken(*found, *peaks)


def _memory(process: psutil.Process) -> int:
    """Shared pages counted once; 0 where one of the processes ends while it is looked at."""
    try:
        return pss(process)
    except psutil.Error:
        return 0


def row(way: str, took: Taken, verdict: Verdict | None) -> dict[str, Any]:
    judged = {
        "precision": round(verdict.precision, 4),
        "recall": round(verdict.recall, 4),
        "recall_of_all": round(verdict.of_all, 4),
    } if verdict else {"groups": len(took.groups)}  # fmt: skip
    sizes = {"peak_mb": round(took.peak / 1e6), "postgres_mb": round(took.postgres / 1e6)}
    return {"way": way, **judged, "seconds": round(took.seconds, 1), **sizes}


def run(
    population: Population, size: int, names: Iterable[str], *, unjudged: bool = False, copies: int = 1
) -> dict[str, Any]:
    before = conditions()
    with postgres() as (server, process), tempfile.TemporaryDirectory(prefix="leadline-bench-") as folder:
        url = make(server, population, size, Path(folder), copies=copies)
        file, made = Path(folder) / FILE, None if unjudged else read(Path(folder))
        rows = []
        for name in names:
            took = taken(name, url, file, process)
            verdict = judge(took.groups, made.labels, made.knowable) if made else None
            rows.append(row(TITLES[name], took, verdict))
            print(table(rows[-1:], COLUMNS).splitlines()[-1], flush=True)
    counts = {}
    if made:
        verdict = judge((), made.labels, made.knowable)
        counts = {"true_pairs": verdict.true, "told_pairs": verdict.told}
    return {"contacts": size * copies, "copies": copies, "seed": population.seed, **counts, "rows": rows, **before}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.duplicates.run")
    parser.add_argument("contacts", type=int, nargs="?", default=CONTACTS)
    parser.add_argument("--population", choices=[*POPULATIONS], default="harbour")
    parser.add_argument("--seed", type=int, help="another workspace of the same population")
    parser.add_argument("--only", choices=[*WAYS], action="append")
    parser.add_argument("--unjudged", action="store_true", help="only seconds and memory")
    parser.add_argument("--copies", type=int, default=1, help="with --unjudged: how often everybody is in it")
    parser.add_argument("--leave", action="store_true", help="write the results beside this file")
    given = parser.parse_args()
    there = [name for name in WAYS if name != "splink" or find_spec("splink")]
    population = POPULATIONS[given.population]
    population = population if given.seed is None else replace(population, seed=given.seed)
    found = run(
        population,
        given.contacts,
        given.only or there,
        unjudged=given.unjudged,
        copies=given.copies if given.unjudged else 1,
    )
    results = {"population": given.population, **found}
    print(table(results["rows"], COLUMNS))
    if given.leave:
        parts = ("seconds",) if given.unjudged else ("precision", "recall")
        shown = [(f"{one['way']}, {part}", one[part]) for one in results["rows"] for part in parts]
        name = f"results-{given.population}-{given.contacts}"
        leave(Path(__file__).parent, name, results, bars(f"{given.contacts:,} contacts, {given.population}", shown, ""))
    print(json.dumps(results))


if __name__ == "__main__":
    main()
