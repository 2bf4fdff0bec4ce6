"""A stand-in for MessageBird's classic SMS and MMS API. Mounted by `create`.

Source: MessageBird's SMS and MMS pages, November 2026.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import same
from leadline.channels.messagebird.codes import STATES
from leadline.channels.messagebird.sms import FILES, PARTS, MessageBirdSMSSettings
from leadline.channels.text import segments
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake
from leadline.sandbox.providers.faults import Fault, planned
from leadline.sandbox.providers.messagebird.webhooks import refused, signed
from leadline.sandbox.providers.phones import Delivery

TRIES = 4  # MessageBird repeats with growing pauses
FAULTS = {
    "bad_key": Fault(status=401, code=2, message="Request not allowed (incorrect access_key)"),
    "invalid_recipient": Fault(status=422, code=10, message="recipients is invalid"),
    "no_balance": Fault(status=402, code=25, message="Not enough balance"),
    "internal_error": Fault(status=500, code=99, message="Internal error"),
    "throttled": Fault(status=429, code=429, message="Too many requests"),
    "server_error": Fault(how="down", status=503),
    "lost_answer": Fault(how="drop"),
    "unknown_subscriber": Fault(how="late", code=1, message="unknown subscriber"),
    "absent_subscriber": Fault(how="late", code=27, message="unavailable subscriber"),
    "opted_out": Fault(how="late", code=103, message="opted out"),
    "carrier_rejected": Fault(how="late", code=104, message="carrier rejected"),
    "network_error": Fault(how="late", code=34, message="received network error"),
}


class MessageBirdSMSFake(Fake[MessageBirdSMSSettings]):
    """MessageBird as one number sees it."""

    key: ClassVar[str] = "messagebird_sms"
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    @classmethod
    def open_account(cls, url: str) -> MessageBirdSMSSettings:
        """A Dutch number of a new account."""
        return MessageBirdSMSSettings(
            access_key=secrets.token_hex(12), signing_key=secrets.token_hex(20), number="+3197010000001", api_url=url
        )

    @classmethod
    def customer(cls, number: int) -> str:
        """A Dutch mobile, as MessageBird writes it."""
        return f"316{number:08d}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        return [
            Route("/messages", self.send, methods=["POST"]),
            Route("/mms", self.send, methods=["POST"]),
            Route("/balance", self.balance, methods=["GET"]),
            Route("/media/{file}", self.media, methods=["GET"]),
        ]

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes: a signed form, repeated until it is taken. SMS carries no names."""
        number = secrets.token_hex(16)
        files = [f"{self.settings.api_url}/media/{self.shelf.put(*file)}" for file in media]
        fields = [("id", number), ("recipient", self.settings.number.removeprefix("+")), ("originator", sender)]
        fields += [("body", text), ("createdDatetime", _now()), ("id", number)]
        fields += [("mediaUrls", url) for url in files]
        body = urlencode(fields).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        headers |= signed(self.settings.signing_key, self.webhook_url, body)
        return await self.courier.until_taken(self.webhook_url, headers, body, tries=TRIES)

    async def balance(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse({"payment": "prepaid", "type": "euros", "amount": 103.2})

    async def media(self, request: Request) -> Response:
        """The file; needs the access key."""
        return Response(status_code=404) if self._refusal(request) else self.shelf.response(request.path_params["file"])

    async def send(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        try:
            message = msgspec.json.decode(await request.body(), type=dict[str, Any])
        except msgspec.DecodeError:
            return refused(Fault(status=400, code=21, message="Bad request (the JSON format is invalid)"))
        to = str((message.get("recipients") or [""])[0])
        fault = self.faults.take(self.key, to)
        if fault and fault.how == "down":
            return Response(b"service unavailable", fault.status)
        if fault and fault.how == "refuse":
            return refused(fault)
        if trouble := self._trouble(message, to):
            return refused(trouble)
        return self._accept(message, to, fault)

    def _refusal(self, request: Request) -> Response | None:
        if same(request.headers.get("authorization", ""), f"AccessKey {self.settings.access_key}"):
            return None
        return refused(FAULTS["bad_key"])

    def _trouble(self, message: dict[str, Any], to: str) -> Fault | None:
        """What MessageBird would refuse."""
        text, files = str(message.get("body", "")), message.get("mediaUrls") or []
        checks = [
            (not re.fullmatch(r"[1-9][0-9]{6,14}", to), 10, "recipients"),
            (str(message.get("originator")) != self.settings.number.removeprefix("+"), 10, "originator"),
            (not (text or files), 9, "body"),
            (segments(text).count > PARTS, 10, "body"),
            (len(files) > FILES, 10, "mediaUrls"),
            (not all(str(url).startswith(("http://", "https://")) for url in files), 10, "mediaUrls"),
            (len(str(message.get("reference", ""))) > 60, 10, "reference"),
        ]
        wrong = next(((code, parameter) for bad, code, parameter in checks if bad), None)
        return Fault(status=422, code=wrong[0], message=f"{wrong[1]} is invalid") if wrong else None

    def _accept(self, message: dict[str, Any], to: str, fault: Fault | None) -> Response:
        number = secrets.token_hex(16)
        media = tuple(str(url) for url in message.get("mediaUrls") or ())
        text, business = str(message.get("body", "")), str(message["originator"])
        delivery = Delivery(message_id=number, provider=self.key, business=business, to=to, text=text, media=media)
        reference, report = str(message.get("reference", "")), str(message.get("reportUrl") or self.status_url)
        item = {"recipient": int(to), "status": "sent", "statusDatetime": _now(), "messagePartCount": 1}
        recipients = {"totalCount": 1, "totalSentCount": 1, "totalDeliveredCount": 0, "items": [item]}
        value = {"id": number, "direction": "mt", "originator": business, "body": text, "reference": reference}
        answer = JSONResponse(value | {"createdDatetime": _now(), "recipients": recipients}, 201)
        return self.taken(delivery, self._report(number, to, reference, report, fault), fault, answer)

    async def _report(self, number: str, to: str, reference: str, url: str, fault: Fault | None) -> None:
        late = planned(fault, "late")
        for state in ("sent", "delivery_failed" if late else "delivered"):
            await asyncio.sleep(self.courier.pause)
            failed = late if state == "delivery_failed" else None
            self.phones.change(number, STATES[state], str(failed.code) if failed else "")
            fields = {"id": number, "reference": reference, "recipient": to, "status": state, "statusDatetime": _now()}
            if failed:
                fields |= {"statusReason": failed.message, "statusErrorCode": str(failed.code)}
            if url:
                address = f"{url}{'&' if '?' in url else '?'}{urlencode(fields)}"
                headers = signed(self.settings.signing_key, address)
                await self.courier.until_taken(address, headers, b"", tries=TRIES, method="GET")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
