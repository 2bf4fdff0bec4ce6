"""What a supervisor is told (systemd's sd_notify): that the process is ready, and again and again that it lives.

`servers.py` tells it while it waits for the end. Without a supervisor nothing is told.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


def tell(state: str) -> None:
    """One datagram to the socket systemd named; one that is not there is not missed."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if not place:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        line.connect(f"\0{place[1:]}" if place.startswith("@") else place)
        line.send(state.encode())


@asynccontextmanager
async def supervised() -> AsyncIterator[None]:
    """Ready for as long as the block lasts. A loop that hangs tells nothing, and is ended by the supervisor."""
    tell("READY=1")
    living = asyncio.create_task(_live())
    try:
        yield
    finally:
        living.cancel()
        tell("STOPPING=1")


async def _live() -> None:
    seconds = int(os.environ.get("WATCHDOG_USEC", "0")) / 1_000_000
    while seconds:
        tell("WATCHDOG=1")
        await asyncio.sleep(seconds / 3)
