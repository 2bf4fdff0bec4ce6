"""A stand-in for Bird's API of 2026: SMS, WhatsApp, templates, signed events. Mounted by `create`.

Source: Bird's pages on messages, webhooks and errors, and the types of its Python SDK 0.106.0, November 2026.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.bird.adapter import PARTS, BirdSettings
from leadline.channels.bird.codes import STATES
from leadline.channels.bird.events import plain_number
from leadline.channels.http import same, standard_webhook_headers
from leadline.channels.text import segments
from leadline.channels.whatsapp.content import CAPTION, TEXT, kind_of
from leadline.model import Attachment
from leadline.sandbox.providers.bird.templates import TEMPLATES, VERSIONS, filled
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake, Floor
from leadline.sandbox.providers.faults import Fault, planned
from leadline.sandbox.providers.phones import Delivery

TRIES = 4  # Bird delivers at least once, with growing pauses
WORKSPACE = "ws_01krdgeqcxet5s7t44vh8rt9mg"
CONTENTS = ("text", "image", "video", "audio", "sticker", "document", "template", "interactive")
FAULTS = {
    "bad_key": Fault(status=401, word="auth_error", message="Invalid API key"),
    "not_permitted": Fault(status=403, word="permission_error", message="The key lacks the required scope"),
    "invalid_recipient": Fault(status=422, word="invalid_destination", message="The recipient cannot be routed"),
    "window_closed_at_once": Fault(status=422, word="service_window_expired", message="Send a template"),
    "no_balance": Fault(status=402, word="insufficient_balance", message="The wallet could not fund the send"),
    "rate_limited": Fault(status=429, word="rate_limit_error", message="Too many requests", retry_after=1),
    "key_in_use": Fault(status=409, word="idempotency_key_in_use", message="The same key is in flight"),
    "server_error": Fault(how="down", status=503),
    "lost_answer": Fault(how="drop"),
    "window_closed": Fault(how="late", word="service_window_expired", message="The 24-hour service window closed"),
    "undeliverable": Fault(how="late", word="undeliverable", message="Message could not be delivered"),
    "suppressed": Fault(how="late", word="recipient_suppressed", message="On the suppression list"),
    "media_rejected": Fault(how="late", word="media_rejected", message="WhatsApp could not fetch the media URL"),
    "of_the_future": Fault(how="late", word="quantum_interference", message="New in 2027"),
}


class BirdFake(Fake[BirdSettings]):
    """Bird as one number sees it, for SMS or for WhatsApp."""

    key: ClassVar[str] = "bird"
    faults_known: ClassVar[dict[str, Fault]] = FAULTS
    page_limit: int = 100

    def __init__(self, settings: BirdSettings, floor: Floor) -> None:
        super().__init__(settings, floor)
        self._answered: dict[str, dict[str, Any]] = {}

    @classmethod
    def open_account(cls, url: str) -> BirdSettings:
        """A WhatsApp number of a new workspace."""
        return BirdSettings(
            medium="whatsapp",
            api_key=f"bk_eu1_{secrets.token_hex(16)}",
            signing_secret=f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}",
            number="+3197010000003",
            api_url=url,
        )

    @classmethod
    def customer(cls, number: int) -> str:
        """A Dutch mobile."""
        return f"+3163{number:07d}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        return [
            Route("/v1/sms/messages", self.send, methods=["POST"]),
            Route("/v1/whatsapp/messages", self.send, methods=["POST"]),
            Route("/v1/whatsapp/messages/{message}/read", self.read, methods=["POST"]),
            Route("/v1/whatsapp/messages/{message}/media/{file}", self.media, methods=["GET"]),
            Route("/v1/whatsapp/templates", self.templates, methods=["GET"]),
            Route("/v1/whatsapp/templates/{template}/versions/{version}", self.version, methods=["GET"]),
            Route("/v1/workspace", self.workspace, methods=["GET"]),
            Route("/storage/{file}", self.storage, methods=["GET"]),
        ]

    async def write(
        self,
        sender: str,
        text: str = "",
        media: Sequence[tuple[str, bytes]] = (),
        *,
        name: str = "",
        user_id: str = "",
    ) -> Posted:
        """The customer writes: one signed event for each file, the text with the first one. SMS carries no names."""
        if self.settings.medium == "sms":
            number = identified("sms")
            content: dict[str, Any] = {"text": text} if text else {}
            return await self._post("sms.received", self._about_sms(number, sender, self.settings.number) | content)
        contents = [self._file(*file, caption=text if at == 0 else "") for at, file in enumerate(media)]
        person = {"phone_number": sender, "bsuid": user_id, "display_name": name}
        person = {key: value for key, value in person.items() if value}
        for content in contents or [{"text": {"body": text}}]:
            about = self._about_whatsapp(identified("wam"), person, {"phone_number": self._number()}, "inbound")
            posted = await self._post("whatsapp.received", about | content)
        return posted

    def forget(self) -> None:
        """The idempotency keys of a day ago are used up."""
        self._answered.clear()

    async def suppress(self, address: str) -> Posted:
        """Bird takes a customer's STOP as a suppression of this number."""
        data = {"suppression_id": identified("ssu"), "workspace_id": WORKSPACE}
        if self.settings.medium == "sms":
            told = {"destination": address, "originator": self._number(), "reason": "keyword_stop"}
            return await self._post("sms_suppression.created", data | told)
        return await self._post("whatsapp_suppression.created", data | {"address": address, "reason": "manual"})

    async def send(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        key = request.headers.get("idempotency-key", "")
        if key in self._answered:
            return JSONResponse(self._answered[key], 202)
        try:
            message = msgspec.json.decode(await request.body(), type=dict[str, Any])
        except msgspec.DecodeError:
            return _refused(Fault(status=400, word="bad_request_error", message="The body is no JSON"))
        medium, to = request.url.path.split("/")[-2], str(message.get("to") or "")
        fault = self.faults.take(self.key, to)
        if fault and fault.how == "down":
            return Response(b"upstream connect error", fault.status)
        trouble = (fault, "") if fault and fault.how == "refuse" else self._trouble(medium, message, to)
        if trouble:
            return _refused(*trouble)
        number = identified("sms" if medium == "sms" else "wam")
        text, media, choices = _shown(medium, message)
        answer = {"id": number, "status": "accepted", "direction": "outbound"}
        if key:
            self._answered[key] = answer
        delivery = Delivery(
            message_id=number,
            provider=self.key,
            business=self._number(),
            to=to,
            text=text,
            media=media,
            choices=choices,
            quoted=str(message.get("in_reply_to_message_id", "")),
        )
        return self.taken(delivery, self._report(medium, number, message, fault), fault, JSONResponse(answer, 202))

    async def read(self, request: Request) -> Response:
        """A customer's message was read."""
        if refusal := self._refusal(request):
            return refusal
        self.marked_read.append(request.path_params["message"])
        return JSONResponse({"typing_indicator": False}, 202)

    async def workspace(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse({"id": WORKSPACE, "name": "Sandbox"})

    async def templates(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        start = int(request.query_params.get("starting_after", "0"))
        end = start + min(int(request.query_params.get("limit", "20")), self.page_limit)
        following = str(end) if end < len(TEMPLATES) else None
        return JSONResponse({"data": TEMPLATES[start:end], "next_cursor": following, "prev_cursor": None})

    async def version(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        return JSONResponse(VERSIONS[request.path_params["version"]])

    async def media(self, request: Request) -> Response:
        """Needs the key, and sends on to where it does not."""
        if refusal := self._refusal(request):
            return refusal
        return RedirectResponse(f"{self.settings.api_url}/storage/{request.path_params['file']}", 302)

    async def storage(self, request: Request) -> Response:
        return self.shelf.response(request.path_params["file"])

    def _number(self) -> str:
        return plain_number(self.settings.number)

    def _file(self, content_type: str, content: bytes, *, caption: str) -> dict[str, Any]:
        file = self.shelf.put(content_type, content, prefix="waf_")
        url = f"{self.settings.api_url}/v1/whatsapp/messages/{identified('wam')}/media/{file}"
        told = {"id": file, "url": url, "mime_type": content_type} | ({"caption": caption} if caption else {})
        return {kind_of(Attachment(content_type=content_type)): told}

    def _about_sms(self, number: str, sender: str, to: str) -> dict[str, Any]:
        ids = {"sms_id": number, "workspace_id": WORKSPACE, "from": sender, "to": to}
        segment = {"count": 1, "encoding": "GSM_7BIT", "characters": 2}
        return ids | {"tags": None, "metadata": None, "segments": segment, "country_code": "NL"}

    def _about_whatsapp(
        self, number: str, sender: Mapping[str, str], to: Mapping[str, str], direction: str
    ) -> dict[str, Any]:
        ids = {"whatsapp_id": number, "workspace_id": WORKSPACE, "direction": direction}
        return ids | {"from": dict(sender), "to": dict(to), "tags": None, "metadata": None}

    async def _post(self, kind: str, data: dict[str, Any]) -> Posted:
        event = {"type": kind, "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"), "data": data}
        body = json.dumps(event, ensure_ascii=False).encode()
        signed = standard_webhook_headers(body, identified("evt"), time.time(), self.settings.signing_secret)
        headers = {"content-type": "application/json", **signed}
        return await self.courier.until_taken(self.webhook_url, headers, body, tries=TRIES)

    def _refusal(self, request: Request) -> Response | None:
        if not same(request.headers.get("authorization", ""), f"Bearer {self.settings.api_key}"):
            return _refused(FAULTS["bad_key"])
        return None if request.headers.get("user-agent") else _refused(FAULTS["not_permitted"])

    def _trouble(self, medium: str, message: dict[str, Any], to: str) -> tuple[Fault, str] | None:
        """What Bird would refuse, and the parameter it names."""
        contents = [message[name] for name in CONTENTS if message.get(name)]
        inner = contents[0] if contents and isinstance(contents[0], dict) else {}
        url, caption = str(inner.get("url", "https://")), str(inner.get("caption", ""))
        recipient = r"\+[1-9][0-9]{6,14}" if medium == "sms" else r"\+[1-9][0-9]{6,14}|[A-Z]{2}\.[A-Za-z0-9.]+"
        checks = [
            (not re.fullmatch(recipient, to), "to"),
            (message.get("from") != self._number(), "from"),
            (len(contents) != 1 or (medium == "sms") != isinstance(contents[0], str), "text"),
            (medium == "sms" and not message.get("category"), "category"),
            (medium == "sms" and segments(str(message.get("text"))).count > PARTS, "text"),
            (not 0 < len(str(inner.get("body", "x"))) <= TEXT or len(caption) > CAPTION, "text"),
            (not url.startswith(("http://", "https://")), "url"),
            ("interactive" in message and _bad_question(message["interactive"]), "interactive"),
            (len(json.dumps(message.get("metadata"))) > 2048, "metadata"),
        ]
        wrong = next((parameter for bad, parameter in checks if bad), "")
        return (Fault(status=422, word="validation_error", message=f"{wrong} is not valid"), wrong) if wrong else None

    async def _report(self, medium: str, number: str, message: dict[str, Any], fault: Fault | None) -> None:
        late = planned(fault, "late")
        read = ("read",) if medium == "whatsapp" else ()
        for state in ("failed",) if late else ("accepted", "sent", "delivered", *read):
            await asyncio.sleep(self.courier.pause)
            self.phones.change(number, STATES[state], late.word if late else "")
            to = str(message["to"])
            person = {"phone_number": to} if to.startswith("+") else {"bsuid": to}
            data = (
                self._about_sms(number, self._number(), to)
                if medium == "sms"
                else self._about_whatsapp(number, {"phone_number": self._number()}, person, "outbound")
            )
            data |= {"metadata": message.get("metadata")}
            data |= {"error": {"code": late.word, "description": late.message, "occurred_at": "now"}} if late else {}
            if self.webhook_url:
                await self._post(f"{medium}.{state}", data)


def identified(prefix: str) -> str:
    """An id as Bird makes them."""
    return f"{prefix}_{secrets.token_hex(13)}"


def _shown(medium: str, message: dict[str, Any]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """What the customer reads, the addresses of files, and what can be tapped on."""
    if medium == "sms":
        return str(message["text"]), (), ()
    if "template" in message:
        return filled(message["template"]), (), ()
    if "interactive" in message:
        return str(message["interactive"]["body_text"]), (), _choices(message["interactive"])
    content = next(message[name] for name in CONTENTS if message.get(name))
    url = content.get("url")
    return str(content.get("body") or content.get("caption") or ""), (str(url),) if url else (), ()


def _choices(interactive: dict[str, Any]) -> tuple[str, ...]:
    """The words on the buttons or in the list."""
    buttons = [button["quick_reply"] for button in interactive.get("buttons", ())]
    rows = [row for section in interactive.get("list", {}).get("sections", ()) for row in section["rows"]]
    return tuple(str(choice["text"]) for choice in (*buttons, *rows))


def _bad_question(interactive: dict[str, Any]) -> bool:
    """Whether WhatsApp would not take it: three buttons of 20 characters, or ten rows of 24, none twice."""
    most, longest = (3, 20) if interactive.get("type") == "button" else (10, 24)
    choices = _choices(interactive)
    too_long = any(not 0 < len(choice) <= longest for choice in choices) or len(str(interactive["body_text"])) > 1024
    return too_long or not 0 < len(choices) <= most or len(set(choices)) < len(choices)


def _refused(fault: Fault, parameter: str = "") -> Response:
    """An error as Bird words it: a type, and a code where it knows more."""
    kind = fault.word if fault.word.endswith("_error") else "validation_error"
    trouble: dict[str, Any] = {"type": kind, "message": fault.message, "request_id": identified("req")}
    trouble |= {} if kind == fault.word else {"code": fault.word}
    trouble |= {"param": parameter} if parameter else {}
    headers = {"retry-after": str(fault.retry_after)} if fault.retry_after else {}
    return JSONResponse({"error": trouble}, fault.status, headers=headers)
