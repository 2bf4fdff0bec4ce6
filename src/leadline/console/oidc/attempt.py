"""One sign-in by a provider, from the button to the way back: what the browser keeps of it, sealed, in a cookie.

The state in the provider's answer must be that of the cookie: another browser's answer, or one that somebody sent in a
link, is worth nothing.
"""

from __future__ import annotations

import hmac
import secrets
import time

from leadline.model import Struct
from leadline.store.tickets import redeem, ticket
from leadline.store.vault import Vault

LASTS = 600.0  # seconds somebody may take at the provider
COOKIE = "leadline_sign_in"
PLACE = ("installation", "sign_in")


class Attempt(Struct, frozen=True, kw_only=True):
    """key: of the provider. verifier: of PKCE (RFC 7636). wanted: the page that was asked for. language: as picked."""

    key: str
    wanted: str
    language: str
    until: float
    state: str
    nonce: str
    verifier: str

    @classmethod
    def begun(cls, key: str, wanted: str, language: str) -> Attempt:
        """A new one, with secrets of its own."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        own = {"state": state, "nonce": nonce, "verifier": verifier}
        return cls(key=key, wanted=wanted, language=language, until=time.time() + LASTS, **own)

    def is_answered_by(self, key: str, state: str) -> bool:
        """Whether an answer of a provider is to this."""
        mine, theirs = f"{self.key} {self.state}", f"{key} {state}"
        return hmac.compare_digest(mine.encode(), theirs.encode("utf-8", "replace")) and self.until > time.time()


def sealed(vault: Vault, attempt: Attempt) -> str:
    """For the cookie."""
    return ticket(vault, attempt, *PLACE)


def opened(vault: Vault, cookie: str) -> Attempt | None:
    """None for what is no cookie of ours."""
    return redeem(vault, cookie, Attempt, *PLACE)
