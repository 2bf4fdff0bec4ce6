"""A stand-in for MessageBird's Conversations API and its list of WhatsApp templates. Mounted by `create`.

Source: MessageBird's Conversations and Integrations pages, November 2026.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import same
from leadline.channels.messagebird.codes import STATES
from leadline.channels.messagebird.whatsapp import MessageBirdWhatsAppSettings
from leadline.channels.whatsapp.content import CAPTION, TEXT, kind_of
from leadline.model import Attachment
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake, Floor
from leadline.sandbox.providers.faults import Fault, planned
from leadline.sandbox.providers.messagebird.webhooks import refused, signed
from leadline.sandbox.providers.phones import Delivery
from leadline.sandbox.providers.whatsapp.interactive import question, question_trouble
from leadline.sandbox.providers.whatsapp.templates import TEMPLATES, read_out, template_trouble

TRIES = 4  # MessageBird repeats with growing pauses
NAMESPACE = "5ba2d0b7_f2c6_433b_a66e_57b009ceb6ff"
FAULTS = {
    "bad_key": Fault(status=401, code=2, message="Request not allowed (incorrect access_key)"),
    "invalid_recipient": Fault(status=422, code=10, message="to is invalid"),
    "no_balance": Fault(status=402, code=25, message="Not enough balance"),
    "throttled": Fault(status=429, code=429, message="Too many requests"),
    "internal_error": Fault(status=500, code=99, message="Internal error"),
    "server_error": Fault(how="down", status=502),
    "lost_answer": Fault(how="drop"),
    "window_closed": Fault(
        how="late", code=470, message="Message failed to send because more than 24 hours have passed"
    ),
    "not_on_whatsapp": Fault(how="late", code=1013, message="User is not valid"),
    "undeliverable": Fault(how="late", code=131026, message="Message undeliverable"),
    "template_rejected": Fault(how="late", code=2001, message="Template does not exist"),
    "too_fast": Fault(how="late", code=471, message="Spam rate limit hit"),
}
ITEMS = [listed | {"namespace": NAMESPACE} for listed in TEMPLATES]


class MessageBirdWhatsAppFake(Fake[MessageBirdWhatsAppSettings]):
    """MessageBird as one WhatsApp channel sees it."""

    key: ClassVar[str] = "messagebird_whatsapp"
    faults_known: ClassVar[dict[str, Fault]] = FAULTS
    page_limit: int = 50

    def __init__(self, settings: MessageBirdWhatsAppSettings, floor: Floor) -> None:
        super().__init__(settings, floor)
        self.webhooks: dict[str, dict[str, Any]] = {}

    @classmethod
    def open_account(cls, url: str) -> MessageBirdWhatsAppSettings:
        """A WhatsApp channel of a new account."""
        return MessageBirdWhatsAppSettings(
            access_key=secrets.token_hex(12),
            signing_key=secrets.token_hex(20),
            channel_id=secrets.token_hex(16),
            number="+3197010000002",
            namespace=NAMESPACE,
            api_url=url,
        )

    @classmethod
    def customer(cls, number: int) -> str:
        """A Dutch mobile, as the Conversations API writes it."""
        return f"+3162{number:07d}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        return [
            Route("/v1/send", self.send, methods=["POST"]),
            Route("/v1/webhooks", self.hooks, methods=["GET", "POST"]),
            Route("/v1/webhooks/{webhook}", self.hook, methods=["PATCH"]),
            Route("/v1/conversations", self.conversations, methods=["GET"]),
            Route("/v3/platforms/whatsapp/templates", self.templates, methods=["GET"]),
            Route("/media/{file}", self.media, methods=["GET"]),
        ]

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes: one signed event for each file, the text with the first one, repeated until taken."""
        contents = [self._file(*file, caption=text if at == 0 else "") for at, file in enumerate(media)]
        for content in contents or [{"type": "text", "content": {"text": text}}]:
            message = {"id": secrets.token_hex(16), "direction": "received", "status": "received", "from": sender}
            message |= {"channelId": self.settings.channel_id, "platform": "whatsapp", "to": self.settings.number}
            event = {"type": "message.created", "message": message | content | {"createdDatetime": _now()}}
            posted = await self._post(self.webhook_url, event | self._about(sender, name))
        return posted

    async def send(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        try:
            message = msgspec.json.decode(await request.body(), type=dict[str, Any])
        except msgspec.DecodeError:
            return refused(Fault(code=21, message="Bad request"))
        to = str(message.get("to") or "")
        fault = self.faults.take(self.key, to)
        if fault and fault.how == "down":
            return Response(b"bad gateway", fault.status)
        trouble = planned(fault, "refuse") or self._trouble(message, to)
        if trouble:
            return refused(trouble)
        number = secrets.token_hex(16)
        text, media = _shown(message)
        choices = question(message["content"]["interactive"])[1] if message["type"] == "interactive" else ()
        business = self.settings.number
        delivery = Delivery(
            message_id=number, provider=self.key, business=business, to=to, text=text, media=media, choices=choices
        )
        return self.taken(
            delivery,
            self._report(number, message, fault),
            fault,
            JSONResponse({"id": number, "status": "accepted"}, 202),
        )

    async def conversations(self, request: Request) -> Response:
        empty = {"offset": 0, "limit": 1, "count": 0, "totalCount": 0, "items": []}
        return self._refusal(request) or JSONResponse(empty)

    async def hooks(self, request: Request) -> Response:
        """All webhooks of the account, or a new one."""
        if refusal := self._refusal(request):
            return refusal
        if request.method == "GET":
            items = list(self.webhooks.values())
            return JSONResponse({"offset": 0, "limit": 100, "count": len(items), "items": items})
        number = secrets.token_hex(16)
        self.webhooks[number] = {"id": number, "status": "enabled"} | await request.json()
        return JSONResponse(self.webhooks[number], 201)

    async def hook(self, request: Request) -> Response:
        """A webhook is changed."""
        number = request.path_params["webhook"]
        if refusal := self._refusal(request):
            return refusal
        self.webhooks[number] |= await request.json()
        return JSONResponse(self.webhooks[number])

    async def templates(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        limit = min(int(request.query_params.get("limit", "10")), self.page_limit)
        offset = int(request.query_params.get("offset", "0"))
        items = ITEMS[offset : offset + limit]
        counts = {"offset": offset, "limit": limit, "count": len(items), "totalCount": len(ITEMS)}
        return JSONResponse({"items": items, **counts})

    async def media(self, request: Request) -> Response:
        """The file; needs the access key."""
        return Response(status_code=404) if self._refusal(request) else self.shelf.response(request.path_params["file"])

    def _file(self, content_type: str, content: bytes, *, caption: str) -> dict[str, Any]:
        kind = kind_of(Attachment(content_type=content_type))
        kind = "file" if kind == "document" else kind
        url = f"{self.settings.api_url}/media/{self.shelf.put(content_type, content)}"
        return {"type": kind, "content": {kind: {"url": url} | ({"caption": caption} if caption else {})}}

    def _about(self, customer: str, name: str = "") -> dict[str, Any]:
        digits = customer.removeprefix("+")
        contact: dict[str, Any] = {"id": secrets.token_hex(16), "displayName": name or digits}
        contact |= {"msisdn": int(digits)} if digits.isdigit() else {}
        conversation = {"id": secrets.token_hex(16), "contactId": contact["id"], "status": "active"}
        return {"contact": contact, "conversation": conversation}

    async def _post(self, url: str, event: dict[str, Any]) -> Posted:
        body = json.dumps(event, ensure_ascii=False).encode()
        headers = {"content-type": "application/json", **signed(self.settings.signing_key, url, body)}
        return await self.courier.until_taken(url, headers, body, tries=TRIES)

    def _refusal(self, request: Request) -> Response | None:
        given = request.headers.get("authorization", "")
        return None if same(given, f"AccessKey {self.settings.access_key}") else refused(FAULTS["bad_key"])

    def _trouble(self, message: dict[str, Any], to: str) -> Fault | None:
        """What MessageBird would refuse."""
        kind, content = str(message.get("type")), message.get("content")
        inner = content.get(kind) if isinstance(content, dict) else None
        url = inner.get("url", "") if isinstance(inner, dict) else ""
        caption = inner.get("caption", "") if isinstance(inner, dict) else ""
        checks = [
            (not re.fullmatch(r"\+?[1-9][0-9]{6,14}|[A-Z]{2}\.[A-Za-z0-9.]+", to), "to"),
            (message.get("from") != self.settings.channel_id, "from"),
            (kind not in ("text", "image", "video", "audio", "file", "hsm", "interactive") or not inner, "content"),
            (kind == "text" and len(str(inner)) > TEXT, "content"),
            (kind == "interactive" and bool(question_trouble(inner)), "content"),
            (
                kind not in ("text", "hsm", "interactive") and not str(url).startswith(("http://", "https://")),
                "mediaUrls",
            ),
            (len(str(caption)) > CAPTION or (kind == "audio" and bool(caption)), "content"),
            (kind == "hsm" and isinstance(inner, dict) and _bad_template(inner), "content"),
        ]
        wrong = next((parameter for bad, parameter in checks if bad), "")
        return Fault(status=422, code=10, message=f"{wrong} is invalid") if wrong else None

    async def _report(self, number: str, message: dict[str, Any], fault: Fault | None) -> None:
        late = planned(fault, "late")
        for state in ("failed",) if late else ("sent", "delivered", "read"):
            await asyncio.sleep(self.courier.pause)
            self.phones.change(number, STATES[state], str(late.code) if late else "")
            told: dict[str, Any] = {
                "id": number,
                "direction": "sent",
                "status": state,
                "channelId": self.settings.channel_id,
            }
            told |= {"type": message["type"], "content": message["content"], "createdDatetime": _now()}
            told |= {"to": message["to"], "updatedDatetime": _now(), "platform": "whatsapp"}
            told |= {"error": {"code": late.code, "description": late.message}} if late else {}
            if url := str(message.get("reportUrl") or self.webhook_url):
                await self._post(url, {"type": "message.updated", "message": told, **self._about(str(message["to"]))})


def _shown(message: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """What the customer reads, and the addresses of files."""
    kind = message["type"]
    inner = message["content"][kind]
    if kind in ("text", "interactive"):
        return question(inner)[0] if kind == "interactive" else str(inner), ()
    if kind != "hsm":
        return str(inner.get("caption", "")), (str(inner["url"]),)
    return read_out(_named(inner), address="url")


def _bad_template(hsm: dict[str, Any]) -> bool:
    return hsm.get("namespace") != NAMESPACE or bool(template_trouble(_named(hsm), address="url"))


def _named(hsm: dict[str, Any]) -> dict[str, Any]:
    """A template as Meta names it."""
    return hsm | {"name": hsm.get("templateName")}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
