"""What `leadline doctor` says about the machine: room on the disk, the database server, the clock, backups."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from leadline.cli.finding import Finding
from leadline.identity.words import counted
from leadline.intercom.clock import Clock
from leadline.settings import Settings
from leadline.store.database import Database
from leadline.store.queries import queries

LEAST_BYTES = 1_000_000_000
LEAST_SHARE = 0.05
OLDEST = 14  # major version of PostgreSQL: the oldest that its project still maintained in November 2026
BESIDE_POOL = 4  # connections of a `leadline serve` beyond its pool, see docs/operating.md
APART = 60.0  # seconds
BACKUP_DAYS = 8


def disk(folder: Path) -> Finding:
    """Whether there is room where the embedded database lies: bytes and inodes."""
    there = next(place for place in (folder.resolve(), *folder.resolve().parents) if place.exists())
    found = os.statvfs(there)
    free, whole = found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
    room = f"{free / 1e9:,.1f} of {whole / 1e9:,.1f} GB free"
    if free < LEAST_BYTES or free < whole * LEAST_SHARE:
        return Finding("disk", f"{room} at {there}. When it is full, no message can be kept: make room now.")
    if found.f_files and found.f_favail < found.f_files * LEAST_SHARE:
        return Finding("disk", f"{found.f_favail:,} of {found.f_files:,} inodes free at {there}. Remove small files.")
    return Finding("disk", word=room)


async def server(database: Database, settings: Settings) -> Finding:
    """The database server's version, and whether it has connections for one more `leadline serve`."""
    async with database.connection() as connection:
        found = await queries.room(connection)
    where = "external" if settings.database_url else f"embedded in {Path(settings.data_dir).resolve()}"
    word = f"{where}; PostgreSQL {found['version']}, {found['used']} of {found['most']} connections in use"
    if found["major"] < OLDEST:
        return Finding("database", f"{word}. This version is not maintained any more: upgrade to {OLDEST} or newer.")
    wanted = settings.pool_size + BESIDE_POOL
    if found["most"] - found["used"] < wanted:
        return Finding(
            "database",
            f"{word}. One more process of Leadline takes up to {wanted}: raise max_connections, or lower "
            "LEADLINE_POOL_SIZE.",
        )
    return Finding("database", word=word)


def clock(theirs: Clock) -> Finding | None:
    """Whether this machine's clock agrees with Intercom's; None where Intercom did not tell the time."""
    if theirs.age == float("inf"):
        return None
    apart = time.time() - theirs.now()
    if abs(apart) < APART:
        return Finding("clock", word="agrees with Intercom's")
    word = "ahead of" if apart > 0 else "behind"
    return Finding(
        "clock", f"This machine's clock is {abs(apart):,.0f} seconds {word} Intercom's. Turn on time synchronisation."
    )


async def backups(database: Database, workspace_id: str, *, is_embedded: bool) -> Finding:
    """When the last backup was made. A PostgreSQL of your own may have backups that Leadline knows nothing about."""
    async with database.connection() as connection:
        row = await queries.last_backup(connection, workspace_id=workspace_id)
    at = row and row["began_at"]
    if at is None:
        how = "`leadline backup --to <folder>`" if is_embedded else "`leadline backup`, or what your PostgreSQL has"
        return Finding("backup", word=f"none by Leadline yet: {how}", is_note=True)
    days = (datetime.now(UTC) - at).days
    word = f"the last was made {at:%Y-%m-%d %H:%M}"
    if days >= BACKUP_DAYS:
        return Finding("backup", f"{word}, {counted(days, 'day')} ago. Is the timer running? Else: `leadline backup`.")
    return Finding("backup", word=word)
