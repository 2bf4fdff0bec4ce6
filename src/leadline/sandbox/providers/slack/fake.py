"""A stand-in for Slack's Web API, and Slack's side of the Events API. Mounted by `create`.

Source: Slack's Events API and Web API reference, November 2026.
"""

from __future__ import annotations

import asyncio
import html
import itertools
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

import msgspec
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import same, signature
from leadline.channels.slack.adapter import BUTTON, BUTTONS
from leadline.channels.slack.settings import SlackSettings
from leadline.media import ending
from leadline.model import DeliveryState
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake, Floor
from leadline.sandbox.providers.faults import Fault, LostAnswer
from leadline.sandbox.providers.phones import Delivery

PROVIDER = "slack"
TEAM = "T0SANDBOX"
TRIES = 4  # the first one and three more
LONGEST = 40_000
FAULTS = {
    "channel_not_found": Fault(message="channel_not_found"),
    "not_in_channel": Fault(message="not_in_channel"),
    "is_archived": Fault(message="is_archived"),
    "msg_too_long": Fault(message="msg_too_long"),
    "token_revoked": Fault(message="token_revoked"),
    "account_inactive": Fault(message="account_inactive"),
    "missing_scope": Fault(message="missing_scope"),
    "messages_tab_disabled": Fault(message="messages_tab_disabled"),
    "internal_error": Fault(message="internal_error"),
    "rate_limited": Fault(status=429, message="ratelimited", retry_after=1),
    "server_error": Fault(how="down", status=503),
    "lost_answer": Fault(how="drop"),
}


class SlackFake(Fake[SlackSettings]):
    """Slack as one app sees it. Customers are known by their direct chat with the app; `people` are their profiles."""

    key: ClassVar[str] = PROVIDER
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    def __init__(self, settings: SlackSettings, floor: Floor) -> None:
        super().__init__(settings, floor)
        self.people: dict[str, dict[str, str]] = {}
        self.may_read_files = True
        self._numbers = itertools.count(1)
        self._uploads: dict[str, dict[str, Any]] = {}
        self._names: dict[str, str] = {}

    @classmethod
    def open_account(cls, url: str) -> SlackSettings:
        """A new app."""
        token = f"xoxb-1-2-{secrets.token_hex(12)}"
        return SlackSettings(
            bot_token=token,
            signing_secret=secrets.token_hex(16),
            buttons=True,
            workspace="sandbox.slack.com",
            api_url=url,
        )

    @classmethod
    def customer(cls, number: int) -> str:
        """A direct chat with the app, which is where answers go; the person in it is `person_of`."""
        return f"D{number:08d}"

    async def press(self, place: str, choice: str) -> Posted:
        """The customer presses a button of the last message in their direct chat."""
        message = next(one for one in reversed(self.phones.received(place)) if choice in one.choices)
        action: dict[str, Any] = {
            "type": "button",
            "action_id": f"choice_{message.choices.index(choice) + 1}",
            "action_ts": self._ts(),
        }
        action |= {"text": {"type": "plain_text", "text": choice}}
        channel, _, moment = message.message_id.partition(":")
        container = {"type": "message", "channel_id": channel, "message_ts": moment}
        person = {"id": self.person_of(place), "team_id": TEAM}
        value = {"type": "block_actions", "team": {"id": TEAM}, "user": person, "container": container}
        headers, body = self.signed_form(value | {"actions": [action]})
        return await self.courier.post(self.webhook_url, headers, body)

    @staticmethod
    def person_of(place: str) -> str:
        """The user id of a customer."""
        return f"U{place[1:]}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`; files lie here too."""
        return [
            Route("/chat.postMessage", self.post_message, methods=["POST"]),
            Route("/files.getUploadURLExternal", self.upload_url, methods=["POST", "GET"]),
            Route("/files.completeUploadExternal", self.complete, methods=["POST"]),
            Route("/upload/{file}", self.upload, methods=["POST"]),
            Route("/users.info", self.user, methods=["GET", "POST"]),
            Route("/files.info", self.info, methods=["GET"]),
            Route("/auth.test", self.auth, methods=["POST"]),
            Route("/files-pri/{file}/{name}", self.file, methods=["GET"]),
            Route("/faces/{user}", self.face, methods=["GET"]),
        ]

    # -- events -------------------------------------------------------------------------------------------------------

    def signed(self, value: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
        """Headers and body of a request to the app."""
        return self._stamped(json.dumps(value).encode(), "application/json")

    def signed_form(self, value: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
        """The same for what people press, which Slack posts as a form with one field."""
        return self._stamped(urlencode({"payload": json.dumps(value)}).encode(), "application/x-www-form-urlencoded")

    def _stamped(self, body: bytes, kind: str) -> tuple[dict[str, str], bytes]:
        moment = str(int(time.time()))
        given = signature(self.settings.signing_secret.encode(), f"v0:{moment}:".encode() + body)
        headers = {"content-type": kind, "x-slack-request-timestamp": moment}
        return headers | {"x-slack-signature": f"v0={given}"}, body

    def event(self, event: dict[str, Any]) -> dict[str, Any]:
        """A message event in its envelope."""
        ts = self._ts()
        whole = {"type": "message", "channel_type": "im", "ts": ts, "event_ts": ts} | event
        head = {"token": "legacy", "team_id": TEAM, "api_app_id": "A0SANDBOX", "type": "event_callback"}
        known = {"event_id": f"Ev{next(self._numbers):08d}", "event_time": int(time.time()), "authed_users": ["U0APP"]}
        return {**head, "event": whole, **known}

    async def bring(self, value: dict[str, Any]) -> Posted:
        """Post a request; three more tries say that they are."""
        for attempt in range(TRIES):
            headers, body = self.signed(value)
            again = {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": "http_error"} if attempt else {}
            posted = await self.courier.post(self.webhook_url, headers | again, body)
            if 200 <= posted.status < 300:
                break
            await asyncio.sleep(max(self.courier.pause, 0.01))
        return posted

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = "", thread: str = ""
    ) -> Posted:
        """The customer writes to the app; a sender `C…` writes into a channel, or a thread of it. Markup is escaped."""
        if name:
            self.people.setdefault(self.person_of(sender), {})["real_name"] = name
        files = [self._kept(*file) for file in media]
        event = {"channel": sender, "user": self.person_of(sender), "text": html.escape(text, quote=False)}
        event |= {"channel_type": "im" if sender.startswith("D") else "channel"}
        shared: dict[str, Any] = {"files": files, "subtype": "file_share"} if files else {}
        return await self.bring(self.event({**event, **shared, **({"thread_ts": thread} if thread else {})}))

    async def verify_address(self) -> bool:
        """Slack's test of the address: whether the challenge comes back."""
        challenge = secrets.token_hex(16)
        headers, body = self.signed({"type": "url_verification", "token": "legacy", "challenge": challenge})
        posted = await self.courier.post(self.webhook_url, headers, body)
        return posted.status == 200 and posted.answer == challenge

    # -- the Web API --------------------------------------------------------------------------------------------------

    async def post_message(self, request: Request) -> Response:
        value = await _fields(request)
        text = str(value.get("text", ""))
        choices = _choices(value.get("blocks"))
        wrong = len(choices) > BUTTONS or any(not 0 < len(choice) <= BUTTON for choice in choices)
        checks = [(not text, "no_text"), (len(text) > LONGEST, "msg_too_long"), (wrong, "invalid_blocks")]
        return self._answered(request, value, str(value.get("channel", "")), text, (), checks, choices=choices)

    async def upload_url(self, request: Request) -> Response:
        value = await _fields(request)
        if refusal := self._refusal(request):
            return refusal
        if not (value.get("filename") and str(value.get("length", "")).isdigit()):
            return _error("invalid_arguments")
        file = f"F{next(self._numbers):08d}"
        self._uploads[file] = {"name": str(value["filename"]), "length": int(str(value["length"]))}
        return JSONResponse({"ok": True, "upload_url": f"{self.settings.api_url}/upload/{file}", "file_id": file})

    async def upload(self, request: Request) -> Response:
        """Takes the bytes, plain or as a form; they must be as many as was said."""
        planned = self._uploads.get(request.path_params["file"])
        content = await _content(request)
        if planned is None or len(content) != planned["length"]:
            return Response(status_code=404)
        planned["ref"] = self.shelf.put("application/octet-stream", content)
        return Response(f"OK - {len(content)}")

    async def complete(self, request: Request) -> Response:
        value = await _fields(request)
        listed = value.get("files", [])
        files = msgspec.json.decode(listed) if isinstance(listed, str) else listed
        planned = [self._uploads.get(file.get("id", ""), {}) for file in files]
        media = tuple(self._address(str(p["ref"]), str(p["name"])) for p in planned if "ref" in p)
        checks = [(not files or len(media) < len(files), "file_not_found")]
        text = str(value.get("initial_comment", ""))
        return self._answered(request, value, str(value.get("channel_id", "")), text, media, checks, files=files)

    async def user(self, request: Request) -> Response:
        value = await _fields(request)
        user = str(value.get("user", ""))
        if refusal := self._refusal(request):
            return refusal
        if user not in self.people:
            return _error("user_not_found")
        known = self.people[user]
        face = {"image_512": f"{self.settings.api_url}/faces/{user}", "display_name": "", **known}
        person = {"id": user, "name": user.lower(), "locale": "en-IE", "profile": face, **known}
        return JSONResponse({"ok": True, "user": person})

    async def info(self, request: Request) -> Response:
        file = request.query_params.get("file", "")
        if refusal := self._refusal(request):
            return refusal
        if file not in self._names:
            return _error("file_not_found")
        url = self._address(file, self._names[file])
        return JSONResponse({"ok": True, "file": {"id": file, "name": self._names[file], "url_private_download": url}})

    async def auth(self, request: Request) -> Response:
        known = {"url": "https://sandbox.slack.com/", "team": "Sandbox", "team_id": TEAM, "user_id": "U0APP"}
        return self._refusal(request) or JSONResponse({"ok": True, **known})

    async def file(self, request: Request) -> Response:
        """The file. Without permission Slack answers with a sign-in page, and with success."""
        found = self.shelf.get(request.path_params["file"])
        if found is None:
            return Response(status_code=404)
        if self._refusal(request) or not self.may_read_files:
            return HTMLResponse("<html>Sign in to Slack</html>")
        return Response(found[1], media_type=found[0])

    async def face(self, request: Request) -> Response:
        return Response(b"\xff\xd8\xff\xe0 a face", media_type="image/jpeg")

    def _refusal(self, request: Request) -> Response | None:
        if same(request.headers.get("authorization", ""), f"Bearer {self.settings.bot_token}"):
            return None
        return _error("invalid_auth" if request.headers.get("authorization") else "not_authed")

    def _answered(
        self,
        request: Request,
        value: dict[str, Any],
        to: str,
        text: str,
        media: tuple[str, ...],
        checks: Sequence[tuple[bool, str]],
        files: Any = None,
        choices: tuple[str, ...] = (),
    ) -> Response:
        """Refuse or accept a message; thread answers reach `channel:thread`."""
        if refusal := self._refusal(request):
            return refusal
        place = ":".join(filter(None, (to, str(value.get("thread_ts") or ""))))
        fault = self.faults.take(PROVIDER, place)
        if fault and fault.how == "down":
            return Response(b"", fault.status)
        if fault and fault.how == "refuse":
            return _error(fault.message, fault)
        if to[:1] not in ("C", "D", "G"):
            return _error("channel_not_found")
        if trouble := next((word for wrong, word in checks if wrong), ""):
            return _error(trouble)
        ts = self._ts()
        self.phones.take(
            Delivery(
                message_id=f"{to}:{ts}",
                provider=PROVIDER,
                business=self.settings.workspace,
                to=place,
                text=html.unescape(text),
                media=media,
                choices=choices,
                state=DeliveryState.DELIVERED,
            )
        )
        if fault:
            return LostAnswer()
        told = {"files": files} if files is not None else {"channel": to, "ts": ts, "message": {"text": text}}
        return JSONResponse({"ok": True, **told})

    def _kept(self, content_type: str, content: bytes) -> dict[str, Any]:
        name = f"file{ending(content_type)}"
        file = self.shelf.put(content_type, content, prefix="F")
        self._names[file] = name
        known = {"id": file, "name": name, "mimetype": content_type, "size": len(content), "mode": "hosted"}
        return known | {"is_external": False, "url_private_download": self._address(file, name)}

    def _address(self, file: str, name: str) -> str:
        return f"{self.settings.api_url}/files-pri/{file}/{name}"

    def _ts(self) -> str:
        return f"{int(time.time())}.{next(self._numbers):06d}"


async def _fields(request: Request) -> dict[str, Any]:
    """Arguments as JSON, as a form or in the address, as Slack takes them."""
    if request.headers.get("content-type", "").startswith("application/json"):
        value: dict[str, Any] = msgspec.json.decode(await request.body(), type=dict[str, Any])
        return value
    async with request.form() as form:
        return {**request.query_params, **{name: value for name, value in form.items() if isinstance(value, str)}}


async def _content(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return await request.body()
    async with request.form() as form:
        for file in form.values():
            if isinstance(file, UploadFile):
                return await file.read()
    return b""


def _choices(blocks: Any) -> tuple[str, ...]:
    """The words on the buttons."""
    rows = [block["elements"] for block in blocks or () if block["type"] == "actions"]
    return tuple(str(button["text"]["text"]) for row in rows for button in row)


def _error(word: str, fault: Fault | None = None) -> JSONResponse:
    status = fault.status if fault and fault.status == 429 else 200
    headers = {"retry-after": str(fault.retry_after)} if fault and fault.retry_after else {}
    return JSONResponse({"ok": False, "error": word}, status, headers=headers)
