"""A stand-in for Viber's bot API, and Viber's side of webhooks. Mounted by `create`.

Source: Viber's REST bot API reference and its list of errors, November 2026.
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import time
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import same, signature
from leadline.channels.viber.adapter import FILE_NAME, PICTURES, SENDER_NAME, SIZES, TEXT, ViberSettings
from leadline.channels.viber.events import STATES
from leadline.media import ending
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake, Floor
from leadline.sandbox.providers.faults import Fault, planned
from leadline.sandbox.providers.phones import Delivery

PROVIDER = "viber"
TRIES = 5  # Viber goes on for an hour; a sandbox need not
LARGEST = 30_000
CAPTION = 768
FAULTS = {
    "invalid_token": Fault(code=2, message="invalidAuthToken"),
    "bad_data": Fault(code=3, message="badData"),
    "not_registered": Fault(code=5, message="receiverNotRegistered"),
    "not_subscribed": Fault(code=6, message="receiverNotSubscribed"),
    "blocked": Fault(code=7, message="publicAccountBlocked"),
    "suspended": Fault(code=9, message="publicAccountSuspended"),
    "no_webhook": Fault(code=10, message="webhookNotSet"),
    "old_device": Fault(code=11, message="receiverNoSuitableDevice"),
    "rate_limited": Fault(code=12, message="tooManyRequests"),
    "country": Fault(code=21, message="unsupportedCountry"),
    "quota_exceeded": Fault(code=23, message="freeMessagesExceeded"),
    "no_balance": Fault(code=24, message="noBalance"),
    "server_error": Fault(how="down", status=502),
    "lost_answer": Fault(how="drop"),
    "failed_on_the_phone": Fault(how="late", message="The message could not be shown"),
}


class ViberFake(Fake[ViberSettings]):
    """Viber as one bot sees it. `unsubscribed` holds customers who left."""

    key: ClassVar[str] = PROVIDER
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    def __init__(self, settings: ViberSettings, floor: Floor) -> None:
        super().__init__(settings, floor)
        self.unsubscribed: set[str] = set()
        self.with_names = True

    @classmethod
    def open_account(cls, url: str) -> ViberSettings:
        """A new bot."""
        token = "-".join(secrets.token_hex(8) for _ in range(3))
        return ViberSettings(auth_token=token, bot_uri="sandbox", sender_name="Sandbox", api_url=url)

    @classmethod
    def customer(cls, number: int) -> str:
        """A user id: 24 characters of base64, which hold plus and slash too."""
        return base64.b64encode(b"\xfb\xff" + number.to_bytes(14)).decode()

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`; files lie here too."""
        return [
            Route("/pa/send_message", self.send, methods=["POST"]),
            Route("/pa/get_account_info", self.account, methods=["POST"]),
            Route("/pa/set_webhook", self.set_webhook, methods=["POST"]),
            Route("/files/{file}/{name:path}", self.file, methods=["GET"]),
        ]

    # -- webhooks -----------------------------------------------------------------------------------------------------

    def webhook(self, event: str, **fields: Any) -> tuple[dict[str, str], bytes]:
        """Headers and body of an event, signed with the bot's token."""
        head = {"event": event, "timestamp": int(time.time() * 1000), "chat_hostname": "SN-CHAT-01_"}
        value = head | {"message_token": _token()} | fields
        body = json.dumps(value, ensure_ascii=False).encode()
        given = signature(self.settings.auth_token.encode(), body)
        return {"content-type": "application/json", "x-viber-content-signature": given}, body

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes; each file is a message of its own, the text captions the first where it is a picture.

        Whoever writes is subscribed from then on, without a word about it.
        """
        self.unsubscribed.discard(sender)
        contents = [self._kept(*file) for file in media]
        if contents and contents[0]["type"] == "picture":
            contents[0]["text"] = text
        elif text or not contents:
            contents.insert(0, {"type": "text", "text": text})
        for content in contents:
            posted = await self._bring("message", sender=self._person(sender, name), message=content, silent=False)
        return posted

    async def leave(self, sender: str) -> Posted:
        """The customer unsubscribes."""
        self.unsubscribed.add(sender)
        return await self._bring("unsubscribed", user_id=sender)

    async def subscribe(self, sender: str, *, name: str = "") -> Posted:
        """The customer subscribes by a link, without a message."""
        self.unsubscribed.discard(sender)
        return await self._bring("subscribed", user=self._person(sender, name))

    async def _bring(self, event: str, **fields: Any) -> Posted:
        headers, body = self.webhook(event, **fields)
        return await self.courier.until_taken(self.webhook_url, headers, body, tries=TRIES)

    def _person(self, sender: str, name: str) -> dict[str, Any]:
        avatar = f"{self.settings.api_url}/files/avatar/{quote(sender, safe='')}"
        known = {"name": name or "Subscriber", "avatar": avatar} if self.with_names else {"name": "Subscriber"}
        return {"id": sender, **known, "language": "uk", "country": "UA", "api_version": 10}

    # -- the API ------------------------------------------------------------------------------------------------------

    async def send(self, request: Request) -> Response:
        body = await request.body()
        if refusal := self._refusal(request):
            return refusal
        try:
            message = msgspec.json.decode(body, type=dict[str, Any])
        except msgspec.DecodeError:
            return _answer(3, "badData")
        to = str(message.get("receiver", ""))
        fault = self.faults.take(PROVIDER, to)
        if fault and fault.how == "down":
            return Response(b"", fault.status)
        if fault and fault.how == "refuse":
            return _answer(fault.code, fault.message)
        if len(body) > LARGEST or (trouble := _trouble(message)):
            return _answer(3, "badData" if len(body) > LARGEST else trouble)
        if to in self.unsubscribed:
            return _answer(6, "receiverNotSubscribed")
        return self._accept(message, to, fault)

    async def account(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        known = {"id": "pa:75346594275468546724", "name": "Sandbox", "uri": self.settings.bot_uri}
        return JSONResponse({"status": 0, "status_message": "ok", **known, "subscribers_count": 1})

    async def set_webhook(self, request: Request) -> Response:
        """Takes the address once its test of it was answered with success."""
        if refusal := self._refusal(request):
            return refusal
        value = msgspec.json.decode(await request.body(), type=dict[str, Any])
        headers, body = self.webhook("webhook")
        posted = await self.courier.post(str(value.get("url", "")), headers, body)
        if posted.status != 200:
            return _answer(1, "invalidUrl")
        self.webhook_url = str(value["url"])
        self.with_names = bool(value.get("send_name"))
        return JSONResponse({"status": 0, "status_message": "ok", "event_types": value.get("event_types", [])})

    async def file(self, request: Request) -> Response:
        if request.path_params["file"] == "avatar":
            return Response(b"\xff\xd8\xff\xe0 a face", media_type="image/jpeg")
        return self.shelf.response(request.path_params["file"])

    def _refusal(self, request: Request) -> Response | None:
        if same(request.headers.get("x-viber-auth-token", ""), self.settings.auth_token):
            return None
        return _answer(2, "invalidAuthToken")

    def _accept(self, message: dict[str, Any], to: str, fault: Fault | None) -> Response:
        token = _token()
        delivery = Delivery(
            message_id=str(token),
            provider=PROVIDER,
            business=self.settings.bot_uri,
            to=to,
            text=str(message.get("text", "")),
            media=(str(message["media"]),) if "media" in message else (),
            choices=tuple(str(key["ActionBody"]) for key in message.get("keyboard", {}).get("Buttons", ())),
        )
        return self.taken(delivery, self._report(token, to, fault), fault, _answer(0, "ok", token))

    async def _report(self, token: int, to: str, fault: Fault | None) -> None:
        late = planned(fault, "late")
        for event in ("failed",) if late else ("delivered", "seen"):
            await asyncio.sleep(self.courier.pause)
            self.phones.change(str(token), STATES[event])
            if self.webhook_url:
                described = {"desc": late.message} if late else {}
                await self._bring(event, message_token=token, user_id=to, **described)

    def _kept(self, content_type: str, content: bytes) -> dict[str, Any]:
        kind = {"image": "picture", "video": "video"}.get(content_type.partition("/")[0], "file")
        name = f"file{ending(content_type)}"
        url = f"{self.settings.api_url}/files/{self.shelf.put(content_type, content)}/{name}"
        return {"type": kind, "media": url, "file_name": name, "size": len(content)}


def _trouble(message: dict[str, Any]) -> str:
    """What Viber would refuse in this message, or nothing."""
    kind, text, media = message.get("type"), str(message.get("text", "")), str(message.get("media", ""))
    sender = message.get("sender") or {}
    size, path = message.get("size", 0), urlsplit(media).path.lower()
    checks = [
        (not message.get("receiver"), "missing receiver"),
        (not 0 < len(str(sender.get("name", ""))) <= SENDER_NAME, "sender.name is missing or too long"),
        (kind not in ("text", "picture", "video", "file"), "type is unknown"),
        (kind == "text" and not 0 < len(text) <= TEXT, "text is missing or too long"),
        (kind != "text" and not media.startswith("https://"), "media is no address"),
        (kind == "picture" and not path.endswith(PICTURES), "media is no picture"),
        (kind == "picture" and len(text) > CAPTION, "text is too long"),
        (kind in SIZES and not 0 < size <= SIZES.get(str(kind), 0), "size is missing or too large"),
        (kind == "file" and not 0 < len(str(message.get("file_name", ""))) <= FILE_NAME, "file_name is missing"),
    ]
    return next((f"badData: {trouble}" for wrong, trouble in checks if wrong), "")


def _answer(status: int, message: str, token: int = 0) -> JSONResponse:
    """Success and failure alike come with HTTP status 200."""
    told = {"message_token": token or _token(), "chat_hostname": "SN-CHAT-01_", "billing_status": 1}
    return JSONResponse({"status": status, "status_message": message, **told})


def _token() -> int:
    return secrets.randbelow(2**63)
