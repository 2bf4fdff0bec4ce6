"""A stand-in for Sinch's SMS API, and Sinch's side of callbacks. Mounted by `create`.

Source: Sinch's SMS API reference: batches, inbounds, delivery reports and callbacks, as known in November 2026.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import same
from leadline.channels.sinch.adapter import PARTS, STATES, SinchSettings
from leadline.channels.text import segments
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake
from leadline.sandbox.providers.faults import Fault, planned
from leadline.sandbox.providers.phones import Delivery

TRIES = 5  # Sinch goes on for a day; a sandbox need not
FAULTS = {
    "invalid_recipient": Fault(word="syntax_invalid_parameter_format", message="to: must be a valid phone number"),
    "wrong_sender": Fault(status=403, word="forbidden", message="The from address is not yours"),
    "bad_token": Fault(status=401, code=401, message="Unauthorized"),
    "rate_limited": Fault(status=429, code=429, message="Too many requests", retry_after=1),
    "server_error": Fault(how="down", status=503),
    "lost_answer": Fault(how="drop"),
    "unroutable": Fault(how="late", code=402, message="Unroutable"),
    "temporary": Fault(how="late", code=404, message="Temporary delivery failure"),
    "expired": Fault(how="late", code=406, message="Expired"),
    "rejected": Fault(how="late", code=415, message="Rejected by the carrier"),
}
STATE_OF_CODE = {406: "Expired", 415: "Rejected"}  # any other: Failed


class SinchFake(Fake[SinchSettings]):
    """Sinch as one service plan sees it."""

    key: ClassVar[str] = "sinch"
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    @classmethod
    def open_account(cls, url: str) -> SinchSettings:
        """A US number of a new service plan, whose callbacks carry what was agreed on."""
        return SinchSettings(
            service_plan_id=secrets.token_hex(16),
            api_token=secrets.token_hex(16),
            number="+14155550177",
            callback_authorization=f"Bearer {secrets.token_hex(16)}",
            api_url=url,
        )

    @classmethod
    def customer(cls, number: int) -> str:
        """An Irish mobile, without a plus."""
        return f"35387{number:07d}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        return [
            Route("/xms/v1/{plan}/batches", self.send, methods=["POST"]),
            Route("/xms/v1/{plan}/batches", self.listed, methods=["GET"]),
            Route("/media/{file}", self.media, methods=["GET"]),
        ]

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes, with files as MMS. Neither carries names."""
        head = {"id": secrets.token_hex(13), "from": sender.lstrip("+"), "to": self._number, "received_at": _now()}
        if not media:
            return await self._bring(self.webhook_url, {**head, "type": "mo_text", "body": text})
        urls = [(f"{self.settings.api_url}/media/{self.shelf.put(*file)}", file[0]) for file in media]
        files = [{"url": url, "content_type": kind, "status": "Uploaded"} for url, kind in urls]
        body = {"subject": "", "message": text, "media": files}
        return await self._bring(self.webhook_url, {**head, "type": "mo_media", "body": body})

    async def listed(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse({"page": 0, "page_size": 1, "count": 0, "batches": []})

    async def media(self, request: Request) -> Response:
        return self.shelf.response(request.path_params["file"])

    async def send(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        message = msgspec.json.decode(await request.body(), type=dict[str, Any])
        to = str((message.get("to") or [""])[0])
        fault = self.faults.take(self.key, to)
        if fault and fault.how == "down":
            return Response(b"upstream error", fault.status)
        trouble = planned(fault, "refuse") or self._trouble(message, to)
        if trouble:
            return _refused(trouble)
        number, body = secrets.token_hex(13), message["body"]
        text = body if isinstance(body, str) else str(body.get("message", ""))
        media = () if isinstance(body, str) else (str(body["url"]),)
        business = self.settings.number
        delivery = Delivery(message_id=number, provider=self.key, business=business, to=to, text=text, media=media)
        answer = JSONResponse({"id": number, "to": [to], "from": message["from"], "canceled": False}, 201)
        return self.taken(delivery, self._report(number, to, message, fault), fault, answer)

    @property
    def _number(self) -> str:
        return self.settings.number.lstrip("+")

    def _refusal(self, request: Request) -> Response | None:
        known = request.path_params["plan"] == self.settings.service_plan_id
        if known and same(request.headers.get("authorization", ""), f"Bearer {self.settings.api_token}"):
            return None
        return _refused(FAULTS["bad_token"])

    def _trouble(self, message: dict[str, Any], to: str) -> Fault | None:
        """What Sinch would refuse."""
        body, kind = message.get("body"), message.get("type")
        if not (to.isdigit() and 7 <= len(to) <= 15):
            return FAULTS["invalid_recipient"]
        if message.get("from") != self._number:
            return FAULTS["wrong_sender"]
        text = isinstance(body, str) and body and segments(body).count <= PARTS and kind == "mt_text"
        media = isinstance(body, dict) and str(body.get("url", "")).startswith("http") and kind == "mt_media"
        return None if text or media else Fault(word="syntax_constraint_violation", message="body: is invalid")

    async def _report(self, number: str, to: str, message: dict[str, Any], fault: Fault | None) -> None:
        late = planned(fault, "late")
        url = str(message.get("callback_url") or self.webhook_url)
        medium = "mms" if isinstance(message["body"], dict) else "sms"
        last = (STATE_OF_CODE.get(late.code, "Failed"), late.code) if late else ("Delivered", 0)
        for state, code in (("Dispatched", 401), last):
            await asyncio.sleep(self.courier.pause)
            failed = late is not None and code == late.code
            self.phones.change(number, STATES[state.lower()], str(code) if failed else "")
            report = {"type": f"recipient_delivery_report_{medium}", "batch_id": number, "recipient": to, "code": code}
            report |= {"status": state, "at": _now(), "client_reference": message.get("client_reference", "")}
            if url:
                await self._bring(url, report)

    async def _bring(self, url: str, event: dict[str, Any]) -> Posted:
        headers = {"content-type": "application/json"}
        if self.settings.callback_authorization:
            headers["authorization"] = self.settings.callback_authorization
        return await self.courier.until_taken(url, headers, msgspec.json.encode(event), tries=TRIES)


def _refused(fault: Fault) -> Response:
    headers = {"retry-after": str(fault.retry_after)} if fault.retry_after else {}
    return JSONResponse({"code": fault.word or "error", "text": fault.message}, fault.status, headers=headers)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
