"""Processes that start at once: forked from one that has imported Leadline. They are real ones, with a pid of their
own, an exit code, and the death of a `kill -9`. Used by the tests that start many.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from leadline.cli import main
from leadline.cli.console import out
from leadline.settings import Settings

NURSERY = get_context("forkserver")
NURSERY.set_forkserver_preload(["tests.nursery", "leadline.stage.pages"])


@contextmanager
def forked(live: Callable[..., None], *arguments: object) -> Iterator[ForkServerProcess]:
    """A process that calls a function of a module; at the end it is killed if it still runs."""
    process = NURSERY.Process(target=live, args=arguments, daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


class Command:
    """A `leadline` process and where what it prints goes."""

    def __init__(self, process: ForkServerProcess, place: Path) -> None:
        self._process = process
        self._place = place

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def ended(self, seconds: float = 0.0) -> int | None:
        """Its exit code, once it has ended; waits for so long."""
        self._process.join(seconds)
        return self._process.exitcode

    def said(self) -> str:
        """What it printed, and then what it said of errors."""
        return (self._place / "out").read_text() + (self._place / "errors").read_text()


@contextmanager
def command(
    settings: Settings | None, *arguments: str, stdin: str = "", folder: Path | None = None
) -> Iterator[Command]:
    """A `leadline …` process with these settings or none, in this folder; at the end it is killed if it still runs."""
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        for name, text in (("in", stdin), ("out", ""), ("errors", "")):
            (place / name).write_text(text)
        with forked(_run, arguments, environ(settings), place, folder or Path.cwd()) as process:
            yield Command(process, place)


def environ(settings: Settings | None) -> dict[str, str]:
    """These settings as environment variables, beside the others that are set here."""
    values = {name: getattr(settings, name) for name in settings.__struct_fields__} if settings else {}
    changed = {f"LEADLINE_{name.upper()}": str(value) for name, value in values.items() if value not in (False, "")}
    others = {name: value for name, value in os.environ.items() if not name.startswith(("LEADLINE_", "PYTEST_"))}
    return others | changed


def _run(arguments: tuple[str, ...], environ: dict[str, str], place: Path, folder: Path) -> None:
    os.chdir(folder)
    os.setsid()  # no terminal: what asks for a secret reads its input
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests in the background of a shell ignore it
    for number, name, mode in ((0, "in", os.O_RDONLY), (1, "out", os.O_WRONLY), (2, "errors", os.O_WRONLY)):
        os.dup2(os.open(place / name, mode), number)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - as long as the process
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["leadline", *arguments]
    out.width = 400  # tests look for sentences, which a narrow window would break
    main()
