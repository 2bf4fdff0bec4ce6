"""A stand-in for LINE's Messaging API, and LINE's side of webhooks. Mounted by `create`.

Source: LINE's OpenAPI descriptions and its Messaging API reference, November 2026.
"""

from __future__ import annotations

import json
import secrets
import time
import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import same, signature
from leadline.channels.line.adapter import FILES, TEXT, LineSettings
from leadline.media import ending
from leadline.model import DeliveryState
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake
from leadline.sandbox.providers.faults import Fault, LostAnswer
from leadline.sandbox.providers.phones import Delivery

PROVIDER = "line"
ACCOUNT = "U" + "b0" * 16
TRIES = 3  # LINE publishes no number
TOKEN_SECONDS = 60.0
FAULTS = {
    "quota_exceeded": Fault(status=429, code=429, message="You have reached your monthly limit."),
    "rate_limited": Fault(
        status=429, code=429, message="The API rate limit has been exceeded. Try again later.", retry_after=1
    ),
    "auth_failed": Fault(
        status=401, code=401, message="Authentication failed. Confirm that the access token is valid."
    ),
    "not_in_plan": Fault(status=403, code=403, message="Access to this API is not available for your account"),
    "failed_to_send": Fault(code=400, message="Failed to send messages"),
    "server_error": Fault(how="down", status=500),
    "lost_answer": Fault(how="drop"),
}


class LineFake(Fake[LineSettings]):
    """LINE as one official account sees it.

    names: what customers call themselves, by user id. preparing: message ids of files that cannot be fetched yet.
    pushed: how many messages of the quota are used up.
    """

    key: ClassVar[str] = PROVIDER
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.names: dict[str, str] = {}
        self.preparing: set[str] = set()
        self.pushed = 0
        self._reply_tokens: dict[str, tuple[str, float]] = {}
        self._retry_keys: dict[str, list[dict[str, str]]] = {}

    @classmethod
    def open_account(cls, url: str) -> LineSettings:
        """A new account."""
        return LineSettings(
            channel_secret=secrets.token_hex(16), access_token=secrets.token_hex(32), basic_id="@sandbox", api_url=url
        )

    @classmethod
    def customer(cls, number: int) -> str:
        """A user id."""
        return f"U{number:032x}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`; contents lie here too."""
        return [
            Route("/v2/bot/message/push", self.push, methods=["POST"]),
            Route("/v2/bot/message/reply", self.reply, methods=["POST"]),
            Route("/v2/bot/chat/markAsRead", self.read, methods=["POST"]),
            Route("/v2/bot/message/{message}/content", self.content, methods=["GET"]),
            Route("/v2/bot/profile/{user}", self.profile, methods=["GET"]),
            Route("/v2/bot/channel/webhook/endpoint", self.endpoint, methods=["PUT"]),
            Route("/v2/bot/channel/webhook/test", self.test_endpoint, methods=["POST"]),
            Route("/v2/bot/info", self.info, methods=["GET"]),
            Route("/picture/{user}", self.picture, methods=["GET"]),
        ]

    # -- webhooks -----------------------------------------------------------------------------------------------------

    def event(self, sender: str, kind: str, **fields: Any) -> dict[str, Any]:
        """One event of a customer, as LINE describes it."""
        return {
            "type": kind,
            "mode": "active",
            "timestamp": int(time.time() * 1000),
            "source": {"type": "user", "userId": sender},
            "webhookEventId": secrets.token_hex(13).upper(),
            "deliveryContext": {"isRedelivery": False},
            **fields,
        }

    def messages(self, sender: str, text: str, media: Sequence[tuple[str, bytes]]) -> list[dict[str, Any]]:
        """Events of a text and of files (content type, content), which are kept; each can be replied to once."""
        contents: list[dict[str, Any]] = [{"type": "text", "id": _number(), "text": text}] if text or not media else []
        contents += together([self._kept(*file) for file in media])
        for content in contents:
            content.setdefault("quoteToken", secrets.token_hex(8))
            content.setdefault("markAsReadToken", secrets.token_hex(8))
        return [
            self.event(sender, "message", message=content, replyToken=self._reply_token(sender)) for content in contents
        ]

    def webhook(self, events: Sequence[dict[str, Any]], *, again: bool = False) -> tuple[dict[str, str], bytes]:
        """Headers and body of a webhook, signed; a redelivery says so and is otherwise the same."""
        delivered = [event | {"deliveryContext": {"isRedelivery": again}} for event in events]
        body = json.dumps({"destination": ACCOUNT, "events": delivered}, ensure_ascii=False).encode()
        given = signature(self.settings.channel_secret.encode(), body, encoding="base64")
        return {"content-type": "application/json; charset=utf-8", "x-line-signature": given}, body

    async def bring(self, events: Sequence[dict[str, Any]]) -> Posted:
        """Post the events until they are taken, as LINE does where redelivery is switched on."""
        for attempt in range(TRIES):
            headers, body = self.webhook(events, again=attempt > 0)
            posted = await self.courier.post(self.webhook_url, headers, body)
            if 200 <= posted.status < 300:
                break
        return posted

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes; text and files are messages of their own. The name is in the profile only."""
        self.names[sender] = name or self.names.get(sender, "")
        return await self.bring(self.messages(sender, text, media))

    async def block(self, sender: str) -> Posted:
        """The customer blocks the account."""
        return await self.bring([self.event(sender, "unfollow")])

    async def follow(self, sender: str) -> Posted:
        """The customer adds the account, or lifts the block."""
        token = self._reply_token(sender)
        return await self.bring([self.event(sender, "follow", replyToken=token, follow={"isUnblocked": True})])

    # -- the API ------------------------------------------------------------------------------------------------------

    async def push(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        key = request.headers.get("x-line-retry-key", "")
        if key and not _is_uuid(key):
            return _error(400, "The retry key is no UUID")
        if key in self._retry_keys:
            answer = {"message": "The retry key is already accepted", "sentMessages": self._retry_keys[key]}
            return JSONResponse(answer, 409, headers={"x-line-accepted-request-id": secrets.token_hex(8)})
        value = await _json(request)
        to = str(value.get("to", ""))
        if not (len(to) == 33 and to[0] == "U"):
            return _error(400, "The property, 'to', in the request body is invalid (line: -, column: -)")
        return self._take(value, to, key)

    async def reply(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        value = await _json(request)
        to, until = self._reply_tokens.get(str(value.get("replyToken", "")), ("", 0.0))
        if time.time() > until:
            return _error(400, "Invalid reply token")
        return self._take(value, to, "")

    async def read(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        token = str((await _json(request)).get("markAsReadToken", ""))
        if not token:
            return _error(400, "An invalid markAsReadToken is specified.")
        self.marked_read.append(token)
        return JSONResponse({})

    async def content(self, request: Request) -> Response:
        found = self.shelf.get(request.path_params["message"])
        if refusal := self._refusal(request):
            return refusal
        if request.path_params["message"] in self.preparing:
            return Response(status_code=202)
        return Response(found[1], media_type=found[0]) if found else _error(404, "Not found")

    async def profile(self, request: Request) -> Response:
        user = request.path_params["user"]
        if refusal := self._refusal(request):
            return refusal
        if not self.names.get(user):
            return _error(404, "Not found")
        picture = f"{self.settings.api_url}/picture/{user}"
        return JSONResponse({"displayName": self.names[user], "userId": user, "pictureUrl": picture, "language": "ja"})

    async def picture(self, request: Request) -> Response:
        return Response(b"\xff\xd8\xff\xe0 a face", media_type="image/jpeg")

    async def endpoint(self, request: Request) -> Response:
        url = str((await _json(request)).get("endpoint", ""))
        if refusal := self._refusal(request):
            return refusal
        if not url.startswith("http"):
            return _error(400, "Invalid webhook endpoint URL")
        self.webhook_url = url
        return JSONResponse({})

    async def test_endpoint(self, request: Request) -> Response:
        """Posts a webhook without events and tells what came of it."""
        if refusal := self._refusal(request):
            return refusal
        headers, body = self.webhook(())
        posted = await self.courier.post(self.webhook_url, headers, body)
        told = {"success": posted.status == 200, "timestamp": "2026-11-24T12:00:00Z", "statusCode": posted.status}
        reason = {200: "OK", 0: "COULD_NOT_CONNECT"}.get(posted.status, "ERROR_STATUS_CODE")
        return JSONResponse({**told, "reason": reason, "detail": str(posted.status)})

    async def info(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        known = {"userId": ACCOUNT, "basicId": self.settings.basic_id or "@sandbox", "displayName": "Sandbox"}
        return JSONResponse({**known, "chatMode": "bot", "markAsReadMode": "auto"})

    def _refusal(self, request: Request) -> Response | None:
        if same(request.headers.get("authorization", ""), f"Bearer {self.settings.access_token}"):
            return None
        return _error(401, "Authentication failed. Confirm that the access token in the authorization header is valid.")

    def _take(self, value: dict[str, Any], to: str, key: str) -> Response:
        """Refuse or accept the messages of a push or a reply; a reply token is used up by acceptance only."""
        fault = self.faults.take(PROVIDER, to)
        if fault and fault.how == "down":
            return Response(b"", fault.status)
        if fault and fault.how == "refuse":
            return _error(fault.status, fault.message, fault.retry_after)
        messages = value.get("messages")
        if trouble := _trouble(messages):
            return _error(400, "The request body has 1 error(s)", details=[trouble])
        self._reply_tokens.pop(str(value.get("replyToken", "")), None)
        sent = [{"id": _number(), "quoteToken": secrets.token_hex(8)} for _ in messages or ()]
        self.pushed += "replyToken" not in value
        if key:
            self._retry_keys[key] = sent
        self._deliver(sent[0]["id"], to, messages or [])
        return LostAnswer() if fault else JSONResponse({"sentMessages": sent})

    def _deliver(self, message_id: str, to: str, messages: list[dict[str, Any]]) -> None:
        text = "\n".join(message["text"] for message in messages if message["type"] == "text")
        media = tuple(message["originalContentUrl"] for message in messages if message["type"] == "image")
        taps = messages[-1].get("quickReply", {}).get("items", ()) if messages else ()
        choices = tuple(str(tap["action"]["label"]) for tap in taps)
        quoted = next((str(each["quoteToken"]) for each in messages if "quoteToken" in each), "")
        self.phones.take(
            Delivery(
                message_id=message_id,
                provider=PROVIDER,
                business=self.settings.basic_id,
                to=to,
                text=text,
                media=media,
                choices=choices,
                quoted=quoted,
                state=DeliveryState.DELIVERED,
            )
        )

    def _kept(self, content_type: str, content: bytes) -> dict[str, Any]:
        number = self.shelf.put(content_type, content)
        kind = content_type.partition("/")[0]
        if kind in ("image", "video", "audio"):
            return {"type": kind, "id": number, "contentProvider": {"type": "line"}}
        name = f"file{ending(content_type)}"
        return {"type": "file", "id": number, "fileName": name, "fileSize": len(content)}

    def _reply_token(self, sender: str) -> str:
        token = secrets.token_hex(16)
        self._reply_tokens[token] = (sender, time.time() + TOKEN_SECONDS)
        return token


def together(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Several pictures at once say which place each has among them."""
    pictures = [file for file in files if file["type"] == "image"]
    name = secrets.token_hex(16).upper()
    for number, picture in enumerate(pictures if len(pictures) > 1 else (), 1):
        picture["imageSet"] = {"id": name, "index": number, "total": len(pictures)}
    return files


def _trouble(messages: Any) -> dict[str, str] | None:
    """What LINE would find wrong with these message objects."""
    if not isinstance(messages, list) or not 1 <= len(messages) <= FILES + 1:
        return {"message": "Size must be between 1 and 5", "property": "messages"}
    for number, message in enumerate(messages):
        kind, text = message.get("type"), message.get("text", "")
        if kind == "text" and not 0 < len(text.encode("utf-16-le")) // 2 <= TEXT:
            return {"message": f"Length must be between 1 and {TEXT}", "property": f"messages[{number}].text"}
        if kind == "image" and not message.get("originalContentUrl", "").startswith("https://"):
            return {"message": "invalid uri scheme", "property": f"messages[{number}].originalContentUrl"}
        if kind not in ("text", "image"):
            return {"message": "Must be one of the documented types", "property": f"messages[{number}].type"}
    return None


async def _json(request: Request) -> dict[str, Any]:
    try:
        return msgspec.json.decode(await request.body(), type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def _error(status: int, message: str, retry_after: int = 0, details: Sequence[dict[str, str]] = ()) -> JSONResponse:
    body: dict[str, Any] = {"message": message} | ({"details": list(details)} if details else {})
    return JSONResponse(body, status, headers={"retry-after": str(retry_after)} if retry_after else {})


def _number() -> str:
    return str(secrets.randbelow(10**18))


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
