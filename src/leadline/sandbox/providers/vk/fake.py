"""A stand-in for VK's API, and VK's side of the Callback API. Mounted by `create`.

Source: VK's JSON schema of the API 5.199 and its Callback API pages, November 2026.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import same
from leadline.channels.vk.adapter import FILES
from leadline.channels.vk.settings import VKSettings
from leadline.model import DeliveryState
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake, Floor
from leadline.sandbox.providers.faults import Fault, LostAnswer, planned
from leadline.sandbox.providers.phones import Delivery

PROVIDER = "vk"
TRIES = 5  # VK goes on for hours; a sandbox need not
LONGEST = 9000
FAULTS = {
    "unknown_error": Fault(code=1, message="Unknown error occurred"),
    "auth_failed": Fault(code=5, message="User authorization failed: invalid access_token (4)."),
    "rate_limited": Fault(code=6, message="Too many requests per second"),
    "flood_rate_limited": Fault(code=9, message="Flood control"),
    "captcha": Fault(code=14, message="Captcha needed"),
    "quota_exceeded": Fault(code=29, message="Rate limit reached"),
    "blacklisted": Fault(code=900, message="Can't send messages for users from blacklist"),
    "not_allowed": Fault(code=901, message="Can't send messages for users without permission"),
    "privacy": Fault(code=902, message="Can't send messages to this user due to their privacy settings"),
    "too_long": Fault(code=914, message="Message is too long"),
    "server_error": Fault(how="down", status=502),
    "lost_answer": Fault(how="drop"),
}


class VKFake(Fake[VKSettings]):
    """VK as one community sees it. `names` are customers' names by id, `denied` those who want no messages."""

    key: ClassVar[str] = PROVIDER
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    def __init__(self, settings: VKSettings, floor: Floor) -> None:
        super().__init__(settings, floor)
        self.confirmation = settings.confirmation
        self.names: dict[str, str] = {}
        self.denied: set[str] = set()
        self._ids = itertools.count(1)
        self._sent: dict[tuple[str, str], int] = {}
        self._saved: dict[str, str] = {}

    @classmethod
    def open_account(cls, url: str) -> VKSettings:
        """A new community."""
        return VKSettings(
            group_id="225000001",
            access_token="vk1.a." + secrets.token_hex(32),
            secret_key=secrets.token_hex(16),
            confirmation=secrets.token_hex(4),
            api_url=url,
        )

    @classmethod
    def customer(cls, number: int) -> str:
        """A user id."""
        return str(500_000_000 + number)

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`; upload servers and files lie here too."""
        return [
            Route("/method/{method}", self.method, methods=["POST"]),
            Route("/upload/{kind}", self.upload, methods=["POST"]),
            Route("/files/{file}", self.file, methods=["GET"]),
        ]

    # -- webhooks -----------------------------------------------------------------------------------------------------

    def event(self, kind: str, value: dict[str, Any]) -> bytes:
        """The body of an event."""
        head = {"type": kind, "group_id": int(self.settings.group_id), "event_id": secrets.token_hex(20), "v": "5.199"}
        return json.dumps({**head, "object": value, "secret": self.settings.secret_key}).encode()

    async def bring(self, body: bytes) -> Posted:
        """Post an event until the answer is exactly `ok`."""
        for attempt in range(TRIES):
            posted = await self.courier.post(self.webhook_url, {"content-type": "application/json"}, body)
            if posted.status == 200 and posted.answer == "ok":
                break
            await asyncio.sleep(max(self.courier.pause, 0.01) * 2**attempt)
        return posted

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes, which allows answers again. The name is in the profile only."""
        self.names[sender] = name or self.names.get(sender, "")
        self.denied.discard(sender)
        number = next(self._ids)
        message: dict[str, Any] = {
            "id": number,
            "date": int(time.time()),
            "peer_id": int(sender),
            "from_id": int(sender),
        }
        message |= {"conversation_message_id": number, "text": text, "out": 0, "version": 10000000 + number}
        message |= {"attachments": [self._kept(*file) for file in media], "fwd_messages": [], "important": False}
        client = {"button_actions": ["text"], "keyboard": True, "inline_keyboard": True, "lang_id": 0}
        return await self.bring(self.event("message_new", {"message": message, "client_info": client}))

    async def deny(self, sender: str) -> Posted:
        """The customer forbids messages of the community."""
        self.denied.add(sender)
        return await self.bring(self.event("message_deny", {"user_id": int(sender)}))

    async def allow(self, sender: str) -> Posted:
        """The customer allows them again."""
        self.denied.discard(sender)
        return await self.bring(self.event("message_allow", {"user_id": int(sender), "key": "k"}))

    async def confirm(self) -> bool:
        """VK's test of the address: whether the answer is the string it wants."""
        body = json.dumps({"type": "confirmation", "group_id": int(self.settings.group_id)}).encode()
        posted = await self.courier.post(self.webhook_url, {"content-type": "application/json"}, body)
        return posted.status == 200 and posted.answer == self.confirmation

    # -- the API ------------------------------------------------------------------------------------------------------

    async def method(self, request: Request) -> Response:
        fields = await _fields(request)
        if not same(fields.get("access_token", ""), self.settings.access_token):
            return _error(5, "User authorization failed: invalid access_token (4).")
        if not fields.get("v"):
            return _error(8, "Invalid request: v (version) is required")
        method = request.path_params["method"]
        if method == "messages.send":
            return self._send(fields)
        if method == "messages.markAsRead":
            self.marked_read.append(fields.get("peer_id", ""))
            return JSONResponse({"response": 1})
        values = self._values(method, fields)
        return JSONResponse({"response": values}) if values is not None else _error(3, "Unknown method passed")

    async def upload(self, request: Request) -> Response:
        """Keeps the file; its name goes on to the saving method."""
        field = {"photo": "photo", "doc": "file"}[request.path_params["kind"]]
        async with request.form() as form:
            file = form.get(field)
            if not isinstance(file, UploadFile):
                return JSONResponse({"error": "ERR_UPLOAD_BAD_FILE"})
            kept = self.shelf.put(file.content_type or "", await file.read())
        if field == "file":
            return JSONResponse({"file": kept})
        return JSONResponse({"server": 847, "photo": kept, "hash": secrets.token_hex(8)})

    async def file(self, request: Request) -> Response:
        if request.path_params["file"] == "face":
            return Response(b"\xff\xd8\xff\xe0 a face", media_type="image/jpeg")
        return self.shelf.response(request.path_params["file"])

    def _values(self, method: str, fields: dict[str, str]) -> Any:
        base = self.settings.api_url
        if method.endswith(".getMessagesUploadServer"):
            return {"upload_url": f"{base}/upload/{'photo' if method.startswith('photos') else 'doc'}"}
        if method == "photos.saveMessagesPhoto":
            return [self._save("photo", fields.get("photo", ""))]
        if method == "docs.save":
            return {"type": "doc", "doc": self._save("doc", fields.get("file", ""))}
        if method == "groups.getCallbackConfirmationCode":
            return {"code": self.confirmation}
        if method == "users.get":
            first, _, last = self.names.get(fields.get("user_ids", ""), "").partition(" ")
            known = {"id": int(fields["user_ids"]), "first_name": first, "last_name": last}
            return [{**known, "screen_name": f"id{known['id']}", "photo_200": f"{base}/files/face"}] if first else []
        return {"groups": [{"id": int(self.settings.group_id)}]} if method == "groups.getById" else None

    def _save(self, kind: str, file: str) -> dict[str, Any]:
        number = next(self._ids)
        self._saved[f"{kind}-{self.settings.group_id}_{number}_key"] = f"{self.settings.api_url}/files/{file}"
        return {"id": number, "owner_id": -int(self.settings.group_id), "access_key": "key"}

    def _send(self, fields: dict[str, str]) -> Response:
        to = fields.get("peer_id", "")
        fault = self.faults.take(PROVIDER, to)
        if fault and fault.how == "down":
            return Response(b"", fault.status)
        attached = [name for name in fields.get("attachment", "").split(",") if name]
        trouble = planned(fault, "refuse") or self._trouble(fields, to, attached)
        if trouble:
            return _error(trouble.code, trouble.message)
        known = (to, fields["random_id"])
        if known not in self._sent:
            self._sent[known] = next(self._ids)
            self._deliver(str(self._sent[known]), to, fields, attached)
        return LostAnswer() if fault else JSONResponse({"response": self._sent[known]})

    def _trouble(self, fields: dict[str, str], to: str, attached: list[str]) -> Fault | None:
        """What VK would refuse in this message."""
        text = fields.get("message", "")
        checks = [
            (not to.lstrip("-").isdigit(), 100, "peer_id is undefined"),
            (not fields.get("random_id", "").lstrip("-").isdigit(), 100, "random_id is a required parameter"),
            (not (text or attached), 100, "message is empty or invalid"),
            (len(attached) > FILES or not all(name in self._saved for name in attached), 100, "attachment is invalid"),
            (len(text) > LONGEST, 914, "Message is too long"),
            (to in self.denied, 901, "Can't send messages for users without permission"),
        ]
        return next((Fault(code=code, message=message) for wrong, code, message in checks if wrong), None)

    def _deliver(self, number: str, to: str, fields: Mapping[str, str], attached: list[str]) -> None:
        rows = json.loads(fields.get("keyboard") or "{}").get("buttons", ())
        choices = tuple(key["action"]["label"] for row in rows for key in row)
        media = tuple(self._saved[name] for name in attached)
        business = f"vk.com/club{self.settings.group_id}"
        self.phones.take(
            Delivery(
                message_id=number,
                provider=PROVIDER,
                business=business,
                to=to,
                text=fields.get("message", ""),
                media=media,
                choices=choices,
                quoted=fields.get("reply_to", ""),
            )
        )
        self.courier.start(self._report(number, to))

    async def _report(self, number: str, to: str) -> None:
        """VK tells when a message was read, and nothing before."""
        await asyncio.sleep(self.courier.pause)
        self.phones.change(number, DeliveryState.READ)
        if self.webhook_url:
            read = {"from_id": int(to), "peer_id": int(to), "read_message_id": int(number)}
            await self.bring(self.event("message_read", read | {"conversation_message_id": int(number)}))

    def _kept(self, content_type: str, content: bytes) -> dict[str, Any]:
        url = f"{self.settings.api_url}/files/{self.shelf.put(content_type, content)}"
        if content_type.startswith("image/"):
            sizes = [{"type": "s", "url": f"{url}?small", "width": 75, "height": 50}]
            photo = {"id": next(self._ids), "owner_id": 1, "date": int(time.time()), "album_id": -3}
            return {"type": "photo", "photo": photo | {"sizes": [*sizes, {**sizes[0], "url": url, "width": 800}]}}
        ext = content_type.rpartition("/")[2]
        doc = {"id": next(self._ids), "owner_id": 1, "title": f"file.{ext}", "size": len(content), "ext": ext}
        return {"type": "doc", "doc": doc | {"date": int(time.time()), "type": 1, "url": url}}


async def _fields(request: Request) -> dict[str, str]:
    async with request.form() as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _error(code: int, message: str) -> JSONResponse:
    """Failures come with HTTP status 200."""
    return JSONResponse({"error": {"error_code": code, "error_msg": message, "request_params": []}})
