"""The Intercom workspaces Leadline serves, each with its client. `roster.py` connects them; everybody asks here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import structlog

from leadline.errors import LeadlineError, SettingError, Waiting
from leadline.intercom import account, contacts, searches
from leadline.intercom.client import Client
from leadline.spaces import Book
from leadline.store.database import Database
from leadline.store.queries import queries

NOT_CONNECTED = (
    "No Intercom workspace is connected yet. Connect one in the console, or with `leadline workspace connect`"
)
log = structlog.get_logger(__name__)


class Workspace:
    """One Intercom workspace: its client and what was learnt about it. client_secret: signs what its app sends."""

    def __init__(self, client: Client, row: Mapping[str, Any], book: Book, *, client_secret: str = "") -> None:
        self.client = client
        self._book = book
        self.client_secret = client_secret
        self.workspace_id: str = row["workspace_id"]
        self.name: str = row["name"]
        self.region: str = row["region"]
        self.token_admin_id: str = row["admin_id"]
        self.formatted_phone: bool = bool(row["formatted_phone"])
        self.gone: set[str] = set()
        """Teammates whom Intercom does not know."""

    @property
    def admin_id(self) -> str:
        """The teammate who signs what nobody else does: of the setting, or else the token's owner."""
        wanted = self._book.of(self.workspace_id).default_teammate
        return wanted if wanted and wanted not in self.gone else self.token_admin_id


class Workspaces:
    """Workspaces by id. A message of one that is not connected waits, with the reason."""

    def __init__(self) -> None:
        self._connected: dict[str, Workspace] = {}

    def add(self, workspace: Workspace) -> None:
        self._connected[workspace.workspace_id] = workspace

    def drop(self, workspace_id: str) -> None:
        """It is not served any more; what comes for it waits."""
        self._connected.pop(workspace_id, None)

    async def get(self, workspace_id: str) -> Workspace:
        """The connected workspace; raises Waiting when no token for it is set."""
        workspace = self.served(workspace_id)
        if workspace is None:
            raise Waiting(
                "workspace_not_connected",
                f"Intercom workspace {workspace_id} is not connected. Connect it in the console, with "
                "`leadline workspace connect`, or set LEADLINE_INTERCOM_TOKEN to its access token.",
            )
        return workspace

    def served(self, workspace_id: str) -> Workspace | None:
        """The connected workspace; None where Intercom is not connected."""
        return self._connected.get(workspace_id)

    def by_name(self, text: str) -> Workspace:
        """The workspace of this id or name, the first one where nothing is named; raises SettingError."""
        if not text:
            return self.first
        found = [each for each in self if text in (each.workspace_id, each.name)]
        if len(found) == 1:
            return found[0]
        raise SettingError(f"No workspace, or several, are called '{text}'. {self.in_words}")

    @property
    def in_words(self) -> str:
        """All of them, for people."""
        return "Connected: " + (", ".join(f"{each.name} ({each.workspace_id})" for each in self) or "none")

    def secret(self, workspace_id: str, otherwise: str) -> str:
        """What signs the requests of a workspace's app; `otherwise` for one that has no app of its own.

        Which workspace a request is of is only claimed by then: with the secret of another one it is refused.
        """
        workspace = self.served(workspace_id)
        return (workspace.client_secret if workspace else "") or otherwise

    async def knows(self, database: Database, workspace_id: str) -> bool:
        """Whether Leadline serves this workspace, or did before its token was replaced."""
        if workspace_id in self._connected:
            return True
        async with database.connection() as connection:
            return await queries.any_workspace(connection, workspace_id=workspace_id) is not None

    def __iter__(self) -> Iterator[Workspace]:
        return iter([*self._connected.values()])

    @property
    def ids(self) -> list[str]:
        return [*self._connected]

    @property
    def first(self) -> Workspace:
        """The one that was connected first; raises SettingError where there is none."""
        for workspace in self:
            return workspace
        raise SettingError(NOT_CONNECTED)


async def connect(database: Database, client: Client, *, attributes: Mapping[str, str]) -> Mapping[str, Any]:
    """Learn which workspace the token belongs to; with Intercom away or the token refused, the one known before.

    Raises SettingError when nothing is known yet.
    """
    try:
        return await learn(database, client, attributes)
    except LeadlineError as error:
        row = await _known(database, error)
        log.warning("intercom_unreachable_at_start", why=str(error), workspace=row["workspace_id"])
        return row


async def learn(
    database: Database, client: Client, attributes: Mapping[str, str], *, only: str = ""
) -> Mapping[str, Any]:
    """Ask Intercom about the token's workspace, see to its contact attributes, and put it on record.

    only: the workspace it must be. Raises SettingError where it is another one, and as Client.call.
    """
    me = await account.me(client)
    if only and me.workspace_id != only:
        raise SettingError(f"The access token is of workspace {me.workspace_id}, not of {only}")
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
    """The workspace the environment connected before. Those that have a token of their own are another matter."""
    async with database.connection() as connection:
        rows: list[Mapping[str, Any]] = [row async for row in queries.workspaces(connection) if row["token"] is None]
    if len(rows) != 1:
        raise SettingError(
            f"Leadline must ask Intercom once which workspace this is, and that failed: {str(error).rstrip('.')}. "
            "Start this again when Intercom answers."
        ) from error
    return rows[0]
