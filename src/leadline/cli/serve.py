"""`leadline serve` and `leadline worker`: the long-running processes."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from typing import Annotated

import typer
from msgspec.structs import replace

from leadline import __version__, tracing
from leadline.cli.console import configure_logs
from leadline.cli.processes import Processes
from leadline.serving import bind, run
from leadline.settings import Settings, load
from leadline.store import slow

METRICS = "PROMETHEUS_MULTIPROC_DIR"  # where prometheus_client adds up what several processes count


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
    settings = load()
    settings = replace(settings, host=host or settings.host, port=settings.port if port is None else port)
    _watch(settings)
    if processes == 1:
        from leadline.cli.door import serve_alone

        run(serve_alone(settings, with_worker=with_worker))
    else:
        sys.exit(_serve_together(settings, with_worker, processes))


def worker() -> None:
    """Work on what arrives, without answering webhooks.

    Run as many workers as you like, on any machine that reaches the database.
    """
    settings = load()
    _watch(settings)
    from leadline.cli.door import work

    run(work(settings))


def _watch(settings: Settings) -> None:
    """What is told of the work: to the log, and to a collector of traces."""
    configure_logs(settings.log_format, settings.log_level)
    slow.tell_from(settings.slow_query)
    if settings.otel_endpoint:
        tracing.collect(settings.otel_endpoint, __version__)


def _serve_together(settings: Settings, with_worker: bool, count: int) -> int:
    """Both ports are had before any process opens its door, so that none ends for want of the other."""
    with ExitStack() as stack:
        place = stack.enter_context(bind(settings.host, settings.port, shared=True))
        host, port = place.getsockname()[:2]
        beside = settings.console_port or port + 1
        console = stack.enter_context(bind(settings.host, beside, setting="LEADLINE_CONSOLE_PORT"))
        os.environ[METRICS] = stack.enter_context(tempfile.TemporaryDirectory())  # before prometheus_client is imported
        from leadline.cli.door import serve_beside  # which this does

        def live(number: int) -> None:
            run(serve_beside(settings, number, (host, port), console, with_worker=with_worker))

        return Processes(count, live).run()
