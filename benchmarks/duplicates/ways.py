"""Ways to find duplicates, all of the same workspace: each takes the database and the file, and gives groups of ids."""

from __future__ import annotations

import asyncio
import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.duplicates.judge import root
from benchmarks.duplicates.workspace import WORKSPACE
from leadline.directory.find import Find
from leadline.directory.records import record
from leadline.directory.stored import entry_of
from leadline.identity.compared import Record
from leadline.identity.same_person_rules import LATEST, RULES
from leadline.merging.duplicates.desk import LEAST
from leadline.merging.duplicates.scan import Scan
from leadline.spaces import Book
from leadline.store.database import Database

Groups = Sequence[Sequence[str]]


def leadline(url: str, file: Path) -> Groups:
    """The scan as it is shipped, stored in the database and read back."""
    return asyncio.run(_scanned(url))


async def _scanned(url: str) -> Groups:
    async with Database.open(url) as database:
        scan = Scan(database, Find(database, Book(database)))
        await scan.run(WORKSPACE, RULES[LATEST], least=round(LEAST * 10))
        async with database.connection() as connection:
            rows = await connection.execute("select contact_ids from duplicate_group")
            return [row["contact_ids"] async for row in rows]


def exact(url: str, file: Path) -> Groups:
    """Contacts whose phone or e-mail is the same text, as simple exports are cleaned."""
    with file.open(encoding="utf-8", newline="") as source:
        keys = (
            (row["id"], [f"{name} {row[name].strip().lower()}" for name in ("phone", "email") if row[name].strip()])
            for row in csv.DictReader(source)
        )
        return together(keys)


def rules_alone(url: str, file: Path) -> Groups:
    """Contacts with one line or one mailbox, as Leadline's directory reads them: no scores, no contradictions."""
    return asyncio.run(_keyed(url))


async def _keyed(url: str) -> Groups:
    found = await _records(url)
    return together((one.contact_id, [*map(str, one.lines), *([one.email] if one.email else [])]) for one in found)


async def _records(url: str) -> list[Record]:
    """All contacts as the directory reads them."""
    async with Database.open(url) as database:
        region = await Find(database, Book(database)).region(WORKSPACE)
        async with database.connection() as connection:
            found = await connection.execute(
                "select contact_id, role, name, email, updated_at, keys from directory_entry"
            )
            return [record(entry_of(row), region) async for row in found]


def together(keyed: Iterable[tuple[str, Iterable[str]]]) -> Groups:
    """Contacts that share a key, and those that share another with them."""
    parent: dict[str, str] = {}
    first: dict[str, str] = {}
    for contact_id, keys in keyed:
        parent[contact_id] = contact_id
        for key in keys:
            parent[root(parent, contact_id)] = root(parent, first.setdefault(key, contact_id))
    groups: dict[str, list[str]] = defaultdict(list)
    for one in parent:
        groups[root(parent, one)].append(one)
    return [group for group in groups.values() if len(group) > 1]


def splink(url: str, file: Path) -> Groups:
    """Splink, its model trained on this very workspace, with its own comparisons of names, e-mails and phones."""
    from benchmarks.duplicates.with_splink import groups

    return groups(asyncio.run(_rows(url)))


async def _rows(url: str) -> list[dict[str, Any]]:
    """What Splink is given: the directory's cleaned keys, so that it starts where Leadline starts."""
    return [
        {
            "unique_id": one.contact_id,
            "name": one.name_key or None,
            "first": one.name.split()[0] if one.name else None,
            "last": one.name.split()[-1] if " " in one.name else None,
            "email": one.email or None,
            "phone": str(min(one.lines)) if one.lines else None,
        }
        for one in await _records(url)
    ]
