"""Connects the workspaces that are on record, and keeps that true while Leadline runs: a new one is served at once, a
new token is used, a removed one is let go. `opened.py` opens it, `process.py` lets it listen.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import structlog

from leadline.connections.workspaces import Workspace, Workspaces, connect, learn
from leadline.engine.breaker import INTERCOM
from leadline.engine.budget import Budget
from leadline.engine.shared import Engine
from leadline.errors import LeadlineError, SettingError
from leadline.intercom.client import Client
from leadline.model import Struct
from leadline.spaces import Book
from leadline.store.queries import queries
from leadline.store.workspaces import WorkspaceRow, WorkspaceStore

log = structlog.get_logger(__name__)
MakeClient = Callable[..., Client]
AT_ONCE = 16  # workspaces that are asked about themselves side by side


class Environment(Struct, frozen=True, kw_only=True):
    """What the installation's settings say of Intercom. token: empty where no workspace is connected by them."""

    url: str
    token: str
    client_secret: str


class Roster:
    """The workspaces this process serves. attributes: the contact attributes that each of them gets."""

    def __init__(
        self,
        engine: Engine,
        store: WorkspaceStore,
        client: MakeClient,
        environment: Environment,
        attributes: Mapping[str, str],
        book: Book,
    ) -> None:
        self.workspaces = Workspaces()
        self.first = ""
        """The workspace of the environment's token; empty where it has none."""
        self.on_record: tuple[str, ...] = ()
        """All that are not removed, also those whose token the environment has no more."""
        self._engine = engine
        self._store = store
        self._client = client
        self._environment = environment
        self._attributes = attributes
        self._book = book
        self._tokens: dict[str, tuple[str, str, str]] = {}
        self._refreshing = asyncio.Lock()

    async def open(self) -> None:
        """Connect everything; raises SettingError where nothing can be."""
        if self._environment.token:
            await self._first()
        await self.refresh()

    async def refresh(self) -> None:
        """Do as the records say; what is as it was stays connected."""
        async with self._refreshing:
            rows = {row.workspace_id: row for row in await self._store.listed()}
            self.on_record = tuple(rows)
            changed = [
                row for row in rows.values() if row.token and self._tokens.get(row.workspace_id) != self._way(row)
            ]
            for start in range(0, len(changed), AT_ONCE):
                batch = changed[start : start + AT_ONCE]
                for row, known in zip(batch, await asyncio.gather(*map(self._learnt, batch)), strict=True):
                    self._add(known, *self._way(row))
            for workspace_id in [each.workspace_id for each in self.workspaces]:
                if workspace_id not in rows:
                    log.info("workspace_let_go", workspace=workspace_id)
                    self._tokens.pop(workspace_id, None)
                    self.workspaces.drop(workspace_id)

    async def listen(self, changes: AsyncIterator[bool]) -> None:
        """Refresh whenever a workspace was connected, changed or removed, and when that may be; until cancelled."""
        async for heard in changes:
            if heard:
                await self._quietly()

    async def _quietly(self) -> None:
        try:
            await self.refresh()
        except LeadlineError as error:
            log.warning("workspaces_not_refreshed", why=str(error))

    async def _first(self) -> None:
        """The workspace of the environment's token. Others are served even where that one cannot be."""
        url, token = self._environment.url, self._environment.token
        try:
            row = await connect(self._engine.database, self._client(url=url, token=token), attributes=self._attributes)
        except SettingError as error:
            if not any(row.token for row in await self._store.listed()):
                raise
            log.warning("workspace_of_the_environment_unknown", why=str(error))
            return
        async with self._engine.database.connection() as connection:
            await queries.return_workspace(connection, workspace_id=row["workspace_id"])
        self.first = str(row["workspace_id"])
        self._add(row, url, token, self._environment.client_secret)

    def _way(self, row: WorkspaceRow) -> tuple[str, str, str]:
        """Address, token and client secret of a workspace that has a token of its own."""
        return row.url or self._environment.url, row.token, row.client_secret or self._environment.client_secret

    async def _learnt(self, row: WorkspaceRow) -> Mapping[str, object]:
        """What Intercom says of the workspace; with Intercom away, or the token refused, what was known before."""
        url, token, _ = self._way(row)
        client = self._client(url=url, token=token)
        try:
            learnt = await learn(self._engine.database, client, self._attributes, only=row.workspace_id)
        except LeadlineError as error:
            log.warning("workspace_not_reached", workspace=row.workspace_id, why=str(error))
            fields = ("workspace_id", "name", "region", "admin_id")
            return {name: getattr(row, name) for name in fields} | {"formatted_phone": None}
        self._engine.breakers.of(row.workspace_id, INTERCOM).close()  # a new token is the cure
        return learnt

    def _add(self, row: Mapping[str, object], url: str, token: str, secret: str) -> None:
        """From now on its calls share the workspace's budget and breaker."""
        workspace_id = str(row["workspace_id"])
        budget = Budget(self._engine.database, workspace_id)
        client = self._client(
            url=url, token=token, budget=budget, breaker=self._engine.breakers.of(workspace_id, INTERCOM)
        )
        self._tokens[workspace_id] = (url, token, secret)
        self.workspaces.add(Workspace(client, row, self._book, client_secret=secret))
        log.info("workspace_connected", workspace=workspace_id)
