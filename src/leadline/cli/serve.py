"""`leadline serve` and `leadline worker`: the options of the long-running processes."""

from __future__ import annotations

from typing import Annotated

import typer

from leadline.cli.work import Work, go_on


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on, instead of LEADLINE_HOST")] = "",
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on, instead of LEADLINE_PORT")
    ] = None,
    with_worker: Annotated[bool, typer.Option(help="Also work on what arrives in this process")] = True,
    processes: Annotated[int, typer.Option(min=1, max=64, help="How many processes share the port")] = 1,
) -> None:
    """Answer webhooks, and work on what arrives.

    The webhooks are those of providers and of Intercom. With --no-with-worker it only answers them, and
    `leadline worker` processes do the work. With --processes several do all of this side by side; when one of them
    ends unexpectedly another takes its place.
    """
    go_on(Work(host=host, port=port, with_worker=with_worker, processes=processes))


def worker() -> None:
    """Work on what arrives, without answering webhooks.

    Run as many workers as you like, on any machine that reaches the database.
    """
    go_on(Work(processes=0))
