"""How long a message takes: the door's answer, and until the call to Intercom, or to the provider for a reply, arrives.

Run: `python -m benchmarks.latency.run [--singles 60] [--seconds 20] [--rate 50] [--leave]`. Real processes: PostgreSQL
with fsync and `leadline serve`. Intercom and the provider stand in this process, so that one clock times everything;
both answer at once. Senders have written before.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import uvloop

from benchmarks import report
from benchmarks.door.wire import ACCOUNTS, request
from benchmarks.installation import CLIENT_SECRET, PUBLIC_URL, WORKSPACE, connected, environ
from benchmarks.machine import conditions, free_port, postgres, started, wait_for
from benchmarks.worker.intercom import Intercom, written
from leadline.store.database import ensure_database

SENDERS = 40
PATIENCE = 20.0  # seconds that a call may take before the run is given up
COLUMNS = ("what", "messages", "door_p50_ms", "door_p99_ms", "call_p50_ms", "call_p99_ms", "call_max_ms")
NUMBER = re.compile(rb"number[ +](\d+)")
Make = Callable[[int], bytes]


class Heard(Intercom):
    """Intercom, and notes when each message came."""

    at: dict[int, float] = {}  # noqa: RUF012 - one of each a process

    def heard(self, body: bytes) -> None:
        if found := NUMBER.search(body):
            self.at.setdefault(int(found[1]), time.perf_counter())


class Phones(Heard):
    """The provider, likewise."""

    at: dict[int, float] = {}  # noqa: RUF012

    def answered(self, method: bytes, target: bytes) -> bytes:
        return written({"sid": f"SM{len(self.at):032x}", "status": "queued"})


class Desk:
    """Sends webhooks when they are due, over as many connections as wait for answers at the time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.sent: dict[int, float] = {}
        self.answered: dict[int, float] = {}

    async def play(self, make: Make, numbers: range, rate: float) -> None:
        """One message every 1 / rate seconds, whether those before are answered or not."""
        begun = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for place, number in enumerate(numbers):
                await asyncio.sleep(max(0.0, begun + place / rate - time.perf_counter()))
                group.create_task(self._post(number, make(number)))

    async def _post(self, number: int, webhook: bytes) -> None:
        reader, writer = self._free.pop() if self._free else await asyncio.open_connection("127.0.0.1", self._port)
        self.sent[number] = time.perf_counter()
        writer.write(webhook)
        head = await reader.readuntil(b"\r\n\r\n")
        self.answered[number] = time.perf_counter()
        length = re.search(rb"(?i)content-length: (\d+)", head)
        await reader.readexactly(int(length[1]) if length else 0)
        if b" 200 " not in head[:14]:
            raise RuntimeError(f"answered {head[:60]!r}")
        self._free.append((reader, writer))


def reply(conversations: list[str]) -> Make:
    """A function that makes Intercom's webhook about a teammate's reply in one of these conversations."""

    def one(number: int) -> bytes:
        part = {
            "type": "conversation_part",
            "id": f"p{number}",
            "part_type": "comment",
            "body": f"<p>Reply number {number}</p>",
            "created_at": int(time.time()),
            "author": {"type": "admin", "id": "1", "name": "Ada"},
        }
        conversation = conversations[number % len(conversations)]
        event = {
            "type": "notification_event",
            "id": f"notif_{number}",
            "topic": "conversation.admin.replied",
            "app_id": WORKSPACE,
            "created_at": int(time.time()),
            "data": {
                "item": {
                    "type": "conversation",
                    "id": conversation,
                    "conversation_parts": {"conversation_parts": [part]},
                }
            },
        }
        body = json.dumps(event).encode()
        signature = hmac.digest(CLIENT_SECRET.encode(), body, "sha1").hex()
        head = f"POST /intercom/webhook HTTP/1.1\r\nHost: bench.example.com\r\nX-Hub-Signature: sha1={signature}\r\n"
        return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    return one


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[Desk, Make, str]]:
    """Everything up; a desk, how customers' webhooks are made, and the database."""
    loop, ports = asyncio.get_running_loop(), {Heard: free_port(), Phones: free_port()}
    with ExitStack() as processes:
        server, _ = processes.enter_context(postgres())
        async with AsyncExitStack() as stack:
            for protocol, port in ports.items():
                await stack.enter_async_context(await loop.create_server(protocol, "127.0.0.1", port))
            url, door_port = await ensure_database(server, "leadline"), free_port()
            environment = environ(url, ports[Heard], port=str(door_port))
            account = msgspec.structs.replace(ACCOUNTS["twilio_sms"], api_url=f"http://127.0.0.1:{ports[Phones]}")
            row = (await connected(environment, {"twilio_sms": account}))["twilio_sms"]
            processes.enter_context(started("leadline", "serve", environ=environment))
            await asyncio.to_thread(wait_for, door_port)
            yield Desk(door_port), request("twilio_sms", PUBLIC_URL, f"/in/{row.key}", 1, SENDERS), url


async def measured(
    what: str, desk: Desk, at: dict[int, float], make: Make, numbers: range, rate: float
) -> dict[str, Any]:
    """One phase: how long the door and the calls took."""
    await desk.play(make, numbers, rate)
    end = time.monotonic() + PATIENCE
    while missing := [number for number in numbers if number not in at]:
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: {len(missing)} calls did not come")
        await asyncio.sleep(0.05)
    door = sorted(1000 * (desk.answered[number] - desk.sent[number]) for number in numbers)
    call = sorted(1000 * (at[number] - desk.sent[number]) for number in numbers)
    return {
        "what": what,
        "messages": len(numbers),
        "door_p50_ms": _at(door, 50),
        "door_p99_ms": _at(door, 99),
        "call_p50_ms": _at(call, 50),
        "call_p99_ms": _at(call, 99),
        "call_max_ms": call[-1],
    }


def _at(took: list[float], percent: int) -> float:
    return took[min(len(took) - 1, len(took) * percent // 100)]


async def conversations(url: str) -> list[str]:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        rows = await (await connection.execute("select conversation_id from conversation")).fetchall()
    return [row[0] for row in rows]


async def main(arguments: argparse.Namespace) -> None:
    about, many = conditions(), int(arguments.seconds * arguments.rate)
    async with opened() as (desk, make, url):
        await measured("warm-up", desk, Heard.at, make, range(200), 25.0)
        first, rows = 200, []
        for what, count, rate in (
            ("single messages", arguments.singles, 1.0),
            (f"{arguments.rate:g} a second", many, arguments.rate),
        ):
            rows.append(await measured(what, desk, Heard.at, make, range(first, first + count), rate))
            first += count
        answer, numbers = reply(await conversations(url)), range(first, first + many)
        rows.append(
            await measured(f"replies, {arguments.rate:g} a second", desk, Phones.at, answer, numbers, arguments.rate)
        )
    print(report.table(rows, COLUMNS))
    if arguments.leave:
        bars = [(f"{row['what']}, {name}", row[f"call_{name}_ms"]) for row in rows for name in ("p50", "p99")]
        picture = report.bars("From a webhook to the call it leads to", bars, "ms")
        report.leave(Path(__file__).parent, "results", {"conditions": about, "rows": rows}, picture)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--singles", type=int, default=60, help="Messages a second apart")
    parser.add_argument("--seconds", type=float, default=20.0, help="Of each of the other phases")
    parser.add_argument("--rate", type=float, default=50.0, help="Messages a second in these")
    parser.add_argument("--leave", action="store_true", help="Write results.json and results.svg")
    uvloop.run(main(parser.parse_args()))
