"""Everything that is encrypted, sealed anew with the present key, in bites and while Leadline runs.

`leadline key rotate` does it after a change of LEADLINE_SECRET_KEY; `opened.py` once for what older versions sealed.
"""

from __future__ import annotations

from typing import Any

from leadline.errors import SettingError
from leadline.model import Struct
from leadline.store.database import Database
from leadline.store.queries import queries
from leadline.store.vault import VERSION, Vault

BITE = 100
BOUND = "resealed"  # recorded among the migrations once everything is bound to its place
Row = dict[str, Any]


class Resealed(Struct, frozen=True, kw_only=True):
    """How many were sealed anew, and how many neither key opens."""

    channels: int = 0
    journals: int = 0
    workspaces: int = 0
    lost: int = 0


async def reseal(database: Database, vault: Vault) -> Resealed:
    """Seal anew what the present key did not seal. What changes meanwhile is left to whoever changed it."""
    channels, lost = await _channels(database, vault)
    journals, more_lost = await _journals(database, vault)
    workspaces, most_lost = await _workspaces(database, vault)
    return Resealed(channels=channels, journals=journals, workspaces=workspaces, lost=lost + more_lost + most_lost)


async def bind_former(database: Database, vault: Vault) -> None:
    """Once: what versions without places sealed is bound to its place. Until then it does not open."""
    async with database.connection() as connection:
        if await queries.is_bound(connection, name=BOUND):
            return
    if not (await reseal(database, vault)).lost:
        async with database.connection() as connection:
            await queries.record_bound(connection, name=BOUND)


async def _channels(database: Database, vault: Vault) -> tuple[int, int]:
    done, lost = 0, 0
    async with database.connection() as connection:
        rows = [row async for row in queries.sealed_channels(connection)]
    for row in rows:
        if vault.is_current(row["settings"]) and vault.is_current(row["address_key"] or b""):
            continue
        place = (row["workspace_id"], "channel")
        try:
            settings = _opened(vault, row["settings"], "channel settings", *place, "settings", row["channel_id"])
            key = row["key"]
            if row["address_key"] is not None:
                key = vault.open(row["address_key"], *place, "address_key", row["channel_id"]).decode()
        except SettingError:
            lost += 1
            continue
        async with database.connection() as connection:
            done += await queries.reseal_channel(
                connection,
                workspace_id=row["workspace_id"],
                channel_id=row["channel_id"],
                was=row["settings"],
                key_was=row["key"],
                settings=vault.seal(settings, *place, "settings", row["channel_id"]),
                address_key=vault.seal(key.encode(), *place, "address_key", row["channel_id"]),
                key=vault.mark(key),
            )
    return done, lost


async def _journals(database: Database, vault: Vault) -> tuple[int, int]:
    done, lost, last = 0, 0, 0
    while True:
        async with database.connection() as connection:
            rows = [row async for row in queries.sealed_journals(connection, last=last, bite=BITE)]
        if not rows:
            return done, lost
        last = rows[-1]["merge_id"]
        for row in rows:
            if vault.is_current(row["snapshot"]):
                continue
            place = (row["workspace_id"], "merge", "snapshot", row["merge_id"])
            try:
                snapshot = _opened(vault, row["snapshot"], "merge journal", *place)
            except SettingError:
                lost += 1
                continue
            async with database.connection() as connection:
                done += await queries.reseal_journal(
                    connection,
                    workspace_id=row["workspace_id"],
                    merge_id=row["merge_id"],
                    was=row["snapshot"],
                    snapshot=vault.seal(snapshot, *place),
                )


async def _workspaces(database: Database, vault: Vault) -> tuple[int, int]:
    done, lost = 0, 0
    async with database.connection() as connection:
        rows = [row async for row in queries.sealed_workspaces(connection)]
    for row in rows:
        sealed = {name: row[name] for name in ("token", "client_secret")}
        if all(each is None or vault.is_current(each) for each in sealed.values()):
            continue
        place = (row["workspace_id"], "workspace")
        try:
            fresh = {
                name: each if each is None else vault.seal(vault.open(each, *place, name), *place, name)
                for name, each in sealed.items()
            }
        except SettingError:
            lost += 1
            continue
        async with database.connection() as connection:
            done += await queries.reseal_workspace(
                connection,
                workspace_id=row["workspace_id"],
                **fresh,
                token_was=sealed["token"],
                secret_was=sealed["client_secret"],
            )
    return done, lost


def _opened(vault: Vault, sealed: bytes, purpose: str, *place: object) -> bytes:
    if bytes(sealed).startswith(VERSION):
        return vault.open(sealed, *place)
    return vault.open_unbound(sealed, purpose)
