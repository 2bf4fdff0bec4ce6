"""A stand-in for the system somebody connects through the channel `http`. Mounted by `create`."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from collections.abc import Sequence
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.exchange import Request as Webhook
from leadline.channels.generic.adapter import TEXT, HTTPSettings, secrets_of
from leadline.channels.generic.events import STATES
from leadline.channels.http import check_standard_webhook, standard_webhook_headers
from leadline.errors import Refused
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake, Floor
from leadline.sandbox.providers.faults import Fault, LostAnswer, planned
from leadline.sandbox.providers.phones import Delivery

PROVIDER = "http"
TRIES = 5
FAULTS = {
    "gone": Fault(status=410, code=410, message="not_on_channel"),
    "blocked": Fault(status=422, code=422, message="blocked_by_customer"),
    "own_reason": Fault(status=400, code=400, message="moon_in_the_wrong_phase"),
    "rate_limited": Fault(status=429, code=429, message="rate_limited", retry_after=1),
    "in_maintenance": Fault(status=503, code=503, message="rate_limited"),
    "unauthorized": Fault(status=401, code=401, message="auth_failed"),
    "server_error": Fault(how="down", status=500),
    "lost_answer": Fault(how="drop"),
    "undeliverable": Fault(how="late", code=7, message="unreachable"),
}


class GenericFake(Fake[HTTPSettings]):
    """Another system, with customers of its own."""

    key: ClassVar[str] = PROVIDER
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    def __init__(self, settings: HTTPSettings, floor: Floor) -> None:
        super().__init__(settings, floor)
        self._taken: set[str] = set()

    @classmethod
    def open_account(cls, url: str) -> HTTPSettings:
        """A system with a new secret."""
        return HTTPSettings(name="sandbox", signing_secret=f"whsec_{secrets.token_hex(16)}", api_url=url)

    @classmethod
    def customer(cls, number: int) -> str:
        """An id as such systems give."""
        return f"user-{number}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        return [
            Route("/messages", self.there, methods=["GET"]),
            Route("/messages", self.send, methods=["POST"]),
            Route("/files/{file}", self.file, methods=["GET"]),
        ]

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes: one event, repeated until it is taken."""
        files = [
            {"url": f"{self.settings.api_url}/files/{self.shelf.put(kind, content)}", "content_type": kind}
            for kind, content in media
        ]
        message = {"id": f"m_{secrets.token_hex(8)}", "text": text, "attachments": files, "sent_at": time.time()}
        return await self.tell({"type": "message", "from": {"id": sender, "name": name}, "message": message})

    async def block(self, sender: str, *, again: bool = False) -> Posted:
        """The customer wants no more messages, or takes them again."""
        return await self.tell({"type": "unblocked" if again else "blocked", "from": {"id": sender}})

    async def tell(self, event: dict[str, Any], url: str = "") -> Posted:
        """Bring one event to Leadline."""
        body = json.dumps(event).encode()
        number = f"msg_{secrets.token_hex(12)}"
        headers = standard_webhook_headers(body, number, time.time(), *secrets_of(self.settings))
        typed = {"content-type": "application/json", **headers}
        return await self.courier.until_taken(url or self.webhook_url, typed, body, tries=TRIES)

    async def there(self, request: Request) -> Response:
        """Somebody is there."""
        return JSONResponse({"ok": True})

    async def send(self, request: Request) -> Response:
        """A reply. One that came before is answered as before, and not shown again."""
        body = await request.body()
        webhook = Webhook(
            method="POST", url=str(request.url), headers=dict(request.headers), body=body, now=time.time()
        )
        try:
            check_standard_webhook(webhook, *secrets_of(self.settings))
        except Refused as refused:
            return _error(401, "auth_failed", str(refused))
        event = json.loads(body)
        to, message = str(event["to"]["id"]), event["message"]
        fault = self.faults.take(PROVIDER, to)
        if fault and fault.how == "down":
            return Response(b"out of order", fault.status)
        if fault and fault.how == "refuse":
            return _error(fault.code, fault.message, retry_after=fault.retry_after)
        if trouble := _trouble(message):
            return _error(422, trouble)
        if message["id"] not in self._taken:
            self._take(to, event, fault)
        return LostAnswer() if fault and fault.how == "drop" else JSONResponse({"id": f"out_{message['id']}"})

    async def file(self, request: Request) -> Response:
        """What a customer sent."""
        return self.shelf.response(request.path_params["file"])

    def _take(self, to: str, event: dict[str, Any], fault: Fault | None) -> None:
        message = event["message"]
        self._taken.add(message["id"])
        self.phones.take(
            Delivery(
                message_id=f"out_{message['id']}",
                provider=PROVIDER,
                business=self.settings.name,
                to=to,
                text=message["text"],
                media=tuple(file["url"] for file in message["attachments"]),
                choices=tuple(message.get("choices", ())),
                quoted=message.get("reply_to", {}).get("id", ""),
            )
        )
        self.courier.start(self._report(message["id"], event.get("status_url", ""), fault))

    async def _report(self, message_id: str, status_url: str, fault: Fault | None) -> None:
        late = planned(fault, "late")
        for state in ("failed",) if late else ("delivered", "read"):
            await asyncio.sleep(self.courier.pause)
            self.phones.change(f"out_{message_id}", STATES[state], str(late.code) if late else "")
            event: dict[str, Any] = {"type": "status", "message": {"id": message_id}, "state": state}
            if late:
                event |= {"reason": late.message, "code": late.code, "detail": "Planned by the sandbox"}
            if status_url or self.status_url:
                await self.tell(event, status_url or self.status_url)


def _trouble(message: dict[str, Any]) -> str:
    """Why such a system would refuse the message."""
    if not (message["text"] or message["attachments"]):
        return "content_rejected"
    if len(message["text"]) > TEXT:
        return "too_long"
    wrong = [file for file in message["attachments"] if not re.match(r"https?://", file["url"])]
    return "media_rejected" if wrong else ""


def _error(status: int, reason: str, detail: str = "", *, retry_after: int = 0) -> Response:
    headers = {"retry-after": str(retry_after)} if retry_after else {}
    return JSONResponse({"reason": reason, "detail": detail or "Planned by the sandbox"}, status, headers=headers)
