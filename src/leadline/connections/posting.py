"""Posts a body to an address that an operator named: never inside, no redirects. Alerts and webhooks do."""

from __future__ import annotations

import ssl

import aiohttp

from leadline.connections.addresses import LeadsInside, host_of, outside_only
from leadline.errors import LeadlineError

TIMEOUT = 15.0  # seconds, for the whole call
OK = range(200, 300)


class NotPosted(LeadlineError):
    """Nothing was taken; the text says why, without the address, which may be a credential."""


async def post(url: str, body: bytes, headers: dict[str, str], *, allowed: frozenset[str]) -> None:
    """Post JSON; what is answered beside the status is not read. allowed: private hosts that may be called.

    Raises NotPosted where the answer is no 2xx, and where there is none in time.
    """
    known = host_of(url) in allowed
    connector = aiohttp.TCPConnector() if known else aiohttp.TCPConnector(socket_factory=outside_only)
    headers = {"Content-Type": "application/json", **headers}
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=TIMEOUT)) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            if answer.status not in OK:
                raise NotPosted(f"it answered {answer.status}")
    except (aiohttp.ClientError, TimeoutError, OSError, ssl.SSLError, ValueError) as error:
        raise NotPosted(_why(error)) from error


def _why(error: Exception) -> str:
    if isinstance(error, LeadsInside) or isinstance(error.__cause__, LeadsInside):
        return "the address leads inside; LEADLINE_MEDIA_ALLOW can name its host"
    if isinstance(error, TimeoutError):
        return f"it did not answer within {TIMEOUT:g} seconds"
    return type(error).__name__
