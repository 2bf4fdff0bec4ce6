"""Twilio Programmable Messaging, SMS and MMS. Registered in `CHANNELS`; Twilio's other senders build on it.

Source: Twilio's messaging and security pages, its OpenAPI description v2010 and its own validator, November 2026.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar

import msgspec

from leadline.channels.base import STATE_NOISE, Capabilities, Channel
from leadline.channels.exchange import Answer, Call, Parsed, Request, Response, Steps
from leadline.channels.http import (
    first_of,
    form_call,
    host_of,
    phone_or_sender,
    query,
    retry_after,
    tried,
    urlencoded,
    with_query,
)
from leadline.channels.pieces import text_with_files
from leadline.channels.twilio.account import TwilioSettings, account_url, credentials
from leadline.channels.twilio.codes import NOT_TAKEN, REASON_OF_CODE, STATES
from leadline.channels.twilio.missed import missed
from leadline.channels.twilio.signature import check_signature, is_form
from leadline.channels.words import lines, lost_files
from leadline.errors import Unreadable
from leadline.model import Attachment, Consent, DeliveryState, Handle, Inbound, Outbound, Profile, Sent, StatusUpdate

BODY = 1600  # characters of one message, https://www.twilio.com/docs/messaging/api/message-resource
FILES = 10  # files of one message, same page
OPT_OUT_TEXTS = {
    "STOP": "[The customer opted out: Twilio refuses replies until they write START]",
    "START": "[The customer opted in again]",
    "HELP": "[Twilio answered this word with the help text of the messaging service]",
}
CONSENTS: dict[str, Literal["out", "in"]] = {"STOP": "out", "START": "in"}
ENDED = ("suspended", "closed")
T = TypeVar("T", bound=TwilioSettings)


class _Reply(msgspec.Struct):
    """The fields of Twilio's answer that decide: of a message, of an account, or of an error."""

    sid: str = ""
    status: str | int = ""
    code: int = 0
    message: str = ""


_REPLY = msgspec.json.Decoder(_Reply)


RCS = "rcs:"
"""Before the number of a customer who writes by RCS. Source: Twilio's RCS pages, November 2026."""


WRITTEN = frozenset({"Body", "NumMedia", "MessageType"})
"""Fields that no report has. Source: Twilio's pages on incoming messages and on status callbacks, November 2026."""


class Twilio(Channel[T]):
    """What all of Twilio's senders share."""

    phone_based: ClassVar[bool] = True
    refusals: ClassVar[Mapping[str, Literal["everything", "marketing"]]] = {"21610": "everything"}
    noise: ClassVar[Mapping[str, str]] = {
        **STATE_NOISE,
        "event_stream": "An event of Twilio's event streams, which repeat what webhooks tell",
    }
    answer: ClassVar[Answer] = Answer(
        body='<?xml version="1.0" encoding="UTF-8"?><Response/>', content_type="text/xml"
    )  # any text/plain body would be sent to the customer

    def verify(self, request: Request, settings: T) -> None:
        """Check X-Twilio-Signature; raises Refused."""
        check_signature(request, auth_token=settings.auth_token, signing_key=settings.signing_key)

    def parse(self, request: Request, settings: T) -> Parsed:
        """One message or one delivery report; reports are known by a status without a body."""
        if request.method != "GET" and not is_form(request.headers):
            return Parsed(noise=("event_stream",))
        fields = first_of(query(request.url) if request.method == "GET" else urlencoded(request.body))
        sid = fields.get("MessageSid") or fields.get("SmsSid") or fields.get("SmsMessageSid") or ""
        if not sid:
            raise Unreadable("MessageSid is missing: this is no messaging webhook; check which address it is set for")
        state = fields.get("MessageStatus") or fields.get("SmsStatus") or ""
        if state in ("", "received", "receiving") or not WRITTEN.isdisjoint(fields):
            message = self.message(fields, sid, settings)
            return Parsed(messages=(message,), consents=_consents(fields, message))
        if state not in STATES:
            return Parsed(noise=("state",))
        return Parsed(statuses=(_status(fields, sid, STATES[state], request.url),))

    def message(self, fields: Mapping[str, str], sid: str, settings: T) -> Inbound:
        """The customer's message in the fields of a webhook."""
        files = _files(fields)
        return Inbound(
            provider_id=sid,
            sender=fields.get("From", ""),
            handles=self.handles(fields, settings),
            text=lines(self.text(fields, sid), lost_files("Twilio", _named(fields) - len(files))),
            attachments=files,
            profile=self.profile(fields),
            **self.context(fields),
        )

    def context(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """What the message answers or was before, as fields of Inbound; SMS tells nothing of that."""
        return {}

    def poll(self, since: float, settings: T) -> Steps[Parsed]:
        """The account's list of inbound messages; it knows no keywords, countries or WhatsApp names."""
        found = yield from missed(since, settings, number=self.wire_address(settings.number))
        messages = [
            msgspec.structs.replace(self.message(fields, fields["MessageSid"], settings), sent_at=moment)
            for fields, moment in found
        ]
        return Parsed(messages=tuple(messages))

    def handles(self, fields: Mapping[str, str], settings: T) -> tuple[Handle, ...]:
        """All addresses of the sender; one who writes by RCS is known by the phone, and answered by RCS."""
        return (phone_or_sender(fields.get("From", "").removeprefix(RCS), digits_only=False),)

    def profile(self, fields: Mapping[str, str]) -> Profile:
        """What Twilio tells about the sender."""
        return Profile(country=fields.get("FromCountry", ""))

    def text(self, fields: Mapping[str, str], sid: str) -> str:
        """The words of the message, with a line in brackets where Twilio acted on an opt-out keyword."""
        body = fields.get("Body", "")
        if sid.startswith("MM"):
            body = plain_of_base64(body)
        if "OptOutType" not in fields:
            return body
        notice = OPT_OUT_TEXTS.get(fields["OptOutType"].upper(), "")
        return "\n".join(filter(None, (body, notice)))

    def address(self, settings: T) -> str:
        """The number, or the messaging service that picks one."""
        return settings.number or settings.messaging_service_sid

    def fingerprint(self, settings: T) -> tuple[str, ...]:
        return settings.account_sid, settings.number or settings.messaging_service_sid

    def build(self, message: Outbound, settings: T) -> Call:
        """POST Messages.json; our id rides in the address of the status callback."""
        sender = [("From", self.wire_address(settings.number)), ("MessagingServiceSid", settings.messaging_service_sid)]
        callback = with_query(message.status_url, outbound=message.id) if message.status_url else ""
        fields = [("To", self.wire_address(message.to)), *sender, *self.content(message), ("StatusCallback", callback)]
        url = f"{account_url(settings)}/Messages.json"
        return form_call(url, [(name, value) for name, value in fields if value], secrets=credentials(settings))

    def content(self, message: Outbound) -> list[tuple[str, str]]:
        """Text and files as fields."""
        return [("Body", message.text), *(("MediaUrl", file.url) for file in message.attachments)]

    def wire_address(self, address: str) -> str:
        """An address as Twilio's API wants it."""
        return address

    def read(self, response: Response, settings: T) -> Sent:
        """201: taken. Known codes and 4xx: refused or retry. No answer, 5xx and unreadable answers: unknown."""
        reply = tried(_REPLY, response.body) or _Reply()
        if 200 <= response.status < 300 and reply.sid:
            return Sent(outcome="accepted", provider_ids=(reply.sid,))
        code = str(reply.code or response.status)
        if not 400 <= response.status < 500:
            return Sent(outcome="unknown", reason="no_answer", code=code, detail=reply.message)
        return _refused(response, reply, code)

    def media(self, attachment: Attachment, settings: T) -> Call:
        """GET of the media address; only Twilio's own hosts see the credentials."""
        host = host_of(attachment.url)
        ours = host.endswith(".twilio.com") or (host and host == host_of(settings.api_url))
        return Call(method="GET", url=attachment.url, secrets=credentials(settings) if ours else {})

    def media_hosts(self, settings: T) -> tuple[str, ...]:
        """Where media addresses point; they redirect to a CDN from there."""
        return (".twilio.com", host_of(settings.api_url))

    def probe(self, settings: T) -> Call:
        """GET the account."""
        return Call(method="GET", url=f"{account_url(settings)}.json", secrets=credentials(settings))

    def probed(self, response: Response, settings: T) -> str:
        """Whether Twilio has suspended or closed the account."""
        status = (tried(_REPLY, response.body) or _Reply()).status
        return f"Twilio has {status} this account: nothing goes out or comes in" if status in ENDED else ""


class TwilioSMS(Twilio[TwilioSettings]):
    """SMS and MMS through one Twilio number or messaging service."""

    key: ClassVar[str] = "twilio_sms"
    title: ClassVar[str] = "Twilio SMS"
    scheme: ClassVar[str] = "tel"
    settings: ClassVar[type[Any]] = TwilioSettings
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        statuses=True,
        polls=True,
        signature="HMAC-SHA1 or SHA-256 of address and fields",
        limits={"text_length": BODY, "media_bytes": 5_000_000, "media_per_message": FILES},
    )
    setup: ClassVar[tuple[str, ...]] = (
        "In the Twilio console open Phone Numbers > Manage > Active numbers and choose your number "
        "(or Messaging > Services > your service > Integration).",
        "Under Messaging, at 'A message comes in', choose Webhook and HTTP POST, and enter {url}#rc=5&rp=all "
        "- the part after # makes Twilio repeat a message when this server is away for a moment.",
        "Save. Delivery reports come to {status_url}; Leadline names it with every message, nothing to set.",
    )

    def pieces(self, message: Outbound, settings: TwilioSettings) -> tuple[Outbound, ...]:
        """Texts of 1600 characters, the last one with up to ten files."""
        return text_with_files(message, text_length=BODY, files=FILES)


def plain_of_base64(body: str) -> str:
    """Undo the base64 in which Twilio delivers some long messages that it turned into MMS; other texts stay.

    Only what decodes to readable UTF-8 of some length counts, which no ordinary word does. Twilio cuts such a body
    where its limit is, even inside a character: what is there is read, and a character that is not whole is left out.
    """
    if len(body) < 60:
        return body
    try:
        content = base64.b64decode(body[: len(body) - len(body) % 4], validate=True)
    except (binascii.Error, ValueError):
        return body
    text = next((whole for cut in range(4) if (whole := _utf8(content[: len(content) - cut])) is not None), None)
    is_text = text is not None and all(char.isprintable() or char in "\r\n\t" for char in text)
    return text if text is not None and is_text else body


def _utf8(content: bytes) -> str | None:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _files(fields: Mapping[str, str]) -> tuple[Attachment, ...]:
    if fields.get("NumMedia", "0") == "0":
        return ()
    return tuple(
        Attachment(url=url, content_type=fields.get(f"MediaContentType{number}") or "application/octet-stream")
        for number in range(FILES)
        if (url := fields.get(f"MediaUrl{number}"))
    )


def _named(fields: Mapping[str, str]) -> int:
    """How many files Twilio says there are."""
    said = fields.get("NumMedia", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 3 else 0


def _consents(fields: Mapping[str, str], message: Inbound) -> tuple[Consent, ...]:
    """What a keyword means that Twilio's Advanced Opt-Out acted on."""
    state = CONSENTS.get(fields.get("OptOutType", "").upper())
    if state is None:
        return ()
    return (Consent(provider_id=message.provider_id, handles=message.handles, state=state, sender=message.sender),)


def _status(fields: Mapping[str, str], sid: str, state: DeliveryState, url: str) -> StatusUpdate:
    code = fields.get("ErrorCode", "")
    failed = state is DeliveryState.FAILED
    reason = "canceled" if fields.get("MessageStatus") == "canceled" else _reason(code)
    return StatusUpdate(
        state=state,
        provider_id=sid,
        outbound_id=first_of(query(url)).get("outbound", ""),
        reason=reason if failed else "",
        code=code if failed else "",
        detail=(fields.get("ErrorMessage") or fields.get("ChannelStatusMessage", "")) if failed else "",
    )


def _reason(code: str) -> str:
    return REASON_OF_CODE.get(code, "provider_error")


def _refused(response: Response, reply: _Reply, code: str) -> Sent:
    """A 4xx: refused, or tried again, depending on whose turn it is to act."""
    reason = REASON_OF_CODE.get(code, "")
    if code in NOT_TAKEN or response.status == 429:
        wait = retry_after(response.headers)
        return Sent(outcome="retry", reason="rate_limited", code=code, detail=reply.message, retry_after=wait)
    if reason == "auth_failed" or (not reason and response.status in (401, 403, 404)):
        return Sent(outcome="retry", reason="auth_failed", code=code, detail=reply.message)
    return Sent(outcome="refused", reason=reason or "provider_error", code=code, detail=reply.message)
