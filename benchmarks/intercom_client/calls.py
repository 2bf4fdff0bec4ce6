"""Makes COUNT search calls with one client, FLIGHT at a time, and prints CPU and wall time per call in microseconds.

    python calls.py leadline|aiohttp|sdk PORT COUNT FLIGHT

Run by run.py, each client in a process of its own; `sdk` needs a Python that has python-intercom.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

QUERY = {
    "query": {"field": "phone", "operator": "=", "value": "+353888888999"},
    "sort": {"field": "updated_at", "order": "descending"},
    "pagination": {"per_page": 50},
}
Call = Callable[[], Awaitable[Any]]


@asynccontextmanager
async def leadline(url: str) -> AsyncIterator[Call]:
    """searches.by_phone, as `people/contact_search.py` uses it, with logs off below warning."""
    import aiohttp
    import structlog

    from leadline.intercom import searches
    from leadline.intercom.client import Client

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    async with aiohttp.ClientSession() as session:
        client = Client(session, url=url, token="token")
        yield lambda: searches.by_phone(client, ["+353888888999"], [], formatted=False)


@asynccontextmanager
async def aiohttp(url: str) -> AsyncIterator[Call]:
    """The least there is to do: send JSON, read JSON."""
    library = importlib.import_module("aiohttp")
    headers = {"Authorization": "Bearer token", "Content-Type": "application/json", "Intercom-Version": "2.16"}
    async with library.ClientSession(headers=headers) as session:

        async def call() -> Any:
            async with session.post(f"{url}/contacts/search", data=json.dumps(QUERY)) as response:
                return json.loads(await response.read())

        yield call


@asynccontextmanager
async def sdk(url: str) -> AsyncIterator[Call]:
    """The official client, with the version header it does not send by itself."""
    intercom = importlib.import_module("intercom")
    client = intercom.AsyncIntercom(token="token", base_url=url, headers={"Intercom-Version": "2.16"})
    query = intercom.SingleFilterSearchRequest(field="phone", operator="=", value="+353888888999")
    yield lambda: client.contacts.search(query=query)


CLIENTS = {"leadline": leadline, "aiohttp": aiohttp, "sdk": sdk}


async def main(name: str, port: int, count: int, flight: int) -> None:
    async with CLIENTS[name](f"http://127.0.0.1:{port}") as call:
        await _many(call, 50, flight)
        cpu, wall = time.process_time(), time.perf_counter()
        await _many(call, count, flight)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps({"cpu": round(cpu / count * 1e6), "wall": round(wall / count * 1e6)}))


async def _many(call: Call, count: int, flight: int) -> None:
    async def lane() -> None:
        for _ in range(count // flight):
            await call()

    await asyncio.gather(*(lane() for _ in range(flight)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:5])))
