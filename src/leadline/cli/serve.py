"""`leadline serve` and `leadline worker`: the two long-running processes."""

from __future__ import annotations

from typing import Annotated

import typer
from starlette.applications import Starlette

from leadline.app import Leadline, open_leadline, running
from leadline.cli.console import configure_logs, out
from leadline.serving import bind, run, serving, until_stopped
from leadline.settings import Settings, load


def serve(
    with_worker: Annotated[bool, typer.Option(help="Also drain the lanes in this process")] = True,
) -> None:
    """Answer webhooks, and work on what arrives.

    The webhooks are those of providers and of Intercom. With --no-with-worker it only answers them, and
    `leadline worker` processes do the work.
    """
    settings = load()
    configure_logs(settings.log_format)
    run(_serve(settings, with_worker))


def worker() -> None:
    """Work on what arrives, without answering webhooks.

    Run as many workers as you like, on any machine that reaches the database.
    """
    settings = load()
    configure_logs(settings.log_format)
    run(_work(settings))


async def _serve(settings: Settings, with_worker: bool) -> None:
    async with open_leadline(settings) as leadline:
        out.print(f"Workspace: {leadline.workspace.name or leadline.workspace.workspace_id}")
        out.print(f"Intercom's webhooks go to {settings.public_url.rstrip('/')}/intercom/webhook")
        for row in await leadline.channels.listed(leadline.workspace.workspace_id):
            out.print(f"{row.name}: {settings.public_url.rstrip('/')}/in/{row.key[:4]}… ({row.provider})")
        listener = bind(settings.host, settings.port)
        app = _with_console(leadline.asgi(with_worker=with_worker), leadline)
        async with serving(app, listener) as place:
            out.print(f"Listening on {place}. Ctrl-C stops.")
            await until_stopped()


def _with_console(app: Starlette, leadline: Leadline) -> Starlette:
    try:
        from leadline.console.pages import console_address, with_pages  # NiceGUI is an extra
    except ImportError:
        out.print("The console is not installed. Add it with: pip install 'leadline[console]'")
        return app
    out.print(f"Console: {console_address(leadline)}")
    return with_pages(app, leadline)


async def _work(settings: Settings) -> None:
    async with open_leadline(settings) as leadline, running(leadline):
        out.print("Working. Ctrl-C stops.")
        await until_stopped()
