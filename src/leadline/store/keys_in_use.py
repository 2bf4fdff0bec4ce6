"""Which key each running process seals with, told by the names of its database connections.

`opened.py` gives the names; `leadline key rotate` asks, since a process with the former key opens nothing that the
new one has sealed, and would refuse the webhooks of its channels.
"""

from __future__ import annotations

import os
import socket

from psycopg.conninfo import make_conninfo

from leadline.store.database import Database
from leadline.store.queries import queries
from leadline.store.vault import Vault

HOST = 30  # characters of the host's name; PostgreSQL keeps 63 of the whole


def labelled(url: str, vault: Vault) -> str:
    """The address of a database, whose connections say what this process is and which key it seals with."""
    place = f"{os.getpid()} on {socket.gethostname()[:HOST]}"
    return make_conninfo(url, application_name=f"leadline {vault.name} {place}")


async def with_other_keys(database: Database, vault: Vault) -> list[str]:
    """The processes that seal with another key now: each its number and its host, `4711 on web-2`."""
    async with database.connection() as connection:
        rows = queries.keys_in_use(connection, own=vault.name)
        return [row["process"] async for row in rows]
