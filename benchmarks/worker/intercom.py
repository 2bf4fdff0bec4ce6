"""The fastest Intercom there can be: every call is answered at once from a few prepared answers. Started by run.py."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from email.utils import formatdate

PART = {"type": "conversation_part", "part_type": "comment", "author": {"type": "lead"}, "body": "<p>Hello</p>"}
APP = {"id_code": "bench", "name": "Bench", "region": "US"}
ME = {"type": "admin", "id": "1", "name": "Ada", "app": APP}
numbers = itertools.count(1)


def answer(method: bytes, target: bytes) -> object:
    """What the worker and its start ask for; whatever else is an empty list."""
    number = next(numbers)
    if target == b"/me":
        return ME
    if target.startswith(b"/data_attributes"):
        return {"type": "list", "data": []}
    if target.endswith(b"/reply"):
        parts = [PART | {"id": str(number), "created_at": int(time.time())}]
        return {"type": "conversation", "id": "1", "conversation_parts": {"conversation_parts": parts}}
    if method == b"GET" and target.startswith(b"/contacts/"):
        return {"type": "contact", "id": target.split(b"?")[0].rpartition(b"/")[2].decode(), "role": "lead"}
    if (method, target) == (b"POST", b"/contacts"):
        return {"type": "contact", "id": f"c{number}", "role": "lead"}
    if (method, target) == (b"POST", b"/conversations"):
        return {"type": "user_message", "id": str(number), "conversation_id": f"v{number}"}
    return {"type": "list", "data": [], "total_count": 0, "pages": {"type": "pages", "page": 1, "total_pages": 1}}


class Intercom(asyncio.Protocol):
    """HTTP/1.1 as far as a client of Leadline's speaks it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.read = b""

    def data_received(self, data: bytes) -> None:
        self.read += data
        while (end := self.read.find(b"\r\n\r\n")) >= 0:
            head = self.read[:end].lower()
            at = head.find(b"content-length: ")
            size = int(head[at + 16 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.read) < end + 4 + size:
                return
            method, target, _ = self.read[:end].split(b" ", 2)
            self.heard(self.read[end + 4 : end + 4 + size])
            self.read = self.read[end + 4 + size :]
            self.transport.write(self.answered(method, target))

    def heard(self, body: bytes) -> None:
        """The body of a call, for whoever wants to know when it came."""

    def answered(self, method: bytes, target: bytes) -> bytes:
        """The whole answer to a call."""
        return written(answer(method, target))


def written(value: object) -> bytes:
    """A successful answer with this JSON."""
    body = json.dumps(value).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nDate: "
        f"{formatdate(usegmt=True)}\r\nX-RateLimit-Limit: 1000000\r\nX-RateLimit-Remaining: 999999\r\n"
        f"X-RateLimit-Reset: {int(time.time()) + 10}\r\n\r\n"
    )
    return head.encode() + body


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Intercom, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    APP["id_code"] = sys.argv[2] if len(sys.argv) > 2 else APP["id_code"]
    asyncio.run(main(int(sys.argv[1])))
