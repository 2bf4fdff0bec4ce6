"""Contacts from a file into the sandbox, many at a time: for trials with an export, and for benchmarks.

`leadline sandbox import` reads CSV with a head line, or one JSON object a line; `import_contacts` takes any rows.
"""

from __future__ import annotations

import asyncio
import csv
import itertools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from leadline.sandbox.contacts import formatted_phone, new_id
from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import now
from leadline.store.database import Connection, Database

BATCH = 2_000
FIELDS = ("id", "role", "external_id", "email", "phone", "name", "created_at", "updated_at")
ATTRIBUTE = "custom_attributes."
_DECODER = msgspec.json.Decoder(dict[str, Any])


class ImportRefused(Exception):
    """A file that cannot be imported; the text names the line and says what is wrong with it."""


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """How many contacts were stored, and how many left out because their id, external id or e-mail was there."""

    stored: int = 0
    left_out: int = 0


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """The contacts of a `.csv` or `.jsonl` file, one after the other. Raises ImportRefused."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            read = _from_json if path.suffix.lower() in {".jsonl", ".ndjson"} else _from_csv
            yield from read(file)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ImportRefused(f"{path.name} cannot be read: {error}") from error


def _from_csv(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    reader = csv.DictReader(lines, restkey="more columns than the head line names")
    for row in reader:
        given = {name: value for name, value in row.items() if value not in (None, "")}
        attributes = {name.removeprefix(ATTRIBUTE): given.pop(name) for name in [*given] if name.startswith(ATTRIBUTE)}
        yield _checked({**given, **({"custom_attributes": attributes} if attributes else {})}, reader.line_num)


def _from_json(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                given = _DECODER.decode(line)
            except msgspec.MsgspecError as error:
                raise ImportRefused(f"Line {number} is no JSON object: {error}") from error
            yield _checked(given, number)


def _checked(given: dict[str, Any], number: int) -> dict[str, Any]:
    if unknown := sorted(given.keys() - {*FIELDS, "custom_attributes"}):
        known = ", ".join((*FIELDS, f"{ATTRIBUTE}<name>"))
        raise ImportRefused(f"Line {number}: '{unknown[0]}' is no field of a contact. Known are {known}")
    if given.get("role", "user") not in {"user", "lead"}:
        raise ImportRefused(f"Line {number}: role must be user or lead, not '{given['role']}'")
    if given.get("role", "user") == "user" and not (given.get("email") or given.get("external_id")):
        raise ImportRefused(f"Line {number}: a user needs an email or an external_id")
    for name in ("created_at", "updated_at"):
        if not str(given.get(name, 0)).isdecimal():
            raise ImportRefused(f"Line {number}: {name} must be unix seconds, not '{given[name]}'")
    return given


async def import_contacts(database: Database, rows: Iterable[Mapping[str, Any]]) -> Imported:
    """Store contacts, many in a statement; searches see them at once, and no webhook tells of them.

    The next ones are read while the database stores those before.
    """
    stored = given = 0
    attributes: set[str] = set()
    left = iter(rows)
    batch = await asyncio.to_thread(_batch, left)
    while batch.count:
        ahead = asyncio.ensure_future(asyncio.to_thread(_batch, left))
        try:
            async with database.connection() as connection:
                await _attributes(connection, batch.attributes, attributes)
                await queries.importing(connection)
                stored += await queries.import_contacts(connection, **batch.columns)
        finally:
            await asyncio.wait([ahead])
        given += batch.count
        batch = ahead.result()
    return Imported(stored=stored, left_out=given - stored)


class _Batch(msgspec.Struct, frozen=True):
    """So many contacts as columns, and the names of their custom attributes."""

    count: int
    columns: dict[str, list[Any]]
    attributes: frozenset[str]


def _batch(left: Iterator[Mapping[str, Any]]) -> _Batch:
    rows = list(itertools.islice(left, BATCH))
    names = frozenset(name for row in rows for name in row.get("custom_attributes") or ())
    return _Batch(len(rows), _columns(rows), names)


async def _attributes(connection: Connection, named: frozenset[str], known: set[str]) -> None:
    """Custom attributes that the rows name are there, as texts."""
    names = named - known
    for name in sorted(names):
        await queries.add_attribute(
            connection,
            model="contact",
            name=name,
            data_type="string",
            description="",
            options=Jsonb([]),
            messenger_writable=False,
            admin_id="",
            at=now(),
        )
    known |= names


def _columns(batch: list[Mapping[str, Any]]) -> dict[str, list[Any]]:
    at = now()
    phones = [str(row.get("phone") or "") for row in batch]
    created = [int(row.get("created_at") or at) for row in batch]
    return {
        "ids": [str(row.get("id") or new_id()) for row in batch],
        "roles": [row.get("role", "user") for row in batch],
        "external_ids": [_text(row.get("external_id")) for row in batch],
        "emails": [_text(row.get("email")) for row in batch],
        "phones": [phone or None for phone in phones],
        "formatted": [formatted_phone(phone) for phone in phones],
        "names": [_text(row.get("name")) for row in batch],
        "created": created,
        "updated": [int(row.get("updated_at") or made) for row, made in zip(batch, created, strict=True)],
        "attributes": [msgspec.json.encode(row.get("custom_attributes") or {}).decode() for row in batch],
    }


def _text(value: object) -> str | None:
    return str(value) if value not in (None, "") else None
