"""`leadline serve` and `leadline worker`: the two long-running processes."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Annotated

import typer
import uvicorn
from starlette.applications import Starlette

from leadline.app import open_leadline
from leadline.cli.console import configure_logs, out
from leadline.settings import Settings, load


def serve(
    with_worker: Annotated[bool, typer.Option(help="Also drain the lanes in this process")] = True,
) -> None:
    """Answer webhooks of providers and of Intercom, and do the work unless told otherwise."""
    settings = load()
    configure_logs(settings.log_format)
    _run(_serve(settings, with_worker))


def worker() -> None:
    """Only do the work: any number of these may run, on any machines that reach the database."""
    settings = load()
    configure_logs(settings.log_format)
    _run(_work(settings))


async def _serve(settings: Settings, with_worker: bool) -> None:
    async with open_leadline(settings) as leadline:
        out.print(f"Leadline serves {leadline.workspace.name or leadline.workspace.workspace_id}")
        out.print(f"Webhooks of Intercom: {settings.public_url.rstrip('/')}/intercom/webhook")
        for row in await leadline.channels.listed(leadline.workspace.workspace_id):
            out.print(f"{row.name}: {settings.public_url.rstrip('/')}/in/{row.key[:4]}… ({row.provider})")
        await listen(leadline.asgi(with_worker=with_worker), settings.host, settings.port)


async def _work(settings: Settings) -> None:
    async with open_leadline(settings) as leadline:
        working = asyncio.create_task(leadline.work())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, working.cancel)
        out.print("Working; Ctrl-C stops.")
        with contextlib.suppress(asyncio.CancelledError):
            await working


async def listen(app: Starlette, host: str, port: int) -> None:
    """Serve until told to stop; requests under way are finished first."""
    await uvicorn.Server(server_config(app, host, port)).serve()


def server_config(app: Starlette, host: str, port: int) -> uvicorn.Config:
    """One way to run all of Leadline's servers. No access log: addresses in it would carry channel keys."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )


def _run(main: Coroutine[None, None, None]) -> None:
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main)
