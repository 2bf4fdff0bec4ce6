"""Opens just the database for commands that look or change and need no Intercom. Used by the CLI's other files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec

from leadline.cli.chosen import one_of
from leadline.errors import SettingError
from leadline.intercom import account
from leadline.model import Struct
from leadline.settings import Settings, load, require
from leadline.spaces import Book, WorkspaceSettings
from leadline.store.channels import ChannelStore
from leadline.store.database import Database
from leadline.store.opened import open_database, vault_of
from leadline.store.queries import queries

if TYPE_CHECKING:
    from leadline.app import Leadline


class Office(Struct, frozen=True, kw_only=True):
    """What an operator's command works with."""

    settings: Settings
    database: Database
    workspace_id: str
    book: Book

    @property
    def space(self) -> WorkspaceSettings:
        """What the workspace does its own way."""
        return self.book.of(self.workspace_id)

    async def note(self, act: str, *, subject: str = "", detail: Mapping[str, object] | None = None) -> None:
        """Put an act into the audit that changes no table by which it would be seen."""
        await _note(self.database, self.workspace_id, act, subject, detail or {})

    async def place(self) -> tuple[str, str, str]:
        """Where the workspace's pages are, for `intercom/pages.py`: address of its API, its region, its id."""
        async with self.database.connection() as connection:
            known = {row["workspace_id"]: row async for row in queries.workspaces(connection)}
        row = known[self.workspace_id]
        return row["url"] or self.settings.intercom_url, row["region"], self.workspace_id

    @property
    def channels(self) -> ChannelStore:
        require(self.settings, "secret_key")
        return ChannelStore(self.database, vault_of(self.settings))


async def note_for_all(database: Database, act: str, detail: Mapping[str, object]) -> None:
    """Put an act that concerns all workspaces into the audit of each."""
    async with database.connection() as connection:
        workspaces = [row["workspace_id"] async for row in queries.workspaces(connection)]
    for workspace_id in workspaces:
        await _note(database, workspace_id, act, "", detail)


async def _note(database: Database, workspace_id: str, act: str, subject: str, detail: Mapping[str, object]) -> None:
    async with database.connection() as connection:
        await queries.note_act(
            connection,
            workspace_id=workspace_id,
            act=act,
            subject=subject or None,
            detail=msgspec.json.encode(detail).decode(),
        )


@asynccontextmanager
async def open_office() -> AsyncIterator[Office]:
    """The database and the workspace this installation serves; raises SettingError when there is none yet."""
    settings = load()
    async with open_database(settings) as database:
        workspace_id = await _workspace_id(settings, database)
        book = await _book(settings, database, workspace_id)
        yield Office(settings=settings, database=database, workspace_id=workspace_id, book=book)


@asynccontextmanager
async def open_for_one() -> AsyncIterator[Leadline]:
    """Leadline, for a command about one workspace: the chosen one, or the only one; raises SettingError."""
    from leadline.app import open_leadline  # everything: slow to import

    async with open_leadline(load()) as leadline:
        leadline.choose(one_of([(each.workspace_id, each.name) for each in leadline.connections.workspaces]))
        yield leadline


async def _workspace_id(settings: Settings, database: Database) -> str:
    async with database.connection() as connection:
        known = [(row["workspace_id"], row["name"], row["token"]) async for row in queries.workspaces(connection)]
    if len(known) != 1 and not any(token for _, _, token in known):  # the environment's was replaced by another one
        return await _introduced(settings, database)
    return one_of([(workspace_id, name) for workspace_id, name, _ in known])


async def _book(settings: Settings, database: Database, workspace_id: str) -> Book:
    """All settings; the environment's are those of the workspace that it connects."""
    book = Book(database)
    await book.load()
    async with database.connection() as connection:
        own = {row["workspace_id"] async for row in queries.workspaces(connection) if row["way"] == "environment"}
    if workspace_id in own:
        await book.adopt(workspace_id, settings)
    return book


async def _introduced(settings: Settings, database: Database) -> str:
    """Ask Intercom which workspace the token is of, and keep that; its client is slow to import and rarely needed."""
    if not settings.intercom_token:
        raise SettingError(
            "No Intercom workspace is known yet. Connect one with `leadline workspace connect`, or set "
            "LEADLINE_INTERCOM_TOKEN to its access token"
        )
    import aiohttp

    from leadline.intercom.client import Client

    async with aiohttp.ClientSession() as session:
        client = Client(
            session, url=settings.intercom_url, token=settings.intercom_token, version=settings.intercom_version
        )
        me = await account.me(client)
    async with database.connection() as connection:
        await queries.know_workspace(
            connection,
            workspace_id=me.workspace_id,
            name=me.name,
            region=me.region,
            admin_id=me.admin_id,
            formatted_phone=None,
        )
    return me.workspace_id
