"""CPU time of every reader of what strangers write, for 100,000 characters of each shape in `tests/fuzz/corpus`.

Run: `python -m benchmarks.readers.run [--most 5]`. Prints milliseconds, the least of several tries; `--most 5` names
the five slowest shapes of each reader.
"""

from __future__ import annotations

import argparse

from benchmarks import report
from benchmarks.machine import conditions
from tests.fuzz.growth import LONG, Reader, grown, seconds, shapes
from tests.fuzz.readers import READERS

COLUMNS = ("reader", "ordinary HTML", "slowest", "shape")
ORDINARY = "words_of_html"


def rows(name: str, reader: Reader, most: int, tries: int) -> list[dict[str, object]]:
    """The slowest shapes of one reader, the slowest first."""
    taken = {shape: 1000 * seconds(reader, grown(*pieces, LONG), tries) for shape, pieces in shapes().items()}
    slowest = sorted(taken, key=lambda shape: taken[shape], reverse=True)[:most]
    return [
        {"reader": name, "ordinary HTML": taken[ORDINARY], "slowest": taken[shape], "shape": shape} for shape in slowest
    ]


def main(arguments: argparse.Namespace) -> None:
    print(conditions())
    found = [row for name, reader in READERS.items() for row in rows(name, reader, arguments.most, arguments.tries)]
    print(report.table(found, COLUMNS))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, default=1, help="How many shapes of each reader")
    parser.add_argument("--tries", type=int, default=5)
    main(parser.parse_args())
