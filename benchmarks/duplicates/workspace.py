"""A made workspace in files and in the directory's table, as the walk would have stored it."""

from __future__ import annotations

import asyncio
import csv
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from benchmarks.duplicates.judge import connected
from benchmarks.duplicates.population import NOW, YEAR, Contact, Population, contacts
from leadline.directory.keys import Entry, Filing, Kind, entry
from leadline.intercom.contacts import Contact as Stored
from leadline.model import Role
from leadline.store.database import Database, ensure_database
from leadline.store.opened import migrate_all

WORKSPACE = "made"
FILE = "contacts.csv"
FILING = Filing()
COLUMNS = ("id", "person", "role", "name", "email", "phone", "external_id", "updated_at", "facts")
COPY = "copy directory_entry (workspace_id, contact_id, role, name, email, updated_at, keys) from stdin"

COPIES = """
insert into directory_entry (workspace_id, contact_id, role, name, email, updated_at, keys)
select workspace_id, left(md5(contact_id || n), 24), role, name, replace(email, '@', n || '@'), updated_at, array(
    select case when key > 0 then key + n * 10000000000000 else -((((-key) >> 3) # (n * 1000003)) << 3 | (-key & 7)) end
    from unnest(keys) key where key > 0 or -key & 7 <> %s)
from directory_entry, generate_series(1, %s::bigint) n"""
"""The same people again under other numbers, mailboxes and ids; numbers without a country code are left out."""


class Made(NamedTuple):
    """The contacts as a file (see COLUMNS), who each is, and which of them anything connects."""

    file: Path
    labels: dict[str, int]
    knowable: dict[str, int]


def rows(population: Population, size: int) -> Iterator[dict[str, Any]]:
    """Contacts with ids in no order, as they stand in the file."""
    dice = random.Random(population.seed + 1)
    for contact in contacts(population, size):
        at = NOW - dice.randrange(3 * YEAR)
        yield {
            "id": f"{at:08x}{dice.getrandbits(64):016x}",
            "person": contact.person,
            **{name: getattr(contact, name) for name in COLUMNS[2:7]},
            "updated_at": min(NOW, at + dice.randrange(YEAR)),
            "facts": " ".join(contact.facts),
        }


def make(server: str, population: Population, size: int, folder: Path, *, copies: int = 1) -> str:
    """Write `contacts.csv` and fill the directory with it; the address of the database.

    copies: how often everybody is in the directory, see COPIES; in the file they are once.

    Without the indexes by key and by name, which a scan does not use and millions of entries take long to fill.
    """
    url = asyncio.run(_database(server))
    with psycopg.connect(url) as connection:
        connection.execute("drop index directory_keys, directory_names")
    with (
        (folder / FILE).open("w", encoding="utf-8", newline="") as file,
        psycopg.connect(url) as connection,
        connection.cursor() as cursor,
    ):
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        with cursor.copy(COPY) as copy:
            for row in rows(population, size):
                writer.writerow(row)
                kept = filed(row)
                values = (kept.contact_id, kept.role.value, kept.name, kept.email, kept.updated_at, list(kept.keys))
                copy.write_row((WORKSPACE, *values))
        cursor.execute(COPIES, [int(Kind.BARE), copies - 1])
        cursor.execute(
            "insert into directory (workspace_id, region) values (%s, %s)", [WORKSPACE, population.land.region]
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze directory_entry")
    return url


def filed(row: dict[str, Any]) -> Entry:
    """A contact as the directory keeps it."""
    given = {name: row[name] for name in ("name", "email", "phone", "external_id", "updated_at")}
    return entry(Stored(contact_id=row["id"], role=Role(row["role"]), **given), FILING)


def read(folder: Path) -> Made:
    file = folder / FILE
    with file.open(encoding="utf-8", newline="") as source:
        found = [
            (row["id"], int(row["person"]), any(map(str.isalpha, row["name"])), row["facts"].split())
            for row in csv.DictReader(source)
        ]
    return Made(file, {one[0]: one[1] for one in found}, connected(found))


async def _database(server: str) -> str:
    url = await ensure_database(server, "leadline")
    async with Database.open(url) as database:
        await migrate_all(database)
    return url


__all__ = ["COLUMNS", "WORKSPACE", "Contact", "Made", "filed", "make", "read", "rows"]
