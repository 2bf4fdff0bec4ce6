"""The life of a process that serves or works, from its settings to its end. `standing.py` begins it."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack

from msgspec.structs import replace

from leadline import __version__, tracing
from leadline.cli.logs import configure_logs
from leadline.cli.processes import Processes
from leadline.cli.work import Work
from leadline.serving import bind, run
from leadline.settings import Settings, load
from leadline.store import slow

METRICS = "PROMETHEUS_MULTIPROC_DIR"  # where prometheus_client adds up what several processes count


def live(work: Work) -> int:
    """Until it is stopped; returns the exit code. Raises LeadlineError where it cannot begin."""
    settings = load()
    settings = replace(
        settings, host=work.host or settings.host, port=settings.port if work.port is None else work.port
    )
    _watch(settings)
    if work.processes > 1:
        return _serve_together(settings, work)
    from leadline.cli import door  # not in the parent of several, which is to stay light

    run(door.serve_alone(settings, with_worker=work.with_worker) if work.processes else door.work(settings))
    return 0


def _watch(settings: Settings) -> None:
    """What is told of the work: to the log, and to a collector of traces."""
    configure_logs(settings.log_format, settings.log_level)
    slow.tell_from(settings.slow_query)
    if settings.otel_endpoint:
        tracing.collect(settings.otel_endpoint, __version__)


def _serve_together(settings: Settings, work: Work) -> int:
    """Both ports are had before any process opens its door, so that none ends for want of the other."""
    with ExitStack() as stack:
        place = stack.enter_context(bind(settings.host, settings.port, shared=True))
        host, port = place.getsockname()[:2]
        beside = settings.console_port or port + 1
        console = stack.enter_context(bind(settings.host, beside, setting="LEADLINE_CONSOLE_PORT"))
        os.environ[METRICS] = stack.enter_context(tempfile.TemporaryDirectory())  # before prometheus_client is imported
        from leadline.cli.door import serve_beside  # which this does

        def live_as(number: int) -> None:
            run(serve_beside(settings, number, (host, port), console, with_worker=work.with_worker))

        return Processes(work.processes, live_as).run()
