"""What the HTTP status alone says of a message, where the answer says no more. Called by adapters' `read`."""

from __future__ import annotations

from leadline.channels.exchange import Response
from leadline.channels.http import retry_after
from leadline.channels.reasons import AUTH_FAILED
from leadline.model import Sent

WORDS = 200  # characters of an answer that are shown


def by_status(response: Response, detail: str = "") -> Sent:
    """Refused for good, to be tried again, or unknown: a 5xx may have sent the message. Vonage's 420 is a 429."""
    code = str(response.status)
    if response.status in (401, 403):
        return Sent(outcome="retry", reason=AUTH_FAILED, code=code, detail=detail)
    if response.status in (420, 429):
        wait = retry_after(response.headers)
        return Sent(outcome="retry", reason="rate_limited", code=code, detail=detail, retry_after=wait)
    if 400 <= response.status < 500:
        return Sent(outcome="refused", reason="provider_error", code=code, detail=detail)
    return Sent(outcome="unknown", reason="no_answer", code=code, detail=detail)


def by_reason(response: Response, reason: str, code: str, detail: str = "") -> Sent:
    """As the provider's own code says, but a status that is no 4xx leaves open whether the message was sent."""
    if not 400 <= response.status < 500:
        return Sent(outcome="unknown", reason="no_answer", code=code, detail=detail)
    if reason in (AUTH_FAILED, "rate_limited"):
        wait = retry_after(response.headers)
        return Sent(outcome="retry", reason=reason, code=code, detail=detail, retry_after=wait)
    return Sent(outcome="refused", reason=reason, code=code, detail=detail)


def provider_words(response: Response) -> str:
    """The beginning of an answer that could not be read, as the provider's own words; empty for a page of HTML."""
    words = response.body[:WORDS].decode("utf-8", "replace").strip()
    return "" if words.startswith("<") else words
