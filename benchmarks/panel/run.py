"""Seconds from a request of the Inbox to the panel's answer, with a fast, a slow and a stuck Intercom.

Run: `python -m benchmarks.panel.run [requests] [teammates]`. Everything is real and on this machine: PostgreSQL, the
sandbox, Leadline behind HTTP, signed bodies. Prints median, 99th percentile and maximum in milliseconds.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import structlog

from leadline.intercom.canvas import Canvas
from leadline.process import asgi
from leadline.sandbox.canvas_requests import initialize_request, read_answer, signed, submit_request
from leadline.serving import serving
from leadline.stage.town import CLIENT_SECRET, TOKEN, Demo, Places, open_demo
from leadline.store.database import ensure_database
from leadline.store.embedded import embedded

CUSTOMERS = 20
DELAYS = (0.0, 0.2, 5.0)
Ask = Callable[[dict[str, Any]], Awaitable[None]]


class Inbox:
    """Asks as teammates do, and notes how long each answer took."""

    def __init__(self, demo: Demo, http: aiohttp.ClientSession) -> None:
        self._demo = demo
        self._http = http
        self.took: list[float] = []

    async def rest(self, method: str, path: str, body: Any = None) -> Any:
        """A call to the sandbox."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Intercom-Version": "2.16"}
        url = f"{self._demo.places.sandbox}{path}"
        async with self._http.request(method, url, json=body, headers=headers) as answer:
            return await answer.json()

    async def conversations(self) -> list[dict[str, Any]]:
        """The initialize request of every conversation."""
        me = await self.rest("GET", "/me")
        listed = (await self.rest("GET", "/conversations?per_page=60"))["conversations"]
        requests = []
        for one in listed:
            contact = await self.rest("GET", f"/contacts/{one['contacts']['contacts'][0]['id']}")
            requests.append(initialize_request("sandbox", "US", me, one, contact))
        return requests

    async def ask(self, what: str, request: dict[str, Any]) -> Canvas:
        """One request, timed from the first byte sent to the last one read."""
        headers, body = signed(request, CLIENT_SECRET)
        started = time.perf_counter()
        url = f"{self._demo.places.leadline}/intercom/inbox/{what}"
        async with self._http.post(url, data=body, headers=headers) as answer:
            content = await answer.read()
        self.took.append(time.perf_counter() - started)
        return read_answer(answer.status, content)

    async def opens(self, request: dict[str, Any]) -> None:
        """The home."""
        await self.ask("initialize", request)

    async def merges(self, request: dict[str, Any]) -> None:
        """The field, then the preview of a merge by e-mail."""
        shown = await self.ask("submit", submit_request(request, "merge", {}, await self.ask("initialize", request)))
        await self.ask("submit", submit_request(request, "find", {"target": "aoife.byrne@example.com"}, shown))


@asynccontextmanager
async def opened() -> AsyncIterator[Demo]:
    """A demo with CUSTOMERS conversations."""
    with tempfile.TemporaryDirectory() as folder, Places(0) as places:
        Path(folder).chmod(0o755)
        with embedded(Path(folder) / "server") as server:
            urls = [await ensure_database(server, name) for name in ("leadline", "sandbox")]
            async with (
                open_demo(urls[0], urls[1], places) as demo,
                serving(asgi(demo.leadline, with_worker=True), places.sockets["leadline"]),
            ):
                for number in range(CUSTOMERS):
                    await demo.writes(demo.channels["twilio_sms"], f"+35386700{number:04d}", f"Question {number}")
                yield demo


async def measure(requests: int, teammates: int) -> None:
    async with opened() as demo, aiohttp.ClientSession() as http:
        inbox = Inbox(demo, http)
        asked: list[dict[str, Any]] = []
        for _ in range(120):
            asked = await inbox.conversations()
            if len(asked) == CUSTOMERS:
                break
            await asyncio.sleep(0.5)
        for delay in DELAYS:
            await inbox.rest("DELETE", "/_sandbox/faults")
            if delay:
                fault = {"method": ".*", "path": ".*", "when": "before", "delay": delay, "times": 1_000_000}
                await inbox.rest("POST", "/_sandbox/faults", fault)
            await report(inbox, f"home, Intercom takes {delay:g} s", inbox.opens, asked, requests, teammates)
            await report(inbox, f"merge, Intercom takes {delay:g} s", inbox.merges, asked, requests // 3, teammates)


async def report(inbox: Inbox, what: str, ask: Ask, asked: list[dict[str, Any]], count: int, teammates: int) -> None:
    """Ask `count` times, `teammates` at a time."""
    inbox.took = []
    turns = iter(range(count))

    async def teammate() -> None:
        for turn in turns:
            await ask(asked[turn % len(asked)])

    await asyncio.gather(*(teammate() for _ in range(teammates)))
    took = sorted(1000 * each for each in inbox.took)
    late = took[min(len(took) - 1, round(len(took) * 0.99))]
    median = statistics.median(took)
    print(f"{what:<28} {len(took):>5} answers  median {median:>4.0f}  p99 {late:>4.0f}  max {took[-1]:>4.0f} ms")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    numbers = [int(text) for text in sys.argv[1:]]
    asyncio.run(measure(*(numbers + [300, 5][len(numbers) :])[:2]))
