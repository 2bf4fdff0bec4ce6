"""The yardstick: a bare Starlette endpoint that verifies and parses with the same adapters, and stores nothing.

A process of its own, started by `run.py`: `python -m benchmarks.door.bare PORT PUBLIC_URL`.
"""

from __future__ import annotations

import sys
import time

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from benchmarks.door.wire import ACCOUNTS
from leadline.channels import channel
from leadline.channels.exchange import Request

PORT, PUBLIC_URL = int(sys.argv[1]), sys.argv[2]


async def webhook(http: HttpRequest) -> Response:
    """Verify, parse, answer."""
    name = http.path_params["name"]
    adapter, settings = channel(name), ACCOUNTS[name]
    request = Request(
        method=http.method,
        url=f"{PUBLIC_URL}{http.url.path}",
        headers=dict(http.headers),
        body=await http.body(),
        now=time.time(),
    )
    adapter.verify(request, settings)
    parsed = adapter.parse(request, settings)
    assert parsed.messages
    return PlainTextResponse(adapter.answer.body)


if __name__ == "__main__":
    app = Starlette(routes=[Route("/in/{name}", webhook, methods=["POST"])])
    uvicorn.run(app, port=PORT, log_level="warning", access_log=False, loop="uvloop", http="httptools")
