"""Runs the tries one after the other and prints a table; exit code 1 when one got through. `make attack` starts it."""

from __future__ import annotations

import asyncio
import logging
import sys

import structlog

from tests.security.attack.target import opened
from tests.security.attack.tries import TRIES, Result


async def main() -> int:
    """How many tries got through."""
    through = 0
    async with opened() as target:
        for what, tried in TRIES:
            try:
                result = await tried(target)
            except Exception as error:
                result = Result(f"the try itself broke: {type(error).__name__}: {error}", held=False)
            through += not result.held
            sys.stdout.write(f"{'held   ' if result.held else 'THROUGH'}  {what}\n           {result.said}\n")
    sys.stdout.write(f"{len(TRIES)} tries, {through} got through.\n")
    return through


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    logging.disable()
    sys.exit(bool(asyncio.run(main())))
