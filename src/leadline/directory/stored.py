"""The directory in the database: entries learnt and forgotten, look-ups by key, and how complete and fresh it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from leadline.directory.keys import Entry
from leadline.directory.region import Sample, sample
from leadline.identity.phone import canonical
from leadline.model import Role, Struct
from leadline.store.database import Connection
from leadline.store.queries import queries

MOST_HITS = 200


class Change(Struct, frozen=True, kw_only=True):
    """An entry that is new, or has other keys or another role."""

    contact_id: str
    role: Role
    keys: frozenset[int]
    old_keys: frozenset[int] = frozenset()


class State(Struct, frozen=True, kw_only=True):
    """How far the directory of one workspace is; times in unix seconds of the database's clock, None for never.

    walked, total: contacts met by the walk under way, of how many. filled_at: when it was first complete.
    caught_up_to: newest change that was read, on Intercom's clock. heard_at: the last webhook about a contact.
    """

    now: float = 0.0
    walk_begun_at: float | None = None
    walk_cursor: str = ""
    walked: int = 0
    changed: int = 0
    total: int = 0
    filled_at: float | None = None
    walked_at: float | None = None
    caught_up_to: int = 0
    caught_up_at: float | None = None
    heard_at: float | None = None
    region: str = ""
    trouble: str = ""

    @property
    def complete(self) -> bool:
        return self.filled_at is not None

    def fresh(self, within: float) -> bool:
        """Whether all changes were read at most `within` seconds ago."""
        return self.caught_up_at is not None and self.now - self.caught_up_at <= within


async def state(connection: Connection, workspace_id: str) -> State:
    row = await queries.directory_state(connection, workspace_id=workspace_id)
    return msgspec.convert(dict(row), State) if row else State()


async def learn(connection: Connection, workspace_id: str, entries: Iterable[Entry]) -> list[Change]:
    """Store entries; one that is older than what is stored changes nothing. Returns what is new or different."""
    latest: dict[str, Entry] = {}
    for one in entries:
        if one.contact_id not in latest or one.updated_at >= latest[one.contact_id].updated_at:
            latest[one.contact_id] = one
    given = msgspec.json.encode([*latest.values()]).decode()
    rows = queries.directory_learn(connection, workspace_id=workspace_id, entries=given)
    return [_change(latest[row["contact_id"]], row) async for row in rows]


async def forget(connection: Connection, workspace_id: str, contact_ids: Sequence[str]) -> list[Change]:
    """Take contacts out of the directory; returns those that were in it, without keys from now on."""
    rows = queries.directory_forget(connection, workspace_id=workspace_id, contact_ids=[*contact_ids])
    return [_change(Entry(contact_id=row["contact_id"], role=Role(row["role"])), row) async for row in rows]


async def having(
    connection: Connection, workspace_id: str, keys: Iterable[int], *, most: int = MOST_HITS
) -> tuple[Entry, ...]:
    """Entries that have any of these keys, the last updated first."""
    rows = queries.directory_having(connection, workspace_id=workspace_id, keys=[*keys], most=most)
    return tuple([entry_of(row) async for row in rows])


class Looked(Struct, frozen=True, kw_only=True):
    """Entries with one of the keys asked for, and how far the directory was at that moment.

    begun: a walk has met contacts, now or before. caught_up_ago: seconds; None for never. region: as inferred.
    """

    entries: tuple[Entry, ...] = ()
    begun: bool = False
    complete: bool = False
    caught_up_ago: float | None = None
    region: str = ""


async def look(connection: Connection, workspace_id: str, keys: Sequence[int], *, most: int = MOST_HITS) -> Looked:
    """As `having`, with the state of the directory, in one question."""
    found = queries.directory_sender(connection, workspace_id=workspace_id, keys=[*keys], most=most)
    rows = [row async for row in found]
    if not rows:
        return Looked()
    first = rows[0]
    return Looked(
        entries=tuple(entry_of({name: row[name] for name in Entry.__struct_fields__}) for row in rows if row["role"]),
        begun=first["complete"] or first["walked"] > 0,
        **{name: first[name] for name in ("complete", "caught_up_ago", "region")},
    )


async def alike(
    connection: Connection,
    workspace_id: str,
    keys: Iterable[int],
    contact_ids: Iterable[str],
    names: tuple[str, str],
    *,
    most: int = MOST_HITS,
) -> Looked:
    """Entries that may be one person, with the state of the directory, in one question.

    names: texts of `keys.sought` for names that are surely alike and that may be; empty for none.
    """
    asked = {"keys": [*keys], "contact_ids": [*contact_ids], "surely": names[0] or None, "perhaps": names[1] or None}
    found = queries.directory_alike(connection, workspace_id=workspace_id, most=most, **asked)
    rows = [row async for row in found]
    return Looked(
        entries=tuple(entry_of({name: row[name] for name in Entry.__struct_fields__}) for row in rows if row["role"]),
        complete=bool(rows and rows[0]["complete"]),
        region=rows[0]["region"] if rows else "",
    )


async def by_words(
    connection: Connection, workspace_id: str, words: str, *, most: int = MOST_HITS
) -> tuple[Entry, ...]:
    """Entries that a text of `keys.sought` finds, in no order."""
    rows = queries.directory_named(connection, workspace_id=workspace_id, words=words, most=most)
    return tuple([entry_of(row) async for row in rows])


async def listed(connection: Connection, workspace_id: str, contact_ids: Iterable[str]) -> tuple[Entry, ...]:
    rows = queries.directory_entries(connection, workspace_id=workspace_id, contact_ids=[*contact_ids])
    return tuple([entry_of(row) async for row in rows])


def entry_of(row: Mapping[str, Any]) -> Entry:
    """A row of the table as an entry."""
    return Entry(**{**row, "role": Role(row["role"]), "keys": tuple(row["keys"])})


def _change(now: Entry, row: Mapping[str, Any]) -> Change:
    return Change(
        contact_id=now.contact_id,
        role=now.role,
        keys=frozenset(now.keys),
        old_keys=frozenset(row["old_keys"] or ()),
    )


async def phones(connection: Connection, workspace_id: str, most: int, *, region: str) -> Sample:
    """The phones of about so many entries, spread over all of them, beside the numbers of the workspace's channels.

    region: the setting; empty to find the country that fits.
    """
    count = (await queries.directory_count(connection, workspace_id=workspace_id))["entries"]
    percent = min(100.0, 100.0 * most / max(1, count))
    rows = queries.directory_sample(connection, workspace_id=workspace_id, percent=percent, most=most)
    keys = [list(row["keys"]) async for row in rows]
    rows = queries.own_numbers(connection, workspace_id=workspace_id)
    own = [number async for row in rows if (number := canonical(row["address"]))]
    return sample(keys, own, region=region)
