"""A stand-in for Telnyx's messaging API, and Telnyx's side of webhooks. Mounted by `create`.

Source: Telnyx's pages on messaging, webhooks and API errors, as known in November 2026.
"""

from __future__ import annotations

import asyncio
import base64
import re
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, ClassVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import same
from leadline.channels.telnyx.adapter import PARTS, TelnyxSettings
from leadline.channels.telnyx.codes import STATES
from leadline.channels.text import segments
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake
from leadline.sandbox.providers.faults import Fault, planned
from leadline.sandbox.providers.phones import Delivery

TRIES = 3  # Telnyx tries twice more
FAULTS = {
    "stopped": Fault(code=40300, message="Blocked due to STOP message"),
    "invalid_recipient": Fault(code=40310, message="Invalid 'to' address"),
    "wrong_sender": Fault(code=40305, message="Invalid 'from' address"),
    "too_large": Fault(code=40302, message="Message too large"),
    "queue_full": Fault(status=429, code=40318, message="Message queue full", retry_after=1),
    "bad_key": Fault(status=401, code=10009, message="Authentication failed"),
    "no_funds": Fault(status=402, code=20100, message="Insufficient funds"),
    "server_error": Fault(how="down", status=503),
    "lost_answer": Fault(how="drop"),
    "landline": Fault(how="late", code=40001, message="Not routable"),
    "spam": Fault(how="late", code=40002, message="Blocked as spam"),
    "undeliverable": Fault(how="late", code=40008, message="Undeliverable"),
    "stopped_late": Fault(how="late", code=40300, message="Blocked due to STOP message"),
}


def private_key(settings: TelnyxSettings) -> Ed25519PrivateKey:
    """Telnyx's own half of the key; here it is made of the API key, so that an account needs one secret."""
    return Ed25519PrivateKey.from_private_bytes(sha256(settings.api_key.encode()).digest())


class TelnyxFake(Fake[TelnyxSettings]):
    """Telnyx as one number sees it."""

    key: ClassVar[str] = "telnyx"
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    @classmethod
    def open_account(cls, url: str) -> TelnyxSettings:
        """A US number of a new account."""
        api_key = f"KEY{uuid.uuid4().hex}"
        own = Ed25519PrivateKey.from_private_bytes(sha256(api_key.encode()).digest()).public_key()
        public = base64.b64encode(own.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
        return TelnyxSettings(api_key=api_key, public_key=public, number="+14155550155", api_url=url)

    @classmethod
    def customer(cls, number: int) -> str:
        """An Irish mobile."""
        return f"+35387{number:07d}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        return [
            Route("/v2/messages", self.send, methods=["POST"]),
            Route("/v2/balance", self.balance, methods=["GET"]),
            Route("/media/{file}", self.media, methods=["GET"]),
        ]

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes, with files as MMS. Neither carries names."""
        files = [
            {"url": f"{self.settings.api_url}/media/{self.shelf.put(*file)}", "content_type": file[0]} for file in media
        ]
        payload = self._payload(str(uuid.uuid4()), sender, self.settings.number, text, "webhook_delivered")
        payload |= {"direction": "inbound", "media": files, "received_at": _now()}
        return await self._bring(self.webhook_url, "message.received", payload)

    async def balance(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse({"data": {"balance": "300.00", "currency": "USD"}})

    async def media(self, request: Request) -> Response:
        return self.shelf.response(request.path_params["file"])

    async def send(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        message = msgspec.json.decode(await request.body(), type=dict[str, Any])
        to = str(message.get("to", ""))
        fault = self.faults.take(self.key, to)
        if fault and fault.how == "down":
            return Response(b"upstream error", fault.status)
        trouble = planned(fault, "refuse") or self._trouble(message, to)
        if trouble:
            return _refused(trouble)
        number, text = str(uuid.uuid4()), str(message.get("text", ""))
        media = tuple(map(str, message.get("media_urls", ())))
        business = self.settings.number
        delivery = Delivery(message_id=number, provider=self.key, business=business, to=to, text=text, media=media)
        answer = {"data": {"record_type": "message", **self._payload(number, business, to, text, "queued")}}
        reports = self._report(number, to, text, str(message.get("webhook_url", "")), fault)
        return self.taken(delivery, reports, fault, JSONResponse(answer))

    def _refusal(self, request: Request) -> Response | None:
        if same(request.headers.get("authorization", ""), f"Bearer {self.settings.api_key}"):
            return None
        return _refused(FAULTS["bad_key"])

    def _trouble(self, message: dict[str, Any], to: str) -> Fault | None:
        """What Telnyx would refuse."""
        text, files = str(message.get("text", "")), message.get("media_urls") or []
        checks = [
            (not re.fullmatch(r"\+[1-9][0-9]{6,14}", to), 40310, "Invalid 'to' address"),
            (message.get("from") != self.settings.number, 40305, "Invalid 'from' address"),
            (not (text or files), 40316, "No content provided"),
            (segments(text).count > PARTS, 40302, "Message too large"),
            (not all(str(url).startswith(("http://", "https://")) for url in files), 40317, "Invalid MMS content"),
        ]
        return next((Fault(code=code, message=why) for wrong, code, why in checks if wrong), None)

    async def _report(self, number: str, to: str, text: str, url: str, fault: Fault | None) -> None:
        late = planned(fault, "late")
        for event, state in (
            ("message.sent", "sent"),
            ("message.finalized", "delivery_failed" if late else "delivered"),
        ):
            await asyncio.sleep(self.courier.pause)
            failed = late if state == "delivery_failed" else None
            self.phones.change(number, STATES[state], str(failed.code) if failed else "")
            payload = self._payload(number, self.settings.number, to, text, state) | {"direction": "outbound"}
            if failed:
                payload["errors"] = [{"code": str(failed.code), "title": failed.message, "detail": failed.message}]
            if url or self.webhook_url:
                await self._bring(url or self.webhook_url, event, payload)

    def _payload(self, number: str, sender: str, to: str, text: str, status: str) -> dict[str, Any]:
        party = {"phone_number": sender, "carrier": "", "line_type": "Wireless"}
        return {
            "id": number,
            "type": "SMS",
            "from": party,
            "to": [{"phone_number": to, "status": status}],
            "text": text,
        }

    async def _bring(self, url: str, event: str, payload: dict[str, Any]) -> Posted:
        data = {"event_type": event, "id": str(uuid.uuid4()), "occurred_at": _now(), "payload": payload}
        body = msgspec.json.encode(
            {"data": {**data, "record_type": "event"}, "meta": {"attempt": 1, "delivered_to": url}}
        )
        moment = str(int(time.time()))
        given = base64.b64encode(private_key(self.settings).sign(f"{moment}|".encode() + body)).decode()
        headers = {
            "content-type": "application/json",
            "telnyx-timestamp": moment,
            "telnyx-signature-ed25519": given,
        }
        return await self.courier.until_taken(url, headers, body, tries=TRIES)


def _refused(fault: Fault) -> Response:
    trouble = {"code": str(fault.code), "title": fault.message, "detail": fault.message}
    headers = {"retry-after": str(fault.retry_after)} if fault.retry_after else {}
    return JSONResponse({"errors": [trouble]}, fault.status, headers=headers)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
