"""Who acts, and through which door: what a person does in this context is noted in the audit under their name."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

ACTING: ContextVar[tuple[str, str] | None] = ContextVar("acting", default=None)


@contextmanager
def acting(who: str, source: str) -> Iterator[None]:
    """Everything written in this block is `who`'s act; source: console, command line, panel or api."""
    token = ACTING.set((who, source))
    try:
        yield
    finally:
        ACTING.reset(token)


def at_the_keyboard() -> None:
    """From now on this process acts for whoever started it. For commands, not for what serves others."""
    try:
        who = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        who = f"uid {os.getuid()}"
    ACTING.set((who, "command line"))
