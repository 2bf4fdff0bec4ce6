"""A stand-in for TextMagic's API, and TextMagic's side of webhooks. Mounted by `create`.

Source: TextMagic's API pages, version 2, and the models of its own client, November 2026.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import basic_auth, first_of, multipart_call, same, urlencoded
from leadline.channels.text import segments
from leadline.channels.textmagic.adapter import STATES, TextMagicSettings
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake
from leadline.sandbox.providers.faults import Fault
from leadline.sandbox.providers.phones import Delivery

PROVIDER = "textmagic"
START_WORDS = ("START", "UNSTOP")
FAULTS = {
    "unsubscribed": Fault(status=400, code=400, message="All recipients are unsubscribed"),
    "no_credit": Fault(status=400, code=400, message="Your balance is too low"),
    "rate_limited": Fault(status=429, code=429, message="Too many requests"),
    "forbidden": Fault(status=403, code=403, message="Access denied"),
    "server_error": Fault(how="down", status=500),
    "lost_answer": Fault(how="drop"),
    "failed": Fault(how="late", message="f"),
    "sending_error": Fault(how="late", message="e"),
    "rejected": Fault(how="late", message="j"),
}
"""The message of a late one is the letter that is reported."""


class TextMagicFake(Fake[TextMagicSettings]):
    """TextMagic as one account sees it. `sends_as` is the account's format of callbacks."""

    key: ClassVar[str] = PROVIDER
    faults_known: ClassVar[dict[str, Fault]] = FAULTS
    sends_as: str = "multipart"

    def __init__(self, settings: TextMagicSettings, floor: Any) -> None:
        super().__init__(settings, floor)
        self.replies: list[dict[str, Any]] = []
        self._numbers = itertools.count(1_782_832)

    @classmethod
    def open_account(cls, url: str) -> TextMagicSettings:
        """A new account with a British number."""
        return TextMagicSettings(username="sandbox", api_key=secrets.token_hex(15), number="+447624800500", api_url=url)

    @classmethod
    def customer(cls, number: int) -> str:
        """An Irish mobile, without a plus."""
        return f"35387{number:07d}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        return [
            Route("/api/v2/messages", self.send, methods=["POST"]),
            Route("/api/v2/replies", self.listed, methods=["GET"]),
            Route("/api/v2/callback/settings", self.callbacks, methods=["GET", "PUT"]),
        ]

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes: posted once, as TextMagic never repeats; the list of replies keeps it.

        SMS carries neither files nor names, so `media` and `name` go nowhere.
        """
        sender, word = sender.lstrip("+"), text.strip().upper()
        self.phones.opted_out |= {sender} if word == "STOP" else set()
        self.phones.opted_out -= {sender} if word in START_WORDS else set()
        fields = {
            "id": str(next(self._numbers)),
            "sender": sender,
            "receiver": self.settings.number.lstrip("+"),
            "messageTime": time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime()),
            "text": text,
        }
        self.replies.append({**fields, "id": int(fields["id"]), "contactId": 1, "firstName": "", "lastName": ""})
        return await self._bring(self.webhook_url, fields)

    async def callbacks(self, request: Request) -> Response:
        """The callback addresses; a new one is tried before it is taken."""
        if refusal := self._refusal(request):
            return refusal
        if request.method == "PUT":
            wanted = await request.json()
            tried = await self.courier.post(str(wanted.get("inUrl")), {}, b"", method="HEAD")
            if tried.status != 200 or wanted.get("format") not in ("m", "u", "j"):
                return _refused(400, {"fields": {"inUrl": ["The URL does not answer with 200"]}})
            self.webhook_url, self.status_url = wanted["inUrl"], wanted["outUrl"]
            self.sends_as = {"m": "multipart", "u": "form", "j": "json"}[wanted["format"]]
        return JSONResponse({"outUrl": self.status_url or None, "inUrl": self.webhook_url or None, "format": "m"})

    async def listed(self, request: Request) -> Response:
        """The replies, newest first where that is asked for."""
        if refusal := self._refusal(request):
            return refusal
        query = request.query_params
        page, limit = int(query.get("page", 1)), min(int(query.get("limit", 10)), 100)
        replies = self.replies[::-1] if query.get("direction") == "desc" else self.replies
        pages = max(1, -(-len(replies) // limit))
        resources = replies[(page - 1) * limit : page * limit]
        return JSONResponse({"page": page, "pageCount": pages, "limit": limit, "resources": resources})

    async def send(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        fields = first_of(urlencoded(await request.body()))
        to = fields.get("phones", "")
        fault = self.faults.take(PROVIDER, to)
        if fault and fault.how == "down":
            return Response(b"upstream error", fault.status)
        if fault and fault.how == "refuse":
            return _refused(fault.status, {"common": [fault.message]})
        if trouble := self._trouble(fields):
            return _refused(400, {"fields": trouble})
        number = next(self._numbers)
        business, text = fields.get("from", ""), fields["text"]
        href = f"/api/v2/messages/{number}"
        answer = {"id": number, "href": href, "type": "message", "sessionId": number + 1, "messageId": number}
        delivery = Delivery(message_id=str(number), provider=PROVIDER, business=business, to=to, text=text)
        return self.taken(delivery, self._report(number, to, fault), fault, JSONResponse(answer, 201))

    def _refusal(self, request: Request) -> Response | None:
        expected = basic_auth(self.settings.username, self.settings.api_key)
        if same(request.headers.get("authorization", ""), expected):
            return None
        return JSONResponse({"code": 401, "message": "Bad credentials"}, 401)

    def _trouble(self, fields: Mapping[str, str]) -> dict[str, list[str]]:
        """What TextMagic would refuse in this request, by field."""
        to, text, parts = fields.get("phones", ""), fields.get("text", ""), fields.get("partsCount", "6")
        checks = [
            (not (to.isdigit() and 7 <= len(to) <= 15), "phones", "Invalid phone number"),
            (to in self.phones.opted_out, "phones", "Phone number is unsubscribed"),
            (not text, "text", "This value should not be blank."),
            (not (parts.isdigit() and 1 <= int(parts) <= 6), "partsCount", "This value should be between 1 and 6."),
            (bool(text) and segments(text).count > int(parts), "text", "The message is too long"),
        ]
        return next(({field: [message]} for wrong, field, message in checks if wrong), {})

    async def _report(self, number: int, to: str, fault: Fault | None) -> None:
        late = fault.message if fault and fault.how == "late" else ""
        for letter in ("r", late or "d"):
            await asyncio.sleep(self.courier.pause)
            self.phones.change(str(number), STATES[letter], letter if late == letter else "")
            if self.status_url:
                fields = {"id": str(number), "status": letter, "receiver": to, "timestamp": str(int(time.time()))}
                await self._bring(self.status_url, fields)

    async def _bring(self, url: str, fields: Mapping[str, str]) -> Posted:
        """One try, in the account's format."""
        if self.sends_as == "multipart":
            call = multipart_call(url, list(fields.items()), ())
            return await self.courier.post(url, call.headers, call.body)
        kind = "application/json" if self.sends_as == "json" else "application/x-www-form-urlencoded"
        body = json.dumps(fields) if self.sends_as == "json" else urlencode(fields)
        return await self.courier.post(url, {"content-type": kind}, body.encode())


def _refused(status: int, errors: dict[str, Any]) -> Response:
    return JSONResponse({"code": status, "message": "Validation Failed", "errors": errors}, status)
