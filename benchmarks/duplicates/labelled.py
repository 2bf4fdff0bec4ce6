"""The labelled contacts as files that others can use: names, phones and e-mails, and who is one person.

Run: `python -m benchmarks.duplicates.labelled [folder]`. It writes the files that stand in the folder `labelled`, the
same ones each time; `tests/benchmarks/test_labelled.py` holds it to that.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.duplicates.judge import connected
from benchmarks.duplicates.population import POPULATIONS, Population
from benchmarks.duplicates.workspace import rows

SIZE = 10_000
FOLDER = Path(__file__).parent / "labelled"
FIELDS = ("id", "cluster", "told", "role", "name", "email", "phone", "external_id", "updated_at")

PROVIDER = re.compile(r"\.[a-z]+(?=\s*$)", re.IGNORECASE)
"""The end of a domain: no published address may be somebody's."""


def file_of(population: Population) -> str:
    return f"{population.name}-{SIZE}.csv.gz"


def labelled(population: Population) -> Iterator[dict[str, object]]:
    """The contacts in the order of their ids. told: the number of the set that anything in the file connects."""
    made = sorted(rows(population, SIZE), key=lambda row: row["id"])
    told = connected(
        (row["id"], row["person"], any(map(str.isalpha, row["name"])), row["facts"].split()) for row in made
    )
    for row in made:
        row["email"] = PROVIDER.sub(".example", row["email"])
        yield {"cluster": row["person"], "told": told[row["id"]], **{name: row[name] for name in FIELDS if name in row}}


def as_csv(population: Population) -> bytes:
    """UTF-8, a heading, lines that end in a line feed."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(labelled(population))
    return text.getvalue().encode()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for population in POPULATIONS.values():
        packed = gzip.compress(as_csv(population), compresslevel=9, mtime=0)
        (folder / file_of(population)).write_bytes(packed)
        print(f"{file_of(population)}: {len(packed):,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
