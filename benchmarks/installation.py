"""A Leadline under measurement: settings, a database with two channels, an Intercom that answers at once. Used by the
benchmarks that run `leadline serve` and `leadline worker` as processes."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from benchmarks.machine import free_port, started, wait_for
from leadline.channels import channel
from leadline.channels.settings import Settings
from leadline.connections.switchboard import add_channel
from leadline.store.channels import ChannelRow, ChannelStore
from leadline.store.database import Database
from leadline.store.opened import migrate_all
from leadline.store.vault import Vault

PUBLIC_URL = "https://bench.example.com"
WORKSPACE = "bench"  # as benchmarks/worker/intercom.py calls it
CLIENT_SECRET = "bench-client-secret-1234567890abcdef"


@contextmanager
def answering_intercom() -> Iterator[int]:
    """The fastest Intercom there can be, as a process of its own; yields its port."""
    port = free_port()
    with started("benchmarks.worker.intercom", str(port)):
        wait_for(port)
        yield port


def environ(database_url: str, intercom_port: int, **more: str) -> dict[str, str]:
    """The settings of one installation, as environment variables. more: others, by their names without LEADLINE_."""
    settings = {
        "database_url": database_url,
        "secret_key": secrets.token_hex(16),
        "public_url": PUBLIC_URL,
        "intercom_url": f"http://127.0.0.1:{intercom_port}",
        "intercom_token": "made-up",
        "intercom_client_secret": CLIENT_SECRET,
        "log_format": "json",
        "metrics_token": secrets.token_hex(16),
    }
    return {f"LEADLINE_{name.upper()}": value for name, value in {**settings, **more}.items()}


async def connected(environment: Mapping[str, str], accounts: Mapping[str, Settings]) -> dict[str, ChannelRow]:
    """Make the tables of this installation and connect these channels."""
    async with Database.open(environment["LEADLINE_DATABASE_URL"]) as database:
        await migrate_all(database)
        async with database.connection() as connection:
            await connection.execute("insert into workspace (workspace_id) values (%s)", [WORKSPACE])
        store = ChannelStore(database, Vault(environment["LEADLINE_SECRET_KEY"]))
        return {name: await add_channel(store, WORKSPACE, channel(name), name, accounts[name]) for name in accounts}
