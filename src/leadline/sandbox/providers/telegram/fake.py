"""A stand-in for Telegram's Bot API, and Telegram's side of webhooks. Mounted by `create`.

Source: Bot API 10.1, and the retry rule in the source of Telegram's own bot API server, November 2026.
"""

from __future__ import annotations

import itertools
import json
import re
import secrets
import time
from collections.abc import Sequence
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import same
from leadline.channels.telegram.adapter import CAPTION, TEXT, UPLOAD, TelegramSettings, bot_id, secret_of
from leadline.model import DeliveryState
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake, Floor
from leadline.sandbox.providers.faults import Fault, LostAnswer
from leadline.sandbox.providers.phones import Delivery
from leadline.sandbox.providers.telegram import updates

PROVIDER = "telegram"
TRIES = 5  # Telegram goes on for a day; a sandbox need not
FILES = {
    "sendPhoto": "photo",
    "sendAnimation": "animation",
    "sendVideo": "video",
    "sendAudio": "audio",
    "sendVoice": "voice",
    "sendDocument": "document",
}
FAULTS = {
    "blocked": Fault(status=403, code=403, message="Forbidden: bot was blocked by the user"),
    "deactivated": Fault(status=403, code=403, message="Forbidden: user is deactivated"),
    "cannot_initiate": Fault(status=403, code=403, message="Forbidden: bot can't initiate conversation with a user"),
    "chat_not_found": Fault(code=400, message="Bad Request: chat not found"),
    "file_not_had": Fault(code=400, message="Bad Request: failed to get HTTP URL content"),
    "rate_limited": Fault(status=429, code=429, message="Too Many Requests: retry after 1", retry_after=1),
    "token_revoked": Fault(status=401, code=401, message="Unauthorized"),
    "server_error": Fault(how="down", status=502),
    "lost_answer": Fault(how="drop"),
}


class TelegramFake(Fake[TelegramSettings]):
    """Telegram as one bot sees it.

    pictures: files on the shelf, by the customer whose picture they are. offered: who was shown the button that shares
    a phone. trouble: what Telegram has against the webhook.
    """

    quotes: ClassVar[bool] = True
    key: ClassVar[str] = PROVIDER
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    def __init__(self, settings: TelegramSettings, floor: Floor) -> None:
        super().__init__(settings, floor)
        self.pictures: dict[str, str] = {}
        self.secret = secret_of(settings)
        self.trouble = ""
        self.offered: list[str] = []
        self._ids = itertools.count(1000)

    @classmethod
    def open_account(cls, url: str) -> TelegramSettings:
        """A new bot."""
        return TelegramSettings(
            bot_token=f"7000000001:{secrets.token_urlsafe(26)}",
            secret_token=secrets.token_urlsafe(24),
            bot_username="@sandbox_bot",
            api_url=url,
        )

    @classmethod
    def customer(cls, number: int) -> str:
        """An account whose id is longer than 32 bits, as those of today are."""
        return str(5_000_000_000 + number)

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        return [
            Route("/bot{token}/{method}", self.call, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self.file, methods=["GET"]),
            Route("/shown/{file}", self.shown, methods=["GET"]),
        ]

    # -- the customer's side ------------------------------------------------------------------------------------------

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes; several files come as an album, each in an update of its own, one after the other."""
        files = [(kind, self.shelf.put(kind, content, prefix="AgAC"), len(content)) for kind, content in media]
        first = next(self._ids)
        self._ids = itertools.count(first + max(len(files), 1))
        for content in updates.messages_of(sender, first, text, files, name=name):
            posted = await self.push(message=content)
        return posted

    async def answer(self, sender: str, number: str, text: str, *, name: str = "") -> Posted:
        """A reply to the message that is known as `chat/number`."""
        answered = updates.message(sender, int(number.rpartition("/")[2]))
        del answered["from"]
        content = updates.message(sender, next(self._ids), name=name, text=text, reply_to_message=answered)
        return await self.push(message=content)

    async def share_number(self, sender: str, phone: str, *, owner: str = "", name: str = "") -> Posted:
        """The customer presses the button, or sends the card of somebody else, whose account is `owner`."""
        card = {"phone_number": phone, "first_name": name or "Customer", "user_id": int(owner or sender)}
        return await self.push(message=updates.message(sender, next(self._ids), name=name, contact=card))

    async def block(self, sender: str, *, again: bool = False) -> Posted:
        """The customer blocks the bot, or starts it again."""
        self.phones.opted_out = self.phones.opted_out - {sender} if again else self.phones.opted_out | {sender}
        states = ("kicked", "member") if again else ("member", "kicked")
        bot = {"id": int(bot_id(self.settings)), "is_bot": True, "first_name": "Sandbox"}
        old, new = ({"user": bot, "status": state, "until_date": 0} for state in states)
        change = updates.message(sender, 0)
        del change["message_id"]
        return await self.push(my_chat_member={**change, "old_chat_member": old, "new_chat_member": new})

    async def push(self, **content: Any) -> Posted:
        """Bring one update to the webhook until it is taken."""
        headers, body = updates.webhook(self.secret, next(self._ids), **content)
        return await self.courier.until_taken(self.webhook_url, headers, body, tries=TRIES)

    # -- the bot's side -----------------------------------------------------------------------------------------------

    async def call(self, request: Request) -> Response:
        """Any method of the API: parameters in the query, as a form, with files, or as JSON."""
        if not same(request.path_params["token"], self.settings.bot_token):
            return _error(401, "Unauthorized")
        fields = await _fields_of(request)
        method = request.path_params["method"]
        if method == "sendMessage" or method in FILES:
            return self._send(method, fields)
        answers = {
            "getMe": self._me,
            "setWebhook": self._set_webhook,
            "getWebhookInfo": self._webhook_info,
            "getFile": self._get_file,
            "getUserProfilePhotos": self._photos,
            "readBusinessMessage": self._read,
        }
        return answers[method](fields) if method in answers else _error(404, "Not Found: method not found")

    async def file(self, request: Request) -> Response:
        """A customer's file. Telegram names no type."""
        found = self.shelf.get(request.path_params["path"].partition("/")[2])
        if found is None or not same(request.path_params["token"], self.settings.bot_token):
            return _error(404, "Not Found")
        return Response(found[1], media_type="application/octet-stream")

    async def shown(self, request: Request) -> Response:
        """An uploaded file, as the customer sees it."""
        return self.shelf.response(request.path_params["file"])

    def _send(self, method: str, fields: dict[str, Any]) -> Response:
        to = str(fields.get("chat_id", ""))
        fault = self.faults.take(PROVIDER, to)
        if fault and fault.how == "down":
            return Response(b"<html>502 Bad Gateway</html>", fault.status)
        if fault and fault.how == "refuse":
            return _error(fault.code, fault.message, retry_after=fault.retry_after)
        file = fields.get(FILES.get(method, ""))
        if trouble := self._trouble(method, fields, to, file):
            return _error(*trouble)
        sent = self._take(method, fields, to, file)
        return LostAnswer() if fault and fault.how == "drop" else _result(sent)

    def _trouble(self, method: str, fields: dict[str, Any], to: str, file: Any) -> tuple[int, str] | None:
        """What Telegram would refuse in this request."""
        text, caption = str(fields.get("text", "")), str(fields.get("caption", ""))
        checks = [
            (not to, 400, "Bad Request: chat_id is empty"),
            (not re.fullmatch(r"-?[0-9]{1,18}", to), 400, "Bad Request: chat not found"),
            (to in self.phones.opted_out, 403, "Forbidden: bot was blocked by the user"),
            (method == "sendMessage" and not text.strip(), 400, "Bad Request: message text is empty"),
            (_units(text) > TEXT, 400, "Bad Request: message is too long"),
            (_units(caption) > CAPTION, 400, "Bad Request: message caption is too long"),
            (method in FILES and not file, 400, f"Bad Request: there is no {FILES.get(method)} in the request"),
            (
                isinstance(file, str) and not re.match(r"https?://", file),
                400,
                "Bad Request: wrong file identifier/HTTP URL specified",
            ),
            (isinstance(file, tuple) and len(file[1]) > UPLOAD, 413, "Request Entity Too Large"),
        ]
        return next(((code, text) for wrong, code, text in checks if wrong), None)

    def _take(self, method: str, fields: dict[str, Any], to: str, file: Any) -> dict[str, Any]:
        """The message is on the customer's phone at once; the answer is the message."""
        if "request_contact" in str(fields.get("reply_markup", "")):
            self.offered.append(to)
        number = next(self._ids)
        text = str(fields.get("text") or fields.get("caption") or "")
        address = self._kept(file) if isinstance(file, tuple) else file
        self.phones.take(
            Delivery(
                message_id=f"{to}/{number}",
                provider=PROVIDER,
                business=self.settings.bot_username,
                to=to,
                text=text,
                media=(address,) if address else (),
                choices=_choices(fields.get("reply_markup")),
                quoted=_quoted(fields.get("reply_parameters")),
                state=DeliveryState.SENT,
            )
        )
        return updates.sent_message(self._bot(), to, number, text, FILES.get(method, ""))

    def _kept(self, file: tuple[str, bytes]) -> str:
        return f"{self.settings.api_url}/shown/{self.shelf.put(*file)}"

    def _bot(self) -> dict[str, Any]:
        username = self.settings.bot_username.lstrip("@") or "sandbox_bot"
        return {"id": int(bot_id(self.settings)), "is_bot": True, "first_name": "Sandbox", "username": username}

    def _me(self, fields: dict[str, Any]) -> Response:
        return _result(self._bot() | {"can_join_groups": True, "can_read_all_group_messages": False})

    def _set_webhook(self, fields: dict[str, Any]) -> Response:
        given = str(fields.get("secret_token", ""))
        if given and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", given):
            return _error(400, "Bad Request: secret token contains unallowed characters")
        if not re.match(r"https?://", url := str(fields.get("url", ""))):
            return _error(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook_url, self.secret = url, given
        return JSONResponse({"ok": True, "result": True, "description": "Webhook was set"})

    def _webhook_info(self, fields: dict[str, Any]) -> Response:
        trouble = {"last_error_message": self.trouble, "last_error_date": int(time.time())} if self.trouble else {}
        waiting = {"pending_update_count": 1 if self.trouble else 0}
        return _result({"url": self.webhook_url, "has_custom_certificate": False, **waiting, **trouble})

    def _get_file(self, fields: dict[str, Any]) -> Response:
        file_id = str(fields.get("file_id", ""))
        found = self.shelf.get(file_id)
        if found is None:
            return _error(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        known_by = {"file_id": file_id, "file_unique_id": updates.unique_id(file_id), "file_size": len(found[1])}
        return _result({**known_by, "file_path": f"documents/{file_id}"})

    def _read(self, fields: dict[str, Any]) -> Response:
        self.marked_read.append(f"{fields['chat_id']}/{fields['message_id']}")
        return _result(True)

    def _photos(self, fields: dict[str, Any]) -> Response:
        file_id = self.pictures.get(str(fields.get("user_id", "")))
        sizes = updates.file_content("image/jpeg", file_id, 1)["photo"] if file_id else []
        return _result({"total_count": 1 if sizes else 0, "photos": [sizes] if sizes else []})


async def _fields_of(request: Request) -> dict[str, Any]:
    """All parameters; a file is a pair of content type and content."""
    fields: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind == "application/json":
        return fields | dict(json.loads(await request.body() or b"{}"))
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        async with request.form() as form:
            for name, value in form.items():
                fields[name] = value if isinstance(value, str) else (value.content_type or "", await value.read())
    return fields


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _result(result: Any) -> Response:
    return JSONResponse({"ok": True, "result": result})


def _error(code: int, description: str, *, retry_after: int = 0) -> Response:
    more = {"parameters": {"retry_after": retry_after}} if retry_after else {}
    return JSONResponse({"ok": False, "error_code": code, "description": description, **more}, code)


def _choices(markup: Any) -> tuple[str, ...]:
    """The keyboard, but for the button that shares a phone."""
    value = json.loads(markup) if isinstance(markup, str) else markup or {}
    keys = [key for row in value.get("keyboard", ()) for key in row]
    return tuple(key["text"] for key in keys if not key.get("request_contact"))


def _quoted(parameters: Any) -> str:
    value = json.loads(parameters) if isinstance(parameters, str) else parameters or {}
    return str(value.get("message_id", ""))
