"""The channels of a workspace as rows: their address keys and their encrypted settings.

Used by `connections/switchboard.py`.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from psycopg.errors import UniqueViolation

from leadline.model import Struct
from leadline.store.database import Connection, Database
from leadline.store.queries import queries
from leadline.store.vault import Vault


class ChannelRow(Struct, frozen=True, kw_only=True):
    """One connection to a provider, made at `created_at` (unix seconds). is_proved: its provider accepted the
    credentials. is_paused: what comes is kept, and nothing goes out, until it is resumed.

    `settings` are in clear: never log or show this value whole.
    """

    workspace_id: str
    channel_id: int
    provider: str
    name: str
    key: str
    account: str
    address: str
    settings: Mapping[str, Any]
    created_at: float = 0.0
    is_proved: bool = False
    is_paused: bool = False


class AlreadyConnected(Exception):
    """Another channel that is in service has the same fingerprint."""

    def __init__(self, channel_id: int, name: str) -> None:
        super().__init__(f"channel {channel_id}, {name}")
        self.channel_id = channel_id
        self.name = name


class ChannelStore:
    """Reads and writes channels; credentials are encrypted on the way in and out."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def add(
        self,
        workspace_id: str,
        provider: str,
        name: str,
        settings: Mapping[str, Any],
        *,
        account: str,
        address: str,
        fingerprint: str,
    ) -> ChannelRow:
        """Store a new channel under a fresh random key of 128 bits; raises AlreadyConnected."""
        key = secrets.token_hex(16)
        async with self._unique(workspace_id, fingerprint) as connection:
            channel_id = (await queries.next_channel_id(connection))["id"]
            row = await queries.add_channel(
                connection,
                workspace_id=workspace_id,
                channel_id=channel_id,
                provider=provider,
                name=name,
                key=self._vault.mark(key),
                address_key=self._sealed_key(workspace_id, channel_id, key),
                account=account,
                address=address,
                fingerprint=fingerprint,
                settings=self._sealed(workspace_id, channel_id, settings),
            )
        return self._read(row)

    async def by_key(self, key: str) -> ChannelRow | None:
        """The channel of a webhook address, or None."""
        return await self._one(queries.channel_by_key, keys=self._vault.marks(key))

    async def by_id(self, workspace_id: str, channel_id: int) -> ChannelRow | None:
        """A channel of the workspace, also a removed one: its conversations go on existing."""
        return await self._one(queries.channel_by_id, workspace_id=workspace_id, channel_id=channel_id)

    async def by_account(self, workspace_id: str, provider: str, account: str) -> ChannelRow | None:
        """The channel that serves a provider's account id, where one webhook carries messages for several."""
        return await self._one(
            queries.channel_by_account, workspace_id=workspace_id, provider=provider, account=account
        )

    async def listed(self, workspace_id: str) -> list[ChannelRow]:
        """All channels that are not removed."""
        async with self._database.connection() as connection:
            return [self._read(row) async for row in queries.channels(connection, workspace_id=workspace_id)]

    async def names(self, workspace_id: str, *, removed: bool = False) -> dict[int, str]:
        """Names of all channels in service, or of those removed, by id: also when their settings cannot be opened."""
        query = queries.removed_channels if removed else queries.channels
        async with self._database.connection() as connection:
            rows = query(connection, workspace_id=workspace_id)
            return {row["channel_id"]: row["name"] async for row in rows}

    async def rotate(self, workspace_id: str, channel_id: int) -> str:
        """Give the channel a new key; the former address stops working at once."""
        key = secrets.token_hex(16)
        async with self._database.connection() as connection:
            await queries.rotate_channel(
                connection,
                workspace_id=workspace_id,
                channel_id=channel_id,
                key=self._vault.mark(key),
                address_key=self._sealed_key(workspace_id, channel_id, key),
            )
        return key

    async def change(
        self, row: ChannelRow, settings: Mapping[str, Any], *, address: str, fingerprint: str | None = None
    ) -> None:
        """Give the channel other settings; its key, its conversations and what waits for it stay.

        fingerprint: where it is another one now. Raises AlreadyConnected.
        """
        async with self._unique(row.workspace_id, fingerprint or "") as connection:
            await queries.change_channel(
                connection,
                workspace_id=row.workspace_id,
                channel_id=row.channel_id,
                address=address,
                fingerprint=fingerprint,
                settings=self._sealed(row.workspace_id, row.channel_id, settings),
            )

    async def unrecognised(self, workspace_id: str) -> list[ChannelRow]:
        """Channels in service that have no fingerprint."""
        async with self._database.connection() as connection:
            rows = queries.unrecognised_channels(connection, workspace_id=workspace_id)
            return [self._read(row) async for row in rows]

    async def recognise(self, row: ChannelRow, fingerprint: str) -> None:
        """Give a channel its fingerprint; raises AlreadyConnected."""
        async with self._unique(row.workspace_id, fingerprint) as connection:
            await queries.recognise_channel(
                connection, workspace_id=row.workspace_id, channel_id=row.channel_id, fingerprint=fingerprint
            )

    @asynccontextmanager
    async def _unique(self, workspace_id: str, fingerprint: str) -> AsyncIterator[Connection]:
        try:
            async with self._database.connection() as connection:
                yield connection
        except UniqueViolation:
            async with self._database.connection() as connection:
                known = await queries.channel_by_fingerprint(
                    connection, workspace_id=workspace_id, fingerprint=fingerprint
                )
            if known is None:
                raise
            raise AlreadyConnected(known["channel_id"], known["name"]) from None

    async def pause(self, workspace_id: str, channel_id: int, *, paused: bool) -> None:
        """Hold back what comes and goes, or not any more; `connections/pauses.py` lets go on what waited."""
        async with self._database.connection() as connection:
            await queries.pause_channel(connection, workspace_id=workspace_id, channel_id=channel_id, paused=paused)

    async def prove(self, row: ChannelRow, *, accepted: bool) -> None:
        """Note what the provider said of the channel's credentials."""
        key = {"workspace_id": row.workspace_id, "channel_id": row.channel_id}
        async with self._database.connection() as connection:
            await queries.prove_channel(connection, **key, accepted=accepted)

    async def remove(self, workspace_id: str, channel_id: int) -> None:
        """Take the channel out of service; what it carried stays."""
        async with self._database.connection() as connection:
            await queries.remove_channel(connection, workspace_id=workspace_id, channel_id=channel_id)

    async def restore(self, workspace_id: str, channel_id: int) -> bool:
        """Put a removed channel back; False where its account and number are connected again as another one."""
        async with self._database.connection() as connection:
            row = await queries.restore_channel(connection, workspace_id=workspace_id, channel_id=channel_id)
        return row is not None

    async def _one(self, query: Any, **values: Any) -> ChannelRow | None:
        async with self._database.connection() as connection:
            row = await query(connection, **values)
        return None if row is None else self._read(row)

    def _sealed(self, workspace_id: str, channel_id: int, settings: Mapping[str, Any]) -> bytes:
        return self._vault.seal(msgspec.json.encode(settings), workspace_id, "channel", "settings", channel_id)

    def _sealed_key(self, workspace_id: str, channel_id: int, key: str) -> bytes:
        return self._vault.seal(key.encode(), workspace_id, "channel", "address_key", channel_id)

    def _read(self, row: Mapping[str, Any]) -> ChannelRow:
        fields = {name: row[name] for name in ("workspace_id", "channel_id", "provider", "name", "account", "address")}
        workspace_id, channel_id = row["workspace_id"], row["channel_id"]
        settings = self._vault.open(row["settings"], workspace_id, "channel", "settings", channel_id)
        key = self._vault.open(row["address_key"] or b"", workspace_id, "channel", "address_key", channel_id)
        return ChannelRow(
            **fields,
            key=key.decode(),
            settings=msgspec.json.decode(settings),
            created_at=row["created_at"].timestamp(),
            is_proved=row["proved_at"] is not None,
            is_paused=row["paused_at"] is not None,
        )
