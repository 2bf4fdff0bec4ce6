"""A stand-in for Vonage's Messages API as WhatsApp uses it, and Vonage's side of webhooks. Mounted by `create`.

Source: Vonage's Messages API description 1.17, its error and signature pages, November 2026.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import secrets
import time
import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import basic_auth, same
from leadline.channels.vonage.codes import MESSAGE_STATES
from leadline.channels.vonage.whatsapp import VonageWhatsAppSettings
from leadline.channels.whatsapp.content import CAPTION, TEXT, kind_of
from leadline.model import Attachment
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake
from leadline.sandbox.providers.faults import Fault, planned
from leadline.sandbox.providers.phones import Delivery
from leadline.sandbox.providers.whatsapp.interactive import question, question_trouble
from leadline.sandbox.providers.whatsapp.templates import TEMPLATES, read_out, template_trouble

PROVIDER = "vonage_whatsapp"
TRIES = 5  # Vonage goes on for 24 hours; a sandbox need not
PAGE = 3  # up to 500 a page; few, so that paging is used
ERRORS = "https://developer.vonage.com/api-errors/messages"
FAULTS = {
    "throttled": Fault(status=429, code=1000, message="Throttled"),
    "invalid_template": Fault(status=422, code=1022, message="Invalid template"),
    "number_barred": Fault(status=422, code=1050, message="Number barred"),
    "account_barred": Fault(status=403, code=1060, message="Partner account barred"),
    "no_credit": Fault(status=402, code=1070, message="Partner quota exceeded"),
    "sender_rejected": Fault(status=422, code=1120, message="Illegal sender address"),
    "server_error": Fault(how="down", status=500),
    "unavailable": Fault(how="down", status=503),
    "lost_answer": Fault(how="drop"),
    "window_closed": Fault(how="late", code=1340, message="Outside of the allowed window"),
    "not_on_whatsapp": Fault(how="late", code=1300, message="Not part of the provider network"),
    "opted_out": Fault(how="late", code=1240, message="Illegal number"),
    "file_too_large": Fault(how="late", code=1381, message="Resource size is too large"),
    "unknown_error": Fault(how="late", code=1330, message="Unknown"),
}


class VonageWhatsAppFake(Fake[VonageWhatsAppSettings]):
    """Vonage as one application sees it."""

    key: ClassVar[str] = PROVIDER
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    @classmethod
    def open_account(cls, url: str) -> VonageWhatsAppSettings:
        """A British WhatsApp number of a new application."""
        return VonageWhatsAppSettings(
            api_key=secrets.token_hex(4),
            api_secret=secrets.token_hex(8),
            signature_secret=secrets.token_hex(32),
            number="+447700900001",
            business_account_id="345688589250625",
            api_url=url,
        )

    @classmethod
    def customer(cls, number: int) -> str:
        """An Irish mobile, without a plus."""
        return f"35387{number:07d}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        return [
            Route("/v1/messages", self.send, methods=["POST"]),
            Route("/v2/applications", self.applications, methods=["GET"]),
            Route("/v2/whatsapp-manager/wabas/{account}/templates", self.templates, methods=["GET"]),
            Route("/v3/media/{file}", self.media, methods=["GET"]),
        ]

    def signed(self, value: dict[str, Any]) -> tuple[dict[str, str], bytes]:
        """Headers and body of a webhook, with a token that carries the hash of the body."""
        body = json.dumps(value).encode()
        claims = {"iat": int(time.time()), "jti": str(uuid.uuid4()), "iss": "Vonage", "api_key": self.settings.api_key}
        claims["payload_hash"] = hashlib.sha256(body).hexdigest()
        message = b".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
        mac = hmac.new(self.settings.signature_secret.encode(), message, hashlib.sha256).digest()
        token = (message + b"." + _encoded(mac)).decode()
        return {"content-type": "application/json", "authorization": f"Bearer {token}"}, body

    async def write(
        self,
        sender: str,
        text: str = "",
        media: Sequence[tuple[str, bytes]] = (),
        *,
        name: str = "",
        user_id: str = "",
    ) -> Posted:
        """The customer writes: one webhook for each file, the text captions the first; or one for the text alone."""
        contents = [self._file(*file, caption=text if place == 0 else "") for place, file in enumerate(media)]
        for content in contents or [{"message_type": "text", "text": text}]:
            event = self._head(sender.lstrip("+") or user_id, self._number) | content
            event |= {"profile": {"name": name}} if name else {}
            if user_id:
                event["whatsapp"] = {"sender": {"user_id": user_id} | ({"wa_id": sender} if sender else {})}
            headers, body = self.signed(event)
            posted = await self.courier.until_taken(self.webhook_url, headers, body, tries=TRIES)
        return posted

    async def applications(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse({"total_items": 1, "page": 1, "page_size": 1})

    async def templates(self, request: Request) -> Response:
        """The templates of the account, `limit` of them after the cursor `after`."""
        if refusal := self._refusal(request):
            return refusal
        if request.path_params["account"] != self.settings.business_account_id:
            return _problem(Fault(status=404, message="The WABA does not exist"))
        start = int(request.query_params.get("after", 0))
        size = min(int(request.query_params.get("limit", 25)), PAGE)
        cursors = {"before": str(start), "after": str(start + size)}
        return JSONResponse({"templates": TEMPLATES[start : start + size], "paging": {"cursors": cursors}})

    async def media(self, request: Request) -> Response:
        """Needs the credentials."""
        found = self.shelf.get(request.path_params["file"])
        if refusal := self._refusal(request):
            return refusal
        return Response(found[1], media_type=found[0]) if found else Response(status_code=404)

    async def send(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        try:
            message = msgspec.json.decode(await request.body(), type=dict[str, Any])
        except msgspec.DecodeError:
            return _problem(Fault(status=422, code=1020, message="Invalid params"))
        to = str(message.get("to", ""))
        fault = self.faults.take(PROVIDER, to)
        if fault and fault.how == "down":
            return Response(b"upstream error", fault.status)
        trouble = planned(fault, "refuse") or self._trouble(message)
        if trouble:
            return _problem(trouble)
        number = str(uuid.uuid4())
        delivery = _delivery(number, self._number, to, message)
        return self.taken(
            delivery, self._report(number, to, message, fault), fault, JSONResponse({"message_uuid": number}, 202)
        )

    @property
    def _number(self) -> str:
        return self.settings.number.lstrip("+")

    def _head(self, sender: str, to: str) -> dict[str, Any]:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return {
            "channel": "whatsapp",
            "message_uuid": str(uuid.uuid4()),
            "from": sender,
            "to": to,
            "timestamp": now,
            "context_status": "none",
        }

    def _file(self, content_type: str, content: bytes, *, caption: str) -> dict[str, Any]:
        kind = kind_of(Attachment(content_type=content_type))
        kind = "file" if kind == "document" else kind
        url = f"{self.settings.api_url}/v3/media/{self.shelf.put(content_type, content)}"
        return {"message_type": kind, kind: {"url": url} | ({"caption": caption} if caption else {})}

    def _refusal(self, request: Request) -> Response | None:
        expected = basic_auth(self.settings.api_key, self.settings.api_secret)
        if same(request.headers.get("authorization", ""), expected):
            return None
        return _problem(Fault(status=401, message="You did not provide correct credentials"))

    def _trouble(self, message: dict[str, Any]) -> Fault | None:
        """What Vonage would refuse in this request."""
        kind = str(message.get("message_type", ""))
        content = message.get(kind)
        checks = [
            message.get("channel") != "whatsapp",
            message.get("from") != self._number,
            not re.fullmatch(r"[1-9][0-9]{6,14}|[A-Z]{2}\.[A-Za-z0-9]+", str(message.get("to", ""))),
            kind not in ("text", "image", "video", "audio", "file", "custom"),
            kind == "text" and not (isinstance(content, str) and 0 < len(content) <= TEXT),
            kind != "text" and not isinstance(content, dict),
        ]
        if any(checks):
            return Fault(status=422, code=1020, message="Invalid params")
        if isinstance(content, dict) and content.get("type") == "interactive":
            why = question_trouble(content.get("interactive"))
            return Fault(status=422, code=1020, message=why) if why else None
        if kind == "custom" and isinstance(content, dict):
            return Fault(status=422, code=1022, message="Invalid template") if _bad_template(content) else None
        if isinstance(content, dict) and (
            not str(content.get("url", "")).startswith(("http://", "https://"))
            or len(str(content.get("caption", ""))) > CAPTION
        ):
            return Fault(status=422, code=1020, message="Invalid params")
        return None

    async def _report(self, number: str, to: str, message: dict[str, Any], fault: Fault | None) -> None:
        late = planned(fault, "late")
        url = str(message.get("webhook_url") or self.status_url or self.webhook_url)
        for state in ("submitted", "rejected") if late else ("submitted", "delivered", "read"):
            await asyncio.sleep(self.courier.pause)
            trouble = late if state == "rejected" else None
            self.phones.change(number, MESSAGE_STATES[state], str(trouble.code) if trouble else "")
            event = self._head(self._number, to) | {"message_uuid": number, "status": state}
            event |= {"client_ref": message["client_ref"]} if "client_ref" in message else {}
            event |= {"error": _told(trouble)} if trouble else {}
            if url:
                await self.courier.until_taken(url, *self.signed(event), tries=TRIES)


def _delivery(number: str, business: str, to: str, message: dict[str, Any]) -> Delivery:
    content = message[message["message_type"]]
    media: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    if isinstance(content, str):
        text = content
    elif "interactive" in content:
        text, choices = question(content["interactive"])
    elif "template" in content:
        text, media = read_out(content["template"])
    else:
        text, media = str(content.get("caption", "")), (str(content["url"]),)
    known: dict[str, Any] = {"message_id": number, "provider": PROVIDER, "business": business, "to": to}
    quoted = str(message.get("context", {}).get("message_uuid", ""))
    return Delivery(**known, text=text, media=media, choices=choices, quoted=quoted)


def _bad_template(content: dict[str, Any]) -> bool:
    template = content.get("template")
    return content.get("type") != "template" or not isinstance(template, dict) or bool(template_trouble(template))


def _told(fault: Fault) -> dict[str, str]:
    kind = f"{ERRORS}#{fault.code}" if fault.code else "https://developer.vonage.com/api-errors"
    title = str(fault.code) if fault.code else "Unauthorized"
    return {"type": kind, "title": title, "detail": fault.message, "instance": secrets.token_hex(16)}


def _problem(fault: Fault) -> Response:
    return JSONResponse(_told(fault), fault.status, media_type="application/problem+json")


def _encoded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")
