"""What TextMagic answers to a send. Called by `adapter.py`.

Source: TextMagic's API pages and the models of its own client, November 2026. There are no codes beside the HTTP
status: the field that is complained of, and a few words, tell the reason.
"""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.channels.exchange import Response
from leadline.channels.http import tried
from leadline.channels.reasons import AUTH_FAILED
from leadline.channels.status_answer import by_reason
from leadline.model import Sent

_REASON_OF_STATUS = {401: AUTH_FAILED, 402: "no_credit", 403: AUTH_FAILED, 429: "rate_limited"}
_REASON_OF_WORD = {
    "unsubscribed": "opted_out",
    "blocked": "opted_out",
    "balance": "no_credit",
    "credit": "no_credit",
    "too long": "too_long",
    "parts": "too_long",
}
_REASON_OF_FIELD = {"phones": "invalid_recipient", "from": "sender_rejected", "text": "content_rejected"}


class _Errors(msgspec.Struct):
    common: list[str] = []
    fields: dict[str, Any] = {}


class _Reply(msgspec.Struct):
    id: int | str | None = None
    number: int | str | None = msgspec.field(default=None, name="messageId")
    message: str = ""
    errors: _Errors | None = None


_REPLY = msgspec.json.Decoder(_Reply)


def read_answer(response: Response) -> Sent:
    """The outcome of a send. Never raises."""
    reply = tried(_REPLY, response.body) or _Reply()
    number = reply.number or reply.id
    if 200 <= response.status < 300 and number:
        return Sent(outcome="accepted", provider_ids=(str(number),))
    code, detail = str(response.status), _told(reply)
    reason = _REASON_OF_STATUS.get(response.status) or _reason(reply, detail)
    return by_reason(response, reason, code, detail)


def _told(reply: _Reply) -> str:
    """All that TextMagic complains of, in one line."""
    errors = reply.errors or _Errors()
    fields = [f"{name}: {_line(texts)}" for name, texts in errors.fields.items()]
    return "; ".join(filter(None, (*errors.common, *fields))) or reply.message


def _line(texts: Any) -> str:
    return " ".join(map(str, texts)) if isinstance(texts, list) else str(texts)


def _reason(reply: _Reply, detail: str) -> str:
    words = detail.lower()
    by_word = (reason for word, reason in _REASON_OF_WORD.items() if word in words)
    complained = reply.errors.fields if reply.errors else {}
    by_field = (reason for field, reason in _REASON_OF_FIELD.items() if field in complained)
    return next(by_word, None) or next(by_field, "provider_error")
