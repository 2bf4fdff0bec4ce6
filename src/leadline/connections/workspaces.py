"""The Intercom workspaces Leadline serves, each with its client. `app.py` connects them; receive and reply ask here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import structlog

from leadline.errors import LeadlineError, SettingError, Waiting
from leadline.intercom import contacts, searches
from leadline.intercom.client import Client
from leadline.store.database import Database
from leadline.store.queries import queries

log = structlog.get_logger(__name__)


class Workspace:
    """One Intercom workspace: its client and what was learnt about it."""

    def __init__(self, client: Client, row: Mapping[str, Any], admin_id: str = "") -> None:
        self.client = client
        self.workspace_id: str = row["workspace_id"]
        self.name: str = row["name"]
        self.region: str = row["region"]
        self.admin_id: str = admin_id or row["admin_id"]
        self.token_admin_id: str = row["admin_id"]
        self.formatted_phone: bool = bool(row["formatted_phone"])


class Workspaces:
    """Workspaces by id. A message of one that is not connected waits, with the reason."""

    def __init__(self) -> None:
        self._connected: dict[str, Workspace] = {}

    def add(self, workspace: Workspace) -> None:
        self._connected[workspace.workspace_id] = workspace

    async def get(self, workspace_id: str) -> Workspace:
        """The connected workspace; raises Waiting when no token for it is set."""
        workspace = self._connected.get(workspace_id)
        if workspace is None:
            raise Waiting(
                "workspace_not_connected",
                f"Intercom workspace {workspace_id} is not connected. Set LEADLINE_INTERCOM_TOKEN to its access token.",
            )
        return workspace

    async def knows(self, database: Database, workspace_id: str) -> bool:
        """Whether Leadline serves this workspace, or did before its token was replaced."""
        if workspace_id in self._connected:
            return True
        async with database.connection() as connection:
            return workspace_id in [row["workspace_id"] async for row in queries.workspaces(connection)]

    def __iter__(self) -> Iterator[Workspace]:
        return iter([*self._connected.values()])

    @property
    def only(self) -> Workspace:
        """The workspace of this installation's token."""
        return next(iter(self._connected.values()))


async def connect(database: Database, client: Client, *, admin_id: str, attributes: Mapping[str, str]) -> Workspace:
    """Learn which workspace the token belongs to; with Intercom away or the token refused, the one known before.

    Raises SettingError when nothing is known yet.
    """
    try:
        row = await _learn(database, client, attributes)
    except LeadlineError as error:
        row = await _known(database, error)
        log.warning("intercom_unreachable_at_start", why=str(error), workspace=row["workspace_id"])
    return Workspace(client, row, admin_id)


async def _learn(database: Database, client: Client, attributes: Mapping[str, str]) -> Mapping[str, Any]:
    me = await client.me()
    await contacts.ensure_attributes(client, attributes)
    formatted = await searches.formatted_phone_supported(client)
    async with database.connection() as connection:
        row: Mapping[str, Any] = await queries.know_workspace(
            connection,
            workspace_id=me.workspace_id,
            name=me.name,
            region=me.region,
            admin_id=me.admin_id,
            formatted_phone=formatted,
        )
    return row


async def _known(database: Database, error: LeadlineError) -> Mapping[str, Any]:
    async with database.connection() as connection:
        rows: list[Mapping[str, Any]] = [row async for row in queries.workspaces(connection)]
    if len(rows) != 1:
        raise SettingError(
            f"Leadline must ask Intercom once which workspace this is, and that failed: {str(error).rstrip('.')}. "
            "Start this again when Intercom answers."
        ) from error
    return rows[0]
