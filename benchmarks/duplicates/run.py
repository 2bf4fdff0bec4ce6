"""Duplicates measured: Leadline's scan of a made workspace beside other ways, with the labels as judge.

Run: `python -m benchmarks.duplicates.run [contacts] [--population plaza] [--seed 7] [--only leadline]`. Prints a
table, leaves results.json and results.svg with --leave; the last line is one JSON object. Each way runs in a process of
its own, so that its memory is its own. Splink runs where it is installed (see requirements.lock beside this file).
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
from typing import Any

import psutil

from benchmarks.duplicates import ways
from benchmarks.duplicates.judge import Verdict, judge
from benchmarks.duplicates.population import POPULATIONS, Population
from benchmarks.duplicates.workspace import Made, make, read
from benchmarks.machine import conditions, postgres
from benchmarks.report import bars, leave, table

CONTACTS = 10_000
COLUMNS = ("way", "precision", "recall", "recall_of_all", "seconds", "peak_mb")
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


def alone(name: str, url: str, file: Path, answer: Any) -> None:
    """One way in a process of its own: its groups, its seconds and its largest memory."""
    began = time.perf_counter()
    groups = WAYS[name](url, file)
    answer.put((groups, time.perf_counter() - began))


def measured(name: str, url: str, made: Made) -> dict[str, Any]:
    context = get_context("spawn")
    answer = context.Queue()
    process = context.Process(target=alone, args=(name, url, made.file, answer), daemon=True)
    process.start()
    assert process.pid is not None
    peak, watched, found = 0, psutil.Process(process.pid), None
    while found is None:
        try:
            found = answer.get(timeout=0.2)
        except Exception as error:
            if not process.is_alive() and answer.empty():
                raise RuntimeError(f"{name} ended without an answer") from error
        peak = max(peak, _resident(watched))
    process.join()
    groups, seconds = found
    return row(TITLES[name], judge(groups, made.labels, made.knowable), seconds, peak)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def row(way: str, verdict: Verdict, seconds: float, peak: int) -> dict[str, Any]:
    return {
        "way": way,
        "precision": round(verdict.precision, 4),
        "recall": round(verdict.recall, 4),
        "recall_of_all": round(verdict.of_all, 4),
        "seconds": round(seconds, 1),
        "peak_mb": round(peak / 1e6),
    }


def run(population: Population, size: int, names: Iterable[str]) -> dict[str, Any]:
    before = conditions()
    with postgres() as (server, _), tempfile.TemporaryDirectory(prefix="leadline-bench-") as folder:
        url = make(server, population, size, Path(folder))
        made = read(Path(folder))
        rows = []
        for name in names:
            rows.append(measured(name, url, made))
            print(table(rows[-1:], COLUMNS).splitlines()[-1], flush=True)
    verdict = judge((), made.labels, made.knowable)
    counts = {"true_pairs": verdict.true, "told_pairs": verdict.told}
    return {"contacts": size, "seed": population.seed, **counts, "rows": rows, **before}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.duplicates.run")
    parser.add_argument("contacts", type=int, nargs="?", default=CONTACTS)
    parser.add_argument("--population", choices=[*POPULATIONS], default="harbour")
    parser.add_argument("--seed", type=int, help="another workspace of the same population")
    parser.add_argument("--only", choices=[*WAYS], action="append")
    parser.add_argument("--leave", action="store_true", help="write the results beside this file")
    given = parser.parse_args()
    there = [name for name in WAYS if name != "splink" or find_spec("splink")]
    population = POPULATIONS[given.population]
    population = population if given.seed is None else replace(population, seed=given.seed)
    results = {"population": given.population, **run(population, given.contacts, given.only or there)}
    print(table(results["rows"], COLUMNS))
    if given.leave:
        shown = [(f"{one['way']}, {part}", one[part]) for one in results["rows"] for part in ("precision", "recall")]
        name = f"results-{given.population}-{given.contacts}"
        leave(Path(__file__).parent, name, results, bars(f"{given.contacts:,} contacts, {given.population}", shown, ""))
    print(json.dumps(results))


if __name__ == "__main__":
    main()
