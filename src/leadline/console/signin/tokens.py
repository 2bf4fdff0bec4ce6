"""Tokens that let somebody in: made here, shown once, kept as a hash only."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """256 random bits, fit for a cookie and for an address."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is kept of a token, or of the name under which tries are counted."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
