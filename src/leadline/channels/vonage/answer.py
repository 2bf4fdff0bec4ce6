"""What Vonage's Messages API answers to a send. Called by `whatsapp.py`.

Source: error pages of Vonage's Messages API, November 2026.
"""

from __future__ import annotations

import msgspec

from leadline.channels.exchange import Response
from leadline.channels.http import tried
from leadline.channels.reasons import AUTH_FAILED
from leadline.channels.status_answer import by_reason
from leadline.channels.vonage.codes import REASON_OF_CODE
from leadline.channels.vonage.whatsapp_wire import Trouble
from leadline.model import Sent


class _Reply(Trouble):
    message_uuid: str = ""


_REPLY = msgspec.json.Decoder(_Reply)
_REASON_OF_STATUS = {401: AUTH_FAILED, 402: "no_credit", 403: AUTH_FAILED, 429: "rate_limited"}


def read_answer(response: Response) -> Sent:
    """The outcome by Vonage's code where there is one, else by the HTTP status. Never raises."""
    reply = tried(_REPLY, response.body) or _Reply()
    if 200 <= response.status < 300 and reply.message_uuid:
        return Sent(outcome="accepted", provider_ids=(reply.message_uuid,))
    code, detail = reply.number or str(response.status), reply.words
    reason = _REASON_OF_STATUS.get(response.status) or REASON_OF_CODE.get(reply.number, "provider_error")
    return by_reason(response, reason, code, detail)
