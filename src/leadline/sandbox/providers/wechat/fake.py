"""A stand-in for WeChat's API of Official Accounts, and WeChat's side of webhooks. Mounted by `create`.

Source: WeChat's pages on Official Accounts, November 2026.
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

import msgspec
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import same, with_query
from leadline.channels.wechat.adapter import TEXT
from leadline.channels.wechat.calls import SIZES
from leadline.channels.wechat.seal import encrypted, key_of, sealed_by
from leadline.channels.wechat.settings import WeChatSettings
from leadline.model import DeliveryState
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake, Floor
from leadline.sandbox.providers.faults import Fault, LostAnswer, planned
from leadline.sandbox.providers.phones import Delivery

PROVIDER = "wechat"
ACCOUNT = "gh_5a4d00000001"
TRIES = 3
WINDOW = 172_800.0  # seconds after a customer's message
REPLIES = 5  # messages within it
FAULTS = {
    "busy": Fault(code=-1, message="system error"),
    "bad_receiver": Fault(code=40003, message="invalid openid"),
    "not_listed": Fault(code=40164, message="invalid ip, not in whitelist"),
    "not_a_follower": Fault(code=43004, message="require subscribe"),
    "too_long": Fault(code=45002, message="content size out of limit"),
    "quota_exceeded": Fault(code=45009, message="reach max api daily quota limit"),
    "window_closed": Fault(code=45015, message="response out of time limit or subscription is canceled"),
    "replies_used_up": Fault(code=45047, message="out of response count limit"),
    "not_authorised": Fault(code=48001, message="api unauthorized"),
    "refused_by_customer": Fault(code=48002, message="user refuses to accept messages"),
    "risky": Fault(code=87014, message="risky content"),
    "server_error": Fault(how="down", status=502),
    "lost_answer": Fault(how="drop"),
}


class WeChatFake(Fake[WeChatSettings]):
    """WeChat as one account sees it. Access tokens are those of `stable_token`."""

    key: ClassVar[str] = PROVIDER
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    def __init__(self, settings: WeChatSettings, floor: Floor) -> None:
        super().__init__(settings, floor)
        self.access_token = secrets.token_hex(32)
        self.tokens_given = 0
        self._numbers = itertools.count(1)
        self._written: dict[str, tuple[float, int]] = {}
        self._left: set[str] = set()

    @classmethod
    def open_account(cls, url: str) -> WeChatSettings:
        """A new service account in security mode."""
        return WeChatSettings(
            app_id=f"wx{secrets.token_hex(8)}",
            app_secret=secrets.token_hex(16),
            token=secrets.token_hex(8),
            encoding_aes_key=secrets.token_hex(22)[:42] + "A",
            name="Sandbox",
            api_url=url,
        )

    @classmethod
    def customer(cls, number: int) -> str:
        """An open id."""
        return f"oSandbox{number:020d}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`; videos lie here too."""
        return [
            Route("/cgi-bin/stable_token", self.stable_token, methods=["POST"]),
            Route("/cgi-bin/message/custom/send", self.send, methods=["POST"]),
            Route("/cgi-bin/media/upload", self.upload, methods=["POST"]),
            Route("/cgi-bin/media/get", self.media, methods=["GET"]),
            Route("/cgi-bin/user/info", self.user, methods=["GET"]),
            Route("/videos/{file}", self.video, methods=["GET"]),
        ]

    # -- webhooks -----------------------------------------------------------------------------------------------------

    def message(self, sender: str, kind: str, **values: str) -> bytes:
        """The XML of a message or an event."""
        head = {"ToUserName": ACCOUNT, "FromUserName": sender, "CreateTime": str(int(time.time())), "MsgType": kind}
        return xml(head | values)

    def webhook(self, url: str, message: bytes) -> tuple[str, bytes]:
        """Address and body as WeChat sends them: signed in the address, encrypted where there is a key."""
        moment, nonce = str(int(time.time())), str(secrets.randbelow(10**9))
        signed = {"signature": sealed_by(self.settings.token, moment, nonce), "timestamp": moment, "nonce": nonce}
        if self.settings.encoding_aes_key:
            key = key_of(self.settings.encoding_aes_key)
            inside = encrypted(message, key, self.settings.app_id, secrets.token_bytes(16))
            seal = sealed_by(self.settings.token, moment, nonce, inside)
            signed |= {"encrypt_type": "aes", "msg_signature": seal}
            message = xml({"ToUserName": ACCOUNT, "Encrypt": inside})
        return with_query(url, **signed), message

    async def bring(self, message: bytes) -> Posted:
        """Post a message until the answer is `success` or empty, three times at most."""
        for _ in range(TRIES):
            url, body = self.webhook(self.webhook_url, message)
            posted = await self.courier.post(url, {"content-type": "text/xml"}, body)
            if posted.status == 200 and posted.answer in ("success", ""):
                break
        return posted

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes, which opens the window anew; each file is a message of its own. There are no names."""
        self._written[sender] = (time.time(), REPLIES)
        self._left.discard(sender)
        messages = [("text", {"Content": text})] if text or not media else []
        messages += [self._kept(*file) for file in media]
        for kind, values in messages:
            number = str(7_000_000_000_000_000_000 + next(self._numbers))
            posted = await self.bring(self.message(sender, kind, MsgId=number, **values))
        return posted

    async def leave(self, sender: str) -> Posted:
        """The customer unfollows the account."""
        self._left.add(sender)
        return await self.bring(self.message(sender, "event", Event="unsubscribe", EventKey=""))

    async def follow(self, sender: str) -> Posted:
        """The customer follows it again."""
        self._left.discard(sender)
        return await self.bring(self.message(sender, "event", Event="subscribe", EventKey=""))

    def address_test(self, challenge: str) -> str:
        """The query of WeChat's test of the address."""
        moment, nonce = str(int(time.time())), "1"
        seal = sealed_by(self.settings.token, moment, nonce)
        return urlencode({"signature": seal, "timestamp": moment, "nonce": nonce, "echostr": challenge})

    # -- the API ------------------------------------------------------------------------------------------------------

    async def stable_token(self, request: Request) -> Response:
        """The same token each time; a forced one takes its place."""
        value = msgspec.json.decode(await request.body(), type=dict[str, Any])
        if value.get("appid") != self.settings.app_id:
            return _error(40013, "invalid appid")
        if not same(str(value.get("secret", "")), self.settings.app_secret):
            return _error(40125, "invalid appsecret")
        if value.get("force_refresh"):
            self.access_token = secrets.token_hex(32)
        self.tokens_given += 1
        return JSONResponse({"access_token": self.access_token, "expires_in": 7200})

    async def send(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        raw = await request.body()
        message = msgspec.json.decode(raw, type=dict[str, Any])
        to = str(message.get("touser", ""))
        fault = self.faults.take(PROVIDER, to)
        if fault and fault.how == "down":
            return Response(b"", fault.status)
        trouble = planned(fault, "refuse") or self._trouble(message, to, raw)
        if trouble:
            return _error(trouble.code, trouble.message)
        at, left = self._written[to]
        self._written[to] = (at, left - 1)
        self._deliver(message, to)
        return LostAnswer() if fault else _error(0, "ok")

    async def upload(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        kind = request.query_params.get("type", "")
        async with request.form() as form:
            file = form.get("media")
            if kind not in SIZES or not isinstance(file, UploadFile):
                return _error(40004, "invalid media type")
            content = await file.read()
            if len(content) > SIZES[kind]:
                return _error(45001, "media size out of limit")
            media = self.shelf.put(file.content_type or "", content)
        return JSONResponse({"type": kind, "media_id": media, "created_at": int(time.time())})

    async def media(self, request: Request) -> Response:
        """The file, or where a video is."""
        if refusal := self._refusal(request):
            return refusal
        found = self.shelf.get(request.query_params.get("media_id", ""))
        if found is None:
            return _error(40007, "invalid media_id")
        if found[0].startswith("video/"):
            return JSONResponse({"video_url": f"{self.settings.api_url}/videos/{request.query_params['media_id']}"})
        return Response(found[1], media_type=found[0])

    async def video(self, request: Request) -> Response:
        return self.shelf.response(request.path_params["file"])

    async def user(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        known = {"openid": request.query_params.get("openid", ""), "language": "zh_CN", "subscribe_time": 1}
        return JSONResponse({"subscribe": 1, **known, "nickname": "", "headimgurl": ""})

    def _refusal(self, request: Request) -> Response | None:
        if same(request.query_params.get("access_token", ""), self.access_token):
            return None
        return _error(40001, "invalid credential, access_token is invalid or not latest")

    def _trouble(self, message: dict[str, Any], to: str, raw: bytes) -> Fault | None:
        """What WeChat would refuse in this message."""
        kind = str(message.get("msgtype", ""))
        content = message.get(kind) or {}
        at, left = self._written.get(to, (0.0, 0))
        media = str(content.get("media_id", ""))
        checks = [
            (not to.startswith("o"), 40003, "invalid openid"),
            (kind not in ("text", *SIZES), 40008, "invalid message type"),
            (kind == "text" and not content.get("content"), 44004, "empty content"),
            (
                kind == "text" and len(str(content.get("content", "")).encode()) > TEXT,
                45002,
                "content size out of limit",
            ),
            (kind != "text" and self.shelf.get(media) is None, 40007, "invalid media_id"),
            (to in self._left or time.time() - at > WINDOW, 45015, "response out of time limit"),
            (left < 1, 45047, "out of response count limit"),
            (b"\\u" in raw, 47001, "data format error"),  # WeChat would show the escapes
        ]
        return next((Fault(code=code, message=words) for wrong, code, words in checks if wrong), None)

    def _deliver(self, message: Mapping[str, Any], to: str) -> None:
        content = message[message["msgtype"]]
        self.phones.take(
            Delivery(
                message_id=f"wechat-{next(self._numbers)}",
                provider=PROVIDER,
                business=self.settings.name,
                to=to,
                text=str(content.get("content", "")),
                media=(str(content["media_id"]),) if "media_id" in content else (),
                state=DeliveryState.DELIVERED,
            )
        )

    def _kept(self, content_type: str, content: bytes) -> tuple[str, dict[str, str]]:
        media = self.shelf.put(content_type, content)
        kind = {"image": "image", "audio": "voice", "video": "video"}.get(content_type.partition("/")[0], "file")
        told = {"image": {"PicUrl": "http://mmbiz.qpic.cn/x"}, "voice": {"Format": "amr"}, "file": {"Title": "file"}}
        return kind, {"MediaId": media, **told.get(kind, {})}


def xml(values: Mapping[str, str]) -> bytes:
    """Flat XML as WeChat writes it."""
    inside = "".join(
        f"<{name}><![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]></{name}>" for name, value in values.items()
    )
    return f"<xml>{inside}</xml>".encode()


def _error(code: int, message: str) -> JSONResponse:
    """Success and failure alike come with HTTP status 200."""
    return JSONResponse({"errcode": code, "errmsg": message})
