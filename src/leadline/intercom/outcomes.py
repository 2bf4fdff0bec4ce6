"""What can become of a call to Intercom, as types, and the reading of an answer into one of them. For client.py."""

from __future__ import annotations

import math
import random
import re
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from leadline.errors import LeadlineError, Park, Retry, Waiting
from leadline.intercom.clock import read_date
from leadline.intercom.wire import cursor, items, mapping, text
from leadline.model.storable import without_nul

_EXISTING = re.compile(r"\bid=([0-9A-Za-z_-]+)")
_CANONICAL = re.compile(r"<[^<>]*/contacts/([0-9A-Za-z_-]+)>\s*;[^,]*\brel=\"?canonical\"?")
WINDOW = 10.0
"""Seconds of one rate-limit window (Intercom's rate limiting page, 2.17)."""
_LONGEST_WAIT = 120.0
_SHORTEST_WAIT = 1.0
_MOST_CALLS = 1_000_000


class IntercomError(Park):
    """Intercom understood the call and refused it. `status`, `code`, `field` and `request_id` are Intercom's own."""

    def __init__(self, status: int, code: str, message: str, request_id: str = "", field: str = "") -> None:
        trace = f" (request {request_id})" if request_id else ""
        super().__init__("intercom_refused", f"Intercom refused: {status} {code}: {message}{trace}")
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id
        self.field = field

    @property
    def invalid(self) -> bool:
        """Whether Intercom disliked what was sent, as opposed to who sent it or what it was about."""
        return self.status in {400, 422}


class NotFound(IntercomError):
    """404: no such thing, or not yet: a new contact can be unknown to conversations for some seconds."""


class Conflict(IntercomError):
    """409: a contact with that external id or e-mail exists. `contact_id` is its id, when the message told."""

    contact_id: str | None = None
    archived: bool = False


class Merged(NotFound):
    """410: the contact was merged away. `canonical_id` is the survivor, when the Link header told."""

    canonical_id: str | None = None


class RateLimited(Waiting):
    """429: the call was not made; `delay` reaches into the next window, for which all calls of the workspace wait."""


class Unauthorized(Waiting):
    """401: the token is wrong or revoked."""


class Misdirected(Waiting):
    """A redirect: the address is not that of Intercom's API. Never followed, as it would carry the token along."""

    def __init__(self, message: str) -> None:
        super().__init__("intercom_address_wrong", message)


class Unavailable(Retry):
    """The call was surely not made, or only read: it can be repeated."""

    def __init__(self, message: str, delay: float | None = None) -> None:
        super().__init__("intercom_unavailable", message, delay)


class Unreachable(Unavailable):
    """Not even a connection could be made."""


class OutcomeUnknown(Retry):
    """A write that Intercom may have done although no answer says so: look before repeating."""

    def __init__(self, message: str) -> None:
        super().__init__("intercom_outcome_unknown", message)


class Answer(msgspec.Struct, frozen=True):
    """What came back over HTTP. `read_only`: the call could not change anything."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    read_only: bool

    def value(self) -> dict[str, Any] | None:
        """The JSON object of the body; empty for an empty body, None when there is none."""
        if not self.body.strip():
            return {}
        try:
            value = msgspec.json.decode(without_nul(self.body))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return None
        return value if isinstance(value, dict) else None

    def request_id(self, value: Mapping[str, Any]) -> str:
        """Intercom's name of this call, which their support asks for."""
        return text(value.get("request_id")) or self.headers.get("X-Request-Id", "")

    def window(self) -> tuple[int, int, float] | None:
        """(calls per window, calls left, unix time of the next by our clock) as the answer told, or None.

        A reset later than in two minutes is no window's end (they last ten seconds): nobody is held up for longer.
        """
        try:
            limit, left = (int(self.headers[f"X-RateLimit-{name}"]) for name in ("Limit", "Remaining"))
            reset = float(self.headers["X-RateLimit-Reset"])
        except (KeyError, ValueError):
            return None
        if not (0 < limit <= _MOST_CALLS and 0 <= left <= _MOST_CALLS and math.isfinite(reset)):
            return None
        ours = time.time()
        theirs = read_date(self.headers.get("Date")) or ours
        return limit, left, ours + min(reset - theirs, _LONGEST_WAIT)


def read_answer(answer: Answer) -> tuple[LeadlineError | None, dict[str, Any]]:
    """(failure or None, JSON object) of an answer. Total."""
    value = answer.value()
    if 200 <= answer.status < 300:
        if value is None or (answer.read_only and not value):
            return _unclear(answer, "with no JSON object" if value is None else "with nothing"), {}
        return None, value
    return _failure(answer, value or {}), value or {}


def listed(answer: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a list that was asked for; raises Unavailable where there is no list: that is not "nobody"."""
    if not isinstance(answer.get(name), list):
        raise Unavailable(f"Intercom answered without the list of {name} that was asked for; it will be tried again")
    return items(answer[name])


def following(answer: Mapping[str, Any], *before: str) -> str:
    """The cursor of the next page; empty on the last one. Raises Unavailable where it leads to a page that was read
    before: the list is not over then, and nobody knows what else is in it.
    """
    after = cursor(answer)
    if after and after in before:
        raise Unavailable("A list of Intercom's leads to the same page again; it will be read once more, later")
    return after


def _failure(answer: Answer, value: dict[str, Any]) -> LeadlineError:
    match answer.status:
        case 401:
            return Unauthorized(
                "intercom_token_refused",
                "Intercom refused the access token: connect the workspace again (`leadline workspace set`), or set "
                "LEADLINE_INTERCOM_TOKEN to the one shown in the Developer Hub. Messages wait until then.",
            )
        case 429:
            return RateLimited("intercom_rate_limited", "Intercom's rate limit is reached", _until_reset(answer))
        case status if 300 <= status < 400:
            return Misdirected(
                f"LEADLINE_INTERCOM_URL answered with a redirect ({status}): set it to the API address of your region, "
                "for example https://api.intercom.io"
            )
        case status if status >= 500 or status == 408 or status < 200:
            return _unclear(answer, f"with status {status}")
    return _refusal(answer, value)


def _unclear(answer: Answer, how: str) -> LeadlineError:
    if answer.read_only:
        return Unavailable(f"Intercom answered {how}; it will be tried again")
    return OutcomeUnknown(f"Intercom answered a change {how} and may have made it; it is looked up before a repeat")


def _refusal(answer: Answer, value: dict[str, Any]) -> IntercomError:
    error = next(iter(items(value.get("errors"))), mapping(value))
    message = text(error.get("message")) or _phrase(answer.status)
    known = (
        answer.status,
        text(error.get("code")) or "unknown",
        message,
        answer.request_id(value),
        text(error.get("field")),
    )
    if answer.status == 410 or known[1] == "contact_merged":
        merged = Merged(*known)
        canonical = _CANONICAL.search(answer.headers.get("Link", ""))
        merged.canonical_id = canonical[1] if canonical else None
        return merged
    if answer.status == 409:
        conflict = Conflict(*known)
        existing = _EXISTING.search(message)
        conflict.contact_id = existing[1] if existing else None
        conflict.archived = "archived" in message.lower()
        return conflict
    return NotFound(*known) if answer.status == 404 else IntercomError(*known)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "no explanation given"


def _until_reset(answer: Answer) -> float:
    """Seconds until the next window, plus jitter so that waiting processes do not return together.

    Where that has begun already, as it seems, a clock is wrong: whoever asked again at once would be refused for ever.
    """
    window = answer.window()
    wait = window[2] - time.time() if window else WINDOW
    return max(wait, _SHORTEST_WAIT) + random.uniform(0.05, 0.25)  # noqa: S311  # spreads load, hides nothing
