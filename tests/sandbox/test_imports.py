"""Contacts from a file: what is stored, what a search then finds, and which files are refused with which line."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from leadline.sandbox.app import prepare
from leadline.sandbox.imports import BATCH, Imported, ImportRefused, import_contacts, rows_of
from leadline.store.database import Database

CSV = """role,external_id,email,phone,name,updated_at,custom_attributes.alt
user,crm-1,ana@example.com,"+34 611 936 811",Ana Silva,1700000000,
lead,,,'+353 86 998 4709,"Byrne, Aoife",,+353 1 555 0100
user,crm-1,other@example.com,,The same id,,
"""
JSONL = """{"role": "user", "external_id": "crm-1", "phone": "086 998 4003", "custom_attributes": {"alt": "x"}}

{"role": "lead", "name": "Aoife"}
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        await prepare(opened)
        yield opened


async def rows(database: Database, question: str) -> list[dict[str, object]]:
    async with database.connection() as connection:
        return [dict(row) async for row in await connection.execute(question.encode())]


async def test_a_csv_file_becomes_contacts_that_a_search_sees(database: Database, tmp_path: Path) -> None:
    path = written(tmp_path, "people.csv", "\ufeff" + CSV)
    assert await import_contacts(database, rows_of(path)) == Imported(stored=2, left_out=1)
    stored = await rows(database, "select role, external_id, email, phone, name, updated_at from contact order by role")
    assert stored[1] == {
        "role": "user", "external_id": "crm-1", "email": "ana@example.com", "phone": "+34 611 936 811",
        "name": "Ana Silva", "updated_at": 1_700_000_000,
    }  # fmt: skip
    assert stored[0]["name"] == "Byrne, Aoife"
    assert [row["name"] for row in await rows(database, "select name from data_attribute where name = 'alt'")] == [
        "alt"
    ]
    found = await rows(database, "select doc -> 'custom_attributes' as a from contact_index order by doc ->> 'role'")
    assert found == [{"a": {"alt": "+353 1 555 0100"}}, {"a": {}}]


async def test_a_file_of_json_lines_and_more_than_one_batch(database: Database, tmp_path: Path) -> None:
    path = written(tmp_path, "people.jsonl", JSONL)
    assert (await import_contacts(database, rows_of(path))).stored == 2
    many = (json.dumps({"external_id": f"m-{number}"}) for number in range(BATCH + 1))
    path = written(tmp_path, "many.jsonl", "\n".join(many))
    assert (await import_contacts(database, rows_of(path))).stored == BATCH + 1


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.csv", "role,phon\nlead,1\n", "Line 2: 'phon' is no field"),
        ("a.csv", "role\nadmin\n", "Line 2: role must be user or lead, not 'admin'"),
        ("a.csv", "role,name\nuser,Ana\n", "Line 2: a user needs an email or an external_id"),
        ("a.csv", "role,updated_at\nlead,yesterday\n", "Line 2: updated_at must be unix seconds"),
        ("a.csv", "role\nlead,1,2\n", "Line 2: 'more columns than the head line names'"),
        ("a.jsonl", '{"role": "lead"}\n{"role": \n', "Line 2 is no JSON object"),
        ("a.jsonl", "[1]\n", "Line 1 is no JSON object"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, name: str, text: str, why: str) -> None:
    with pytest.raises(ImportRefused, match=why):
        list(rows_of(written(tmp_path, name, text)))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"role\n\xff\xfe\n")
    with pytest.raises(ImportRefused, match="cannot be read"):
        list(rows_of(path))
