"""The connections of this installation: the workspace of its token, its channels, what asks providers. For `app.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import aiohttp

from leadline.connections.media import Media
from leadline.connections.provider_calls import ProviderCalls
from leadline.connections.rounds import Rounds
from leadline.connections.shared import Connections
from leadline.connections.switchboard import Switchboard
from leadline.connections.workspaces import Workspace, Workspaces, connect
from leadline.engine.breaker import INTERCOM
from leadline.engine.budget import Budget
from leadline.engine.shared import Engine
from leadline.intercom.client import Client, open_session
from leadline.settings import Settings
from leadline.spaces import opened_book
from leadline.store.channels import ChannelStore
from leadline.store.opened import vault_of


@asynccontextmanager
async def open_connections(
    settings: Settings, engine: Engine, attributes: Mapping[str, str]
) -> AsyncIterator[Connections]:
    """Connect the workspace, which gets these contact attributes; raises SettingError."""
    database = engine.database
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(open_session())
        workspaces = Workspaces()
        workspaces.add(await _workspace(settings, engine, session, attributes))
        channels = ChannelStore(database, vault_of(settings))
        book = await opened_book(database, workspaces.only.workspace_id, settings)
        connections = Connections(
            channels=channels,
            switchboard=Switchboard(channels),
            workspaces=workspaces,
            calls=ProviderCalls(),
            media=Media(limit=settings.media_limit, allowed=settings.media_allowed),
            rounds=Rounds(database),
            breakers=engine.breakers,
            book=book,
        )
        stack.push_async_callback(connections.calls.close)
        stack.push_async_callback(connections.media.close)
        yield connections


async def _workspace(
    settings: Settings, engine: Engine, session: aiohttp.ClientSession, attributes: Mapping[str, str]
) -> Workspace:
    """The client first asks who it is with; from then on its calls share the workspace's budget and breaker."""
    database = engine.database
    client = partial(
        Client,
        session,
        url=settings.intercom_url,
        token=settings.intercom_token,
        version=settings.intercom_version,
        timeout=settings.intercom_timeout,
    )
    workspace = await connect(database, client(), admin_id=settings.intercom_admin_id, attributes=attributes)
    key = workspace.workspace_id
    workspace.client = client(budget=Budget(database, key), breaker=engine.breakers.of(key, INTERCOM))
    return workspace
