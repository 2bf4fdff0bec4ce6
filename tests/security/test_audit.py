"""Every act of a person is on record with who, whence and what; what is changed or taken out shows."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace

from leadline.engine import parked
from leadline.sandbox.seed import KNOWN_USER, LEAD_TWIN
from leadline.store.acting import acting
from leadline.store.database import Database
from leadline.store.queries import queries
from tests.cli.test_cli import Office
from tests.cli.test_cli import office as office
from tests.cli.test_cli import run as process
from tests.cli.test_merge import run
from tests.people.conftest import Desk
from tests.people.conftest import desk as desk
from tests.people.conftest import open_desk as open_desk
from tests.people.conftest import open_house as open_house

PHONE = "tel:+447700900123"


async def acts(database: Database) -> list[tuple[str, str, str]]:
    async with database.connection() as connection:
        rows = await (await connection.execute("select * from audit order by audit_id")).fetchall()
    return [(row["act"], row["source"], row["actor"]) for row in rows]


async def note(database: Database, number: int) -> None:
    with acting("Ann", "api"):
        async with database.connection() as connection:
            await queries.note_act(connection, workspace_id="ws", act=f"act.{number}", subject="s", detail="{}")


async def state(database: Database) -> dict[str, object]:
    async with database.connection() as connection:
        return dict(await queries.audit_state(connection, workspace_id="ws"))


async def test_what_the_command_line_does_is_noted_under_who_did_it(office: Office) -> None:
    settings, _, _ = office
    first, second = "1f" * 16, "2e" * 16
    values = ["account_sid=AC" + "a1" * 16, f"auth_token={first}", "number=+14155550100"]
    flags = [part for value in values for part in ("--set", value)]
    for arguments in (
        ["channel", "add", "twilio_sms", "--name", "Shop", *flags],
        ["channel", "change", "Shop", "--set", f"auth_token={second}"],
        ["channel", "rotate", "Shop"],
        ["merge", LEAD_TWIN, KNOWN_USER, "--yes"],
        ["merges", "undo", "1", "--yes"],
        ["link", "detach", "+447700900999"],
        ["channel", "remove", "Shop", "--yes"],
        ["channel", "restore", "Shop"],
        ["key", "rotate"],
        ["retention", "--run"],
        ["person", "export", "+447700900123"],
        ["person", "erase", "+447700900123", "--yes"],
    ):
        if arguments == ["key", "rotate"]:
            settings = replace(
                settings, secret_key="4f9d2c7be18a60353c1b9e7a5d40f682", secret_key_former=settings.secret_key
            )
        await process(settings, *arguments)
    _, said = await process(settings, "audit", "list", "--json", "--count", "99")
    rows = json.loads(said)
    assert [row["act"] for row in rows if not row["act"].startswith("merge.")] == [
        "channel.connected",
        "channel.changed",
        "channel.rotated",
        "channel.removed",
        "channel.restored",
        "key.rotated",
        "retention.run",
        "person.exported",
        "person.erased",
    ]
    merged = [row["act"] for row in rows if row["act"].startswith("merge.")]
    assert (merged[0], merged[-1]) == ("merge.planned", "merge.undone")
    assert {row["source"] for row in rows if row["act"].startswith("channel.")} == {"command line"}
    assert all(row["actor"] for row in rows)
    assert not [secret for secret in (first, second) if secret in said]
    assert (await process(settings, "audit", "verify"))[0] == 0


async def test_corrections_and_what_is_done_about_parked_messages_are_noted(desk: Desk) -> None:
    await desk.write(PHONE)
    async with Database.open(desk.database.url) as database:
        with acting("Maeve", "console"):
            for what in ("retry", "drop"):
                [row] = await desk.rows("update arrival set state = 'parked', reason = 'x' returning arrival_id")
                if what == "retry":
                    await parked.retry(database, "sandbox", ids=[row["arrival_id"]])
                else:
                    await parked.drop(database, "sandbox", [row["arrival_id"]])
        with acting("Liam", "panel"):
            await desk.leadline.corrections.detach("sandbox", PHONE, author="Liam")
    assert await acts(desk.database) == [
        ("parked.retried", "console", "Maeve"),
        ("parked.dropped", "console", "Maeve"),
        ("link.detach", "panel", "Liam"),
    ]


async def test_what_no_person_does_is_not_noted(desk: Desk) -> None:
    await desk.write(PHONE)
    await desk.rows("update channel set name = name || '!' returning 1")
    assert await acts(desk.database) == []


@pytest.mark.parametrize(
    ("tamper", "broken"),
    [
        ("update audit set actor = 'Bob' where audit_id = 3", 3),
        ("update audit set detail = '{\"a\": 1}' where audit_id = 3", 3),
        ("update audit set at = at + interval '1 second' where audit_id = 3", 3),
        ("delete from audit where audit_id = 3", 4),
        ("update audit set audit_id = 30 where audit_id = 3", 4),
        ("delete from audit where audit_id < 3", None),
        ("update audit set subject = null, detail = null, salt = null where audit_id = 3", None),
    ],
)
async def test_what_was_changed_shows_and_what_may_be_purged_or_erased_does_not(
    store: Database, tamper: str, broken: int | None
) -> None:
    for number in range(5):
        await note(store, number)
    assert (await state(store))["broken"] is None
    async with store.connection() as connection:
        await connection.execute("alter table audit disable trigger all")
        await connection.execute(tamper.encode())
        await connection.execute("alter table audit enable trigger all")
    assert (await state(store))["broken"] == broken


@pytest.mark.parametrize("statement", ["update audit set actor = 'Bob'", "delete from audit", "truncate audit"])
async def test_the_table_is_only_added_to(store: Database, statement: str) -> None:
    await note(store, 1)
    with pytest.raises(psycopg.errors.RaiseException, match="only added to"):
        async with store.connection() as connection:
            await connection.execute(statement.encode())
    assert (await state(store))["count"] == 1


async def test_acts_at_once_make_one_chain(store: Database) -> None:
    await asyncio.gather(*(note(store, number) for number in range(40)))
    assert (await state(store)) | {"head": ""} == {"count": 40, "broken": None, "head": ""}


async def test_a_broken_chain_is_told_and_the_whole_is_exported(desk: Desk, tmp_path: Path) -> None:
    settings, copy = desk.leadline.settings, tmp_path / "audit.jsonl"
    for number in range(3):
        await run(settings, "link", "share", f"+44770090012{number}")
    code, said = await run(settings, "audit", "list", "--count", "2")
    assert said.splitlines()[-1] == "There are 1 more. Use --count to see them."
    assert ("marked a" in said, "+44 7700 900122" in said, "link.share" in said) == (True, True, False), said
    code, said = await run(settings, "audit", "export", str(copy))
    assert (code, len(copy.read_text().splitlines()), copy.stat().st_mode & 0o077) == (0, 3, 0), said
    async with desk.database.connection() as connection:
        await connection.execute("alter table audit disable trigger all")
        await connection.execute("update audit set actor = 'Bob' where audit_id = 2")
        await connection.execute("alter table audit enable trigger all")
    code, said = await run(settings, "audit", "verify")
    assert (code, "number 2 is not what was recorded" in said) == (1, True), said
