"""Makes the API requests that adapters build. `outbound/sending.py` sends with it; rounds, doctor and commands ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import structlog

from leadline.channels.exchange import Call, Response, Steps
from leadline.channels.http import host_of
from leadline.errors import Retry
from leadline.model import Attachment
from leadline.model.storable import without_nul
from leadline.tracing import headers as trace_headers
from leadline.tracing import span

LARGEST_ANSWER = 1_000_000
LONGEST = 20.0  # seconds a provider may take to answer
log = structlog.get_logger(__name__)
R = TypeVar("R")


class Unreachable(Retry):
    """No connection to the provider: nothing was sent."""


class ProviderCalls:
    """One connection pool for all providers. Redirects are not followed: no API answers a send with one."""

    def __init__(self, *, timeout: float = LONGEST, connect: float = 5.0) -> None:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout, connect=connect))

    async def close(self) -> None:
        await self._session.close()

    async def perform(
        self,
        steps: Steps[R],
        *,
        fetch: Callable[[Attachment], Awaitable[Response]] | None = None,
        before: Callable[[Call], Awaitable[None]] | None = None,
    ) -> R:
        """Make an adapter's requests one after the other; returns its result.

        fetch: gets a teammate's file for an adapter that uploads it. before: told of each call before it is made.
        Raises Unreachable as `send` does, and what the adapter raises.
        """
        try:
            step = next(steps)
            while True:
                if isinstance(step, Attachment):
                    response = await fetch(step) if fetch else Response(status=404)
                else:
                    if before:
                        await before(step)
                    response = await self.send(step)
                step = steps.send(response)
        except StopIteration as done:
            result: R = done.value
            return result

    async def send(self, call: Call) -> Response:
        """The provider's answer; status 0 when there was none and the request may have been taken.

        Raises Unreachable when not even a connection could be made: the provider surely has nothing.
        """
        with span("provider_call", method=call.method, host=host_of(call.url)):
            response = await self._send(call)
            log.debug("provider_call", method=call.method, host=host_of(call.url), status=response.status)
        return response

    async def _send(self, call: Call) -> Response:
        headers = {**call.headers, **call.secrets, **trace_headers()}
        try:
            async with self._session.request(
                call.method, call.url, headers=headers, data=call.body or None, allow_redirects=False
            ) as answer:
                body = await _body(answer)
                lowered = {name.lower(): value for name, value in answer.headers.items()}
                return Response(status=answer.status, headers=lowered, body=body)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise Unreachable("provider_unreachable", f"{host_of(call.url)} does not accept connections") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("provider_silent", why=type(error).__name__)
            return Response(status=0)


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    """The whole body, which may come in many pieces, up to the limit; nothing of it that cannot be put on record."""
    body = bytearray()
    async for chunk in answer.content.iter_chunked(65_536):
        body += chunk
        if len(body) >= LARGEST_ANSWER:
            break
    return without_nul(bytes(body[:LARGEST_ANSWER]))
