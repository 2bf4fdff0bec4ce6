"""This installation's database: the embedded or the external server, migrated. Opened by `app.py` and the CLI."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from leadline.errors import SettingError
from leadline.settings import Settings
from leadline.store.database import Database
from leadline.store.embedded import embedded
from leadline.store.keys_in_use import labelled
from leadline.store.migrating import Step, migrate, planned
from leadline.store.resealing import bind_former
from leadline.store.vault import Vault


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """The embedded or the external database, migrated; raises SettingError."""
    async with open_as_it_is(settings) as database:
        await migrate_all(database)
        if settings.secret_key:
            await bind_former(database, vault_of(settings))
        yield database


@asynccontextmanager
async def open_as_it_is(settings: Settings) -> AsyncIterator[Database]:
    """The same, with the tables it has; raises SettingError."""
    with contextlib.ExitStack() as stack:
        url = _address(settings.database_url) or stack.enter_context(embedded(Path(settings.data_dir)))
        if settings.secret_key:
            url = labelled(url, vault_of(settings))
        async with Database.open(url, max_size=settings.pool_size) as database:
            yield database


def _address(url: str) -> str:
    """The same; raises SettingError for what is no address, without showing it: it may hold a password."""
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise SettingError(
            "LEADLINE_DATABASE_URL is not the address of a PostgreSQL database. Write it like "
            "postgresql://user:password@host:5432/name, or leave it empty for the embedded one."
        ) from None
    return url


def vault_of(settings: Settings) -> Vault:
    """The vault of this installation, with the keys it had before."""
    return Vault(settings.secret_key, settings.former_secrets)


async def migrate_all(database: Database) -> None:
    """Bring Leadline's tables to the version installed; several processes may start at once. Raises SettingError."""
    await migrate(database, files("leadline.store") / "migrations")


async def plan(database: Database) -> list[Step]:
    """What `migrate_all` would change; raises SettingError."""
    return await planned(database, files("leadline.store") / "migrations")
