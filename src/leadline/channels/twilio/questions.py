"""Questions with something to tap on, as contents of Twilio's Content API. Used by the Twilio WhatsApp adapter.

Twilio sends no buttons but those of a content. Leadline makes one for each question, named by what it says, so that a
question that was asked before is found again. None needs WhatsApp's approval within the reply window. Source: Twilio's
pages https://www.twilio.com/docs/content/twilio-quick-reply and https://www.twilio.com/docs/content/twiliolist-picker,
its description of the Content API v1, and https://www.twilio.com/docs/content (search by name, v2), November 2026.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec

from leadline.channels.exchange import Call, Response, Steps
from leadline.channels.http import json_call, tried, with_query
from leadline.channels.markup import signed
from leadline.channels.pieces import offered
from leadline.channels.twilio.account import TwilioSettings, credentials
from leadline.channels.whatsapp.content import CAPTION, OPEN_LIST, as_buttons
from leadline.model import Outbound, Sent

PREFIX = "leadline_question_"
AGAIN = Sent(outcome="retry", reason="rate_limited", detail="Twilio's Content API did not answer")


class _Content(msgspec.Struct):
    sid: str
    friendly_name: str | None = None


class _Found(msgspec.Struct):
    contents: list[_Content] = []


_CONTENT = msgspec.json.Decoder(_Content)
_FOUND = msgspec.json.Decoder(_Found)


def question(base: str, settings: TwilioSettings, message: Outbound) -> Steps[str | Response]:
    """The SID of the content with this question, made where there is none; Twilio's answer where it makes none."""
    types = _types(message)
    name = PREFIX + sha256(msgspec.json.encode(types)).hexdigest()[:32]
    secrets = credentials(settings)
    place = with_query(f"{base}/v2/Content", ContentName=f"^{name}$", PageSize="1")
    answer = yield Call(method="GET", url=place, secrets=secrets, harmless=True)
    known = (tried(_FOUND, answer.body) if answer.status == 200 else None) or _Found()
    if sid := next((each.sid for each in known.contents if each.friendly_name == name), ""):
        return sid
    making = json_call(f"{base}/v1/Content", {"friendly_name": name, "language": "en", "types": types}, secrets=secrets)
    answer = yield msgspec.structs.replace(making, harmless=True)
    made = tried(_CONTENT, answer.body) if 200 <= answer.status < 300 else None
    return made.sid if made else answer


def _types(message: Outbound) -> dict[str, Any]:
    """Up to three buttons, or a list of ten."""
    marked = signed(message.text, message.marks)
    body, choices = marked if len(marked) <= CAPTION else message.text, offered(message)
    if as_buttons(message):
        buttons = [{"type": "QUICK_REPLY", "title": choice, "id": str(at)} for at, choice in enumerate(choices, 1)]
        return {"twilio/quick-reply": {"body": body, "actions": buttons}}
    rows = [{"id": str(at), "item": choice} for at, choice in enumerate(choices, 1)]
    return {"twilio/list-picker": {"body": body, "button": OPEN_LIST, "items": rows}}
