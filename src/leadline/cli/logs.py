"""How a process logs, set once: by every command, by what serves, by benchmarks."""

from __future__ import annotations

import logging
import sys
from typing import Any, cast

import structlog

from leadline.cli.terminal import plain_event, plain_lines
from leadline.tracing import logged


def configure_logs(log_format: str, level: str = "info") -> None:
    """One line an event: for people on a terminal, JSON for machines; `quiet` only tells of trouble.

    level: the least that is told: debug, info, warning or error.
    """
    least = logging.ERROR if log_format == "quiet" else logging.getLevelNamesMapping()[level.upper()]
    # The console's own tracebacks show the values of variables, among them credentials.
    console = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    renderer: Any = structlog.processors.JSONRenderer() if log_format == "json" else console
    structlog.configure(
        processors=[
            logged,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info if log_format == "json" else structlog.processors.StackInfoRenderer(),
            *([] if log_format == "json" else [plain_event]),
            renderer,
            cast("Any", plain_lines),  # the last one gets a text
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.CRITICAL if log_format == "quiet" else logging.WARNING)
