"""Calls an address that an operator named: never inside, no redirects. Alerts and webhooks post, `asking.py` asks."""

from __future__ import annotations

import base64
import secrets
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from leadline.connections.addresses import LeadsInside, host_of, outside_only
from leadline.errors import LeadlineError

TIMEOUT = 15.0  # seconds, for the whole call
OK = range(200, 300)


class NotPosted(LeadlineError):
    """Nothing was taken; the text says why, without the address, which may be a credential."""


def new_secret() -> str:
    """A secret that signs webhooks, written as Standard Webhooks write one."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


async def post(url: str, body: bytes, headers: dict[str, str], *, allowed: frozenset[str]) -> None:
    """Post JSON; what is answered beside the status is not read. allowed: private hosts that may be called.

    Raises NotPosted where the answer is no 2xx, and where there is none in time.
    """
    headers = {"Content-Type": "application/json", **headers}
    async with calling("POST", url, allowed=allowed, data=body, headers=headers) as answer:
        if answer.status not in OK:
            raise NotPosted(f"it answered {answer.status}")


@asynccontextmanager
async def calling(
    method: str, url: str, *, allowed: frozenset[str], **request: Any
) -> AsyncIterator[aiohttp.ClientResponse]:
    """One call, and its answer for as long as it is read; raises NotPosted where there is none in time."""
    connector = aiohttp.TCPConnector() if host_of(url) in allowed else aiohttp.TCPConnector(socket_factory=outside_only)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.request(method, url, allow_redirects=False, **request) as answer,
        ):
            yield answer
    except (aiohttp.ClientError, TimeoutError, OSError, ssl.SSLError, ValueError) as error:
        raise NotPosted(_why(error)) from error


def _why(error: Exception) -> str:
    if isinstance(error, LeadsInside) or isinstance(error.__cause__, LeadsInside):
        return "the address leads inside; LEADLINE_MEDIA_ALLOW can name its host"
    if isinstance(error, TimeoutError):
        return f"it did not answer within {TIMEOUT:g} seconds"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "it cannot be reached"
    return f"the call broke off ({type(error).__name__})"
