"""Everything that is encrypted, sealed anew with the present key, in batches and while Leadline runs.

`leadline key rotate` does it after a change of LEADLINE_SECRET_KEY; `opened.py` once for what older versions sealed.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from leadline.errors import SettingError
from leadline.model import Struct
from leadline.store.database import Database
from leadline.store.queries import queries
from leadline.store.vault import VERSION, Vault

BATCH = 100
BOUND = "resealed"  # recorded among the migrations once everything is bound to its place
Row = dict[str, Any]


class Sealed(Struct, frozen=True, kw_only=True):
    """A table with sealed columns. word: what people call one of its rows. key: its key within a workspace; empty where
    that is the workspace itself.

    former: what versions without places said the columns are for.
    """

    table: str
    word: str
    key: str = ""
    columns: tuple[str, ...]
    former: str = ""


TABLES = (
    Sealed(
        table="channel",
        word="channel",
        key="channel_id",
        columns=("settings", "address_key"),
        former="channel settings",
    ),
    Sealed(table="merge", word="merge journal", key="merge_id", columns=("snapshot",), former="merge journal"),
    Sealed(table="workspace", word="workspace", columns=("token", "client_secret")),
    Sealed(table="alert_target", word="target of alerts", key="target_id", columns=("address", "secret")),
    Sealed(table="webhook", word="webhook", key="webhook_id", columns=("address", "secret", "former_secret")),
    Sealed(table="identity_provider", word="sign-in provider", key="provider_id", columns=("client_secret",)),
)


class Resealed(Struct, frozen=True, kw_only=True):
    """How many rows of each table were sealed anew, and how many no key opens."""

    counts: dict[str, int]
    lost: int


async def reseal(database: Database, vault: Vault) -> Resealed:
    """Seal anew what the present key did not seal. What changes meanwhile is looked at again."""
    counts = dict.fromkeys((table.table for table in TABLES), 0)
    while True:
        looks = {table.table: await _table(database, vault, table) for table in TABLES}
        for name, look in looks.items():
            counts[name] += look["done"]
        if not any(look["changed"] for look in looks.values()):
            return Resealed(counts=counts, lost=sum(look["lost"] for look in looks.values()))


async def bind_former(database: Database, vault: Vault) -> None:
    """Once: what versions without places sealed is bound to its place. Until then it does not open."""
    async with database.connection() as connection:
        if await queries.is_bound(connection, name=BOUND):
            return
    if not (await reseal(database, vault)).lost:
        async with database.connection() as connection:
            await queries.record_bound(connection, name=BOUND)


async def _table(database: Database, vault: Vault, table: Sealed) -> Counter[str]:
    """How many rows were sealed anew, how many somebody changed just then, and how many no key opens."""
    look, last = Counter[str](), None
    write = getattr(queries, f"reseal_{table.table}")
    while True:
        async with database.connection() as connection:
            read = getattr(queries, f"sealed_{table.table}")(connection, last=last, batch=BATCH)
            rows = [row async for row in read]
        if not rows:
            return look
        last = rows[-1][table.key or "workspace_id"]
        for row in rows:
            if all(_is_current(vault, name, row[name]) for name in table.columns):
                continue
            try:
                fresh = _anew(vault, table, row)
            except SettingError:
                look["lost"] += 1
                continue
            async with database.connection() as connection:
                is_done = await write(connection, **row, **fresh)
            look["done" if is_done else "changed"] += 1


def _is_current(vault: Vault, column: str, sealed: bytes | None) -> bool:
    """Whether nothing is to be done: no value needs no seal, but every channel gets a sealed key."""
    return column != "address_key" if sealed is None else vault.is_current(sealed)


def _anew(vault: Vault, table: Sealed, row: Row) -> Row:
    """What the columns of a row become, as `new_` and their names."""
    fresh: Row = {}
    for name in table.columns:
        place = (row["workspace_id"], table.table, name, *([row[table.key]] if table.key else []))
        clear = None if row[name] is None else _opened(vault, row[name], table.former, *place)
        if name == "address_key":  # a channel is found by a mark of its key; former versions had the key itself there
            clear = clear or row["key"].encode()
            fresh["new_key"] = vault.mark(clear.decode())
        fresh[f"new_{name}"] = None if clear is None else vault.seal(clear, *place)
    return fresh


def _opened(vault: Vault, sealed: bytes, purpose: str, *place: object) -> bytes:
    if bytes(sealed).startswith(VERSION) or not purpose:
        return vault.open(sealed, *place)
    return vault.open_unbound(sealed, purpose)
