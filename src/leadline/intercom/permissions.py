"""What an access token may do, found out by reading a little of everything Leadline needs. For `connections`."""

from __future__ import annotations

import asyncio

from leadline.intercom.client import Client
from leadline.intercom.outcomes import IntercomError, Unauthorized

_READS = {
    "Read and list users and companies": "/contacts?per_page=1",
    "Read conversations": "/conversations?per_page=1",
    "Read admins": "/admins",
    "Read tags": "/tags",
    "Gather App data": "/data_attributes?model=contact",
}
"""Permission as the Developer Hub names it → what only a token that has it can read (API 2.16, November 2026)."""
WRITES = ("Write users and companies", "Write conversations", "Write tags", "Write data attributes")
"""What is needed, too, and only shows when something is written."""
NEEDED = (*_READS, *WRITES)


async def missing(client: Client) -> tuple[str, ...]:
    """The permissions to read that a good token lacks; raises as Client.call for everything else."""
    lacking = await asyncio.gather(*(_is_refused(client, path) for path in _READS.values()))
    return tuple(name for name, refused in zip(_READS, lacking, strict=True) if refused)


async def _is_refused(client: Client, path: str) -> bool:
    try:
        await client.call("GET", path)
    except Unauthorized:
        return True
    except IntercomError as refusal:
        if refusal.status != 403:
            raise
        return True
    return False
