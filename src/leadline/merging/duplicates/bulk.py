"""All contacts of a workspace compared at once, in DuckDB, in this process. `scan.py` runs it in a thread.

Its scores are those of `identity/same_person.py:score`, to the tenth; a property test holds the two together. What only
Python knows (forms of a line, names alike) is asked once for each text and read back from a file.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from leadline.directory.keys import BITS, Kind
from leadline.directory.records import home_line
from leadline.errors import SettingError
from leadline.identity import emails, variants
from leadline.identity.compared import Record
from leadline.identity.resemblance import compared
from leadline.identity.same_person_rules import Rules
from leadline.merging.duplicates import bulk_sql
from leadline.model import Role, Struct

MISSING = "A scan for duplicates needs DuckDB. Install it with: pip install 'leadline[duplicates]'"
BATCH = 10_000
Progress = Callable[[str], None]


class Found(Struct, frozen=True, kw_only=True):
    """A pair that scored high enough, or that people judged; evidence as `same_person.packed` writes it."""

    one: str
    other: str
    tenths: int
    evidence: str


class Bulk:
    """One comparison of everything. folder: for what does not fit into memory; the caller removes it."""

    def __init__(self, folder: Path, rules: Rules, *, region: str, memory: str, threads: int = 2) -> None:
        self._folder = folder
        self._rules = rules
        self._region = region
        self._connection = _connect(folder, memory, threads)
        self.contacts = 0
        self.compared = 0

    def close(self) -> None:
        """Let go of the memory."""
        self._connection.close()

    def read(self, file: Path) -> None:
        """Take in the entries that `scan.py` copied out of the directory."""
        self._run(bulk_sql.ENTRIES, file=str(file))
        self.contacts = self._one("select count(*) from entry")
        self._run(bulk_sql.FIRM, shared=sorted(emails.SHARED), dotless=sorted(emails.DOTLESS))
        self._run(bulk_sql.KEYS)
        codes = f"^({'|'.join(sorted(variants.COUNTRY_CODES))})"
        self._told("formerly", bulk_sql.FORMERLY, "line bigint", lambda row: variants.meeting(row[0]), [codes])
        self._told("home", bulk_sql.BARE, "line bigint", lambda row: home_line(row[1], self._region), [BITS, Kind.BARE])
        self._run(bulk_sql.LINES)

    def compare(self, tell: Progress) -> None:
        """Find the pairs that share something, and what agrees and disagrees in each."""
        for statement in bulk_sql.BLOCKS:
            self._run(statement)
        self.compared = self._one("select count(*) from pair")
        tell(f"{self.compared:,} pairs share something")
        self._told("name_pair", bulk_sql.NAMES, "kind varchar", lambda row: compared(row[0], row[1]), [])
        for statement in bulk_sql.FIELDS:
            self._run(statement)
        self._run(bulk_sql.scored(self._rules), providers=sorted(emails.PROVIDERS))

    def found(self, least: int) -> Iterator[Found]:
        """Pairs with so many tenths or more, the best first."""
        rows = self._connection.execute(bulk_sql.RESULT, [least])
        while batch := rows.fetchmany(BATCH):
            yield from (Found(one=row[0], other=row[1], tenths=row[2], evidence=row[3]) for row in batch)

    def records(self, least: int, also: Iterable[str] = ()) -> Iterator[Record]:
        """The contacts of these pairs, and those with one of these ids."""
        rows = self._connection.execute(bulk_sql.RECORDS, [least, least, [*also]])
        while batch := rows.fetchmany(BATCH):
            yield from map(_record, batch)

    def _told(self, table: str, question: str, column: str, answer: Callable[[Any], Any], values: list[Any]) -> None:
        """A table of what Python says of each row that the question finds, with the row beside it."""
        asked = self._connection.execute(question, values)
        names = [f"{one[0]} {one[1]}" for one in asked.description]
        path = self._folder / f"{table}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            while batch := asked.fetchmany(BATCH):
                writer.writerows((*row, "" if (said := answer(row)) is None else said) for row in batch)
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in (each.split(" ", 1) for each in (*names, column)))
        self._run(
            bulk_sql.answers(table, columns),
            file=str(path),
        )
        path.unlink()

    def _run(self, statement: str, **values: Any) -> None:
        self._connection.execute(statement, values or None)

    def _one(self, question: str) -> int:
        row = self._connection.execute(question).fetchone()
        return int(row[0]) if row else 0


def _record(row: tuple[Any, ...]) -> Record:
    contact_id, role, name, email, external_id, updated_at, lines, accounts, birth_year = row
    return Record(
        contact_id=contact_id,
        role=Role(role),
        name=name,
        email=email,
        lines=frozenset(lines or ()),
        external_id=external_id or 0,
        accounts=frozenset(accounts or ()),
        birth_year=birth_year or 0,
        updated_at=updated_at,
    )


def assert_installed() -> None:
    """Raises SettingError where DuckDB is missing: it is an extra, whoever never scans needs none."""
    if find_spec("duckdb") is None:
        raise SettingError(MISSING)


def needs_memory(error: Exception) -> bool:
    """Whether DuckDB gave up because it had too little memory, or too little room on disk in its place."""
    import duckdb

    return isinstance(error, duckdb.OutOfMemoryException)


def _connect(folder: Path, memory: str, threads: int) -> Any:
    assert_installed()
    import duckdb

    limits = {"memory_limit": memory, "threads": str(threads), "temp_directory": str(folder / "spill")}
    connection = duckdb.connect(":memory:", config={**limits, "autoinstall_known_extensions": "false"})
    connection.execute("set preserve_insertion_order = false")
    return connection
