"""Carries connections from one address to another, so that a host of its own reaches what runs on this one.

python -m tests.crash.relay HOST:PORT TARGET [HOST:PORT TARGET …], where a target is HOST:PORT or a socket's path.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys


async def relayed(place: str, target: str) -> asyncio.Server:
    """Listens at `place`, and connects everybody who comes to `target`."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            there = await _connected(target)
            await asyncio.gather(_pumped(reader, there[1]), _pumped(there[0], writer))

    host, _, port = place.rpartition(":")
    return await asyncio.start_server(carry, host, int(port))


async def _connected(target: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if target.startswith("/"):
        return await asyncio.open_unix_connection(target)
    host, _, port = target.rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def _pumped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while block := await reader.read(65_536):
            writer.write(block)
            await writer.drain()
    writer.close()


async def main(*arguments: str) -> None:
    servers = [await relayed(*pair) for pair in zip(arguments[::2], arguments[1::2], strict=True)]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
