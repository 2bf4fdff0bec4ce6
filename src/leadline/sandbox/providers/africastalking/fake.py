"""A stand-in for Africa's Talking's SMS API, and its side of webhooks. Mounted by `create`.

Source: Africa's Talking's SMS pages and its own client, November 2026.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.africastalking.adapter import AfricasTalkingSettings
from leadline.channels.africastalking.codes import STATES
from leadline.channels.http import first_of, same, urlencoded
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake
from leadline.sandbox.providers.faults import Fault, planned
from leadline.sandbox.providers.phones import Delivery

PROVIDER = "africastalking"
PAGE = 100
FAULTS = {
    "risk_hold": Fault(status=201, code=401, message="RiskHold"),
    "invalid_sender": Fault(status=201, code=402, message="InvalidSenderId"),
    "unsupported_number": Fault(status=201, code=404, message="UnsupportedNumberType"),
    "no_credit": Fault(status=201, code=405, message="InsufficientBalance"),
    "opted_out": Fault(status=201, code=406, message="UserInBlacklist"),
    "could_not_route": Fault(status=201, code=407, message="CouldNotRoute"),
    "do_not_disturb": Fault(status=201, code=409, message="DoNotDisturbRejection"),
    "gateway_error": Fault(status=201, code=501, message="GatewayError"),
    "rejected_by_gateway": Fault(status=201, code=502, message="RejectedByGateway"),
    "server_error": Fault(how="down", status=500),
    "lost_answer": Fault(how="drop"),
    "absent": Fault(how="late", message="AbsentSubscriber"),
    "expired": Fault(how="late", message="Expired"),
    "failed": Fault(how="late", message="Failed UserIsInactive"),
    "rejected": Fault(how="late", message="Rejected UserInBlackList"),
}
"""The message of a late one is the status that is reported, and the reason where there is one."""


class AfricasTalkingFake(Fake[AfricasTalkingSettings]):
    """Africa's Talking as one app sees it."""

    key: ClassVar[str] = PROVIDER
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    def __init__(self, settings: AfricasTalkingSettings, floor: Any) -> None:
        super().__init__(settings, floor)
        self.inbox: list[dict[str, Any]] = []
        self._numbers = itertools.count(15_071, 7)

    @classmethod
    def open_account(cls, url: str) -> AfricasTalkingSettings:
        """The sandbox app with a short code."""
        return AfricasTalkingSettings(username="sandbox", api_key=secrets.token_hex(32), number="21512", api_url=url)

    @classmethod
    def customer(cls, number: int) -> str:
        """A Kenyan mobile."""
        return f"+25471{number:07d}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        return [
            Route("/version1/messaging", self.send, methods=["POST"]),
            Route("/version1/messaging", self.fetch, methods=["GET"]),
            Route("/version1/user", self.user, methods=["GET"]),
        ]

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes: posted once, as Africa's Talking is not known to repeat; the inbox keeps it.

        The id in the webhook is another one than that in the inbox. SMS carries neither files nor names.
        """
        now = time.gmtime()
        head = {"linkId": secrets.token_hex(10), "text": text, "to": self.settings.number, "from": sender}
        listed = {"id": next(self._numbers), "date": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", now)}
        self.inbox.append(head | listed)
        told = {"id": str(uuid.uuid4()), "date": time.strftime("%Y-%m-%d %H:%M:%S", now), "networkCode": "63902"}
        return await self._bring(self.webhook_url, head | told)

    async def opt_out(self, sender: str) -> Posted:
        """The customer refuses messages from this sender ID."""
        self.phones.opted_out.add(sender)
        return await self._bring(self.webhook_url, {"senderId": self.settings.number, "phoneNumber": sender})

    async def user(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse({"UserData": {"balance": "KES 1785.50"}})

    async def fetch(self, request: Request) -> Response:
        """The messages after an id, the oldest first."""
        if refusal := self._refusal(request):
            return refusal
        last = int(request.query_params.get("lastReceivedId", 0))
        messages = [message for message in self.inbox if message["id"] > last][:PAGE]
        return JSONResponse({"SMSMessageData": {"Messages": messages}})

    async def send(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        fields = first_of(urlencoded(await request.body()))
        to, text, sender = fields.get("to", ""), fields.get("message", ""), fields.get("from", "")
        fault = self.faults.take(PROVIDER, to)
        if fault and fault.how == "down":
            return Response(b"upstream error", fault.status)
        if not (to and text and fields.get("username") == self.settings.username):
            return PlainTextResponse("Must have a message, a recipient and a username in your request", 400)
        if sender and sender != self.settings.number:
            return _answer("InvalidSenderId", [])
        trouble = planned(fault, "refuse") or self._trouble(to)
        if trouble:
            return _answer("Sent to 0/1 Total Cost: 0", [_recipient(trouble.code, to, trouble.message, "None")])
        number = f"ATXid_{secrets.token_hex(16)}"
        delivery = Delivery(message_id=number, provider=PROVIDER, business=sender, to=to, text=text)
        return self.taken(
            delivery,
            self._report(number, to, fault),
            fault,
            _answer("Sent to 1/1 Total Cost: KES 0.8000", [_recipient(101, to, "Success", number)]),
        )

    def _refusal(self, request: Request) -> Response | None:
        if same(request.headers.get("apikey", ""), self.settings.api_key):
            return None
        return PlainTextResponse("The supplied authentication is invalid", 401)

    def _trouble(self, to: str) -> Fault | None:
        """What Africa's Talking would refuse about this recipient."""
        if not re.fullmatch(r"\+[1-9][0-9]{6,14}", to):
            return Fault(code=403, message="InvalidPhoneNumber")
        return Fault(code=406, message="UserInBlacklist") if to in self.phones.opted_out else None

    async def _report(self, number: str, to: str, fault: Fault | None) -> None:
        late = fault.message if fault and fault.how == "late" else ""
        for told in ("Sent", late or "Success"):
            await asyncio.sleep(self.courier.pause)
            word, _, why = told.partition(" ")
            self.phones.change(number, STATES[word.lower()], told if told == late else "")
            fields = {"id": number, "status": word, "phoneNumber": to, "networkCode": "63902", "retryCount": "0"}
            fields |= {"failureReason": why} if why else {}
            if self.status_url:
                await self._bring(self.status_url, fields)

    async def _bring(self, url: str, fields: Mapping[str, str]) -> Posted:
        """One try."""
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return await self.courier.post(url, headers, urlencode(fields).encode())


def _recipient(code: int, to: str, status: str, number: str) -> dict[str, Any]:
    return {"statusCode": code, "number": to, "status": status, "cost": "KES 0.8000", "messageId": number}


def _answer(told: str, recipients: list[dict[str, Any]]) -> Response:
    return JSONResponse({"SMSMessageData": {"Message": told, "Recipients": recipients}}, 201)
