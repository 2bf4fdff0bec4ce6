"""A person planted in every table and kind is shown, exported and erased; afterwards no byte of theirs is left."""

from __future__ import annotations

import asyncio
import gzip
import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from leadline.people.forgotten import PREFIX
from leadline.privacy import Persons
from leadline.privacy.needles import needles, unpacked
from leadline.privacy.traces import NOBODY, TRACES
from leadline.sandbox.seed import KNOWN_USER
from leadline.store.database import Database
from tests.acceptance.town import until
from tests.cli.test_merge import run
from tests.people.conftest import Desk
from tests.people.conftest import desk as desk
from tests.people.conftest import open_desk as open_desk
from tests.people.conftest import open_house as open_house

PHONE, NAME, EMAIL = "+447700900777", 'Zoë "Zo" Quux-Müller', "zoe.quux@example.org"
HANDLE, BOT = f"tel:{PHONE}", "telegram:7000000001/991177"
TEXT = "My secret is a blue giraffe / and an ünusual one"
LEAD, USER = "6a0000000000000000000771", "6a0000000000000000000772"
VALUES = [PHONE, PHONE[1:], NAME, EMAIL, TEXT, "991177", "photo-of-zoe.jpg", HANDLE]
OTHER, OTHER_LEAD = "tel:+447700900888", "6a0000000000000000000999"
EVERYWHERE = json.dumps({"a": [NAME, PHONE, EMAIL, TEXT]})
MESSAGE = {"provider_id": "p1", "sender": PHONE, "text": TEXT, "profile": {"name": NAME, "email": EMAIL}, "handles": []}
CANDIDATE = {"contact_id": LEAD, "role": "lead", "name": NAME, "email": EMAIL, "phone": PHONE}
OF_OTHERS = json.dumps({"contact_id": OTHER_LEAD, "policy": "ask", "reasons": [], "candidates": [CANDIDATE]})
# arrival numbers: 9001 message, 9002 notification, 9003 status, 9004 begun, 9005 consent, 9006 merge, 9007 unreadable,
# 9008 waiting, 9009 unsigned and never found in a list, 9100 somebody else's message, in whose
# decision they were a candidate
BODIES = {
    9001: EVERYWHERE.encode(),
    9002: json.dumps({"name": NAME}, ensure_ascii=False).encode(),
    9003: f"To={quote(PHONE, safe='')}&Body={quote(TEXT, safe='')}".encode(),
    9004: b64encode(b"xy" + EVERYWHERE.encode()),
    9005: gzip.compress(EVERYWHERE.encode()),
    9006: b"{}",
    9007: gzip.compress(b"\x00" * 999 + f"nobody can read this {PHONE}".encode()),
    9008: f"{PHONE}".encode(),
    9009: b"{}",
    9100: f"a batch of two senders, one of them {PHONE}".encode(),
}
ARRIVALS: dict[int, tuple[str, str, str, dict[str, Any]]] = {
    9001: ("message", HANDLE, "done", MESSAGE),
    9002: ("notification", "conversation:c77", "done", {"conversation_id": "c77", "replies": [{"text": TEXT}]}),
    9003: ("status", "status:o77", "done", {"outbound_id": "o77", "state": "sent", "sender": PHONE, "detail": NAME}),
    9004: ("begun", f"begun:{HANDLE}", "parked", {"text": TEXT, "target": {"handle": HANDLE, "sender": PHONE}}),
    9005: ("consent", BOT, "done", {"sender": "991177", "state": "out"}),
    9006: ("merge", f"contact:{LEAD}", "done", {"merge_id": 77}),
    9007: ("unreadable", "unreadable:1", "parked", {"url": f"https://h/in/…?from={quote(PHONE)}"}),
    9008: ("message", HANDLE, "waiting", MESSAGE),
    9009: ("unlisted", "unlisted:1:x", "parked", {"sender": PHONE[1:], "text": TEXT, "handles": []}),
    9100: ("message", OTHER, "done", {"provider_id": "p2", "sender": "+447700900888", "text": "Hi", "handles": []}),
}
# Tables that hold a person, and a row of them there; arrival and raw come from ARRIVALS and BODIES.
ROWS: list[tuple[str, dict[str, Any]]] = [
    ("link", {"handle": HANDLE, "contact_id": LEAD, "role": "lead", "evidence": "phone", "author": "x"}),
    ("link", {"handle": BOT, "contact_id": USER, "role": "user", "evidence": "exact", "author": "x"}),
    ("link", {"handle": OTHER, "contact_id": OTHER_LEAD, "role": "lead", "evidence": "x", "author": "x"}),
    (
        "merge",
        {"merge_id": 77, "from_id": LEAD, "into_id": USER, "way": "merge", "author": "Ann", "state": "merged"}
        | {
            "snapshot": b"x",
            "explanation": NAME,
            "moved": EVERYWHERE,
            "undo_report": EVERYWHERE,
            "differences": [NAME],
        },
    ),
    (
        "conversation",
        {"conversation_id": "c77", "channel_id": 1, "handle": HANDLE, "contact_id": USER, "sender": PHONE},
    ),
    (
        "outbound",
        {"outbound_id": "o77", "conversation_id": "c77", "part_id": "p", "piece": 0, "channel_id": 1, "state": "sent"}
        | {"message": json.dumps({"to": PHONE, "text": TEXT}), "handle": HANDLE, "detail": NAME},
    ),
    (
        "webhook_event",
        {"webhook_id": 1, "kind": "message.sent", "about": "o77", "contact_id": USER, "former_id": "", "handle": HANDLE}
        | {"content": EVERYWHERE},
    ),
    ("handle", {"handle": HANDLE, "name": NAME}),
    ("awaited_answer", {"channel_id": 1, "handle": HANDLE, "admin_id": "1"}),
    ("greeting", {"channel_id": 1, "handle": HANDLE, "kind": "welcome", "arrival_id": 9001}),
    ("avatar", {"key": "k77", "handle": BOT, "content_type": "image/png", "content": EVERYWHERE.encode()}),
    ("file_link", {"key": "f77", "conversation_id": "c77", "part_id": "p", "place": "https://h/photo-of-zoe.jpg"}),
    ("fetched", {"arrival_id": 9008, "number": 1, "name": "photo-of-zoe.jpg", "content": EVERYWHERE.encode()}),
    ("step", {"owner": "arrival:9001", "step": 0, "kind": "open", "body": TEXT, "place": EVERYWHERE}),
    ("step", {"owner": "outbound:o77:failed", "step": 0, "kind": "note", "body": NAME}),
    ("step", {"owner": "merge:77:c1", "step": 0, "kind": "note", "body": NAME}),
    ("step", {"owner": "consent:9005", "step": 0, "kind": "note", "body": NAME}),
    ("step", {"owner": "stopped:c77:p", "step": 0, "kind": "note", "body": NAME}),
    (
        "decision",
        {"arrival_id": 9001, "contact_id": LEAD, "code": "new_lead", "policy": "ask"}
        | {"document": EVERYWHERE, "evidence": EVERYWHERE},
    ),
    (
        "decision",
        {"arrival_id": 9100, "contact_id": OTHER_LEAD, "code": "ask", "policy": "ask"}
        | {"document": OF_OTHERS, "evidence": json.dumps({"candidates": [CANDIDATE]})},
    ),
    (
        "correction",
        {"kind": "share", "handle": HANDLE, "handles": [HANDLE], "from_id": LEAD, "author": "A", "before": EVERYWHERE},
    ),
    ("audit", {"actor": "Ann", "act": "link.share", "subject": HANDLE, "detail": json.dumps({"after": LEAD})}),
    ("distinct_pair", {"handle": HANDLE, "contact_id": "y", "author": "Ann"}),
    ("attestation", {"phone": HANDLE, "handle": BOT}),
    ("lane_join", {"name": BOT, "lane": HANDLE}),
    ("lane", {"lane": HANDLE, "ready": False}),
    ("lane", {"lane": BOT, "ready": False}),
    (
        "directory_entry",
        {"contact_id": USER, "role": "user", "name": "zoe quux", "email": EMAIL, "updated_at": 1},
    ),
    ("directory_met", {"contact_id": USER}),
    (
        "duplicate_group",
        {"group_id": LEAD, "contact_ids": [USER, LEAD], "survivor_id": USER, "tenths": 85, "gain": 1, "named": False},
    ),
    ("duplicate_pair", {"one_id": LEAD, "other_id": USER, "tenths": 85, "evidence": "same_phone:85:2"}),
    ("duplicate_judgement", {"one_id": LEAD, "other_id": USER, "verdict": "same", "author": "Ann"}),
    (
        "duplicate_merge",
        {"batch_id": 1, "position": 1, "from_id": LEAD, "into_id": USER, "way": "merge", "evidence": ""},
    ),
    (
        "import_claim",
        {"import_id": 1, "handle": HANDLE, "contact_id": LEAD, "attribute": "phone", "role": "lead", "channel": "SMS"}
        | {"value": PHONE, "other_id": USER},
    ),
    (
        "consent",
        {"channel_id": 1, "handle": HANDLE, "about": "everything", "state": "out", "source": "word", "word": "STOP"}
        | {"arrival_id": 9005},
    ),
]

IDS_ALONE = {
    "lane", "directory_met", "avatar", "duplicate_group", "duplicate_pair", "duplicate_judgement", "duplicate_merge",
}  # fmt: skip


async def plant(database: Database) -> None:
    """A person in every table and kind, and somebody else beside them."""
    async with database.connection() as connection:
        for number, (kind, lane, state, content) in ARRIVALS.items():
            await connection.execute(
                "insert into raw (workspace_id, raw_id, method, url, headers, body)"
                " values ('sandbox', md5(%s::text)::uuid, 'POST', '/in/…', %s, %s)",
                [number, json.dumps({"x-from": PHONE if number < 9100 else "?"}), BODIES[number]],
            )
            await connection.execute(
                "insert into arrival (workspace_id, arrival_id, raw_id, channel_id, source, dedupe, kind, lane, state,"
                " content, explanation, reason) overriding system value values ('sandbox', %s, md5(%s::text)::uuid, 1,"
                " 't', %s, %s, %s, %s, %s, %s, '')",
                [number, number, str(number), kind, lane, state, json.dumps(content), NAME if number < 9100 else ""],
            )
        for table, fields in ROWS:
            row = {"workspace_id": "sandbox", **fields}
            await connection.execute(
                sql.SQL("insert into {} ({}) overriding system value values ({})").format(
                    sql.Identifier(table),
                    sql.SQL(", ").join(map(sql.Identifier, row)),
                    sql.SQL(", ").join(map(sql.Placeholder, row)),
                ),
                row,
            )


async def dump(database: Database) -> dict[str, bytes]:
    """Every row of every table as bytes; byte columns also as they are, and what is packed in them unpacked."""
    tables: dict[str, bytes] = {}
    async with database.connection() as connection:
        listed = await connection.execute("select tablename from pg_tables where schemaname = 'public'")
        for name in [row["tablename"] for row in await listed.fetchall()]:
            rows = await (await connection.execute(sql.SQL("select * from {}").format(sql.Identifier(name)))).fetchall()
            found = []
            for row in rows:
                found.append(str(row).encode() + json.dumps(row, default=str, ensure_ascii=False).encode())
                blobs = [bytes(value) for value in row.values() if isinstance(value, bytes | memoryview)]
                found += [blob + unpacked(blob) + decoded(blob) for blob in blobs]
            tables[name] = b"\n".join(found)
    return tables


def decoded(blob: bytes) -> bytes:
    try:
        return b64decode(blob, validate=True)
    except ValueError:
        return b""


def holding(tables: dict[str, bytes]) -> set[tuple[str, str]]:
    """Where which value is found, in whatever writing."""
    return {
        (table, value)
        for table, content in tables.items()
        for value in VALUES
        if any(needle in content for needle in needles([value]))
    }


@pytest.fixture
async def planted(desk: Desk) -> Desk:
    await plant(desk.database)
    return desk


async def test_every_table_is_a_trace_or_says_whose_it_is(store: Database) -> None:
    async with store.connection() as connection:
        listed = await connection.execute("select tablename from pg_tables where schemaname = 'public'")
        tables = {row["tablename"] for row in await listed.fetchall()}
    assert tables == {trace.table for trace in TRACES} | NOBODY.keys()


@pytest.mark.parametrize(
    ("contacts", "handles"), [({LEAD}, set()), ({USER}, set()), (set(), {HANDLE}), (set(), {BOT})], ids=str
)
async def test_nothing_of_an_erased_person_is_left_anywhere(
    planted: Desk, contacts: set[str], handles: set[str]
) -> None:
    before = holding(await dump(planted.database))
    assert {table for table, _ in before} >= {trace.table for trace in TRACES} - IDS_ALONE
    persons = Persons(planted.database)
    person = await persons.find("sandbox", contacts=contacts, handles=handles)
    counts = await persons.counts(person)
    assert {table for table, count in counts.items() if not count} == set()
    receipt = await persons.erase(person, now=datetime.now(UTC))
    assert holding(await dump(planted.database)) == set()
    assert receipt.erased.keys() == {trace.table for trace in TRACES}
    assert receipt.rewritten == 1
    assert len(receipt.kept) == 3
    again = await persons.find("sandbox", contacts=contacts, handles=handles)
    assert (await persons.counts(again)).keys() == counts.keys()
    assert {table for table, count in (await persons.counts(again)).items() if count} <= {"merge"}


async def test_others_stay_as_they_were_and_their_decisions_stay_readable(planted: Desk) -> None:
    persons = Persons(planted.database)
    person = await persons.find("sandbox", contacts=set(), handles={HANDLE})
    await persons.erase(person, now=datetime.now(UTC))
    [arrival] = await planted.rows("select * from arrival where arrival_id = 9100")
    assert arrival["content"]["text"] == "Hi"
    assert len(await planted.rows("select 1 from link where handle = %s", OTHER)) == 1
    code, said = await run(planted.leadline.settings, "explain", "9100")
    assert code == 0, said
    assert "erased" in said


async def test_a_refusal_outlives_its_person_and_ends_when_they_say_so(planted: Desk) -> None:
    persons = Persons(planted.database)
    await persons.erase(await persons.find("sandbox", contacts=set(), handles={HANDLE}), now=datetime.now(UTC))
    [kept] = await planted.rows("select handle, state from consent")
    assert kept["handle"].startswith(PREFIX)
    reaches = planted.leadline.reaches
    assert (await reaches._standing("sandbox", 1, HANDLE))["refused_by"] == "word"
    assert (await reaches._standing("sandbox", 1, OTHER))["refused_by"] is None
    await planted.write(HANDLE, text="START")
    assert (await reaches._standing("sandbox", 1, HANDLE))["refused_by"] is None


async def test_the_commands_show_export_and_erase_with_a_receipt(planted: Desk, tmp_path: Path) -> None:
    settings, copy = planted.leadline.settings, tmp_path / "zoe.json"
    code, said = await run(settings, "person", "show", "07700 900777", "--json")
    assert code == 1, "a national number needs a country"
    for who in (PHONE, "+44 7700 900777", HANDLE, LEAD, USER, BOT, EMAIL):
        code, said = await run(settings, "person", "show", who, "--json")
        assert code == 0, said
        assert {row["table"]: row["records"] for row in json.loads(said)}["arrival"] == 7, who
    code, said = await run(settings, "person", "show", PHONE)
    assert (code, "Messages and notices" in said, "arrival" in said) == (0, True, False), said
    code, said = await run(settings, "person", "export", PHONE, "--to", str(copy))
    assert code == 0, said
    assert copy.stat().st_mode & 0o077 == 0
    written = json.loads(copy.read_text())
    assert TEXT in json.dumps(written, ensure_ascii=False)
    assert b64decode(written["avatar"][0]["content"]) == EVERYWHERE.encode()
    code, said = await run(settings, "person", "export", PHONE, "--to", str(copy))
    assert (code, "Name a new file" in said) == (1, True)
    code, said = await run(settings, "person", "erase", PHONE, stdin="n\n")
    assert code == 1, "a no is a no"
    code, said = await run(settings, "person", "erase", PHONE, "--yes")
    assert code == 0, said
    assert "Kept: that they refuse messages" in said
    assert "Not touched: Intercom's own records" in said
    assert holding(await dump(planted.database)) == set()
    code, said = await run(settings, "person", "show", PHONE)
    assert "Nothing is on record" in said


async def test_intercoms_contact_is_deleted_on_request_only(desk: Desk) -> None:
    await desk.write(HANDLE, text="Hello")
    [link] = await desk.rows("select contact_id from link where superseded_at is null")
    code, said = await run(desk.leadline.settings, "person", "erase", HANDLE, "--yes", "--in-intercom", "--json")
    assert (code, json.loads(said)["deleted_in_intercom"]) == (0, [link["contact_id"]])
    assert (await desk.call("GET", f"/contacts/{link['contact_id']}"))[0] == 404
    assert (await desk.call("GET", f"/contacts/{KNOWN_USER}"))[0] == 200


@given(st.binary(max_size=30), st.text(min_size=4, max_size=30), st.binary(max_size=30))
def test_a_value_is_found_in_every_writing(before: bytes, value: str, after: bytes) -> None:
    value = value.replace("\x00", "x")
    try:
        encoded = value.encode()
    except UnicodeEncodeError:
        return
    sought = needles([value])
    writings = [
        encoded,
        json.dumps(value).encode(),
        json.dumps(value, ensure_ascii=False).encode(),
        quote(value, safe="").encode(),
        unpacked(gzip.compress(before + encoded + after)),
    ]
    if len(encoded) > 6:
        writings.append(b64encode(before + encoded + after))
    for writing in writings:
        assert any(needle in before + writing + after for needle in sought)


async def test_a_message_that_comes_while_its_sender_is_erased_is_worked_on(desk: Desk) -> None:
    """The lane goes with the person; what is kept meanwhile must not be left without one."""
    await desk.write(HANDLE, text="Before")
    persons = Persons(desk.database)
    person = await persons.find("sandbox", contacts=set(), handles={HANDLE})
    number = await desk.keep(HANDLE, text="Between looking and erasing")
    await persons.erase(person, now=datetime.now(UTC))
    await asyncio.gather(
        persons.erase(person, now=datetime.now(UTC)), *(desk.keep(HANDLE, text=f"While {n}") for n in range(5))
    )
    await desk.drain()
    assert await desk.rows("select 1 from arrival where arrival_id = %s", number) == []
    assert await desk.rows("select 1 from arrival where state = 'waiting'") == []


async def test_what_is_being_worked_on_is_finished_before_its_sender_is_erased(desk: Desk) -> None:
    """Else the worker would write down, after the erasure, whose conversation it has just opened."""
    await desk.fault(method="POST", path="/conversations", delay=600)
    await desk.keep(HANDLE, text=TEXT)
    working = asyncio.create_task(desk.drain())
    await until(desk.held)
    persons = Persons(desk.database)
    person = await persons.find("sandbox", contacts=set(), handles={HANDLE})
    erasing = asyncio.create_task(persons.erase(person, now=datetime.now(UTC)))
    await asyncio.wait({erasing}, timeout=1)
    await desk.ok("DELETE", "/_sandbox/faults")
    await asyncio.gather(working, erasing)
    assert holding(await dump(desk.database)) == set()
