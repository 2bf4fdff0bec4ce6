"""The connected workspaces as rows, their access tokens encrypted. Used by `connections/roster.py` and the CLI."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from leadline.model import Struct
from leadline.store.database import Database
from leadline.store.queries import queries
from leadline.store.vault import Vault

INSTALLATION = "installation"
"""Stands for a workspace where none is known yet: for its readiness, and for the person who sets it up."""
Way = Literal["environment", "token", "oauth"]


class WorkspaceRow(Struct, frozen=True, kw_only=True):
    """One workspace. token, client_secret: in clear, never to be logged or shown; empty where the environment's count.

    url: address of Intercom's API for it; empty for the installation's.
    """

    workspace_id: str
    name: str
    region: str
    admin_id: str
    way: Way
    url: str
    token: str
    client_secret: str
    connected_by: str
    connected_at: datetime


class WorkspaceStore:
    """Reads and writes how workspaces are connected."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def listed(self) -> list[WorkspaceRow]:
        """All that are not removed, the first one first."""
        async with self._database.connection() as connection:
            return [self._read(row) async for row in queries.workspaces(connection)]

    async def connect(
        self, workspace_id: str, *, way: Way, url: str, token: str, client_secret: str, author: str
    ) -> None:
        """Serve a workspace that is known by its own token from now on. client_secret: empty to keep what there is."""
        async with self._database.connection() as connection:
            await queries.connect_workspace(
                connection,
                workspace_id=workspace_id,
                way=way,
                url=url,
                token=self._sealed(workspace_id, "token", token),
                client_secret=self._sealed(workspace_id, "client_secret", client_secret) if client_secret else None,
                author=author,
            )

    async def remove(self, workspace_id: str) -> None:
        """Serve it no more and forget its token; what was on record of it stays."""
        async with self._database.connection() as connection:
            await queries.remove_workspace(connection, workspace_id=workspace_id)

    def _sealed(self, workspace_id: str, column: str, clear: str) -> bytes:
        return self._vault.seal(clear.encode(), workspace_id, "workspace", column)

    def _opened(self, row: Mapping[str, Any], column: str) -> str:
        sealed = row[column]
        if sealed is None:
            return ""
        return self._vault.open(sealed, row["workspace_id"], "workspace", column).decode()

    def _read(self, row: Mapping[str, Any]) -> WorkspaceRow:
        plain = {name: row[name] for name in WorkspaceRow.__struct_fields__ if name not in ("token", "client_secret")}
        return WorkspaceRow(**plain, token=self._opened(row, "token"), client_secret=self._opened(row, "client_secret"))
