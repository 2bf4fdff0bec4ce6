"""Whoever was erased and had refused messages still gets none: the refusal stays under a hash of the address.

A slow hash: phone numbers are few, so a fast one could be turned back by trying them all.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from functools import lru_cache

from leadline.store.database import Connection
from leadline.store.queries import queries

PREFIX = "forgotten:"


@lru_cache(maxsize=4096)
def forgotten(workspace_id: str, handle: str) -> str:
    """What stands in place of an erased address; tens of milliseconds of CPU."""
    digest = hashlib.scrypt(handle.encode(), salt=workspace_id.encode(), n=2**14, r=8, p=1, dklen=16)
    return PREFIX + digest.hex()


async def names_of(connection: Connection, workspace_id: str, handles: Sequence[str]) -> list[str]:
    """These addresses, and what stands in their place if their owner was erased; hashed only where anybody ever was."""
    if not await queries.has_forgotten(connection, workspace_id=workspace_id):
        return [*handles]
    return [*handles, *[await asyncio.to_thread(forgotten, workspace_id, handle) for handle in handles]]
