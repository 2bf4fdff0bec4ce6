"""Whoever was erased and had refused messages still gets none: the refusal stays under a hash of the address.

A slow hash: phone numbers are few, so a fast one could be turned back by trying them all.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

PREFIX = "forgotten:"


@lru_cache(maxsize=4096)
def forgotten(workspace_id: str, handle: str) -> str:
    """What stands in place of an erased address; tens of milliseconds of CPU."""
    digest = hashlib.scrypt(handle.encode(), salt=workspace_id.encode(), n=2**14, r=8, p=1, dklen=16)
    return PREFIX + digest.hex()
