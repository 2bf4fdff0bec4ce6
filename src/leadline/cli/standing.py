"""A process that serves or works, and has nothing of the command line in it. `work.py` starts it, by its name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import msgspec

from leadline.cli import failures_in_one_line
from leadline.cli.work import Work

UNUSED = ("rich", "watchfiles")
"""structlog and uvicorn import these where they are installed, for tracebacks in colours and for reloading."""


def main() -> None:
    """Do the work that is the argument."""
    with failures_in_one_line():
        with _not_installed(*UNUSED):
            import structlog  # noqa: F401
            import uvicorn  # noqa: F401
        from leadline.cli.living import live

        sys.exit(live(msgspec.json.decode(sys.argv[1], type=Work)))


@contextmanager
def _not_installed(*names: str) -> Iterator[None]:
    """Whatever is imported in the block finds none of these packages; afterwards they can be imported."""
    cast("dict[str, Any]", sys.modules).update(dict.fromkeys(names))
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


if __name__ == "__main__":
    main()
