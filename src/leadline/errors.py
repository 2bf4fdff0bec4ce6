"""The exception tree. Every module raises these; the engine reads `Retry` and `Park`, people read the text.

LeadlineError
├── SettingError            a setting is missing or wrong; the text names it and says how to fix it
├── Refused                 a webhook is not believed (wrong or missing signature)
├── Unreadable              a believed webhook cannot be understood; it is kept and parked
├── BadHandle               a text is no handle
├── ProviderTrouble         a provider's answer is none of those it documents; the text says what it was
├── Retry                   not now: the work waits `delay` seconds and is tried again
│   └── Waiting             not now, for as long as it takes: an operator must act (token revoked, database away)
│       └── Outage          the other side is away: nobody asks it but one try at a time
├── Lost                    the lane is another worker's by now: whatever was to be written is left to that one
└── Park                    never by a machine: the work is shown to an operator
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class LeadlineError(Exception):
    """Root of everything Leadline raises on purpose."""


class SettingError(LeadlineError):
    """A setting is missing or wrong; the message is one line for the person who must fix it."""


class Refused(LeadlineError):
    """A webhook whose signature is missing or wrong. Nothing of it is stored."""


class Unreadable(LeadlineError):
    """A believed webhook that cannot be parsed. Its raw form is kept and parked."""


class BadHandle(LeadlineError, ValueError):
    """A text that is not a `scheme:scope/value` handle."""


class ProviderTrouble(LeadlineError):
    """A provider did not answer a question (templates, missed messages) as it documents; nothing was lost by it."""


class Retry(LeadlineError):
    """Try again later.

    `reason` is a stable snake_case code, the message is for people, `delay` (seconds) overrides the backoff.
    """

    def __init__(self, reason: str, message: str, delay: float | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.delay = delay
        self.breaker = ""
        """Who may be away, where that can be the cause: see `engine/breaker.py`."""
        self.sure = False
        """Whether no single message can be the cause."""


class Waiting(Retry):
    """Try again for ever: only a person can remove the cause, so the attempts are not counted."""


class Outage(Waiting):
    """Not tried: the other side is away, says `breaker`. The work waits until it is there again."""

    def __init__(self, reason: str, message: str, *, breaker: str) -> None:
        super().__init__(reason, message)
        self.breaker = breaker


class Lost(LeadlineError):
    """The lane is, or may be, another worker's by now. Whoever meets this stops and writes nothing more."""


class Park(LeadlineError):
    """A machine must not guess: keep it, show it, let an operator decide. `reason` is a stable code."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


SILENCES = {
    "ClientConnectorDNSError": "its name is not known",
    "ClientConnectorCertificateError": "its certificate is not valid",
    "ClientConnectorSSLError": "it does not agree on TLS",
    "SSLError": "it does not agree on TLS",
    "ClientConnectorError": "it refuses connections",
    "ConnectionRefusedError": "it refuses connections",
    "gaierror": "its name is not known",
    "TimeoutError": "it does not answer in time",
    "ServerDisconnectedError": "it hung up without an answer",
    "ConnectionResetError": "it hung up without an answer",
}
"""By the name of an exception: aiohttp is slow to import, and whoever has one to tell knows it already."""


def silence(error: Exception) -> str:
    """Why another machine gave no answer, as the end of a sentence about it."""
    names = (kind.__name__ for kind in type(error).__mro__)
    return next((SILENCES[name] for name in names if name in SILENCES), "the connection broke off")


def meant(typed: str, known: Iterable[str]) -> str:
    """The end of a complaint about a name that is not known: the names like it, or all there are."""
    names = list(known)
    if close := get_close_matches(typed, names, n=3):
        return f"Did you mean {' or '.join(close)}?"
    return f"Known: {', '.join(names) or 'none'}"
