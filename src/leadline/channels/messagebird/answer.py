"""What MessageBird's answer to a send means. Called by the MessageBird adapters' `read`.

Source: MessageBird's SMS, MMS and Conversations pages on answers and errors, November 2026.
"""

from __future__ import annotations

import msgspec

from leadline.channels.exchange import Response
from leadline.channels.http import tried
from leadline.channels.messagebird.codes import REASON_OF_ANSWER, REASON_OF_PARAMETER
from leadline.channels.reasons import AUTH_FAILED
from leadline.channels.status_answer import by_reason
from leadline.model import Sent


class _Trouble(msgspec.Struct):
    code: int = 0
    description: str | None = None
    parameter: str | None = None


class _Reply(msgspec.Struct):
    id: str = ""
    errors: list[_Trouble] | None = None


_REPLY = msgspec.json.Decoder(_Reply)


def read_answer(response: Response) -> Sent:
    """2xx with an id: taken. 429 and wrong credentials: later. Other 4xx: refused. Everything else: nobody knows."""
    reply = tried(_REPLY, response.body) or _Reply()
    if 200 <= response.status < 300 and reply.id:
        return Sent(outcome="accepted", provider_ids=(reply.id,))
    trouble = reply.errors[0] if reply.errors else _Trouble()
    code, detail = str(trouble.code or response.status), trouble.description or ""
    reason = _reason(response.status, trouble)
    return by_reason(response, reason, code, detail)


def _reason(status: int, trouble: _Trouble) -> str:
    by_status = {401: AUTH_FAILED, 403: AUTH_FAILED, 402: "no_credit", 429: "rate_limited"}.get(status, "")
    by_parameter = REASON_OF_PARAMETER.get((trouble.parameter or "").lower(), "")
    return REASON_OF_ANSWER.get(trouble.code) or by_status or by_parameter or "provider_error"
