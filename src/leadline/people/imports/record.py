"""Imports on record: how far each is, what it found, and what became of it. `work.py` writes, `report.py` reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from psycopg.types.json import Jsonb

from leadline.identity.claims import Outcome
from leadline.model import Struct
from leadline.people.imports.reading import Claim
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

State = Literal["reading", "settling", "done", "undoing", "undone"]
STATES: Mapping[str, str] = {
    "reading": "reading contacts",
    "settling": "linking",
    "done": "done",
    "undoing": "being taken back",
    "undone": "taken back",
}
"""State of an import → what people call it."""
RESUMED_WITHIN = 86_400.0  # seconds; contacts that were read longer ago are read again
COLUMNS = ("contact_id", "role", "attribute", "channel", "value", "handle", "outcome")


class Import(Struct, frozen=True, kw_only=True):
    """One import and how far it is. applies: it links; else it only looks. met: contacts read, of how many in total.

    senders: addresses that it linked, or would link. linked: addresses whose link it made and can take back. at_work:
    whether a process imports in this workspace now.
    """

    import_id: int
    author: str
    applies: bool
    state: State
    met: int
    total: int
    begun_at: datetime
    ended_at: datetime | None
    senders: int
    linked: int
    at_work: bool

    @property
    def state_in_words(self) -> str:
        """Its state in words."""
        broken_off = self.state in ("reading", "settling", "undoing") and not self.at_work
        return f"{STATES[self.state]}, broken off" if broken_off else STATES[self.state]


class Left(Struct, frozen=True, kw_only=True):
    """One address on one contact, and what became of it: a code of `identity/claims.py`."""

    handle: str
    contact_id: str
    attribute: str
    channel: str
    value: str
    outcome: str
    other_id: str


class Count(Struct, frozen=True, kw_only=True):
    """How many addresses of a channel had one outcome."""

    channel: str
    outcome: str
    count: int


def lock(workspace_id: str) -> str:
    """What an import holds while a process is at it."""
    return f"import of {workspace_id}"


class ImportRecord:
    """Reads and writes the imports of all workspaces."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, workspace_id: str, asked: object, *, applies: bool, author: str) -> int:
        """The number of an import that asks for this: one that broke off, or a new one. Earlier dry runs are over."""
        asked_for = Jsonb(msgspec.to_builtins(asked))
        key = {"workspace_id": workspace_id, "asked": asked_for, "applies": applies}
        async with self._database.connection() as connection:
            found = await queries.import_to_resume(connection, **key, seconds=RESUMED_WITHIN)
            if found is not None:
                return int(found["import_id"])
            await queries.forget_dry_claims(connection, workspace_id=workspace_id)
            made = await queries.begin_import(connection, **key, author=author)
            if applies:
                await note(connection, workspace_id, "import.begun", number=made["import_id"])
        return int(made["import_id"])

    async def get(self, workspace_id: str, import_id: int) -> Import | None:
        """How far an import is; None where there is none of this number."""
        found = await self.listed(workspace_id, 1, import_id=import_id) if import_id > 0 else []
        return found[0] if found else None

    async def listed(self, workspace_id: str, count: int, *, import_id: int = 0) -> list[Import]:
        """The imports, the latest first; only this one, where it is named."""
        async with self._database.connection() as connection:
            found = await queries.at_work_now(connection, name=lock(workspace_id))
            rows = queries.imports(connection, workspace_id=workspace_id, import_id=import_id, most=count)
            return [msgspec.convert({**row, **found}, Import) async for row in rows]

    async def place(self, workspace_id: str, import_id: int) -> tuple[State, str]:
        """What an import does now, and the page of contacts to go on with."""
        async with self._database.connection() as connection:
            row = await queries.import_place(connection, workspace_id=workspace_id, import_id=import_id)
        return row["state"], row["cursor"]

    async def restart(self, workspace_id: str, import_id: int) -> None:
        """Forget what was read: Intercom knows the page no more."""
        key = {"workspace_id": workspace_id, "import_id": import_id}
        async with self._database.connection() as connection:
            await queries.forget_claims(connection, **key)
            await queries.import_restart(connection, **key)

    async def store(
        self, workspace_id: str, import_id: int, claims: Sequence[Claim], *, cursor: str, met: int, total: int
    ) -> int:
        """One page, and the place it leads to, in one commit; returns how many contacts were read by now."""
        key = {"workspace_id": workspace_id, "import_id": import_id}
        columns = {f"{name}s": [getattr(one, name) for one in claims] for name in COLUMNS}
        async with self._database.connection() as connection:
            await queries.put_claims(connection, **key, **columns)
            step = await queries.import_step(connection, **key, cursor=cursor, met=met, total=total)
        return int(step["met"])

    async def end(self, workspace_id: str, import_id: int, state: State, act: str, **detail: int) -> None:
        """It is over: done, or taken back. act: of the audit; empty for none."""
        async with self._database.connection() as connection:
            await queries.end_import(connection, workspace_id=workspace_id, import_id=import_id, state=state)
            if act:
                await note(connection, workspace_id, act, number=import_id, **detail)

    async def counts(self, workspace_id: str, import_id: int) -> list[Count]:
        """How many addresses there are of each channel and outcome."""
        async with self._database.connection() as connection:
            rows = queries.import_counts(connection, workspace_id=workspace_id, import_id=import_id)
            return [Count(**row) async for row in rows]

    async def claims(
        self, workspace_id: str, import_id: int, most: int, *, outcome: str = "", after: Left | None = None
    ) -> list[Left]:
        """So many of them, in order; after one, and of one outcome, where those are named."""
        place = {name: getattr(after, name) if after else "" for name in ("handle", "contact_id", "attribute")}
        key = {"workspace_id": workspace_id, "import_id": import_id, "outcome": outcome, "most": most}
        async with self._database.connection() as connection:
            return [Left(**row) async for row in queries.import_claims(connection, **key, **place)]


async def settled(
    connection: Connection,
    workspace_id: str,
    import_id: int,
    outcomes: Mapping[tuple[str, str], Outcome],
    links: Mapping[str, int],
) -> None:
    """What became of claims, by address and contact. links: those that were made, by address."""
    linked = [links.get(handle) if one.code == "linked" else None for (handle, _), one in outcomes.items()]
    await queries.settle_claims(
        connection,
        workspace_id=workspace_id,
        import_id=import_id,
        handles=[handle for handle, _ in outcomes],
        contact_ids=[contact_id for _, contact_id in outcomes],
        outcomes=[one.code for one in outcomes.values()],
        other_ids=[one.other_id for one in outcomes.values()],
        link_ids=linked,
    )


async def note(connection: Connection, workspace_id: str, act: str, **detail: Any) -> None:
    """Put an act about an import into the audit."""
    told = msgspec.json.encode(detail).decode()
    await queries.note_act(connection, workspace_id=workspace_id, act=act, subject=None, detail=told)
