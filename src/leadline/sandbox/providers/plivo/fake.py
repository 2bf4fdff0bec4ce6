"""A stand-in for Plivo's messaging API, and Plivo's side of callbacks. Mounted by `create`.

Source: Plivo's pages on messaging, its callbacks, message states and signatures, as known in November 2026.
"""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.exchange import Request as Webhook
from leadline.channels.http import basic_auth, same, signature
from leadline.channels.plivo.adapter import FILES, TEXT, PlivoSettings
from leadline.channels.plivo.codes import STATES
from leadline.channels.plivo.signature import canonical
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake
from leadline.sandbox.providers.faults import Fault, planned
from leadline.sandbox.providers.phones import Delivery

TRIES = 3  # Plivo tries twice more
FAULTS = {
    "invalid_destination": Fault(status=400, code=400, message="dst parameter is invalid"),
    "invalid_source": Fault(status=400, code=400, message="src parameter is invalid"),
    "no_credit": Fault(status=402, code=402, message="insufficient credit"),
    "rate_limited": Fault(status=429, code=429, message="rate limit exceeded", retry_after=1),
    "wrong_token": Fault(status=401, code=401, message="authentication failed"),
    "server_error": Fault(how="down", status=500),
    "lost_answer": Fault(how="drop"),
    "network_error": Fault(how="late", code=20, message="Network error"),
    "spam": Fault(how="late", code=30, message="Spam detected"),
    "stopped": Fault(how="late", code=200, message="Blocked by STOP"),
    "unknown_error": Fault(how="late", code=1000, message="Unknown error"),
}


class PlivoFake(Fake[PlivoSettings]):
    """Plivo as one number sees it."""

    key: ClassVar[str] = "plivo"
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    @classmethod
    def open_account(cls, url: str) -> PlivoSettings:
        """A US number of a new account."""
        auth_id = f"MA{secrets.token_hex(9).upper()}"
        return PlivoSettings(auth_id=auth_id, auth_token=secrets.token_hex(20), number="+14155550166", api_url=url)

    @classmethod
    def customer(cls, number: int) -> str:
        """An Irish mobile, without a plus."""
        return f"35387{number:07d}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        return [
            Route("/v1/Account/{account}/Message/", self.send, methods=["POST"]),
            Route("/v1/Account/{account}/", self.account, methods=["GET"]),
            Route("/media/{file}", self.media, methods=["GET"]),
        ]

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes, with files as MMS. Neither carries names."""
        urls = [f"{self.settings.api_url}/media/{self.shelf.put(*file)}" for file in media]
        fields = {"From": sender.lstrip("+"), "To": self._number, "Text": text, "MessageUUID": str(uuid.uuid4())}
        fields |= {"Type": "mms" if urls else "sms", "MediaCount": str(len(urls))}
        fields |= {f"Media{at}": url for at, url in enumerate(urls)}
        return await self._bring(self.webhook_url, fields)

    async def account(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse({"auth_id": self.settings.auth_id, "state": "active"})

    async def media(self, request: Request) -> Response:
        """Needs the credentials."""
        return Response(status_code=404) if self._refusal(request) else self.shelf.response(request.path_params["file"])

    async def send(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        message = msgspec.json.decode(await request.body(), type=dict[str, Any])
        to = str(message.get("dst", ""))
        fault = self.faults.take(self.key, to)
        if fault and fault.how == "down":
            return Response(b"upstream error", fault.status)
        trouble = planned(fault, "refuse") or self._trouble(message, to)
        if trouble:
            return _refused(trouble)
        number, text = str(uuid.uuid4()), str(message.get("text", ""))
        delivery = Delivery(
            message_id=number,
            provider=self.key,
            business=self._number,
            to=to,
            text=text,
            media=tuple(map(str, message.get("media_urls", ()))),
        )
        answer = JSONResponse({"message": "message(s) queued", "message_uuid": [number], "api_id": "1"}, 202)
        return self.taken(delivery, self._report(number, to, str(message.get("url", "")), fault), fault, answer)

    @property
    def _number(self) -> str:
        return self.settings.number.lstrip("+")

    def _refusal(self, request: Request) -> Response | None:
        expected = basic_auth(self.settings.auth_id, self.settings.auth_token)
        known = request.path_params.get("account", self.settings.auth_id) == self.settings.auth_id
        if known and same(request.headers.get("authorization", ""), expected):
            return None
        return _refused(FAULTS["wrong_token"])

    def _trouble(self, message: dict[str, Any], to: str) -> Fault | None:
        """What Plivo would refuse."""
        text, files = str(message.get("text", "")), message.get("media_urls") or []
        checks = [
            (not (to.isdigit() and 7 <= len(to) <= 15), "dst parameter is invalid"),
            (message.get("src") != self._number, "src parameter is invalid"),
            (not (text or files) or len(text) > TEXT, "text parameter is invalid"),
            (len(files) > FILES or not all(str(url).startswith("http") for url in files), "media_urls are invalid"),
            (bool(files) and message.get("type") != "mms", "media_urls need the type mms"),
        ]
        why = next((why for wrong, why in checks if wrong), "")
        return Fault(status=400, code=400, message=why) if why else None

    async def _report(self, number: str, to: str, url: str, fault: Fault | None) -> None:
        late = planned(fault, "late")
        for state in ("sent", "undelivered" if late else "delivered"):
            await asyncio.sleep(self.courier.pause)
            failed = late if state == "undelivered" else None
            self.phones.change(number, STATES[state], str(failed.code) if failed else "")
            fields = {"MessageUUID": number, "From": self._number, "To": to, "Status": state}
            fields |= {"ErrorCode": f"{failed.code:03d}"} if failed else {}
            if url or self.webhook_url:
                await self._bring(url or self.webhook_url, fields)

    async def _bring(self, url: str, fields: Mapping[str, str]) -> Posted:
        body, nonce = urlencode(fields).encode(), secrets.token_hex(8)
        message = canonical(Webhook(method="POST", url=url, headers={}, body=body, now=0.0))
        given = signature(self.settings.auth_token.encode(), f"{message}.{nonce}".encode(), encoding="base64")
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "x-plivo-signature-v3": given,
            "x-plivo-signature-v3-nonce": nonce,
        }
        return await self.courier.until_taken(url, headers, body, tries=TRIES)


def _refused(fault: Fault) -> Response:
    headers = {"retry-after": str(fault.retry_after)} if fault.retry_after else {}
    return JSONResponse({"api_id": "1", "error": fault.message}, fault.status, headers=headers)
