"""The queue of groups as people see it, and what they say about them. The CLI and the console's page read here.

Names and addresses are the directory's. Nothing here asks Intercom or merges; `batch.py` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import msgspec

from leadline.directory import stored
from leadline.directory.find import Find
from leadline.directory.records import record
from leadline.merging.duplicates import judgements
from leadline.merging.duplicates.bulk import Found
from leadline.merging.duplicates.forming import Group, groups_of
from leadline.merging.duplicates.group_seen import DuplicatesRefused, GroupSeen, Listing, seen_group
from leadline.merging.duplicates.grouping import pair
from leadline.merging.duplicates.judgements import Verdict
from leadline.merging.duplicates.survivors import Rank
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

MOST_POINTS = 1_000.0
LATER = 30
"""Days after which a group that was put off is shown again."""


def tenths(points: float) -> int:
    """A score as it is stored; raises DuplicatesRefused for what is none."""
    if not -MOST_POINTS <= points <= MOST_POINTS:  # nan is not either
        raise DuplicatesRefused(f"A score is a number of points up to {MOST_POINTS:,.0f}, not {points}.")
    return round(points * 10)


def leads_only(workspace_id: str) -> bool:
    """Intercom merges only leads, as its API does without the Preview version."""
    return False


class Review:
    """The groups of the last scan, as far as they are still there. ranks: who of a group stays.

    users_too: whether Intercom may merge the users of a workspace.
    """

    def __init__(
        self,
        database: Database,
        find: Find,
        ranks: Sequence[Rank],
        users_too: Callable[[str], bool] = leads_only,
    ) -> None:
        self._database = database
        self._find = find
        self._ranks = ranks
        self._users_too = users_too

    async def groups(
        self,
        workspace_id: str,
        *,
        min_score: float = 0.0,
        by_gain: bool = False,
        mergeable: bool = False,
        count: int = 20,
        skip: int = 0,
    ) -> Listing:
        """Groups with so many points or more, those held together best first. by_gain: those with most merges first.

        mergeable: only those with a merge that Intercom allows.
        """
        asked = {"least": tenths(min_score), "gain": int(mergeable)}
        async with self._database.connection() as connection:
            seen = await self._page(connection, workspace_id, by_gain=by_gain, most=count, skip=skip, **asked)
            total = await queries.duplicate_groups_count(connection, workspace_id=workspace_id, **asked)
        return Listing(groups=seen, total=total["groups"])

    async def page(
        self, workspace_id: str, *, min_score: float = 0.0, by_gain: bool = False, count: int = 20, skip: int = 0
    ) -> tuple[GroupSeen, ...]:
        """The same without a count of all, for a page that keeps itself up to date."""
        asked = {"least": tenths(min_score), "gain": 0, "most": count, "skip": skip}
        async with self._database.connection() as connection:
            return await self._page(connection, workspace_id, by_gain=by_gain, **asked)

    async def _page(
        self, connection: Connection, workspace_id: str, *, by_gain: bool, **asked: int
    ) -> tuple[GroupSeen, ...]:
        query = queries.duplicate_groups_by_gain if by_gain else queries.duplicate_groups
        rows = [row async for row in query(connection, workspace_id=workspace_id, **asked)]
        return await self._seen(connection, workspace_id, [(row["contact_ids"], row) for row in rows])

    async def group(self, workspace_id: str, contact_id: str) -> GroupSeen:
        """The group that a contact is in; raises DuplicatesRefused where there is none."""
        async with self._database.connection() as connection:
            return await self._one(connection, workspace_id, contact_id)

    async def ignore(self, workspace_id: str, contact_id: str, *, author: str, only: str = "", other: str = "") -> None:
        """They are not the same: nobody in the group, or this one contact (only) and the others, or only these two.

        Kept for good.
        """
        await self._say(workspace_id, contact_id, "different", author=author, about=(only, other))

    async def unsure(self, workspace_id: str, contact_id: str, *, author: str) -> None:
        """Nobody can say: the group stays in the queue and no batch merges it."""
        await self._say(workspace_id, contact_id, "unsure", author=author)

    async def later(self, workspace_id: str, contact_id: str, *, author: str, days: int = LATER) -> None:
        """Not now: the group is shown again after so many days."""
        await self._say(workspace_id, contact_id, "unsure", author=author, days=days)

    async def _say(
        self,
        workspace_id: str,
        contact_id: str,
        verdict: Verdict,
        *,
        author: str,
        about: Sequence[str] = (),
        days: int = 0,
    ) -> None:
        """Write it down for every pair of the group with these in it (about), and group those that are left anew."""
        named = {*filter(None, about)}
        async with self._database.connection() as connection:
            group = await self._one(connection, workspace_id, contact_id)
            ids = [one.contact_id for one in group.members]
            if strangers := named - {*ids}:
                raise DuplicatesRefused(f"Contact {min(strangers)} is not in this group. It has: {', '.join(ids)}.")
            pairs = [pair(*two) for two in combinations(ids, 2) if named <= {*two}]
            known = await evidence_among(connection, workspace_id, ids)
            evidence = {two: found.evidence for two, found in known.items()}
            await judgements.judge(
                connection, workspace_id, pairs, verdict, author=author, evidence=evidence, days=days
            )
            told = msgspec.json.encode(
                {"contacts": sorted({each for two in pairs for each in two}), "days": days or None}
            )
            key = {"workspace_id": workspace_id, "act": f"duplicates.{verdict}", "subject": group.group_id}
            await queries.note_act(connection, **key, detail=told.decode())
            await self._regroup(connection, workspace_id, group.group_id, ids)

    async def _one(self, connection: Connection, workspace_id: str, contact_id: str) -> GroupSeen:
        if not contact_id.isprintable():  # the address of a page may hold anything, PostgreSQL may not
            raise DuplicatesRefused("A contact of this id is in no group of duplicates.")
        row = await queries.duplicate_group_of(connection, workspace_id=workspace_id, contact_id=contact_id)
        seen = await self._seen(connection, workspace_id, [(row["contact_ids"], row)] if row else [])
        if not seen:
            raise DuplicatesRefused(
                f"Contact {contact_id} is in no group of duplicates. `leadline duplicates list` shows the groups."
            )
        return seen[0]

    async def _regroup(self, connection: Connection, workspace_id: str, group_id: str, ids: Sequence[str]) -> None:
        """The same contacts grouped by what is known and said now."""
        await queries.duplicates_drop_group(connection, workspace_id=workspace_id, group_id=group_id)
        region = await self._find.region(workspace_id)
        entries = await stored.listed(connection, workspace_id, ids)
        records = {entry.contact_id: record(entry, region) for entry in entries}
        judged = await judgements.among(connection, workspace_id, ids)
        found = [
            one
            for one in (await evidence_among(connection, workspace_id, ids)).values()
            if records.keys() >= {one.one, one.other}
        ]
        users_too = self._users_too(workspace_id)
        for group in groups_of(found, records, judged, self._ranks, users_too=users_too):
            await put(connection, workspace_id, group)

    async def _seen(
        self, connection: Connection, workspace_id: str, rows: Sequence[tuple[Sequence[str], Mapping[str, object]]]
    ) -> tuple[GroupSeen, ...]:
        """Groups with what the directory says now; those of whom fewer than two are left are left out."""
        ids = [contact_id for members, _ in rows for contact_id in members]
        entries = {one.contact_id: one for one in await stored.listed(connection, workspace_id, ids)}
        pairs = await evidence_among(connection, workspace_id, ids)
        judged = await judgements.among(connection, workspace_id, ids)
        told = (pairs, judged, await self._find.region(workspace_id))
        users_too = self._users_too(workspace_id)
        seen = (
            seen_group([entries[each] for each in members if each in entries], row, *told, users_too=users_too)
            for members, row in rows
        )
        return tuple(one for one in seen if len(one.members) > 1)


async def evidence_among(connection: Connection, workspace_id: str, ids: Sequence[str]) -> dict[tuple[str, str], Found]:
    """What pairs of these contacts agree and disagree in, as the last scan saw it."""
    rows = queries.duplicate_pairs_among(connection, workspace_id=workspace_id, contact_ids=list(ids))
    return {
        (row["one_id"], row["other_id"]): Found(
            one=row["one_id"], other=row["other_id"], tenths=row["tenths"], evidence=row["evidence"]
        )
        async for row in rows
    }


async def put(connection: Connection, workspace_id: str, group: Group) -> None:
    """Store one group."""
    await queries.duplicates_put_group(
        connection,
        workspace_id=workspace_id,
        group_id=group.group_id,
        contact_ids=list(group.contact_ids),
        survivor_id=group.contact_ids[0],
        tenths=group.tenths,
        gain=group.gain,
        named=group.named,
    )
