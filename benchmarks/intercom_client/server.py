"""Answers every request with the same search result of one contact, about 2 KB; prints its port. Run by run.py."""

from __future__ import annotations

import asyncio
import sys

from aiohttp import web

CONTACT = {
    "type": "contact",
    "id": "6762f0dd1bb69f9f2193bb83",
    "role": "lead",
    "phone": "+353888888999",
    "name": "Cara Customer",
    "updated_at": 1734537437,
    **{f"field_{number}": "some text that fills the record" for number in range(32)},
}
BODY = {"type": "list", "data": [CONTACT], "total_count": 1, "pages": {"type": "pages", "page": 1, "total_pages": 1}}


async def answer(request: web.Request) -> web.Response:
    """The same for everybody, with the headers of Intercom's rate limit."""
    await request.read()
    limits = {"X-RateLimit-Limit": "1666", "X-RateLimit-Remaining": "1665", "X-RateLimit-Reset": "1999999999"}
    return web.json_response(BODY, headers=limits)


async def main() -> None:
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
