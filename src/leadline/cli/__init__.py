"""The `leadline` command: `commands.py` lists what it can do. What serves goes on in `standing.py`."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def main() -> None:
    """Entry point."""
    with failures_in_one_line():
        from leadline.cli.commands import app  # not for processes that serve, which import this package, too

        app(prog_name="leadline")


@contextmanager
def failures_in_one_line() -> Iterator[None]:
    """Whatever fails becomes one line on standard error and exit code 1, never a traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as standard error: a terminal may know few letters
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)  # as shells say it
    except Exception as error:
        from leadline.cli.failing import sentence  # only what fails has something to say
        from leadline.cli.terminal import complain

        complain(f"leadline: {sentence(error)}")
        sys.exit(1)
