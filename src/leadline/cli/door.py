"""One process that answers webhooks, alone or beside others on its port, or that only works. Run by `living.py`."""

from __future__ import annotations

import asyncio
import importlib
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.util import find_spec

from starlette.applications import Starlette

from leadline.app import Leadline, open_leadline
from leadline.cli.terminal import tell
from leadline.connections.workspaces import NOT_CONNECTED
from leadline.console.guard import GUARDED
from leadline.console.signin.operators import Operators
from leadline.process import asgi, running
from leadline.serving import OnDemand, bind, serving, until_stopped
from leadline.settings import Settings

QUEUE = 2048  # connections that may wait, as uvicorn lets them


async def serve_alone(settings: Settings, *, with_worker: bool) -> None:
    """Webhooks, panel and console on one port, until stopped."""
    listener = bind(settings.host, settings.port)
    listener.listen(QUEUE)  # calls wait while the database is brought up to date, and are answered then
    async with open_leadline(settings) as leadline:
        await _introduce(leadline)
        app = asgi(leadline, with_worker=with_worker)
        async with _console(app, leadline), serving(app, listener) as place:
            tell(f"Listening on {place}. Ctrl-C stops.")
            await until_stopped()


async def serve_beside(
    settings: Settings, number: int, place: tuple[str, int], console: socket.socket, *, with_worker: bool
) -> None:
    """Webhooks and panel on a port that several processes share. The first has the console, on a port of its own.

    The console keeps what a browser sees in the memory of its process, so it cannot be shared. The door opens last:
    once it does, nothing is left that could end this process again.
    """
    async with AsyncExitStack() as stack:
        leadline = await stack.enter_async_context(open_leadline(settings))
        await _require_key(leadline)
        if number == 0:
            await _introduce(leadline)
            pages = Starlette()
            await stack.enter_async_context(_console(pages, leadline))
            beside = await stack.enter_async_context(serving(pages, console))
            tell(f"The console listens on {beside}: send /console and /_nicegui there.")
        door = asgi(leadline, with_worker=with_worker)
        address = await stack.enter_async_context(serving(door, bind(*place, shared=True)))
        tell(f"Process {number + 1} listens on {address}.")
        await until_stopped()


async def work(settings: Settings) -> None:
    """Only work, until stopped."""
    async with open_leadline(settings) as leadline:
        await _require_key(leadline)
        async with running(leadline):
            if not leadline.connections.workspaces.ids:
                tell(f"{NOT_CONNECTED}.")
            tell("Working. Ctrl-C stops.")
            await until_stopped()


async def _require_key(leadline: Leadline) -> None:
    """Raises SettingError where LEADLINE_SECRET_KEY does not open the channels: all work would fail on them."""
    for workspace in leadline.connections.workspaces:
        await leadline.channels.listed(workspace.workspace_id)


async def _introduce(leadline: Leadline) -> None:
    public_url = leadline.settings.public_url.rstrip("/")
    tell(f"Intercom's webhooks go to {public_url}/intercom/webhook")
    if not leadline.connections.workspaces.ids:
        tell(f"{NOT_CONNECTED}.")
    for workspace in leadline.connections.workspaces:
        tell(f"Workspace: {workspace.name or workspace.workspace_id}")
        for row in await leadline.channels.listed(workspace.workspace_id):
            tell(f"{row.name}: {public_url}/in/{row.key[:4]}… ({row.provider})")


@asynccontextmanager
async def _console(app: Starlette, leadline: Leadline) -> AsyncIterator[None]:
    """The console behind the application's own routes, made when it is opened: NiceGUI takes much memory."""
    if find_spec("nicegui") is None:
        tell("The console is not installed. Add it with: pip install 'leadline[console]'")
        yield
        return
    console = OnDemand(GUARDED, partial(_pages, leadline), app.router.default)
    app.router.default = console
    await _introduce_console(leadline)
    try:
        yield
    finally:
        await console.close()


async def _pages(leadline: Leadline) -> Starlette:
    """Imported beside the door's work, which goes on meanwhile."""
    pages = await asyncio.to_thread(importlib.import_module, "leadline.console.pages")
    doctor = await asyncio.to_thread(importlib.import_module, "leadline.cli.doctor")
    made: Starlette = pages.with_pages(Starlette(), leadline, examine=partial(doctor.examine, leadline.settings))
    return made


async def _introduce_console(leadline: Leadline) -> None:
    public_url = leadline.settings.public_url.rstrip("/")
    tell(f"Console: {public_url}/console")
    if link := await Operators(leadline.database, leadline.home, public_url).first_link():
        tell("Nobody can sign in to the console yet. Open this address within a day to become its owner:")
        tell(link)
