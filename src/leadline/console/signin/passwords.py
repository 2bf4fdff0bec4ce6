"""Passwords: which are taken, how they are kept (argon2id), how one is compared. Used by `desk.py`."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from leadline.console.language import _

SHORTEST, LONGEST = 12, 128  # characters; OWASP ASVS 4.0.3, 2.1.1 and 2.1.2
DISTINCT = 6
KNOWN = ("password", "passwort", "leadline", "qwerty", "123456", "letmein", "changeme")
_hasher = PasswordHasher()  # the library's defaults follow RFC 9106: 64 MiB, three passes
_nobody = _hasher.hash("compared where there is no such person, so that both answers take as long")
_at_once = asyncio.Semaphore(2)  # each takes 64 MiB and a core


def weakness(password: str, email: str) -> str:
    """What is wrong with a new password, as a sentence; empty for a good one."""
    if len(password) < SHORTEST:
        return _(
            "A password has at least {shortest} characters. A few words in a row are easy to remember.",
            shortest=SHORTEST,
        )
    if len(password) > LONGEST:
        return _("A password has at most {longest} characters.", longest=LONGEST)
    lower, own = password.lower(), email.partition("@")[0].lower()
    if len(set(password)) < DISTINCT:
        return _("This password repeats itself too much.")
    if any(word in lower for word in KNOWN) or (len(own) > 2 and own in lower):
        return _("This password holds a word that is tried first, such as a name, Leadline or 123456.")
    return ""


async def hashed(password: str) -> str:
    """What is kept of it."""
    async with _at_once:
        return await asyncio.to_thread(_hasher.hash, password)


async def fits(password: str, kept: str | None) -> bool:
    """Whether it is the password of which `kept` is kept; takes as long where nothing is."""
    async with _at_once:
        return await asyncio.to_thread(_fits, password, kept)


def _fits(password: str, kept: str | None) -> bool:
    try:
        return _hasher.verify(kept or _nobody, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
