"""A stand-in for an SMS gateway with requests of its own, which the channel `sms_gateway` is told of by settings.

Mounted by `create`.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.gateway.adapter import PARTS
from leadline.channels.gateway.settings import GatewaySettings
from leadline.channels.http import phone_or_sender, same
from leadline.channels.text import segments
from leadline.model import DeliveryState
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake
from leadline.sandbox.providers.faults import Fault, planned
from leadline.sandbox.providers.phones import Delivery

TRIES = 3
FAULTS = {
    "bad_number": Fault(code=400, message="no such number"),
    "rate_limited": Fault(status=429, code=429, message="slow down", retry_after=1),
    "bad_key": Fault(status=401, code=401, message="who are you?"),
    "server_error": Fault(how="down", status=500),
    "lost_answer": Fault(how="drop"),
    "undeliverable": Fault(how="late", word="UNDELIVERABLE", message="absent subscriber"),
}
STATES = {
    "SENT": DeliveryState.SENT,
    "DELIVERED": DeliveryState.DELIVERED,
    "UNDELIVERABLE": DeliveryState.FAILED,
}


class GatewayFake(Fake[GatewaySettings]):
    """A gateway as one of its numbers sees it."""

    key: ClassVar[str] = "sms_gateway"
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    @classmethod
    def open_account(cls, url: str) -> GatewaySettings:
        """A new account, described as this gateway speaks."""
        return GatewaySettings(
            name="sandbox",
            api_url=url,
            number="+353891234567",
            numbers="digits",
            send_path="/send",
            send_body='{"to": ["{to}"], "text": "{text}", "from": "{from}", "dlr": "{status_url}"}',
            send_header=f"Authorization: Bearer {secrets.token_hex(12)}",
            sent_id="messages.0.id",
            sent_if="status=ok",
            in_list="results",
            in_from="sender.number",
            in_text="content.text",
            in_id="message_id",
            report_id="message_id",
            report_state="status.name",
            report_states="SENT=sent, DELIVERED=delivered, UNDELIVERABLE=failed:unreachable",
            report_detail="status.words",
            token=secrets.token_hex(12),
            token_at="header X-Signature",  # noqa: S106
        )

    @classmethod
    def customer(cls, number: int) -> str:
        """An Irish mobile without a plus."""
        return f"35383{number:07d}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        return [Route("/send", self.send, methods=["POST"])]

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes; the gateway carries words only."""
        message = {"message_id": f"m{secrets.token_hex(8)}", "sender": {"number": sender}, "content": {"text": text}}
        return await self._tell(self.webhook_url, message)

    async def send(self, request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if not same(given, self.settings.send_header.partition(": ")[2]):
            return _refused(FAULTS["bad_key"])
        message = msgspec.json.decode(await request.body(), type=dict[str, Any])
        to = str(message["to"][0])
        fault = self.faults.take(self.key, to)
        if fault and fault.how == "down":
            return Response(b"out of order", fault.status)
        trouble = planned(fault, "refuse") or _trouble(to, message["text"])
        if trouble:
            return _refused(trouble)
        number = f"g{secrets.token_hex(8)}"
        known: dict[str, Any] = {"message_id": number, "provider": self.key, "business": message["from"], "to": to}
        answer = JSONResponse({"status": "ok", "messages": [{"id": number}]})
        reports = self._report(number, message["dlr"], fault)
        return self.taken(Delivery(**known, text=message["text"]), reports, fault, answer)

    async def _report(self, number: str, url: str, fault: Fault | None) -> None:
        late = planned(fault, "late")
        for state in ("UNDELIVERABLE",) if late else ("SENT", "DELIVERED"):
            await asyncio.sleep(self.courier.pause)
            self.phones.change(number, STATES[state], state if late else "")
            if url:
                told = {"name": state, "words": late.message if late else ""}
                await self._tell(url, {"message_id": number, "status": told})

    async def _tell(self, url: str, item: dict[str, Any]) -> Posted:
        headers = {"content-type": "application/json", "x-signature": self.settings.token}
        return await self.courier.until_taken(url, headers, json.dumps({"results": [item]}).encode(), tries=TRIES)


def _trouble(to: str, text: str) -> Fault | None:
    """What the gateway would refuse."""
    if not phone_or_sender(to, digits_only=True).is_phone:
        return FAULTS["bad_number"]
    taken = bool(text) and segments(text).count <= PARTS
    return None if taken else Fault(code=400, message="no words, or too many")


def _refused(fault: Fault) -> Response:
    headers = {"retry-after": str(fault.retry_after)} if fault.retry_after else {}
    return JSONResponse({"status": "error", "why": fault.message}, fault.status, headers=headers)
