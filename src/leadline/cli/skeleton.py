"""The source of a new channel, as it is before anybody knows its provider. `channel_new.py` writes it.

It works as it stands: a JSON webhook signed with HMAC-SHA256, one POST a message. What to change is named in each file.
"""

from __future__ import annotations

FOLDER = '''"""NAME. One adapter for each channel; registered in `channels/__init__.py`."""
'''

STAND_IN = '''"""A stand-in for NAME; registered in `sandbox/providers/__init__.py`."""
'''

ADAPTER = '''"""Messages through NAME. Registered in `CHANNELS`.

Source: say which pages of the provider these facts are from, and when you read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec

from leadline.channels.base import STATE_NOISE, Capabilities, Channel
from leadline.channels.exchange import Call, Parsed, Request, Response
from leadline.channels.http import decoded, is_signed, json_call, phone_or_sender, retry_after
from leadline.channels.pieces import texts_then_files, with_links
from leadline.channels.settings import Settings, plain, secret
from leadline.errors import Refused, Unreadable
from leadline.model import DeliveryState, Inbound, Outbound, Sent, StatusUpdate

API = "https://api.KEY.example"
TEXT = 1000  # characters of one message
STATES = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "failed": DeliveryState.FAILED,
}


class CLASSSettings(Settings, frozen=True, kw_only=True):
    """One number at NAME."""

    number: Annotated[str, plain("Your number in international form")]
    token: Annotated[str, secret("API token")]
    signing_secret: Annotated[str, secret("Secret that signs the webhooks")]
    api_url: Annotated[str, plain("Base address of the API")] = API


class _Event(msgspec.Struct):
    """A webhook: a customer's message, or what became of one of ours."""

    id: str = ""
    sender: str = ""
    text: str = ""
    status: str = ""
    reference: str = ""
    error: str = ""


_EVENT = msgspec.json.Decoder(_Event)


class CLASS(Channel[CLASSSettings]):
    """Text messages; say here what else."""

    key: ClassVar[str] = "KEY"
    title: ClassVar[str] = "NAME"
    scheme: ClassVar[str] = "tel"
    phone_based: ClassVar[bool] = True
    settings: ClassVar[type[Any]] = CLASSSettings
    noise: ClassVar[Mapping[str, str]] = STATE_NOISE
    capabilities: ClassVar[Capabilities] = Capabilities(
        statuses=True,
        signature="HMAC-SHA256 of the body",
        limits={"text_length": TEXT, "media_per_message": 1},
    )
    setup: ClassVar[tuple[str, ...]] = ("At NAME enter {url} as the address of webhooks.",)

    def verify(self, request: Request, settings: CLASSSettings) -> None:
        """Check x-signature over the raw body; raises Refused."""
        given = request.headers.get("x-signature", "")
        if not is_signed(given, (settings.signing_secret.encode(),), request.body):
            raise Refused("x-signature does not fit: check signing_secret")

    def parse(self, request: Request, settings: CLASSSettings) -> Parsed:
        """One message, or one delivery report."""
        event = decoded(_EVENT, request.body)
        if not event.id:
            raise Unreadable("id is missing: without it a repetition could not be told from a new message")
        if event.status:
            return _report(event)
        message = Inbound(
            provider_id=event.id,
            sender=event.sender,
            handles=(phone_or_sender(event.sender, digits_only=False),),
            text=event.text,
        )
        return Parsed(messages=(message,))

    def address(self, settings: CLASSSettings) -> str:
        """The number."""
        return settings.number

    def pieces(self, message: Outbound, settings: CLASSSettings) -> tuple[Outbound, ...]:
        """Texts of 1000 characters, then every file as a link."""
        return texts_then_files(message, text_length=TEXT)

    def build(self, message: Outbound, settings: CLASSSettings) -> Call:
        """POST messages; our id rides in the field that comes back with the reports."""
        value = {"to": message.to, "from": settings.number, "text": with_links(message), "reference": message.id}
        secrets = {"authorization": f"Bearer {settings.token}"}
        return json_call(f"{settings.api_url.rstrip('/')}/messages", value, secrets=secrets)

    def read(self, response: Response, settings: CLASSSettings) -> Sent:
        """2xx with an id: taken. 401, 403, 429: tried again. Other 4xx: refused. Else: unknown. Never raises."""
        code, number = str(response.status), _number(response)
        if 200 <= response.status < 300 and number:
            return Sent(outcome="accepted", provider_ids=(number,))
        if response.status in (401, 403):
            return Sent(outcome="retry", reason="auth_failed", code=code)
        if response.status == 429:
            wait = retry_after(response.headers)
            return Sent(outcome="retry", reason="rate_limited", code=code, retry_after=wait)
        if 400 <= response.status < 500:
            return Sent(outcome="refused", reason="invalid_recipient", code=code)
        return Sent(outcome="unknown", reason="no_answer", code=code)

    def probe(self, settings: CLASSSettings) -> Call:
        """GET the account."""
        secrets = {"authorization": f"Bearer {settings.token}"}
        return Call(method="GET", url=f"{settings.api_url.rstrip('/')}/account", secrets=secrets, harmless=True)


def _number(response: Response) -> str:
    try:
        return _EVENT.decode(response.body).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def _report(event: _Event) -> Parsed:
    state = STATES.get(event.status)
    if state is None:
        return Parsed(noise=("state",))
    reason = "unreachable" if state is DeliveryState.FAILED else ""
    return Parsed(statuses=(StatusUpdate(state=state, outbound_id=event.reference, reason=reason, code=event.error),))
'''

FAKE = '''"""A stand-in for NAME's API, and NAME's side of webhooks. Mounted by `create`.

Source: the same pages as the channel's.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import ClassVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.KEY.adapter import STATES, CLASSSettings
from leadline.channels.http import same, signature
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake
from leadline.sandbox.providers.faults import Fault, LostAnswer
from leadline.sandbox.providers.phones import Delivery

PROVIDER = "KEY"
TRIES = 5
FAULTS = {
    "invalid_recipient": Fault(status=400, message="No such recipient"),
    "token_expired": Fault(status=401, message="Who are you?"),
    "rate_limited": Fault(status=429, message="Too many requests", retry_after=1),
    "server_error": Fault(how="down", status=502),
    "lost_answer": Fault(how="drop"),
    "unreachable": Fault(how="late", code=27, message="Phone switched off"),
}


class CLASSFake(Fake[CLASSSettings]):
    """NAME as one account sees it."""

    key: ClassVar[str] = PROVIDER
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    @classmethod
    def open_account(cls, url: str) -> CLASSSettings:
        """A number of a new account."""
        token, signing = secrets.token_hex(16), secrets.token_hex(16)
        return CLASSSettings(number="+447700900000", token=token, signing_secret=signing, api_url=url)

    @classmethod
    def customer(cls, number: int) -> str:
        """An Irish mobile."""
        return f"+35387{number:07d}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        return [
            Route("/messages", self.send, methods=["POST"]),
            Route("/account", self.account, methods=["GET"]),
        ]

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes; files and names are not part of this channel."""
        return await self._bring({"id": secrets.token_hex(8), "sender": sender, "text": text})

    async def account(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse({"number": self.settings.number})

    async def send(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        fields = msgspec.json.decode(await request.body(), type=dict[str, str])
        to = fields.get("to", "")
        fault = self.faults.take(PROVIDER, to)
        if fault and fault.how in ("refuse", "down"):
            retry = {"retry-after": str(fault.retry_after)} if fault.retry_after else {}
            return JSONResponse({"error": fault.message}, fault.status, headers=retry)
        number = secrets.token_hex(8)
        business, text = self.settings.number, fields.get("text", "")
        self.phones.take(Delivery(message_id=number, provider=PROVIDER, business=business, to=to, text=text))
        self.courier.start(self._report(number, fields.get("reference", ""), fault))
        return LostAnswer() if fault and fault.how == "drop" else JSONResponse({"id": number}, 201)

    async def _report(self, number: str, reference: str, fault: Fault | None) -> None:
        late = fault if fault and fault.how == "late" else None
        for state in ("sent", "failed" if late else "delivered"):
            await asyncio.sleep(self.courier.pause)
            code = str(late.code) if late and state == "failed" else ""
            self.phones.change(number, STATES[state], code)
            await self._bring({"id": number, "status": state, "reference": reference, "error": code})

    async def _bring(self, event: dict[str, str]) -> Posted:
        body = msgspec.json.encode(event)
        given = signature(self.settings.signing_secret.encode(), body)
        headers = {"content-type": "application/json", "x-signature": given}
        return await self.courier.until_taken(self.webhook_url, headers, body, tries=TRIES)

    def _refusal(self, request: Request) -> Response | None:
        if same(request.headers.get("authorization", ""), f"Bearer {self.settings.token}"):
            return None
        return JSONResponse({"error": "Who are you?"}, 401)
'''
