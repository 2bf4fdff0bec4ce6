"""Keys by which other systems use the API: made, listed, rotated, revoked. `gate.py`, the CLI and the console ask here.

A token is 256 random bits behind a prefix that scanners for leaked secrets can look for. It is shown once; what is kept
is its SHA-256, by which it is found, so that how long the search takes tells nothing about a token.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec

from leadline.api.scopes import SCOPES
from leadline.errors import SettingError, meant
from leadline.model import Struct
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

PREFIX = "leadline_"
GRACE = 86_400.0  # seconds the old token of a rotated key still holds
LONGEST_GRACE = 30 * 86_400.0
LONGEST_NAME = 100
TOKEN = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")


class Key(Struct, frozen=True, kw_only=True):
    """Who calls: a key, the workspace it is of, and what it may do there."""

    workspace_id: str
    key_id: int
    name: str
    scopes: frozenset[str]


class Keys:
    """The keys of one workspace."""

    def __init__(self, database: Database, workspace_id: str) -> None:
        self._database = database
        self._workspace_id = workspace_id

    async def create(self, name: str, scopes: Sequence[str]) -> str:
        """A new key; returns its token, which nobody can see again. Raises SettingError."""
        name, wanted = _checked(name), _known(scopes)
        async with self._database.connection() as connection:
            row = await queries.add_api_key(connection, workspace_id=self._workspace_id, name=name, scopes=wanted)
            if row is None:
                raise SettingError(f"There is a key '{name}' already. Choose another name, or rotate that key.")
            return await self._token(connection, row["key_id"])

    async def listed(self) -> list[dict[str, Any]]:
        """All keys, those in use first. old_until: how long the token before the last rotation still holds."""
        async with self._database.connection() as connection:
            return [dict(row) async for row in queries.api_keys(connection, workspace_id=self._workspace_id)]

    async def rotate(self, name: str, *, grace: float = GRACE) -> str:
        """Another token for a key; the old one holds for `grace` seconds. Returns the new one. Raises SettingError."""
        if not 0 <= grace <= LONGEST_GRACE:
            raise SettingError(f"The old token can hold for at most {LONGEST_GRACE / 86_400:g} days.")
        async with self._database.connection() as connection:
            row = await self._row(connection, name)
            key = {"workspace_id": self._workspace_id, "key_id": row["key_id"]}
            await queries.forget_api_tokens(connection, **key)
            await queries.end_api_tokens(connection, **key, grace=grace)
            await self._note(connection, "api_key.rotated", row)
            return await self._token(connection, row["key_id"])

    async def revoke(self, name: str) -> str:
        """End a key at once; returns its name. Raises SettingError."""
        async with self._database.connection() as connection:
            row = await self._row(connection, name)
            key = {"workspace_id": self._workspace_id, "key_id": row["key_id"]}
            await queries.revoke_api_key(connection, **key)
            await queries.drop_api_tokens(connection, **key)
            return str(row["name"])

    async def _row(self, connection: Connection, name: str) -> dict[str, Any]:
        row: dict[str, Any] | None = await queries.api_key_named(
            connection, workspace_id=self._workspace_id, name=name.strip()
        )
        if row is None:
            raise SettingError(f"No key in use has the number or name '{name}'. `leadline api-key list` shows them.")
        return row

    async def _token(self, connection: Connection, key_id: int) -> str:
        token = PREFIX + secrets.token_urlsafe(32)
        await queries.add_api_token(
            connection, workspace_id=self._workspace_id, key_id=key_id, token_hash=digest(token)
        )
        return token

    async def _note(self, connection: Connection, act: str, row: dict[str, Any]) -> None:
        await queries.note_act(
            connection,
            workspace_id=self._workspace_id,
            act=act,
            subject=str(row["key_id"]),
            detail=msgspec.json.encode({"name": row["name"]}).decode(),
        )


async def key_of(database: Database, token: str) -> Key | None:
    """Whose token this is; None for one that nobody has, that was replaced, or whose key was revoked."""
    if not TOKEN.fullmatch(token):
        return None
    wanted = digest(token)
    async with database.connection() as connection:
        row = await queries.api_key_of_token(connection, token_hash=wanted)
        if row is None or not hmac.compare_digest(bytes(row["token_hash"]), wanted):
            return None
        if row["unseen"]:
            await queries.use_api_key(connection, workspace_id=row["workspace_id"], key_id=row["key_id"])
    return Key(
        workspace_id=row["workspace_id"], key_id=row["key_id"], name=row["name"], scopes=frozenset(row["scopes"])
    )


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return sha256(token.encode()).digest()


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or name.isdecimal() or not name.isprintable():
        raise SettingError(
            f"A key needs a name of at most {LONGEST_NAME} letters that is no number, such as the system that uses it."
        )
    return name


def _known(scopes: Sequence[str]) -> list[str]:
    for scope in scopes:
        if scope not in SCOPES:
            raise SettingError(f"There is no scope '{scope}'. {meant(scope, SCOPES)}")
    if not scopes:
        raise SettingError(f"A key needs at least one scope: {', '.join(SCOPES)}")
    return [scope for scope in SCOPES if scope in scopes]
