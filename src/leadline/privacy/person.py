"""What a person may ask for: to see what is on record, to have a copy, to be forgotten. `leadline person` calls it."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import sql
from psycopg.types.json import Jsonb

from leadline.engine.holds import HOLD
from leadline.errors import Waiting
from leadline.model import Struct
from leadline.people.forgotten import forgotten
from leadline.privacy.needles import SHORTEST, needles, unpacked
from leadline.privacy.traces import LANES, TRACES, Trace
from leadline.privacy.whom import Whom, whom
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

PATIENCE = 60.0  # seconds for which what is under way may hold an erasure up
LOOK = 0.2
BUSY = "A message of this person is being worked on at this moment, so nothing was erased. Try again in a minute."
NAMED = {"name", "email", "phone", "external_id", "contact_id", "profile_name", "previous_name"}


class Receipt(Struct, frozen=True, kw_only=True):
    """What was erased and what stays. erased: rows by table. kept: what stays, and why."""

    erased_at: datetime
    contacts: tuple[str, ...]
    addresses: int
    erased: dict[str, int]
    rewritten: int
    kept: tuple[str, ...]


class Persons:
    """The rights of the people in one installation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, workspace_id: str, *, contacts: Collection[str], handles: Collection[str]) -> Whom:
        """The person these are."""
        async with self._database.connection() as connection:
            return await whom(connection, workspace_id, contacts=contacts, handles=handles)

    async def counts(self, person: Whom) -> dict[str, int]:
        """How many rows of each table are about them."""
        async with self._database.connection() as connection:
            return {trace.table: await _count(connection, trace, person) for trace in TRACES}

    async def export(self, person: Whom) -> dict[str, list[dict[str, Any]]]:
        """Every row about them, by table, as JSON takes it; bytes as base64. What is encrypted stays so."""
        async with self._database.connection() as connection:
            return {trace.table: await _rows(connection, trace, person) for trace in TRACES}

    async def erase(self, person: Whom, *, now: datetime) -> Receipt:
        """Forget them, in one transaction, and everything found by their values in what others left behind.

        What is being worked on for them is finished first: its worker would write down afterwards what it has done.
        Raises Waiting where that takes longer than a minute. Their lanes go first: whoever keeps a message of theirs
        meanwhile waits, and that message is worked on after it. The audit gets the receipt where somebody acts.
        """
        until = time.monotonic() + PATIENCE
        while (receipt := await self._erased(person, now)) is None:
            if time.monotonic() > until:
                raise Waiting("person_busy", BUSY)
            await asyncio.sleep(LOOK)
        return receipt

    async def _erased(self, person: Whom, now: datetime) -> Receipt | None:
        """None where somebody else is in a lane of theirs at this moment."""
        async with self._database.connection() as connection:
            person = await whom(connection, person.workspace_id, contacts=person.contacts, handles=person.handles)
            if await _others_at_work(connection, person):
                return None
            await queries.allow_purge(connection)
            lanes = await _erase(connection, LANES, person)
            person = await whom(connection, person.workspace_id, contacts=person.contacts, handles=person.handles)
            person = await _with_all_that_holds(connection, person)
            kept = [trace.kept for trace in TRACES if trace.kept and await _count(connection, trace, person)]
            await _keep_refusals(connection, person)
            rewritten = await _rewrite_decisions(connection, person)
            others = [trace for trace in TRACES if trace is not LANES]
            erased = {"lane": lanes} | {trace.table: await _erase(connection, trace, person) for trace in others}
            receipt = Receipt(
                erased_at=now,
                contacts=person.contacts,
                addresses=len(person.handles),
                erased={table: count for table, count in erased.items() if count},
                rewritten=rewritten,
                kept=tuple(kept),
            )
            await _note(connection, person.workspace_id, receipt)
        return receipt


async def _others_at_work(connection: Connection, person: Whom) -> bool:
    """Whether one of their lanes is leased, other than by the caller's own work; from here on none can be."""
    hold = HOLD.get()
    own = {place.lane for place in hold.places} if hold and hold.workspace_id == person.workspace_id else set()
    rows = queries.lock_lanes(connection, workspace_id=person.workspace_id, lanes=list(person.lanes))
    return any([row["held"] and row["lane"] not in own async for row in rows])


async def _note(connection: Connection, workspace_id: str, receipt: Receipt) -> None:
    """The receipt without whom it is about."""
    detail = {"erased": receipt.erased, "rewritten": receipt.rewritten, "kept": receipt.kept}
    await queries.note_act(
        connection,
        workspace_id=workspace_id,
        act="person.erased",
        subject=None,
        detail=msgspec.json.encode(detail).decode(),
    )


def _statement(text: str, trace: Trace) -> sql.Composed:
    return sql.SQL(text).format(
        table=sql.Identifier(trace.table), where=sql.SQL(trace.where), set=sql.SQL(trace.change)
    )


async def _count(connection: Connection, trace: Trace, person: Whom) -> int:
    statement = _statement(
        "select count(*) as n from {table} where workspace_id = %(workspace_id)s and ({where})", trace
    )
    row = await (await connection.execute(statement, person.values())).fetchone()
    return int(row["n"]) if row else 0


async def _rows(connection: Connection, trace: Trace, person: Whom) -> list[dict[str, Any]]:
    statement = _statement("select * from {table} where workspace_id = %(workspace_id)s and ({where})", trace)
    found = await (await connection.execute(statement, person.values())).fetchall()
    return [{name: _plain(value) for name, value in row.items()} for row in found]


def _plain(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


async def _erase(connection: Connection, trace: Trace, person: Whom) -> int:
    text = (
        "delete from {table} where workspace_id = %(workspace_id)s and ({where})"
        if trace.act == "delete"
        else "update {table} set {set} where workspace_id = %(workspace_id)s and ({where})"
    )
    return (await connection.execute(_statement(text, trace), person.values())).rowcount


async def _with_all_that_holds(connection: Connection, person: Whom) -> Whom:
    """Also webhooks that name them and added nothing of theirs: unreadable ones, batches, contacts that changed."""
    sought = needles(_words(person))
    rows = queries.raws_that_hold(connection, workspace_id=person.workspace_id, needles=sought)
    more = [
        str(row["raw_id"])
        async for row in rows
        if row["packed"] is None or any(needle in unpacked(row["packed"]) for needle in sought)
    ]
    raws = {*person.raws, *more}
    unreadable = queries.unreadable_that_hold(
        connection,
        workspace_id=person.workspace_id,
        raws=[*more],
        needles=[needle.decode() for needle in sought],
    )
    arrivals = {*person.arrivals, *[row["arrival_id"] async for row in unreadable]}
    return msgspec.structs.replace(person, raws=tuple(raws), arrivals=tuple(sorted(arrivals)))


def _words(person: Whom) -> list[str]:
    """What says that it is them: addresses as stored and as written, names, e-mails, contacts."""
    values = [handle.rpartition("/")[2].rpartition(":")[2] for handle in person.handles]
    words = {*person.handles, *values, *person.senders, *person.names, *person.contacts}
    return sorted(word for word in words if len(word) >= SHORTEST)


async def _keep_refusals(connection: Connection, person: Whom) -> None:
    rows = queries.refusals_to_keep(connection, workspace_id=person.workspace_id, handles=list(person.handles))
    for row in [row async for row in rows]:
        mark = forgotten(person.workspace_id, row["handle"])
        await queries.keep_refusal(
            connection, workspace_id=person.workspace_id, consent_id=row["consent_id"], mark=mark
        )


async def _rewrite_decisions(connection: Connection, person: Whom) -> int:
    """Decisions about others name them as candidates: these stay, without saying who it was."""
    words = _words(person)
    rows = queries.decisions_that_name(connection, workspace_id=person.workspace_id, words=words)
    theirs, count = {*person.arrivals}, 0
    for row in [row async for row in rows]:
        if row["arrival_id"] in theirs:
            continue
        evidence = row["evidence"] and Jsonb(_without(row["evidence"], {*words}))
        await queries.rewrite_decision(
            connection,
            workspace_id=person.workspace_id,
            arrival_id=row["arrival_id"],
            document=Jsonb(_without(row["document"], {*words})),
            evidence=evidence,
        )
        count += 1
    return count


def _without(value: Any, words: set[str]) -> Any:
    """JSON without a person: what is only theirs becomes empty, and a contact's fields with it."""
    if isinstance(value, dict):
        theirs = value.get("contact_id") in words
        return {name: "erased" if theirs and name in NAMED else _without(inner, words) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, words) for inner in value]
    return "erased" if isinstance(value, str) and any(word in value for word in words) else value
