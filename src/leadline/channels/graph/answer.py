"""What Meta's answer to a Messenger or Instagram send means. Called by `adapter.py:Graph.read`.

Source: error pages of the Messenger Platform and the Instagram messaging API, November 2026. The subcode decides where
there is one that says more than its code.
"""

from __future__ import annotations

import msgspec

from leadline.channels.exchange import Response
from leadline.channels.graph import wire
from leadline.channels.http import retry_after, tried
from leadline.channels.meta import by_status
from leadline.channels.reasons import AUTH_FAILED
from leadline.model import Sent

_REASON_OF_SUBCODE = {
    2018278: "window_closed",
    2534022: "window_closed",
    1893063: "account_suspended",
    2018001: "invalid_recipient",
    2534014: "invalid_recipient",
    2534029: "sender_rejected",
    2534041: "sender_rejected",
    2534040: "rate_limited",
    2018008: "media_rejected",
    2018047: "media_rejected",
    2018109: "media_rejected",
}
_REASON_OF_CODE = {
    **dict.fromkeys((10, 190, *range(200, 230), *range(231, 300)), AUTH_FAILED),
    **dict.fromkeys((4, 17, 32, 613), "rate_limited"),
    230: "not_on_channel",
    368: "account_suspended",
    551: "not_on_channel",
    **dict.fromkeys((2, 100, 1200), "provider_error"),
}
_COME_AGAIN = frozenset((2, 1200))  # for the moment Meta takes nothing
_NOBODY_KNOWS = frozenset((1,))  # 1/1357046 came with messages that did go out
_REPLY = msgspec.json.Decoder(wire.Reply)


def read_answer(response: Response) -> Sent:
    """The outcome of a send, by Meta's codes where there are any, else by the HTTP status. Never raises."""
    reply = tried(_REPLY, response.body) or wire.Reply()
    if 200 <= response.status < 300 and reply.message_id:
        return Sent(outcome="accepted", provider_ids=(reply.message_id,))
    if reply.error is None:
        return by_status(response, str(response.status), "")
    return _by_code(response, reply.error)


def _by_code(response: Response, error: wire.Trouble) -> Sent:
    code = f"{error.code}/{error.error_subcode}" if error.error_subcode else str(error.code)
    reason = _REASON_OF_SUBCODE.get(error.error_subcode) or _REASON_OF_CODE.get(error.code, "")
    if error.code in _NOBODY_KNOWS:
        return Sent(outcome="unknown", reason="no_answer", code=code, detail=error.message)
    if reason == AUTH_FAILED or reason == "rate_limited" or error.code in _COME_AGAIN:
        wait = retry_after(response.headers)
        return Sent(outcome="retry", reason=reason, code=code, detail=error.message, retry_after=wait)
    if reason:
        return Sent(outcome="refused", reason=reason, code=code, detail=error.message)
    return by_status(response, code, error.message)
