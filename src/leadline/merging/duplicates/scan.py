"""The scan: everything in the directory is compared, grouped, and stored in one go. `desk.py` beside this runs it.

While it runs, the groups of the scan before stay; what people said about pairs is kept over every scan.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import structlog

from leadline.directory import stored
from leadline.directory.find import Find
from leadline.identity.same_person import Record, two_people, unpacked
from leadline.identity.same_person_rules import Rules
from leadline.identity.words import counted
from leadline.merging.duplicates.bulk import Bulk, Found, Progress
from leadline.merging.duplicates.grouping import Edge, Grouped, Judged, grouped, pair
from leadline.merging.duplicates.judgements import everything
from leadline.merging.duplicates.records import record
from leadline.merging.duplicates.survivors import Rank, ranked, steps
from leadline.model import Struct
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

MEMORY = "2GB"
COPY_OUT = b"""copy (select contact_id, role, updated_at, name, email, keys::text from directory_entry
    where workspace_id = %s) to stdout (format csv)"""
GROUPS = b"""copy duplicate_group (workspace_id, group_id, contact_ids, survivor_id, tenths, gain, named) from stdin"""
PAIRS = b"""copy duplicate_pair (workspace_id, one_id, other_id, tenths, evidence) from stdin"""
log = structlog.get_logger(__name__)


class Scanned(Struct, frozen=True, kw_only=True):
    """What a scan found. compared: pairs that share something. mergeable: contacts that Intercom lets merge away."""

    contacts: int
    compared: int
    groups: int
    mergeable: int
    seconds: float
    rules: str


class Scan:
    """Scans of one database's workspaces. ranks: who of a group stays. memory: as DuckDB reads it ("2GB")."""

    def __init__(self, database: Database, find: Find, ranks: Sequence[Rank], *, memory: str = MEMORY) -> None:
        self._database = database
        self._find = find
        self._ranks = ranks
        self._memory = memory

    async def run(
        self, workspace_id: str, rules: Rules, *, least: int, tell: Progress = lambda text: None
    ) -> Scanned | None:
        """Scan now; None where another process is at it. least: tenths of a point that a pair needs to be kept.

        Raises SettingError where DuckDB is missing.
        """
        async with self._database.if_alone(f"duplicates scan {workspace_id}") as alone:
            if not alone:
                return None
            began = time.monotonic()
            region = await self._find.region(workspace_id)
            with tempfile.TemporaryDirectory(prefix="leadline-scan-") as folder:
                bulk = await asyncio.to_thread(Bulk, Path(folder), rules, region=region, memory=self._memory)
                try:
                    return await self._scan(workspace_id, bulk, Path(folder), rules, least, tell, began)
                finally:
                    bulk.close()

    async def _scan(
        self, workspace_id: str, bulk: Bulk, folder: Path, rules: Rules, least: int, tell: Progress, began: float
    ) -> Scanned:
        await self._copy_out(workspace_id, folder / "entries.csv")
        await asyncio.to_thread(bulk.read, folder / "entries.csv")
        (folder / "entries.csv").unlink()
        tell(f"{counted(bulk.contacts, 'contact')} read")
        await asyncio.to_thread(bulk.compare, tell)
        found, records = await asyncio.to_thread(_results, bulk, least)
        async with self._database.connection() as connection:
            judged = await everything(connection, workspace_id)
            await self._complete(connection, workspace_id, records, judged)
        made = await asyncio.to_thread(groups_of, found, records, judged, self._ranks)
        tell(f"{counted(len(made), 'group')} found")
        scanned = Scanned(
            contacts=bulk.contacts,
            compared=bulk.compared,
            groups=len(made),
            mergeable=sum(one.gain for one in made),
            seconds=round(time.monotonic() - began, 1),
            rules=rules.version,
        )
        await self._store(workspace_id, made, found, scanned, least)
        log.info("duplicates_scanned", workspace=workspace_id, groups=len(made), seconds=scanned.seconds)
        return scanned

    async def _copy_out(self, workspace_id: str, file: Path) -> None:
        """The entries as they stream out of the database."""
        with file.open("wb") as target:
            async with (
                self._database.connection() as connection,
                connection.cursor() as cursor,
                cursor.copy(COPY_OUT, [workspace_id]) as copy,
            ):
                async for block in copy:
                    target.write(block)

    async def _complete(
        self, connection: Connection, workspace_id: str, records: dict[str, Record], judged: Judged
    ) -> None:
        """Contacts that people called the same, and that nothing else connects. One that is gone is left out."""
        region = await self._find.region(workspace_id)
        missing = {each for two in judged.same for each in two} - records.keys()
        for entry in await stored.listed(connection, workspace_id, missing):
            records[entry.contact_id] = record(entry, region)

    async def _store(
        self, workspace_id: str, made: Sequence[Group], found: Sequence[Found], scanned: Scanned, least: int
    ) -> None:
        together = {contact_id: one.group_id for one in made for contact_id in one.contact_ids}
        async with self._database.connection() as connection:
            await queries.duplicates_forget_groups(connection, workspace_id=workspace_id)
            await queries.duplicates_forget_pairs(connection, workspace_id=workspace_id)
            async with connection.cursor() as cursor, cursor.copy(GROUPS) as copy:
                for one in made:
                    values = (one.group_id, list(one.contact_ids), one.contact_ids[0], one.tenths, one.gain, one.named)
                    await copy.write_row((workspace_id, *values))
            async with connection.cursor() as cursor, cursor.copy(PAIRS) as copy:
                for each in found:
                    if together.get(each.one, "") == together.get(each.other):
                        await copy.write_row((workspace_id, *pair(each.one, each.other), each.tenths, each.evidence))
            await queries.duplicates_scanned(
                connection,
                workspace_id=workspace_id,
                rules=scanned.rules,
                least=least,
                contacts=scanned.contacts,
                compared=scanned.compared,
                groups=scanned.groups,
                mergeable=scanned.mergeable,
                seconds=scanned.seconds,
            )


class Group(Struct, frozen=True, kw_only=True):
    """One group as it is stored. contact_ids: who should stay first. gain: contacts that Intercom lets merge away."""

    contact_ids: tuple[str, ...]
    tenths: int
    gain: int
    named: bool

    @property
    def group_id(self) -> str:
        return min(self.contact_ids)


def _results(bulk: Bulk, least: int) -> tuple[list[Found], dict[str, Record]]:
    return [*bulk.found(least)], {one.contact_id: one for one in bulk.records(least)}


def groups_of(
    found: Iterable[Found], records: Mapping[str, Record], judged: Judged, ranks: Sequence[Rank]
) -> list[Group]:
    """Pairs and judgements as groups with their survivors. Pure.

    Who has no record any more is in no group, but what people said of them holds: where B was merged into A, and B and
    C are not the same, A and C are not joined.
    """

    def contradict(one: str, other: str) -> bool:
        return records.keys() >= {one, other} and two_people(records[one], records[other])

    edges = [Edge(each.one, each.other, each.tenths, unpacked(each.evidence).named) for each in found]
    clusters = grouped(edges, judged, contradict)
    left = [one._replace(members=tuple(each for each in one.members if each in records)) for one in clusters]
    return [_group(one, records, ranks) for one in left if len(one.members) > 1]


def _group(one: Grouped, records: Mapping[str, Record], ranks: Sequence[Rank]) -> Group:
    members = ranked((records[each] for each in one.members), ranks)
    ids = tuple(each.contact_id for each in members)
    return Group(contact_ids=ids, tenths=one.tenths, gain=len(steps(members)), named=one.named)
