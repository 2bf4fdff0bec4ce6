"""What the API answers when it does not do what was asked: problem details (RFC 9457), one shape for all of it.

`gate.py` turns every exception into one here. Nothing that was asked for has happened where a problem is answered.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import msgspec
import psycopg
from starlette.responses import Response

from leadline.api.patterns import ID, NO_NUL
from leadline.door.webhooks import Gone, TooLarge
from leadline.errors import BadHandle, LeadlineError, Park, ProviderTrouble, Retry, SettingError
from leadline.intercom.outcomes import IntercomError
from leadline.merging.desk import MergeRefused
from leadline.outbound import NoTemplate, NotSent

URN = "urn:leadline:problem:"
TITLES: Mapping[int, str] = {
    400: "This request cannot be read",
    401: "This needs a key",
    403: "This key may not do that",
    404: "There is nothing of that name",
    405: "This address does not do that",
    408: "The request came too slowly",
    409: "That is not possible now",
    413: "The request is too large",
    415: "The request must be JSON",
    422: "The request is not complete or not right",
    429: "Too many requests",
    502: "Intercom or a provider refused",
    503: "Nothing was done; try again",
}
PATTERNS: Mapping[str, str] = {
    NO_NUL: "holds the letter NUL, which no text can hold. Send it without",
    ID: "is no id: ids are letters, digits, _ and -, at most 100 of them",
}
"""Pattern of a value → what is wrong with one that does not match."""
PATTERN = re.compile(r"Expected `str` matching regex '(?P<pattern>.*?)'(?: - at `(?P<where>.*)`)?")
AGAIN = 5.0  # seconds after which a try that found something away is worth repeating
MISSING = frozenset({"not_found", "no_such_merge"})
UNSENDABLE = frozenset({"content_rejected", "invalid_recipient"})


class Problem(Exception):
    """A problem that an endpoint answers. code: stable, for machines; detail: what to do, for people."""

    def __init__(self, status: int, code: str, detail: str, *, seconds: float = 0.0) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.seconds = seconds


class Details(msgspec.Struct, frozen=True):
    """What is answered instead, as application/problem+json (RFC 9457). `detail` says what to do, in plain English."""

    type: str
    title: str
    status: int
    detail: str
    code: str


def response(problem: Problem) -> Response:
    """The answer that tells of a problem."""
    details = Details(URN + problem.code, TITLES[problem.status], problem.status, problem.detail, problem.code)
    headers = {"Cache-Control": "no-store"}
    if problem.seconds:
        headers["Retry-After"] = str(math.ceil(problem.seconds))
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="Leadline"'
    return Response(
        msgspec.json.encode(details), problem.status, headers=headers, media_type="application/problem+json"
    )


def problem_of(error: Exception) -> Problem:
    """The problem that an exception is; what nobody foresaw is told without details."""
    match error:
        case Problem():
            return error
        case msgspec.ValidationError():
            return Problem(422, "invalid", _invalid(str(error)))
        case msgspec.DecodeError() | UnicodeDecodeError():
            return Problem(400, "unreadable", "The body is not JSON in UTF-8. Nothing was done.")
        case TooLarge():
            return Problem(413, "too_large", "The body is larger than any request of this API needs to be.")
        case TimeoutError() | Gone():
            return Problem(408, "too_slow", "The body did not arrive in time. Send the request again.")
        case LeadlineError():
            return _refused(error)
        case psycopg.DataError():
            return Problem(422, "invalid", f"A text {PATTERNS[NO_NUL]}.")
        case psycopg.Error() | OSError():
            return Problem(503, "not_kept", "Nothing could be kept, so nothing was done. Try again.", seconds=AGAIN)
    return Problem(503, "broke", "Leadline could not do this. Its log says why; nothing was lost.", seconds=AGAIN)


def _invalid(error: str) -> str:
    """What msgspec says of a value, with words in place of a pattern."""
    found = PATTERN.fullmatch(error)
    words = found and next(
        (words for pattern, words in PATTERNS.items() if repr(pattern)[1:-1] == found["pattern"]), ""
    )
    if not (found and words):
        return f"{error}. The description of the API says what this takes."
    where = (found["where"] or "").removeprefix("$").lstrip(".")
    return f"{f'`{where}`' if where else 'A value'} {words}."


def _refused(error: LeadlineError) -> Problem:
    match error:
        case NotSent():
            return Problem(422 if error.reason in UNSENDABLE else 409, error.reason, str(error))
        case MergeRefused():
            return Problem(404 if error.code in MISSING else 409, error.code, str(error))
        case NoTemplate() | BadHandle() | SettingError():
            return Problem(422, "invalid", str(error))
        case Retry():
            return Problem(503, error.reason, f"{error} Nothing was done; try again.", seconds=error.delay or AGAIN)
        case IntercomError() | ProviderTrouble():
            return Problem(502, "refused_elsewhere", str(error))
        case Park():
            return Problem(409, error.reason, str(error))
    return Problem(409, "refused", str(error))
