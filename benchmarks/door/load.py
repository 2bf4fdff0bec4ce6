"""The load generator, a process of its own: N connections, each with its next webhook as soon as the last is answered.

Raw sockets and webhooks made beforehand, so that it takes as little as possible of the machine it measures.
Run by `run.py`; prints one JSON object.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

import msgspec
import uvloop

from benchmarks.door.wire import request

POOL = 16_000  # webhooks made beforehand for every second


class Plan(msgspec.Struct, kw_only=True):
    """What to send where. seed: other messages than in the last run; seconds are those that are measured."""

    port: int
    kind: str
    path: str
    public_url: str
    connections: int
    seconds: float
    warm_up: float
    seed: int


class _Connection(asyncio.Protocol):
    """One provider's connection."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._answer = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass
        self._next()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if found and len(body) >= _length(head):
            self._load.answered(head[9:12], self._sent)
            self._answer = b""
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        self._load.lost(error)

    def _next(self) -> None:
        webhook = self._load.next()
        if webhook is None:
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(webhook)


class Load:
    """Counts what is answered between the end of the warm-up and the end."""

    def __init__(self, plan: Plan) -> None:
        make = request(plan.kind, plan.public_url, plan.path, plan.seed)
        count = int(POOL * (plan.seconds + plan.warm_up))
        self._webhooks: Iterator[bytes] = iter([make(number) for number in range(count)])
        self._plan = plan
        self._open = plan.connections
        self._done = asyncio.Event()
        self._took: list[float] = []
        self.statuses: Counter[str] = Counter()

    async def run(self) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        self._from = time.perf_counter() + self._plan.warm_up
        self._until = self._from + self._plan.seconds
        for _ in range(self._plan.connections):
            await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self._plan.port)
        await self._done.wait()
        took = sorted(self._took)
        return {
            "answered": len(took),
            "per_second": len(took) / self._plan.seconds,
            "p50": 1000 * took[len(took) // 2],
            "p99": 1000 * took[min(len(took) - 1, len(took) * 99 // 100)],
            "statuses": dict(self.statuses),
        }

    def next(self) -> bytes | None:
        if time.perf_counter() >= self._until:
            return None
        return next(self._webhooks)

    def answered(self, status: bytes, sent: float) -> None:
        now = time.perf_counter()
        self.statuses[status.decode()] += 1
        if self._from <= now < self._until:
            self._took.append(now - sent)

    def lost(self, error: Exception | None) -> None:
        if error is not None:
            self.statuses["lost"] += 1
        self._open -= 1
        if not self._open:
            self._done.set()


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0])


async def _main(plan: Plan) -> dict[str, Any]:
    load = Load(plan)
    gc.disable()  # a pause of the generator would count as one of the door
    return await load.run()


if __name__ == "__main__":
    print(json.dumps(uvloop.run(_main(msgspec.json.decode(sys.argv[1], type=Plan)))))
