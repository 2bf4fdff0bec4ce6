"""Performs the API requests that adapters build: `reply.py` sends with it, `channel test` and `doctor` probe."""

from __future__ import annotations

import aiohttp
import structlog

from leadline.channels.base import Call, Response
from leadline.errors import Retry

LARGEST_ANSWER = 1_000_000
log = structlog.get_logger(__name__)


class Unreachable(Retry):
    """No connection to the provider: nothing was sent."""


class ProviderCalls:
    """One connection pool for all providers. Redirects are not followed: no API answers a send with one."""

    def __init__(self, *, timeout: float = 20.0) -> None:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout, connect=5.0))

    async def close(self) -> None:
        await self._session.close()

    async def send(self, call: Call) -> Response:
        """The provider's answer; status 0 when there was none and the request may have been taken.

        Raises Unreachable when not even a connection could be made: the provider surely has nothing.
        """
        headers = {**call.headers, **call.secrets}
        try:
            async with self._session.request(
                call.method, call.url, headers=headers, data=call.body or None, allow_redirects=False
            ) as answer:
                body = await answer.content.read(LARGEST_ANSWER)
                lowered = {name.lower(): value for name, value in answer.headers.items()}
                return Response(status=answer.status, headers=lowered, body=body)
        except aiohttp.ClientConnectorError as error:
            raise Unreachable("provider_unreachable", f"{error.host} does not accept connections") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("provider_silent", why=type(error).__name__)
            return Response(status=0)
