"""SMS and MMS through Plivo. Registered in `CHANNELS`.

Source: Plivo's pages on messaging, its callbacks, message states and signatures, as known in November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from leadline.channels.base import STATE_NOISE, Capabilities, Channel
from leadline.channels.exchange import Call, Parsed, Request, Response
from leadline.channels.http import (
    basic_auth,
    first_of,
    host_of,
    json_call,
    phone_or_sender,
    query,
    tried,
    urlencoded,
    with_query,
)
from leadline.channels.pieces import septets, text_with_files
from leadline.channels.plivo.codes import REASON_OF_CODE, STATES, reason_of
from leadline.channels.plivo.signature import check_signature
from leadline.channels.settings import Settings, plain, secret
from leadline.channels.status_answer import by_status, provider_words
from leadline.channels.text import segments
from leadline.channels.words import lines, lost_files
from leadline.errors import Unreadable
from leadline.model import Attachment, DeliveryState, Inbound, Outbound, Sent, StatusUpdate

API = "https://api.plivo.com"
TEXT = 1600  # characters of a text, 737 where it is no GSM; longer ones are refused
UNICODE = 737
FILES = 10

SERVED = ("", "sms", "mms")


class PlivoSettings(Settings, frozen=True, kw_only=True):
    """One number at Plivo."""

    auth_id: Annotated[str, plain("Auth ID of the account, from the console's overview")]
    auth_token: Annotated[str, secret("Auth Token, same page; it signs the callbacks, too")]
    number: Annotated[str, plain("Your number in international form, for example +14155550100")]
    api_url: Annotated[str, plain("Base address of Plivo's API")] = API


class _Reply(msgspec.Struct):
    message_uuid: list[str] = []
    error: str | dict[str, Any] = ""


_MEDIA = re.compile(r"Media[0-9]{1,3}", re.ASCII)
_REPLY = msgspec.json.Decoder(_Reply)


class Plivo(Channel[PlivoSettings]):
    """SMS and MMS of one number."""

    key: ClassVar[str] = "plivo"
    title: ClassVar[str] = "Plivo SMS"
    scheme: ClassVar[str] = "tel"
    phone_based: ClassVar[bool] = True
    settings: ClassVar[type[Any]] = PlivoSettings
    refusals: ClassVar[Mapping[str, Literal["everything", "marketing"]]] = {"200": "everything"}
    noise: ClassVar[Mapping[str, str]] = STATE_NOISE
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        statuses=True,
        signature="HMAC-SHA256 of address, fields and a nonce",
        limits={"text_length": TEXT, "media_bytes": 5_000_000, "media_per_message": FILES},
    )
    setup: ClassVar[tuple[str, ...]] = (
        "At console.plivo.com open Messaging > Applications > XML, and choose or add one.",
        "Enter {url} as Message URL with the method POST, and save. Assign the application to your number.",
        "Delivery reports come to {status_url}; Leadline names it with every message, nothing to set.",
    )

    def verify(self, request: Request, settings: PlivoSettings) -> None:
        """Check X-Plivo-Signature-V3; raises Refused."""
        check_signature(request, settings.auth_token)

    def parse(self, request: Request, settings: PlivoSettings) -> Parsed:
        """One message, or what became of one of ours; raises Unreadable."""
        fields = first_of(query(request.url) if request.method == "GET" else urlencoded(request.body))
        # A report on a part of a long message names the whole one apart.
        number = fields.get("ParentMessageUUID") or fields.get("MessageUUID", "")
        if not number:
            raise Unreadable("MessageUUID is missing: this is no messaging callback; check which address it is set for")
        if "Status" in fields and "Text" not in fields:
            return _report(fields, number, first_of(query(request.url)).get("outbound", ""))
        if (kind := fields.get("Type", "")).lower() not in SERVED:
            raise Unreadable(f"This came by {kind[:40]}, which this channel does not serve")
        sender, files = fields.get("From", ""), _files(fields)
        named = fields.get("MediaCount", "")
        lost = int(named) - len(files) if named.isascii() and named.isdigit() and len(named) < 4 else 0
        message = Inbound(
            provider_id=number,
            sender=sender,
            handles=(phone_or_sender(sender, digits_only=True),),
            text=lines(fields.get("Text"), lost_files("Plivo", lost)),
            attachments=files,
            account=fields.get("To", ""),
        )
        return Parsed(messages=(message,))

    def address(self, settings: PlivoSettings) -> str:
        """The number."""
        return settings.number

    def account(self, settings: PlivoSettings) -> str:
        """The number as callbacks name it: an application may serve several."""
        return settings.number.removeprefix("+")

    def pieces(self, message: Outbound, settings: PlivoSettings) -> tuple[Outbound, ...]:
        """Texts of 1600 GSM characters, of which an extension character is two, or of 737 others; the last one has up
        to ten files.
        """
        if segments(message.text).encoding == "gsm7":
            return text_with_files(message, text_length=TEXT, files=FILES, size=septets)
        return text_with_files(message, text_length=UNICODE, files=FILES)

    def build(self, message: Outbound, settings: PlivoSettings) -> Call:
        """POST Message; our id rides in the address that the reports go to."""
        value: dict[str, Any] = {"src": settings.number.removeprefix("+"), "dst": message.to.removeprefix("+")}
        value |= {"text": message.text} if message.text else {}
        if message.attachments:
            value |= {"type": "mms", "media_urls": [file.url for file in message.attachments]}
        if message.status_url:
            value |= {"url": with_query(message.status_url, outbound=message.id), "method": "POST"}
        return json_call(f"{_account(settings)}/Message/", value, secrets=_credentials(settings))

    def read(self, response: Response, settings: PlivoSettings) -> Sent:
        """2xx with an id: taken. 400 to 404, by their words: refused. Else by the status. Never raises."""
        reply = tried(_REPLY, response.body) or _Reply()
        if 200 <= response.status < 300 and any(reply.message_uuid):
            return Sent(outcome="accepted", provider_ids=tuple(filter(None, reply.message_uuid)))
        detail = reply.error if isinstance(reply.error, str) else ", ".join(map(str, reply.error.values()))
        detail = detail or provider_words(response)
        if response.status in (400, 402, 403, 404):
            reason = reason_of(detail) or "provider_error"
            return Sent(outcome="refused", reason=reason, code=str(response.status), detail=detail)
        return by_status(response, detail)

    def media(self, attachment: Attachment, settings: PlivoSettings) -> Call:
        """GET of the media address; only Plivo's own hosts see the credentials."""
        host = host_of(attachment.url)
        ours = host.endswith(".plivo.com") or (host and host == host_of(settings.api_url))
        return Call(method="GET", url=attachment.url, secrets=_credentials(settings) if ours else {})

    def media_hosts(self, settings: PlivoSettings) -> tuple[str, ...]:
        """Where media addresses point; they redirect to a CDN from there."""
        return (".plivo.com", host_of(settings.api_url))

    def probe(self, settings: PlivoSettings) -> Call:
        """GET the account."""
        return Call(method="GET", url=f"{_account(settings)}/", secrets=_credentials(settings), harmless=True)


def _files(fields: Mapping[str, str]) -> tuple[Attachment, ...]:
    names = sorted((name for name in fields if _MEDIA.fullmatch(name)), key=lambda name: int(name[5:]))
    return tuple(Attachment(url=fields[name]) for name in names if fields[name])


def _report(fields: Mapping[str, str], number: str, outbound: str) -> Parsed:
    state = STATES.get(fields["Status"].lower())
    if state is None:
        return Parsed(noise=("state",))
    failed, code = state is DeliveryState.FAILED, fields.get("ErrorCode", "").lstrip("0")
    update = StatusUpdate(
        state=state,
        provider_id=number,
        outbound_id=outbound,
        reason=REASON_OF_CODE.get(code, "provider_error") if failed else "",
        code=code if failed else "",
        account=fields.get("From", ""),
    )
    return Parsed(statuses=(update,))


def _account(settings: PlivoSettings) -> str:
    return f"{settings.api_url.rstrip('/')}/v1/Account/{settings.auth_id}"


def _credentials(settings: PlivoSettings) -> dict[str, str]:
    return {"authorization": basic_auth(settings.auth_id, settings.auth_token)}
