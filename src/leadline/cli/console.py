"""How the CLI speaks: tables for people, JSON for scripts, logs configured once."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import msgspec
import structlog
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from leadline.cli.terminal import plain_event, plain_json, plain_lines, printable


class Terminal(Console):
    """A console whose texts are texts: no markup in them, no emoji names, nothing that commands the terminal."""

    def render_str(self, text: str, *positional: Any, **named: Any) -> Text:
        """Where rich turns every string, also a table's, into what is printed."""
        return super().render_str(printable(text), *positional, **{**named, "markup": False, "emoji": False})


out = Terminal(highlight=False, soft_wrap=True)  # addresses must survive being copied


def show(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, empty: str, count: int | None = None
) -> None:
    """Print rows: all their fields as JSON, or the named columns as a table, whose words are whole where they fit.

    count: how many at most; the caller hands over one more, so that a cut is said.
    """
    if count is not None and len(rows) > count:
        show(rows[:count], columns, as_json=as_json, empty=empty)
        if not as_json:
            out.print("and more: see --count")
        return
    if as_json:
        show_json([dict(row) for row in rows])
        return
    if not rows:
        out.print(empty)
        return
    cells = [
        [column.replace("_", " ") for column in columns],
        *([_text(row[column]) for column in columns] for row in rows),
    ]
    words = [max(map(len, " ".join(column).split())) for column in zip(*cells, strict=True)]
    whole = sum(words) + 2 * len(words) <= out.width
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title, longest in zip(cells[0], words, strict=True):
        table.add_column(title, overflow="fold", min_width=longest if whole else None)
    for row in cells[1:]:
        table.add_row(*row)
    out.print(table, soft_wrap=False)


def more(count: int) -> None:
    """Say that a list was cut, and how to see the rest."""
    if count > 0:
        out.print(f"and {count} more: see --count")


def show_json(value: object) -> None:
    """Print a value as JSON, in letters that a terminal only shows."""
    sys.stdout.write(plain_json(msgspec.json.encode(value, enc_hook=str).decode()) + "\n")


def confirm(question: str, *, err: bool = False) -> None:
    """Ask yes or no; a no ends the command. err: ask on standard error, where standard output is for a script."""
    typer.confirm(printable(question), abort=True, err=err)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def configure_logs(log_format: str) -> None:
    """One line an event: for people on a terminal, JSON for machines; `quiet` only tells of trouble."""
    # The console's own tracebacks show the values of variables, among them credentials.
    console = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    renderer: Any = structlog.processors.JSONRenderer() if log_format == "json" else console
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info if log_format == "json" else structlog.processors.StackInfoRenderer(),
            *([] if log_format == "json" else [plain_event]),
            renderer,
            cast("Any", plain_lines),  # the last one gets a text
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR if log_format == "quiet" else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.CRITICAL if log_format == "quiet" else logging.WARNING)
