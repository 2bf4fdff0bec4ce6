"""Milliseconds until a page's first content and until a search has found, in a workspace that has grown.

Run: `python -m benchmarks.console.run [messages] [senders]`, 1,000,000 of each unless told. Everything is real and on
this machine: PostgreSQL and the console behind HTTP, with a session of an owner. Each page is asked for several times;
prints median and maximum. What is to hold: pages under 1,000 ms, searches under 300 ms.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
import psycopg
import structlog

from benchmarks.growth.fill import fill
from leadline.console.guard import COOKIE
from leadline.console.menu import PAGES
from leadline.console.pages import with_pages
from leadline.console.rights import Role
from leadline.console.signin.sessions import Sessions
from leadline.console.signin.tries import Visitor
from leadline.process import asgi
from leadline.serving import serving
from leadline.stage.town import Demo, Places, open_demo
from leadline.store.database import ensure_database
from leadline.store.embedded import embedded
from leadline.store.queries import queries

TIMES = 5
SEARCHES = ("q=order+number+77", "q=%2B353800000077", "q=nothing+such", "state=parked", "outcome=lead", "last=24h")
# The rows of `fill` as the pages read them: decisions in words, and no channel whose credentials cannot be opened.
READABLE = (
    """update decision set document = jsonb_build_object('contact_id', contact_id, 'policy', policy,
        'reasons', jsonb_build_array(jsonb_build_object('code', code)))""",
    "delete from channel where workspace_id = 'w'",
    "vacuum analyze decision",
)


async def prepare(demo: Demo, messages: int, senders: int) -> str:
    """Fill the workspace `w`; the token of an owner's session there."""
    database = demo.leadline.database
    async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as connection:
        await fill(connection, senders, messages)
        for statement in READABLE:
            await connection.execute(statement.encode())
    async with database.connection() as connection:
        operator_id = (await queries.add_operator(connection, email="owner@example.com"))["operator_id"]
        await queries.give_seat(connection, workspace_id="w", operator_id=operator_id, role=Role.OWNER.title)
    return await Sessions(database, "w").begin(operator_id, Visitor("127.0.0.1", "Benchmark"))


async def measure(demo: Demo, token: str) -> None:
    """Ask for every page that lists something, and for searches among the messages."""
    wanted = [page.address for page in PAGES if "{" not in page.path]
    wanted += ["/console?last=7d", *(f"/console/messages?{query}" for query in SEARCHES)]
    async with aiohttp.ClientSession(headers={"Cookie": f"{COOKIE}={token}"}) as http:
        print(f"{'page':50} {'median':>8} {'maximum':>8}")
        for address in wanted:
            took = [await ask(http, f"{demo.places.leadline}{address}") for _ in range(TIMES)]
            print(f"{address:50} {statistics.median(took):8,.0f} {max(took):8,.0f}")


async def ask(http: aiohttp.ClientSession, url: str) -> float:
    """Milliseconds from the request to the whole first content; raises where the page did not come."""
    began = time.perf_counter()
    async with http.get(url) as answer:
        content = await answer.text()
    took = (time.perf_counter() - began) * 1000
    if answer.status != 200 or "data-testid" not in content:
        raise SystemExit(f"{url} answered {answer.status}")
    return took


async def main(messages: int, senders: int) -> None:
    """Open everything, fill it, measure."""
    with tempfile.TemporaryDirectory() as folder, Places(0) as places:
        Path(folder).chmod(0o755)
        with embedded(Path(folder) / "server") as server:
            urls = [await ensure_database(server, name) for name in ("leadline", "sandbox")]
            async with open_demo(urls[0], urls[1], places) as demo:
                app = with_pages(asgi(demo.leadline, with_worker=False), demo.leadline)
                async with serving(app, places.sockets["leadline"]):
                    await tell(demo, messages, senders)


async def tell(demo: Demo, messages: int, senders: int) -> None:
    """Fill and measure, with the size above the table."""
    began = time.perf_counter()
    token = await prepare(demo, messages, senders)
    print(f"{messages:,} messages, {senders:,} people, filled in {time.perf_counter() - began:,.0f} s")
    await measure(demo, token)


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    numbers = [int(each) for each in sys.argv[1:]] or [1_000_000, 1_000_000]
    asyncio.run(main(numbers[0], numbers[-1]))
