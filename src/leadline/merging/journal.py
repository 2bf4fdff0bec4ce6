"""The journal of merges: planned with both contacts whole and encrypted, settled together with what follows.

`desk.py`, `work.py` and `undo.py` write here; `people/following.py` is given `survivor_of` and `noticed`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import structlog
from psycopg.types.json import Jsonb

from leadline.engine.arrival import NewArrival, Raw
from leadline.engine.keep import Keeper
from leadline.errors import SettingError, Waiting
from leadline.identity.merge import Way
from leadline.identity.merge_sides import Side
from leadline.model import Role, Struct
from leadline.people import Person, link, move_contact
from leadline.store.database import Connection, Database
from leadline.store.queries import queries
from leadline.store.vault import Vault
from leadline.tracing import new_id

Row = Mapping[str, Any]
KIND = "merge"
ELSEWHERE = "Intercom"  # author of merges that were not made through Leadline
log = structlog.get_logger(__name__)


class Snapshot(Struct, frozen=True):
    """Both contacts as they were just before Intercom was asked."""

    source: Side
    target: Side


class Wishes(Struct, frozen=True, kw_only=True):
    """What a person chose in the preview. take: fields whose value of the lead stays. keep_lost: the rest as a note."""

    take: tuple[str, ...] = ()
    keep_lost: bool = False


class Moved(Struct, frozen=True):
    """What followed: handles, and the conversations that were open (id, handle, channel)."""

    handles: tuple[str, ...] = ()
    conversations: tuple[tuple[str, str, int], ...] = ()


class Journal:
    """Writes and reads the rows of table `merge`. days: how long the snapshots are kept."""

    def __init__(self, database: Database, vault: Vault, keeper: Keeper, *, days: int = 180) -> None:
        self._database = database
        self._vault = vault
        self._keeper = keeper
        self._days = days

    async def plan(
        self, workspace_id: str, snapshot: Snapshot, way: Way, wishes: Wishes, *, author: str, grace: float
    ) -> Row | None:
        """The merge and its work in one commit; None when this contact is gone or one of them is in a merge."""
        async with self._database.connection() as connection:
            await queries.hold_plans(connection, workspace_id=workspace_id)
            merge_id = (await queries.next_merge_id(connection))["id"]
            row: Row | None = await queries.plan_merge(
                connection,
                workspace_id=workspace_id,
                merge_id=merge_id,
                from_id=snapshot.source.contact_id,
                into_id=snapshot.target.contact_id,
                way=way,
                author=author,
                snapshot=self._seal(workspace_id, merge_id, snapshot),
                take=list(wishes.take),
                keep_lost=wishes.keep_lost,
                grace=grace,
            )
            if row is not None:
                await self.keep_work(connection, row, undo=False)
        return row

    async def keep_work(self, connection: Connection, row: Row, *, undo: bool) -> None:
        """The work of a merge, or of its undo, in the lane of the contact that goes."""
        content = msgspec.json.encode({"merge_id": row["merge_id"], "undo": undo})
        raw = Raw(channel_id=None, method="POST", url="leadline:merge", headers={}, body=content)
        arrival = NewArrival(source="merging", dedupe=new_id().hex, kind=KIND, lane=lane(row), content=content.decode())
        await self._keeper.keep_in(connection, row["workspace_id"], raw, [arrival])

    async def row(self, workspace_id: str, merge_id: int) -> Row | None:
        """The merge as it stands, with the seconds until it is due and since Intercom was asked."""
        async with self._database.connection() as connection:
            row: Row | None = await queries.merge_by_id(connection, workspace_id=workspace_id, merge_id=merge_id)
        return row

    async def of(self, workspace_id: str, from_id: str) -> Row | None:
        """The merge under way or made of this contact."""
        async with self._database.connection() as connection:
            return await merge_of(connection, workspace_id, from_id)

    async def listed(self, workspace_id: str, contact_id: str, count: int) -> list[Row]:
        async with self._database.connection() as connection:
            rows = queries.merges(connection, workspace_id=workspace_id, contact_id=contact_id, count=count)
            return [row async for row in rows]

    async def calling(self, row: Row, snapshot: Snapshot) -> bool:
        """Committed before Intercom is asked; False when the merge was cancelled or settled meanwhile."""
        async with self._database.connection() as connection:
            found = await queries.call_merge(
                connection, **key_of(row), snapshot=self._seal(row["workspace_id"], row["merge_id"], snapshot)
            )
        return found is not None

    async def merged(self, row: Row, explanation: str = "") -> None:
        """Intercom has merged: links, conversations and the journal move on together."""
        survivor = Person(contact_id=row["into_id"], role=Role.USER)
        async with self._database.connection() as connection:
            moved = await _follow(connection, row["workspace_id"], row["from_id"], survivor, author=row["author"])
            moved = await _absorbed(connection, row) or moved
            await _settle(connection, row, "merged", explanation=explanation, moved=moved)

    async def rerouted(self, row: Row, target: Person) -> None:
        """Only Leadline's links move; the conversations stay the lead's, so the next message opens another."""
        key = {"workspace_id": row["workspace_id"], "contact_id": row["from_id"]}
        async with self._database.connection() as connection:
            await queries.hold_contact(connection, **key)
            moved = await _standing(connection, row["workspace_id"], row["from_id"])
            await link(connection, row["workspace_id"], moved.handles, target, evidence="reroute", author=row["author"])
            await queries.end_conversations_of(connection, **key)
            await _settle(connection, row, "merged", moved=moved)

    async def compared(self, row: Row, differences: Sequence[str]) -> None:
        """The survivor was read back; where it is not as previewed, in sentences."""
        async with self._database.connection() as connection:
            await queries.merge_compared(connection, **key_of(row), differences=list(differences))

    async def refused(self, row: Row, code: str, sentence: str) -> None:
        """It was not made, and nothing moves."""
        async with self._database.connection() as connection:
            await _settle(connection, row, "refused", code=code, explanation=sentence)

    def snapshot(self, row: Row) -> Snapshot | None:
        """Both contacts as they were; None for a merge made in Intercom and for one that is forgotten."""
        if row["snapshot"] is None:
            return None
        try:
            place = (row["workspace_id"], "merge", "snapshot", row["merge_id"])
            return msgspec.json.decode(self._vault.open(row["snapshot"], *place), type=Snapshot)
        except SettingError as error:
            log.warning("merge_journal_unreadable", merge=row["merge_id"], why=str(error))
            return None

    def names(self, row: Row) -> tuple[str, str]:
        """What both contacts were called; empty where nobody knows any more."""
        snapshot = self.snapshot(row)
        return (snapshot.source.name, snapshot.target.name) if snapshot else ("", "")

    def _seal(self, workspace_id: str, merge_id: int, snapshot: Snapshot) -> bytes:
        return self._vault.seal(msgspec.json.encode(snapshot), workspace_id, "merge", "snapshot", merge_id)

    async def forget(self, workspace_id: str) -> int:
        """Drop the snapshots of merges settled longer ago; returns how many."""
        async with self._database.connection() as connection:
            rows = queries.forget_snapshots(connection, workspace_id=workspace_id, days=self._days)
            return len([row async for row in rows])

    async def erase(self, workspace_id: str, merge_id: int) -> bool:
        """Drop the snapshot of one merge now; False when there is none, or it is still under way."""
        async with self._database.connection() as connection:
            found = await queries.erase_snapshot(connection, workspace_id=workspace_id, merge_id=merge_id)
        return found is not None


async def merge_of(connection: Connection, workspace_id: str, from_id: str) -> Row | None:
    """The merge under way or made of this contact."""
    row: Row | None = await queries.merge_of(connection, workspace_id=workspace_id, from_id=from_id)
    return row


async def survivor_of(connection: Connection, workspace_id: str, from_id: str) -> str:
    """The contact that a merge of ours has left of this one, or empty. Raises Waiting while it has no outcome yet."""
    merge = await merge_of(connection, workspace_id, from_id)
    if merge and merge["state"] == "calling":
        raise Waiting("merge_under_way", f"Merge {merge['merge_id']} of this contact has no outcome yet", 2.0)
    made = merge and merge["way"] != "reroute" and merge["state"] != "planned"
    return str(merge["into_id"]) if merge and made else ""


async def noticed(connection: Connection, workspace_id: str, from_id: str, into: Person) -> None:
    """A contact was found merged in Intercom: everything follows, and the journal says by whom."""
    moved = await _follow(connection, workspace_id, from_id, into, author="intercom")
    key = {"workspace_id": workspace_id, "from_id": from_id, "into_id": into.contact_id}
    row = await queries.notice_merge(connection, **key, author=ELSEWHERE)
    if row is not None:
        await queries.merge_moved(connection, workspace_id=workspace_id, merge_id=row["merge_id"], moved=_json(moved))


async def _follow(connection: Connection, workspace_id: str, from_id: str, into: Person, *, author: str) -> Moved:
    """Writers of links and conversations wait for this transaction, and it for those that came before."""
    await queries.hold_contact(connection, workspace_id=workspace_id, contact_id=from_id)
    before = await _standing(connection, workspace_id, from_id)
    await move_contact(connection, workspace_id, from_id, into, evidence="merge", author=author)
    return before


async def _absorbed(connection: Connection, row: Row) -> Moved | None:
    """What followed when this merge was noticed before its outcome was known; None when it was not."""
    key = {"workspace_id": row["workspace_id"], "from_id": row["from_id"], "merge_id": row["merge_id"]}
    found = await queries.absorb_notice(connection, **key, author=ELSEWHERE)
    return moved_of(found) if found is not None else None


async def _standing(connection: Connection, workspace_id: str, contact_id: str) -> Moved:
    key = {"workspace_id": workspace_id, "contact_id": contact_id}
    handles = [row["handle"] async for row in queries.links_of_contact(connection, **key)]
    open_ones = [row async for row in queries.open_conversations_of(connection, **key)]
    return Moved(tuple(handles), tuple((row["conversation_id"], row["handle"], row["channel_id"]) for row in open_ones))


async def _settle(
    connection: Connection,
    row: Row,
    state: str,
    *,
    code: str = "",
    explanation: str = "",
    moved: Moved | None = None,
) -> None:
    """Once: a merge that was noticed meanwhile keeps what was recorded then."""
    await queries.settle_merge(
        connection, **key_of(row), state=state, code=code, explanation=explanation, moved=_json(moved or Moved())
    )


def moved_of(row: Row) -> Moved:
    """What followed a merge; empty once forgotten."""
    return msgspec.convert(row["moved"], Moved)


def lane(row: Row) -> str:
    """The lane of a merge: one for the contact that goes."""
    return f"merge:{row['from_id']}"


def _json(moved: Moved) -> Jsonb:
    return Jsonb(msgspec.to_builtins(moved))


def key_of(row: Row) -> dict[str, Any]:
    """By what the queries find a merge again."""
    return {"workspace_id": row["workspace_id"], "merge_id": row["merge_id"]}
