"""An Intercom that is away until a file appears, and then grants so many calls a window. Started by run.py.

`GET /_calls` answers how many calls each window got since it is back.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from email.utils import formatdate
from pathlib import Path

from benchmarks.worker.intercom import Intercom, answer

WINDOW = 10  # seconds, as Intercom's


class Limited(Intercom):
    """Answers 503 while it is away, 429 beyond the allowance."""

    back: Path
    limit: int
    calls: Counter[int] = Counter()  # noqa: RUF012 - one Intercom a process

    def answered(self, method: bytes, target: bytes) -> bytes:
        if target == b"/_calls":
            return _written(200, sorted(self.calls.items()), 0, 0)
        if target == b"/me":
            return _written(200, answer(method, target), self.limit, self.limit)
        if not self.back.exists():
            return _written(503, {"type": "error.list", "errors": [{"code": "service_unavailable"}]}, self.limit, 0)
        window = int(time.time()) // WINDOW
        if self.calls[window] >= self.limit:
            return _written(429, {"type": "error.list", "errors": [{"code": "rate_limit_exceeded"}]}, self.limit, 0)
        self.calls[window] += 1
        return _written(200, answer(method, target), self.limit, self.limit - self.calls[window])


def _written(status: int, value: object, limit: int, left: int) -> bytes:
    body = json.dumps(value).encode()
    reset = (int(time.time()) // WINDOW + 1) * WINDOW
    head = (
        f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nDate: "
        f"{formatdate(usegmt=True)}\r\nX-RateLimit-Limit: {limit}\r\nX-RateLimit-Remaining: {left}\r\n"
        f"X-RateLimit-Reset: {reset}\r\n\r\n"
    )
    return head.encode() + body


async def main(port: int, back: Path, limit: int) -> None:
    Limited.back, Limited.limit = back, limit
    server = await asyncio.get_running_loop().create_server(Limited, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
