"""What all of Meta's products share: how webhooks are signed, tested and read, and what an answer's HTTP status means.

Used by the WhatsApp, Messenger and Instagram adapters. Source: Graph API pages on webhooks, November 2026.
"""

from __future__ import annotations

from leadline.channels.exchange import Answer, Parsed, Request, Response
from leadline.channels.http import first_of, is_signed, query, retry_after, same
from leadline.channels.reasons import AUTH_FAILED
from leadline.errors import Refused, Unreadable
from leadline.model import Consent, Inbound, Move, Sent, StatusUpdate

PORTFOLIOS = "ENT"
"""Scope of parent ids of WhatsApp users: they are the same for all businesses of linked portfolios."""


def check_signature(request: Request, *app_secrets: str) -> None:
    """Check X-Hub-Signature-256 over the raw body; raises Refused. A text may hold several, commas between."""
    given = request.headers.get("x-hub-signature-256", "")
    if not given.startswith("sha256="):
        raise Refused("X-Hub-Signature-256 is missing: only Meta may call this address")
    keys = [secret.strip().encode() for text in app_secrets for secret in text.split(",")]
    if not is_signed(given.removeprefix("sha256="), keys, request.body):
        raise Refused("X-Hub-Signature-256 does not fit: check app_secret, found at Meta in App settings > Basic")


def answer_handshake(request: Request, verify_token: str) -> Answer | None:
    """Answer Meta's test of the address with its bare challenge; None where it is none.

    Raises Refused for a wrong verify token, and for a challenge that is none of Meta's.
    """
    if request.method != "GET":
        return None
    fields = first_of(query(request.url))
    token = fields.get("hub.verify_token", "")
    if fields.get("hub.mode") != "subscribe" or not verify_token or not same(token, verify_token):
        raise Refused("The verify token is not the one of this channel: enter the same text here and at Meta")
    challenge = fields.get("hub.challenge", "")
    if challenge and not (challenge.isascii() and challenge.replace("_", "").replace("-", "").isalnum()):
        raise Refused("The challenge is not one of Meta's, which are letters and digits")
    return Answer(body=challenge)


def by_status(response: Response, code: str, detail: str) -> Sent:
    """The outcome of a send where Meta's code says nothing known."""
    if response.status == 429:
        wait = retry_after(response.headers)
        return Sent(outcome="retry", reason="rate_limited", code=code, detail=detail, retry_after=wait)
    if response.status in (401, 403):
        return Sent(outcome="retry", reason=AUTH_FAILED, code=code, detail=detail)
    if 400 <= response.status < 500:
        return Sent(outcome="refused", reason="provider_error", code=code, detail=detail)
    return Sent(outcome="unknown", reason="no_answer", code=code, detail=detail)


class Batch:
    """Collects what one webhook holds. Each product subclasses it and says what its changes and events are."""

    def __init__(self) -> None:
        self.messages: list[Inbound] = []
        self.statuses: list[StatusUpdate] = []
        self.consents: list[Consent] = []
        self.moves: list[Move] = []
        self.echoes: list[Inbound] = []
        self.noise: list[str] = []
        self.unread: list[str] = []

    def parsed(self) -> Parsed:
        """All of it; raises Unreadable where that is nothing."""
        parsed = Parsed(
            messages=tuple(self.messages),
            statuses=tuple(self.statuses),
            consents=tuple(self.consents),
            moves=tuple(self.moves),
            echoes=tuple(self.echoes),
            noise=tuple(dict.fromkeys(self.noise)),
            unread=tuple(self.unread),
        )
        if parsed == Parsed():
            raise Unreadable("The webhook holds no message, no report and nothing else that Leadline knows")
        return parsed
