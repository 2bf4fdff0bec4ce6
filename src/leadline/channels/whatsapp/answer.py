"""What Meta's answer to a send means. Called by WhatsApp adapters' `read`.

Source: error codes page of the WhatsApp Cloud API, November 2026.
"""

from __future__ import annotations

import msgspec

from leadline.channels.exchange import Response
from leadline.channels.http import retry_after, tried
from leadline.channels.meta import by_status
from leadline.channels.reasons import AUTH_FAILED
from leadline.channels.whatsapp.codes import COME_AGAIN, NOBODY_KNOWS, REASON_OF_CODE
from leadline.channels.whatsapp.wire import Trouble
from leadline.model import Sent


class _Taken(msgspec.Struct):
    id: str


class _Reply(msgspec.Struct):
    messages: list[_Taken] = []
    error: Trouble | None = None


_REPLY = msgspec.json.Decoder(_Reply)


def read_answer(response: Response) -> Sent:
    """The outcome of a send, by Meta's code where there is one, else by the HTTP status. Never raises."""
    reply = tried(_REPLY, response.body) or _Reply()
    if 200 <= response.status < 300 and reply.messages:
        return Sent(outcome="accepted", provider_ids=tuple(taken.id for taken in reply.messages))
    if reply.error is not None and reply.error.code in REASON_OF_CODE:
        return _by_code(response, reply.error)
    detail = reply.error.details if reply.error else ""
    code = str(reply.error.code if reply.error else response.status)
    return by_status(response, code, detail)


def _by_code(response: Response, error: Trouble) -> Sent:
    code, reason = str(error.code), REASON_OF_CODE[error.code]
    if error.code in NOBODY_KNOWS:
        return Sent(outcome="unknown", reason="no_answer", code=code, detail=error.details)
    if reason == AUTH_FAILED or error.code in COME_AGAIN:
        wait = retry_after(response.headers)
        return Sent(outcome="retry", reason=reason, code=code, detail=error.details, retry_after=wait)
    return Sent(outcome="refused", reason=reason, code=code, detail=error.details)
