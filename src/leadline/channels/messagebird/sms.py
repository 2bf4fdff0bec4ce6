"""SMS and MMS through MessageBird's classic API (rest.messagebird.com). Registered in `CHANNELS`.

Source: MessageBird's SMS and MMS pages and its Python SDK 2.2.0, November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from leadline.channels.base import STATE_NOISE, Capabilities, Channel
from leadline.channels.exchange import Answer, Call, Parsed, Request, Response
from leadline.channels.http import Pairs, form, host_of, json_call, phone_or_sender, query, utc_seconds
from leadline.channels.messagebird.account import credentials, media_call
from leadline.channels.messagebird.answer import read_answer
from leadline.channels.messagebird.codes import REASON_OF_SMS_CODE, REASON_OF_WORDS, STATES
from leadline.channels.messagebird.signature import check_signature
from leadline.channels.pieces import numbered
from leadline.channels.settings import Settings, plain, secret
from leadline.channels.text import in_parts
from leadline.channels.words import lines
from leadline.errors import Unreadable
from leadline.model import Attachment, DeliveryState, Inbound, Outbound, Sent, StatusUpdate

API = "https://rest.messagebird.com"
PARTS = 9  # SMS parts of one message, MessageBird's SMS page
FILES = 10  # files of one MMS, MessageBird's MMS page
REFERENCE = 60  # characters of our id, same page


class MessageBirdSMSSettings(Settings, frozen=True, kw_only=True):
    """One MessageBird number. Webhooks are signed with the signing key, not with the access key."""

    access_key: Annotated[str, secret("Live access key, from Developers > API access")]
    signing_key: Annotated[str, secret("Signing key, from Developers > API settings; it signs the webhooks")]
    number: Annotated[str, plain("Your number in international form, short code, or name of up to 11 letters")]
    api_url: Annotated[str, plain("Base address of MessageBird's API")] = API


class MessageBirdSMS(Channel[MessageBirdSMSSettings]):
    """SMS and MMS of one number."""

    key: ClassVar[str] = "messagebird_sms"
    title: ClassVar[str] = "MessageBird SMS"
    scheme: ClassVar[str] = "tel"
    phone_based: ClassVar[bool] = True
    settings: ClassVar[type[Any]] = MessageBirdSMSSettings
    refusals: ClassVar[Mapping[str, Literal["everything", "marketing"]]] = {"103": "everything"}
    noise: ClassVar[Mapping[str, str]] = STATE_NOISE
    answer: ClassVar[Answer] = Answer(body="OK")
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        statuses=True,
        signature="JWT with hashes of address and body",
        limits={"text_length": PARTS * 153, "media_bytes": 1_000_000, "media_per_message": FILES},
    )
    setup: ClassVar[tuple[str, ...]] = (
        "In the MessageBird dashboard open Numbers, choose your number and add a flow: "
        "SMS in, then Forward to URL (or Fetch variables), method POST, with this address: {url}",
        "Under Developers > API settings copy the signing key of your account.",
        "Delivery reports come to {status_url}; Leadline names it with every SMS, nothing to set.",
    )

    def verify(self, request: Request, settings: MessageBirdSMSSettings) -> None:
        """Check MessageBird-Signature-JWT; raises Refused."""
        check_signature(request, settings.signing_key)

    def parse(self, request: Request, settings: MessageBirdSMSSettings) -> Parsed:
        """One message or one delivery report; names come in several spellings, some twice, the first one counts."""
        pairs = (query(request.url) if "?" in request.url else ()) + (form(request) if request.method != "GET" else ())
        fields = {name.lower(): value for name, value in reversed(pairs)}
        number = fields.get("id") or fields.get("mid") or fields.get("message_id") or ""
        if not number:
            raise Unreadable("The id is missing: this is no SMS webhook; check which address it is set for")
        if "status" in fields and not ({"body", "message", "originator"} & fields.keys()):
            return _report(fields, number)
        return Parsed(messages=(_message(fields, number, pairs),))

    def address(self, settings: MessageBirdSMSSettings) -> str:
        """The number."""
        return settings.number

    def recipient(self, number: str) -> str:
        """Without plus, as MessageBird writes numbers."""
        return number.removeprefix("+")

    def pieces(self, message: Outbound, settings: MessageBirdSMSSettings) -> tuple[Outbound, ...]:
        """Texts of nine SMS parts; where there are files, ten ride with the last text as MMS."""
        texts = list(in_parts(message.text, PARTS))
        batches = [message.attachments[at : at + FILES] for at in range(0, len(message.attachments), FILES)]
        last = [(texts.pop() if texts else "", batches.pop(0))] if batches else []
        return numbered(message, [*((text, ()) for text in texts), *last, *(("", batch) for batch in batches)])

    def build(self, message: Outbound, settings: MessageBirdSMSSettings) -> Call:
        """POST messages, or mms where there are files; our id is the reference that reports bring back."""
        value: dict[str, Any] = {
            "originator": settings.number.removeprefix("+"),
            "recipients": [message.to.removeprefix("+")],
            "body": message.text,
            "reference": message.id[:REFERENCE],
        }
        base = settings.api_url.rstrip("/")
        if message.attachments:
            value["mediaUrls"] = [file.url for file in message.attachments]
            return json_call(f"{base}/mms", value, secrets=credentials(settings.access_key))
        value |= {"datacoding": "auto"} | ({"reportUrl": message.status_url} if message.status_url else {})
        return json_call(f"{base}/messages", value, secrets=credentials(settings.access_key))

    def read(self, response: Response, settings: MessageBirdSMSSettings) -> Sent:
        """2xx with an id: taken. Never raises."""
        return read_answer(response)

    def media(self, attachment: Attachment, settings: MessageBirdSMSSettings) -> Call:
        """GET of the file; only MessageBird's own hosts see the access key."""
        return media_call(attachment, api_url=settings.api_url, access_key=settings.access_key)

    def media_hosts(self, settings: MessageBirdSMSSettings) -> tuple[str, ...]:
        """Where MessageBird keeps files."""
        return (".messagebird.com", host_of(settings.api_url))

    def probe(self, settings: MessageBirdSMSSettings) -> Call:
        """GET the balance."""
        return Call(
            method="GET", url=f"{settings.api_url.rstrip('/')}/balance", secrets=credentials(settings.access_key)
        )


def _message(fields: Mapping[str, str], number: str, pairs: Pairs) -> Inbound:
    sender = fields.get("originator", "")
    return Inbound(
        provider_id=number,
        sender=sender,
        handles=(phone_or_sender(sender, digits_only=True),),
        text=lines(fields.get("subject"), fields.get("body") or fields.get("message")),
        attachments=_files(pairs) if any(name.startswith("mediaurls") for name in fields) else (),
        sent_at=_moment(fields),
    )


def _files(pairs: Pairs) -> tuple[Attachment, ...]:
    """Addresses of files: one a field, numbered fields, or a JSON list in one field."""
    found: list[str] = []
    for name, value in pairs:
        if name.lower().startswith("mediaurls"):
            found += _listed(value)
    return tuple(Attachment(url=url) for url in dict.fromkeys(found))


def _listed(value: str) -> list[str]:
    try:
        return msgspec.json.decode(value, type=list[str])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return [value] if value else []


def _moment(fields: Mapping[str, str]) -> float | None:
    """Unix seconds; short codes tell it as fourteen digits, without a zone."""
    digits = fields.get("receive_datetime", "")
    if len(digits) == 14 and digits.isascii() and digits.isdigit():
        try:
            return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()
        except ValueError:
            return None
    return utc_seconds(fields.get("createddatetime", ""))


def _report(fields: Mapping[str, str], number: str) -> Parsed:
    state = STATES.get(fields["status"])
    if state is None:
        return Parsed(noise=("state",))
    failed = state is DeliveryState.FAILED
    words, code = fields.get("statusreason", "").replace("_", " "), fields.get("statuserrorcode", "")
    by_state = "expired" if fields["status"] == "expired" else "provider_error"
    reason = REASON_OF_SMS_CODE.get(code) or REASON_OF_WORDS.get(words.lower()) or by_state
    update = StatusUpdate(
        state=state,
        provider_id=number,
        outbound_id=fields.get("reference", ""),
        reason=reason if failed else "",
        code=code if failed else "",
        detail=words if failed else "",
        at=utc_seconds(fields.get("statusdatetime", "")),
    )
    return Parsed(statuses=(update,))
