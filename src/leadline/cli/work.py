"""What `leadline serve` and `leadline worker` are to do, handed over to a process that has nothing else in it.

What reads a command line (Typer, Rich) would be several megabytes of it for as long as it runs.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import msgspec

STANDING = "leadline.cli.standing"


class Work(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the options say. processes: how many answer webhooks side by side; 0: none does, this one only works."""

    host: str = ""
    port: int | None = None
    with_worker: bool = True
    processes: int = 1


def go_on(work: Work) -> NoReturn:
    """Replace this process by one that has nothing else to do; it keeps its number, its files and its environment."""
    sys.stdout.flush()
    sys.stderr.flush()
    # -P: modules are not looked for in the folder that somebody happened to be in.
    os.execv(sys.executable, [sys.executable, "-P", "-m", STANDING, msgspec.json.encode(work).decode()])  # noqa: S606
