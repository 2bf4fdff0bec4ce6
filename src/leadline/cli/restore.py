"""`leadline restore`: a backup into an empty database, ready to go on where the former machine stopped."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from leadline.cli.backup import opened, passphrase_of
from leadline.cli.console import out, show_json
from leadline.cli.office import note_for_all
from leadline.cli.options import AsJson
from leadline.errors import SettingError
from leadline.identity.words import counted
from leadline.model import Struct
from leadline.settings import Settings, load, require
from leadline.store.channels import ChannelStore
from leadline.store.database import Database
from leadline.store.dumps import restore as restore_into
from leadline.store.opened import open_as_it_is, open_database, vault_of
from leadline.store.queries import queries


class Restored(Struct, frozen=True, kw_only=True):
    """What is there now, by workspace where it differs. since: unix seconds of the backup. held: replies."""

    tables: int
    since: float | None
    held: int
    channels: int
    trouble: str = ""


def restore(
    file: Annotated[Path, typer.Argument(help="A backup that `leadline backup` or pg_dump -Fc wrote")],
    passphrase: Annotated[
        str, typer.Option(metavar="@FILE", help="The passphrase of a sealed backup, in a file; - to be asked for it")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Put a backup into an empty database.

    Set LEADLINE_SECRET_KEY to the key of the installation that was backed up. When Leadline starts, it fetches the
    messages that came since the backup from the providers that list them, and looks in Intercom before it writes one.
    """
    settings = load()
    require(settings, "secret_key")
    if not file.is_file():
        raise SettingError(f"There is no file {file}. Name a backup that `leadline backup` wrote.")
    restored = asyncio.run(_restore(settings, file, passphrase_of(passphrase, again=False)))
    if as_json:
        show_json(restored)
    else:
        _tell(file, restored)
    if restored.trouble:
        raise SettingError(restored.trouble)


async def _restore(settings: Settings, file: Path, passphrase: str) -> Restored:
    async with open_as_it_is(settings) as database:
        await _require_empty(database)
        await asyncio.to_thread(_fill, database.url, file, passphrase)
    async with open_database(settings) as database:
        async with database.connection() as connection:
            tables = (await queries.count_tables(connection))["count"]
            await queries.restored(connection)
            held = await queries.hold_replies(connection)
            workspaces = [row["workspace_id"] async for row in queries.workspaces(connection)]
            gaps = [await queries.restored_gap(connection, workspace_id=each) for each in workspaces]
        await note_for_all(database, "backup.restored", {"file": file.name})
        channels, trouble = await _credentials(settings, database, workspaces)
    since = min((gap["since"] for gap in gaps), default=None)
    return Restored(tables=tables, since=since, held=_count(held), channels=channels, trouble=trouble)


def _count(held: Mapping[str, Any]) -> int:
    return int(held["doubtful"] + held["parked"])


async def _require_empty(database: Database) -> None:
    async with database.connection() as connection:
        tables = (await queries.count_tables(connection))["count"]
    if tables:
        raise SettingError(
            f"The database holds {counted(tables, 'table')} already, and nothing of it was changed. Restore into an "
            "empty one: set LEADLINE_DATA_DIR to a new folder, or LEADLINE_DATABASE_URL to an empty database."
        )


def _fill(url: str, file: Path, passphrase: str) -> None:
    try:
        with file.open("rb") as source:
            restore_into(url, opened(source, passphrase))
    except OSError as error:
        raise SettingError(f"{file} cannot be read: {error.strerror}") from error


async def _credentials(settings: Settings, database: Database, workspaces: list[str]) -> tuple[int, str]:
    """How many channels open with the present key, or what to do where they do not."""
    store, count = ChannelStore(database, vault_of(settings)), 0
    try:
        for workspace_id in workspaces:
            count += len(await store.listed(workspace_id))
    except SettingError as error:
        return count, f"The backup is restored, but: {error}"
    return count, ""


def _tell(file: Path, restored: Restored) -> None:
    out.print(f"{file} is restored: {counted(restored.tables, 'table')}.")
    if not restored.trouble:
        out.print(f"The credentials of {counted(restored.channels, 'channel')} open with this LEADLINE_SECRET_KEY.")
    if restored.held:
        replies = counted(restored.held, "reply", "replies")
        out.print(f"{replies} may have been sent since the backup. None goes out by itself: `leadline parked list`.")
    if restored.since is None:
        return
    at = datetime.fromtimestamp(restored.since, UTC)
    hours = math.ceil((time.time() - restored.since) / 3600)
    out.print(f"The backup is of {at:%Y-%m-%d %H:%M} UTC. Next:")
    out.print("1. Start Leadline. It fetches what customers wrote since then from the providers that list it.")
    out.print(f"2. Replies that teammates wrote since then: leadline reconcile --since {hours}h --dry-run")
    out.print("   It also lists those that were sent before the machine was lost, so look before you send them.")
