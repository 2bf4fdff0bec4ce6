"""The scan: everything in the directory is compared, grouped, and stored in one go. `desk.py` beside this runs it.

While it runs, the groups of the scan before stay; what people said about pairs is kept over every scan.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from pathlib import Path

import msgspec
import structlog

from leadline.directory.find import Find
from leadline.errors import SettingError
from leadline.identity.same_person_rules import Rules
from leadline.merging.duplicates import bulk, comparing
from leadline.merging.duplicates.bulk import Progress
from leadline.merging.duplicates.comparing import Job, Outcome
from leadline.merging.duplicates.judgements import everything
from leadline.model import Struct
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

MEMORY = "1GB"
SMALL = 20_000
"""Contacts up to which a process of its own would take longer to start than the scan takes."""
BLOCK = 1 << 20  # bytes
KILLED = (
    "The scan was stopped from outside, perhaps because this machine has too little memory. "
    "LEADLINE_DUPLICATES_MEMORY says how much it may use."
)
COPY_OUT = b"""copy (select contact_id, role, updated_at, name, email, keys::text from directory_entry
    where workspace_id = %s) to stdout (format csv)"""
GROUPS = b"""copy duplicate_group (workspace_id, group_id, contact_ids, survivor_id, tenths, gain, named)
    from stdin (format csv)"""
PAIRS = b"""copy duplicate_pair (workspace_id, one_id, other_id, tenths, evidence) from stdin (format csv)"""
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
    """Scans of one database's workspaces. keep: who of a group stays. memory: as DuckDB reads it ("1GB")."""

    def __init__(self, database: Database, find: Find, *, keep: str = "", memory: str = "", small: int = SMALL) -> None:
        self._database = database
        self._find = find
        self._keep = keep
        self._memory = memory or MEMORY
        self._small = small

    async def run(
        self,
        workspace_id: str,
        rules: Rules,
        *,
        least: int,
        users_too: bool = False,
        tell: Progress = lambda text: None,
    ) -> Scanned | None:
        """Scan now; None where another process is at it. least: tenths of a point that a pair needs to be kept.
        users_too: whether Intercom may merge users.

        Raises SettingError where DuckDB is missing, or where it has too little memory.
        """
        async with self._database.if_alone(f"duplicates scan {workspace_id}") as alone:
            if not alone:
                return None
            bulk.assert_installed()
            began = time.monotonic()
            with tempfile.TemporaryDirectory(prefix="leadline-scan-", ignore_cleanup_errors=True) as name:
                folder = Path(name)
                contacts = await self._prepare(workspace_id, folder, rules, least, users_too)
                await (self._beside(folder, tell) if contacts > self._small else self._here(folder, tell))
                return await self._store(workspace_id, folder, rules, least, began)

    async def _prepare(self, workspace_id: str, folder: Path, rules: Rules, least: int, users_too: bool) -> int:
        """The job with all it needs, in files; how many contacts there are."""
        async with self._database.connection() as connection:
            judged = await everything(connection, workspace_id)
        job = Job(
            workspace_id=workspace_id,
            region=await self._find.region(workspace_id),
            rules=rules,
            least=least,
            keep=self._keep,
            memory=self._memory,
            judged=judged,
            users_too=users_too,
        )
        (folder / comparing.JOB).write_bytes(msgspec.json.encode(job))
        with (folder / comparing.ENTRIES).open("wb") as target:
            async with self._database.connection() as connection, connection.cursor() as cursor:
                async with cursor.copy(COPY_OUT, [workspace_id]) as copy:
                    async for block in copy:
                        target.write(block)
                return cursor.rowcount

    async def _here(self, folder: Path, tell: Progress) -> None:
        await asyncio.to_thread(comparing.compare, folder, tell)

    async def _beside(self, folder: Path, tell: Progress) -> None:
        """In a process of its own, which ends with this one. It knows no secrets."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("LEADLINE_")}
        command = (sys.executable, "-m", comparing.__name__, str(folder))
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=env)
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            said = asyncio.create_task(process.stderr.read())
            async for line in process.stdout:
                tell(line.decode().rstrip())
            trouble, code = (await said).decode().strip(), await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if code:
            log.warning("scan_broke_off", code=code, why=trouble[-2_000:])
            raise SettingError(trouble if code == comparing.REFUSED else KILLED)

    async def _store(self, workspace_id: str, folder: Path, rules: Rules, least: int, began: float) -> Scanned:
        outcome = msgspec.json.decode((folder / comparing.OUTCOME).read_bytes(), type=Outcome)
        seconds = round(time.monotonic() - began, 1)
        numbers = {**msgspec.structs.asdict(outcome), "seconds": seconds, "rules": rules.version}
        async with self._database.connection() as connection:
            await queries.duplicates_forget_groups(connection, workspace_id=workspace_id)
            await queries.duplicates_forget_pairs(connection, workspace_id=workspace_id)
            await _copy_in(connection, GROUPS, folder / comparing.GROUPS)
            await _copy_in(connection, PAIRS, folder / comparing.PAIRS)
            await queries.duplicates_scanned(connection, workspace_id=workspace_id, least=least, **numbers)
        log.info("duplicates_scanned", workspace=workspace_id, groups=outcome.groups, seconds=seconds)
        return Scanned(**numbers)


async def _copy_in(connection: Connection, statement: bytes, file: Path) -> None:
    with file.open("rb") as source:
        async with connection.cursor() as cursor, cursor.copy(statement) as copy:
            while block := source.read(BLOCK):
                await copy.write(block)
