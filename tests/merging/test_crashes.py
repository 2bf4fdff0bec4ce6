"""`kill -9` at every step of a merge and of its undo, then one restart: made or not made, and the journal knows which.

The sandbox holds a request, or the database a statement, until the process that waits for it is dead.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any

import psycopg
import pytest

from leadline.settings import Settings
from tests.acceptance.town import until
from tests.nursery import forked

from .conftest import WORKSPACE, House
from .conftest import Open as OpenHouse
from .merge_process import live

PAUSE = 4711
CATCHING_UP = 1.5  # seconds: a worker has then taken up some of what was left, and not all
HELD = (
    "select 1 from pg_locks where locktype = 'advisory' and objid = %s and not granted "
    "and database = (select oid from pg_database where datname = current_database())"
)
HTTP, SQL = "http", "sql"
Point = tuple[str, str, str, bool]  # (how, what, when, whether the restart has something to finish)

# The held statement never happens; a held commit does, and nobody is left to hear of it.
FIRST_READ: Point = (HTTP, "GET /contacts/[0-9a-f]+", "before", False)
POINTS: dict[str, Point] = {
    "the contacts are read": FIRST_READ,
    "the conversations are searched": (HTTP, "POST /conversations/search", "before", False),
    "the merge is planned": (SQL, "insert on merge", "before", False),
    "its work is kept": (SQL, "insert on arrival", "before", False),
    "its lane is made ready": (SQL, "insert on lane", "before", False),
    "the plan is committed": (SQL, "insert on merge", "commit", True),
    "the call is announced": (SQL, "update on merge when (new.state = 'calling')", "before", True),
    "the announcement is committed": (SQL, "update on merge when (new.state = 'calling')", "commit", True),
    "the lead is made a user": (HTTP, "PUT /contacts/[0-9a-f]+", "before", True),
    "the lead has been made a user": (HTTP, "PUT /contacts/[0-9a-f]+", "after", True),
    "Intercom is asked": (HTTP, "POST /contacts/merge", "before", True),
    "Intercom has merged": (HTTP, "POST /contacts/merge", "after", True),
    "the links end": (SQL, "update on link", "before", True),
    "the links begin": (SQL, "insert on link", "before", True),
    "the conversations move": (SQL, "update on conversation", "before", True),
    "the journal is settled": (SQL, "update on merge when (new.state = 'merged')", "before", True),
    "the outcome is committed": (SQL, "update on merge when (new.state = 'merged')", "commit", True),
    "the work is marked": (SQL, "update on arrival when (new.state = 'done')", "before", True),
    "the mark is committed": (SQL, "update on arrival when (new.state = 'done')", "commit", True),
    "the lane is closed": (SQL, "update on lane when (not new.ready)", "before", True),
}
UNDO_POINTS: dict[str, Point] = {
    "the undo is begun": (SQL, "update on merge when (new.state = 'undoing')", "before", False),
    "its beginning is committed": (SQL, "update on merge when (new.state = 'undoing')", "commit", True),
    "the lead is made": (HTTP, "POST /contacts", "before", True),
    "the lead has been made": (HTTP, "POST /contacts", "after", True),
    "the handles go back": (SQL, "insert on link", "before", True),
    "the handles have gone back": (SQL, "update on merge when (new.undo_contact_id <> '')", "commit", True),
    "a note has returned": (HTTP, "POST /contacts/[0-9a-f]+/notes", "after", True),
    "a tag has returned": (HTTP, "POST /contacts/[0-9a-f]+/tags", "after", True),
    "the survivor has given up": (HTTP, "PUT /contacts/[0-9a-f]+", "after", True),
    "the conversation has its note": (HTTP, "POST /conversations/[^/]+/reply", "after", True),
    "the undo is settled": (SQL, "update on merge when (new.state = 'undone')", "before", True),
}
SINCE_2_16 = ("Intercom has merged", "the links end", "the journal is settled")  # where 404 and 410 differ


class Killer:
    """Starts processes and kills them where they are held."""

    def __init__(self, house: House, settings: Settings) -> None:
        self.house = house
        self.settings = settings

    def doing(self, **order: Any) -> AbstractContextManager[object]:
        """A process of its own that has this order; at the end it is killed."""
        return forked(live, self.settings, order)

    async def kill_at(self, point: Point, **order: Any) -> None:
        """Run the order in a process of its own and kill it at this point."""
        how, what, when, _ = point
        async with (self._request if how == HTTP else self._statement)(what, when) as held:
            with self.doing(**order):
                await until(held)

    @asynccontextmanager
    async def _request(self, what: str, when: str) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
        method, _, path = what.partition(" ")
        await self.house.fault(method=method, path=path, when=when, delay=60.0, drop=True)

        yield self.house.held
        await self.house.ok("DELETE", "/_sandbox/faults")

    @asynccontextmanager
    async def _statement(self, what: str, when: str) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
        event, _, rest = what.partition(" on ")
        table, _, condition = rest.partition(" ")
        kind = (
            f"constraint trigger pause after {event} on {table} deferrable initially deferred"
            if when == "commit"
            else f"trigger pause before {event} on {table}"
        )
        async with await psycopg.AsyncConnection.connect(self.house.database.url, autocommit=True) as connection:
            await connection.execute(f"select pg_advisory_lock({PAUSE})")
            await connection.execute(f"create {kind} for each row {condition} execute function pause()".encode())

            async def held() -> bool:
                return bool(await (await connection.execute(HELD, [PAUSE])).fetchall())

            yield held
            await connection.execute(f"select pg_advisory_unlock({PAUSE})")
            await until(lambda: _no(held))
            await connection.execute(f"drop trigger pause on {table}".encode())


async def _no(held: Callable[[], Awaitable[bool]]) -> bool:
    return not await held()


@asynccontextmanager
async def killer(open_house: OpenHouse, version: str) -> AsyncIterator[Killer]:
    function = "create or replace function pause() returns trigger language plpgsql as $$ begin "
    function += f"perform pg_advisory_xact_lock_shared({PAUSE}); return new; end $$"
    async with open_house(intercom_version=version, sandbox={"version": version}) as house:
        await house.run(function)
        yield Killer(house, house.leadline.settings)


async def a_pair(house: House, number: int, way: str) -> dict[str, Any]:
    """A lead with a handle, a conversation, a tag and two notes, and somebody to merge it into."""
    lead = {"role": "lead", "name": f"lead {number}", "phone": f"+3538611100{number:02d}"}
    from_id = await house.contact(lead, external_id=f"leadline:tel:{number}")
    other = {"role": "lead"} if way == "promote" else {"role": "user", "external_id": f"cust-{number}"}
    into_id = await house.contact(other, name=f"survivor {number}")
    tag = await house.ok("POST", "/tags", {"name": f"tag {number}"})
    await house.ok("POST", f"/contacts/{from_id}/tags", {"id": tag["id"]})
    for body in ("<p>first</p>", "<p>second</p>"):
        await house.ok("POST", f"/contacts/{from_id}/notes", {"body": body})
    handle = f"tel:{lead['phone']}"
    await house.linked(handle, from_id)
    conversation = await house.conversation(from_id, handle)
    pair = {"from_id": from_id, "into_id": into_id, "way": way, "do": "merge"}
    return pair | {"handle": handle, "conversation": conversation, "name": lead["name"]}


async def journal(house: House, from_id: str) -> dict[str, Any] | None:
    rows = [row for row in await house.rows("select * from merge") if row["from_id"] == from_id]
    assert len(rows) <= 1
    return rows[0] if rows else None


async def gone(house: House, contact_id: str) -> bool:
    return (await house.call("GET", f"/contacts/{contact_id}"))[0] == 410


async def restarted(kill: Killer, done: Callable[[], Awaitable[bool]]) -> None:
    """A worker that is killed in the middle of catching up, and one that is not."""
    with kill.doing(do="work"):
        await asyncio.sleep(CATCHING_UP)
    with kill.doing(do="work"):
        await until(done)


@pytest.mark.parametrize("version", ["2.16", pytest.param("2.15", marks=pytest.mark.long)])
async def test_a_merge_killed_anywhere_is_made_or_not_made_and_the_journal_tells(
    open_house: OpenHouse, version: str
) -> None:
    points = {name: POINTS[name] for name in (POINTS if version == "2.16" else SINCE_2_16)}
    pairs: dict[str, dict[str, Any]] = {}
    async with killer(open_house, version) as kill:
        house = kill.house
        for number, (name, point) in enumerate(points.items()):
            pairs[name] = await a_pair(house, number, "promote" if "a user" in name else "merge")
            await kill.kill_at(point, **{key: pairs[name][key] for key in ("from_id", "into_id", "way", "do")})
            row = await journal(house, pairs[name]["from_id"])
            if await gone(house, pairs[name]["from_id"]):
                assert row is not None, f"{name}: merged and not in the journal"
                assert row["snapshot"], f"{name}: merged without a snapshot"
                assert row["state"] in {"calling", "merged"}, name
            else:
                assert row is None or row["state"] in {"planned", "calling"}, name

        async def settled() -> bool:
            return not await house.rows("select 1 from arrival where state = 'waiting'")

        await restarted(kill, settled)
        for name, pair in pairs.items():
            await judged(house, name, pair, made=points[name][3])
        assert not await dead_ends(house)


async def judged(house: House, name: str, pair: dict[str, Any], *, made: bool) -> None:
    row = await journal(house, pair["from_id"])
    assert await gone(house, pair["from_id"]) is made, name
    assert (row["state"] if row else "none") == ("merged" if made else "none"), name
    survivor = pair["into_id"] if made else pair["from_id"]
    assert await house.owner(pair["handle"]) == survivor, name
    talks = await house.rows("select * from conversation")
    assert [each["contact_id"] for each in talks if each["handle"] == pair["handle"]] == [survivor], name
    shown = await house.ok("GET", f"/contacts/{survivor}")
    assert (shown["tags"]["total_count"], shown["notes"]["total_count"]) == (1, 2), name
    if row:
        assert row["moved"]["handles"] == [pair["handle"]], name


async def dead_ends(house: House) -> list[str]:
    """Contacts that a handle or a conversation leads to and that are not there."""
    rows = await house.rows(
        "select contact_id from link where superseded_at is null union select contact_id from conversation"
    )
    found = [(row["contact_id"], (await house.call("GET", f"/contacts/{row['contact_id']}"))[0]) for row in rows]
    return [contact_id for contact_id, status in found if status != 200]


@pytest.mark.long
async def test_an_undo_killed_anywhere_is_finished_and_nothing_returns_twice(open_house: OpenHouse) -> None:
    pairs: dict[str, dict[str, Any]] = {}
    async with killer(open_house, "2.16") as kill:
        house = kill.house
        for number, (name, point) in enumerate(UNDO_POINTS.items()):
            pair = pairs[name] = await a_pair(house, number, "merge")
            merged = await house.merging.merge(WORKSPACE, pair["from_id"], pair["into_id"], author="Maya")
            await kill.kill_at(point, do="undo", merge_id=merged.merge_id)

        async def settled() -> bool:
            return not await house.rows("select 1 from arrival where state = 'waiting'")

        await restarted(kill, settled)
        for name, pair in pairs.items():
            await undo_judged(house, name, pair, made=UNDO_POINTS[name][3])
        assert not await dead_ends(house)


async def undo_judged(house: House, name: str, pair: dict[str, Any], *, made: bool) -> None:
    row = await journal(house, pair["from_id"])
    assert row is not None
    assert row["state"] == ("undone" if made else "merged"), name
    owner = row["undo_contact_id"] if made else pair["into_id"]
    assert await house.owner(pair["handle"]) == owner, name
    shown = await house.ok("GET", f"/contacts/{owner}")
    assert (shown["tags"]["total_count"], shown["notes"]["total_count"]) == (1, 2), name
    everybody = (await house.ok("GET", "/contacts?per_page=150"))["data"]
    assert len([each for each in everybody if each["name"] == pair["name"]]) == (1 if made else 0), name
    talk = await house.ok("GET", f"/conversations/{pair['conversation']}")
    parts = talk["conversation_parts"]["conversation_parts"]
    notes = [part["body"] for part in parts if part["part_type"] == "note"]
    assert len(notes) == (2 if made else 1), name  # the merge is told, and then its undo
