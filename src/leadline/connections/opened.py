"""The connections of this installation: its workspaces, their channels, what asks providers. For `app.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from leadline.connections.by_token import ByToken
from leadline.connections.installing import App, Installing
from leadline.connections.media import Media
from leadline.connections.pauses import Pauses
from leadline.connections.provider_calls import ProviderCalls
from leadline.connections.roster import Environment, Roster
from leadline.connections.rounds import Rounds
from leadline.connections.shared import Connections
from leadline.connections.switchboard import Switchboard
from leadline.engine.shared import Engine
from leadline.intercom.client import Client, open_session
from leadline.settings import Settings
from leadline.spaces import Book
from leadline.store.channels import ChannelStore
from leadline.store.opened import vault_of
from leadline.store.workspaces import WorkspaceStore


@asynccontextmanager
async def open_connections(
    settings: Settings, engine: Engine, attributes: Mapping[str, str]
) -> AsyncIterator[Connections]:
    """Connect the workspaces, which get these contact attributes; raises SettingError."""
    database, vault = engine.database, vault_of(settings)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(open_session())
        client = partial(Client, session, version=settings.intercom_version, timeout=settings.intercom_timeout)
        environment = Environment(
            url=settings.intercom_url, token=settings.intercom_token, client_secret=settings.intercom_client_secret
        )
        book = Book(database)
        await book.load()
        store = WorkspaceStore(database, vault)
        roster = Roster(engine, store, client, environment, attributes, book)
        await roster.open()
        if roster.first:
            await book.adopt(roster.first, settings)
        channels = ChannelStore(database, vault)
        app = App(
            client_id=settings.intercom_client_id,
            client_secret=settings.intercom_client_secret,
            oauth_url=settings.intercom_oauth_url,
            api_url=settings.intercom_url,
            public_url=settings.public_url,
        )
        connections = Connections(
            channels=channels,
            switchboard=Switchboard(channels),
            workspaces=roster.workspaces,
            calls=ProviderCalls(),
            media=Media(limit=settings.media_limit, allowed=settings.media_allowed),
            rounds=Rounds(database),
            breakers=engine.breakers,
            book=book,
            roster=roster,
            pauses=Pauses(database, channels),
            by_token=ByToken(database, store, client, environment),
            installing=Installing(app, database, vault, session, client, roster) if app.client_id else None,
        )
        stack.push_async_callback(connections.calls.close)
        stack.push_async_callback(connections.media.close)
        yield connections
