"""The labelled contacts that are published: made again byte for byte, and as their README describes them."""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections import Counter

import pytest

from benchmarks.duplicates.judge import pairs
from benchmarks.duplicates.labelled import FIELDS, FOLDER, as_csv, file_of
from benchmarks.duplicates.population import POPULATIONS

README = (FOLDER / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", POPULATIONS)
def test_the_published_file_is_the_one_that_its_seed_makes(name: str) -> None:
    population = POPULATIONS[name]
    kept = gzip.decompress((FOLDER / file_of(population)).read_bytes())
    assert hashlib.sha256(as_csv(population)).hexdigest() == hashlib.sha256(kept).hexdigest()
    assert hashlib.sha256(kept).hexdigest() in README


@pytest.mark.parametrize("name", POPULATIONS)
def test_the_readme_counts_what_is_in_the_file(name: str) -> None:
    text = gzip.decompress((FOLDER / file_of(POPULATIONS[name])).read_bytes()).decode()
    rows = [*csv.DictReader(text.splitlines())]
    assert tuple(rows[0]) == FIELDS
    assert len({row["id"] for row in rows}) == len(rows)
    counts = [len({row["cluster"] for row in rows})]
    counts += [sum(map(pairs, Counter(row[field] for row in rows).values())) for field in ("cluster", "told")]
    assert f"| `{file_of(POPULATIONS[name])}` | {len(rows):,} | {' | '.join(f'{one:,}' for one in counts)} |" in README


def test_the_readme_tells_every_field() -> None:
    assert [line.split("`")[1] for line in README.splitlines() if line.startswith("| `") and "csv" not in line] == [
        *FIELDS
    ]
