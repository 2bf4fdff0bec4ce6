"""SMS and MMS through Telnyx. Registered in `CHANNELS`.

Source: Telnyx's pages on messaging, webhooks and API errors, as known in November 2026.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from leadline.channels.base import STATE_NOISE, Capabilities, Channel
from leadline.channels.exchange import Call, Parsed, Request, Response
from leadline.channels.http import (
    check_age,
    decoded,
    first_of,
    host_of,
    json_call,
    phone_or_sender,
    query,
    retry_after,
    tried,
    utc_seconds,
    with_query,
)
from leadline.channels.pieces import sms_room, sms_then_files
from leadline.channels.settings import Settings, plain, secret
from leadline.channels.status_answer import by_status
from leadline.channels.telnyx.codes import REASON_OF_CODE, STATES
from leadline.channels.words import lines, listed, lost_files
from leadline.errors import Refused, Unreadable
from leadline.media import UNTYPED
from leadline.model import Attachment, DeliveryState, Inbound, Outbound, Sent, StatusUpdate

API = "https://api.telnyx.com"
AGE = 300.0  # seconds a signature is good for
SERVED = ("", "SMS", "MMS")
PARTS = 10  # SMS parts of one message; longer ones are refused


class TelnyxSettings(Settings, frozen=True, kw_only=True):
    """One number at Telnyx."""

    api_key: Annotated[str, secret("API key, from Account > API Keys; starts with KEY")]
    public_key: Annotated[str, plain("Public key, from Account > Public Key; it proves that webhooks are Telnyx's")]
    number: Annotated[str, plain("Your number in international form, for example +14155550100")]
    api_url: Annotated[str, plain("Base address of Telnyx's API")] = API

    def __post_init__(self) -> None:
        if len(_bytes(self.public_key)) != 32:
            raise ValueError("public_key is the base64 text of 32 bytes: copy it again from Account > Public Key")


class _Party(msgspec.Struct):
    phone_number: str | None = None
    status: str | None = None


class _File(msgspec.Struct):
    url: str | None = None
    content_type: str | None = None


class _Trouble(msgspec.Struct):
    code: str | int = ""
    title: str = ""
    detail: str | None = None


class _Payload(msgspec.Struct):
    """A message either way."""

    id: str = ""
    kind: str = msgspec.field(default="", name="type")
    direction: str = ""
    sender: _Party = msgspec.field(default_factory=_Party, name="from")
    to: list[_Party] | None = None
    cc: list[_Party] | None = None
    text: str | None = None
    subject: str | None = None
    media: list[_File] | None = None
    errors: list[_Trouble] | None = None
    received_at: str | None = None


class _Data(msgspec.Struct):
    event_type: str = ""
    payload: _Payload = msgspec.field(default_factory=_Payload)


class _Event(msgspec.Struct):
    data: _Data


class _Taken(msgspec.Struct):
    id: str = ""


class _Reply(msgspec.Struct):
    data: _Taken = msgspec.field(default_factory=_Taken)
    errors: list[_Trouble] = []


_EVENT = msgspec.json.Decoder(_Event)
_REPLY = msgspec.json.Decoder(_Reply)


class Telnyx(Channel[TelnyxSettings]):
    """SMS and MMS of one number."""

    key: ClassVar[str] = "telnyx"
    title: ClassVar[str] = "Telnyx SMS"
    scheme: ClassVar[str] = "tel"
    phone_based: ClassVar[bool] = True
    settings: ClassVar[type[Any]] = TelnyxSettings
    refusals: ClassVar[Mapping[str, Literal["everything", "marketing"]]] = {"40300": "everything"}
    noise: ClassVar[Mapping[str, str]] = STATE_NOISE
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        statuses=True,
        signature="Ed25519 of time and body",
        limits={"text_length": sms_room(PARTS), "media_bytes": 1_000_000, "media_per_message": 1},
    )
    setup: ClassVar[tuple[str, ...]] = (
        "At portal.telnyx.com open Messaging > Programmable Messaging, choose the messaging profile of your number.",
        "Enter {url} under Send a webhook to this URL, with API version 2, and save.",
        "Delivery reports come to {status_url}; Leadline names it with every message, nothing to set.",
    )

    def verify(self, request: Request, settings: TelnyxSettings) -> None:
        """Check Telnyx-Signature-Ed25519 over time and raw body; raises Refused."""
        given, moment = (request.headers.get(f"telnyx-{name}", "") for name in ("signature-ed25519", "timestamp"))
        if not (given and moment):
            raise Refused("Telnyx-Signature-Ed25519 is missing: only Telnyx may call this address")
        check_age(moment, request.now, AGE)
        try:
            key = Ed25519PublicKey.from_public_bytes(_bytes(settings.public_key))
            key.verify(_bytes(given), f"{moment}|".encode() + request.body)
        except (InvalidSignature, ValueError) as error:
            raise Refused("Telnyx-Signature-Ed25519 does not fit: check public_key, at Telnyx under Account") from error

    def parse(self, request: Request, settings: TelnyxSettings) -> Parsed:
        """One message, or what became of one of ours; raises Unreadable."""
        data = decoded(_EVENT, request.body).data
        payload = data.payload
        if not payload.id:
            raise Unreadable("The event names no message: this is no messaging webhook of Telnyx, API version 2")
        if data.event_type == "message.received":
            if payload.kind.upper() not in SERVED:
                raise Unreadable(f"This came by {payload.kind[:40]}, which this channel does not serve")
            return Parsed(messages=(_message(payload, settings.number),))
        if data.event_type in ("message.sent", "message.finalized"):
            return _report(payload, first_of(query(request.url)).get("outbound", ""))
        raise Unreadable(f"An event of a kind that Leadline does not know: {data.event_type[:60] or 'nothing'}")

    def address(self, settings: TelnyxSettings) -> str:
        """The number."""
        return settings.number

    def account(self, settings: TelnyxSettings) -> str:
        """The number as webhooks name it: a messaging profile may serve several."""
        return settings.number

    def pieces(self, message: Outbound, settings: TelnyxSettings) -> tuple[Outbound, ...]:
        """Texts of at most ten SMS parts, then every file alone, as MMS."""
        return sms_then_files(message, parts=PARTS)

    def build(self, message: Outbound, settings: TelnyxSettings) -> Call:
        """POST messages; our id rides in the address that the reports go to."""
        value: dict[str, Any] = {"from": settings.number, "to": message.to}
        value |= {"text": message.text} if message.text else {}
        value |= {"media_urls": [file.url for file in message.attachments]} if message.attachments else {}
        if message.status_url:
            value |= {"webhook_url": with_query(message.status_url, outbound=message.id), "use_profile_webhooks": False}
        return json_call(f"{_api(settings)}/v2/messages", value, secrets=_credentials(settings))

    def read(self, response: Response, settings: TelnyxSettings) -> Sent:
        """2xx with an id: taken. Errors by their code: refused or retry. The rest: unknown. Never raises."""
        reply = tried(_REPLY, response.body) or _Reply()
        if 200 <= response.status < 300 and reply.data.id:
            return Sent(outcome="accepted", provider_ids=(reply.data.id,))
        trouble = reply.errors[0] if reply.errors else _Trouble()
        code, detail = str(trouble.code), trouble.detail or trouble.title
        reason = REASON_OF_CODE.get(code, "")
        if not reason or not 400 <= response.status < 500:
            return by_status(response, detail)
        if reason in ("auth_failed", "rate_limited"):
            wait = retry_after(response.headers)
            return Sent(outcome="retry", reason=reason, code=code, detail=detail, retry_after=wait)
        return Sent(outcome="refused", reason=reason, code=code, detail=detail)

    def media_hosts(self, settings: TelnyxSettings) -> tuple[str, ...]:
        """Where Telnyx keeps what customers send."""
        return (".telnyx.com", "s3.amazonaws.com", host_of(settings.api_url))

    def probe(self, settings: TelnyxSettings) -> Call:
        """GET the balance."""
        return Call(method="GET", url=f"{_api(settings)}/v2/balance", secrets=_credentials(settings), harmless=True)


def _message(payload: _Payload, ours: str) -> Inbound:
    """A message; one to a group names every number in it, ours somewhere among them."""
    sender = payload.sender.phone_number or ""
    media = payload.media or ()
    files = [Attachment(url=file.url, content_type=file.content_type or UNTYPED) for file in media if file.url]
    numbers = [party.phone_number for party in [*(payload.to or ()), *(payload.cc or ())] if party.phone_number]
    account = ours if ours in numbers else next(iter(numbers), "")
    others = [number for number in numbers if number not in (account, sender)]
    group = listed("Sent to a group; others in it", *others) if others else ""
    return Inbound(
        provider_id=payload.id,
        sender=sender,
        handles=(phone_or_sender(sender, digits_only=False),),
        text=lines(payload.subject, payload.text, lost_files("Telnyx", len(media) - len(files)), group),
        attachments=tuple(files),
        sent_at=utc_seconds(payload.received_at or ""),
        account=account,
    )


def _report(payload: _Payload, outbound: str) -> Parsed:
    word = payload.to[0].status if payload.to else None
    state = STATES.get(word or "")
    if state is None:
        return Parsed(noise=("state",))
    failed = state is DeliveryState.FAILED
    trouble = payload.errors[0] if failed and payload.errors else _Trouble()
    code = str(trouble.code)
    update = StatusUpdate(
        state=state,
        provider_id=payload.id,
        outbound_id=outbound,
        reason=REASON_OF_CODE.get(code, "expired" if word == "expired" else "provider_error") if failed else "",
        code=code,
        detail=(trouble.detail or trouble.title) if failed else "",
        account=payload.sender.phone_number or "",
    )
    return Parsed(statuses=(update,))


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _api(settings: TelnyxSettings) -> str:
    return settings.api_url.rstrip("/")


def _credentials(settings: TelnyxSettings) -> dict[str, str]:
    return {"authorization": f"Bearer {settings.api_key}"}
