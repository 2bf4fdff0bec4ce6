"""SMS through Vonage (formerly Nexmo). Registered in `CHANNELS`.

Source: Vonage's SMS API description 1.0.10 and its pages on webhooks and signatures, November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from leadline.channels.base import STATE_NOISE, Capabilities, Channel
from leadline.channels.exchange import Answer, Call, Parsed, Request, Response
from leadline.channels.http import any_fields, basic_auth, form_call, phone_or_sender, retry_after, tried, utc_seconds
from leadline.channels.pieces import texts_then_files, with_links
from leadline.channels.reasons import AUTH_FAILED
from leadline.channels.settings import Settings, plain, secret
from leadline.channels.status_answer import by_status
from leadline.channels.text import segments
from leadline.channels.vonage.codes import NOBODY_KNOWS, REASON_OF_ANSWER, REASON_OF_RECEIPT, STATES
from leadline.channels.vonage.signature import check_signature
from leadline.channels.words import listed
from leadline.errors import Unreadable
from leadline.model import DeliveryState, Inbound, Outbound, Piece, Sent, StatusUpdate

API = "https://rest.nexmo.com"
TEXT = 3200  # characters of one message: SMS API reference
REFERENCE = 40  # characters of client-ref, same place
CALLBACK = 100  # characters of the address for receipts, same place
PATIENCE = 90.0  # seconds to wait for the next part of a long message
_WAIT = re.compile(r"wait \[ ?([0-9]{1,6}) ?\]", re.ASCII)


class VonageSMSSettings(Settings, frozen=True, kw_only=True):
    """One Vonage number. Without a signature secret only the secret address protects its webhooks."""

    api_key: Annotated[str, plain("API key, from API settings")]
    api_secret: Annotated[str, secret("API secret, same page")]
    shapes: ClassVar[Mapping[str, tuple[str, str]]] = {
        "number": (r"\+?[0-9 \(\)\.\-]{6,}", "a phone number such as +447700900000"),
    }

    number: Annotated[str, plain("Your Vonage number in international form, for example +447700900000")]
    sender: Annotated[str, plain("Name or number shown to customers instead of the number, where permitted")] = ""
    signature_secret: Annotated[str, secret("Signature secret, where Vonage signs this account's webhooks")] = ""
    signature_method: Annotated[
        Literal["md5hash", "md5", "sha1", "sha256", "sha512"],
        plain("Signature method, same page: md5hash, or md5, sha1, sha256, sha512 for HMAC"),
    ] = "md5hash"
    api_url: Annotated[str, plain("Base address of Vonage's SMS API")] = API


class _Part(msgspec.Struct):
    """One SMS part in Vonage's answer."""

    status: str
    id: str = msgspec.field(default="", name="message-id")
    error: str = msgspec.field(default="", name="error-text")


class _Reply(msgspec.Struct):
    messages: list[_Part] = []


_REPLY = msgspec.json.Decoder(_Reply)


class VonageSMS(Channel[VonageSMSSettings]):
    """SMS of one number; long ones arrive part by part."""

    key: ClassVar[str] = "vonage_sms"
    title: ClassVar[str] = "Vonage SMS"
    scheme: ClassVar[str] = "tel"
    phone_based: ClassVar[bool] = True
    settings: ClassVar[type[Any]] = VonageSMSSettings
    noise: ClassVar[Mapping[str, str]] = STATE_NOISE
    capabilities: ClassVar[Capabilities] = Capabilities(
        statuses=True,
        signature="MD5 hash or HMAC of the fields, if switched on at Vonage",
        limits={"text_length": TEXT, "media_per_message": 1},
    )
    setup: ClassVar[tuple[str, ...]] = (
        "In the Vonage dashboard open API settings. Under SMS settings choose SMS API, not Messages API.",
        "Enter {url} as Inbound SMS webhook and {status_url} as Delivery receipts (DLR) webhook; "
        "any HTTP method will do. Or enter the first one at the number itself: Numbers > Your numbers > Edit.",
        "Let Vonage sign the webhooks: choose a signature method there (or ask Vonage's support), "
        "and enter the same method and the signature secret here.",
    )

    def unsigned(self, settings: VonageSMSSettings) -> str:
        return "" if settings.signature_secret else "Switch on signed webhooks at Vonage, and set signature_secret"

    def verify(self, request: Request, settings: VonageSMSSettings) -> None:
        """Check `sig` where this channel has a signature secret; raises Refused or Unreadable."""
        if settings.signature_secret:
            method = settings.signature_method
            check_signature(any_fields(request), secret=settings.signature_secret, method=method, now=request.now)

    def handshake(self, request: Request, settings: VonageSMSSettings) -> Answer | None:
        """Vonage tries a new address with an empty request."""
        return Answer() if not request.body and "?" not in request.url else None

    def parse(self, request: Request, settings: VonageSMSSettings) -> Parsed:
        """One SMS, one part of a long one, or one delivery receipt."""
        fields = any_fields(request)
        number = fields.get("messageId", "")
        if not number:
            raise Unreadable("messageId is missing: this is no SMS webhook; check which address it is set for")
        if "status" in fields and "text" not in fields:
            return _receipt(fields, number)
        sender = fields.get("msisdn", "")
        message = Inbound(
            provider_id=number,
            sender=sender,
            handles=(phone_or_sender(sender, digits_only=True),),
            text=_words(fields),
            sent_at=utc_seconds(fields.get("message-timestamp", "")),
            account=fields.get("to", ""),
            piece=_piece(fields),
        )
        return Parsed(messages=(message,))

    def address(self, settings: VonageSMSSettings) -> str:
        """The number."""
        return settings.number

    def account(self, settings: VonageSMSSettings) -> str:
        """The number as webhooks name it: one address may serve all numbers of an account."""
        return _digits(settings.number)

    def pieces(self, message: Outbound, settings: VonageSMSSettings) -> tuple[Outbound, ...]:
        """Texts of 3200 characters, then each file as a link of its own."""
        return texts_then_files(message, text_length=TEXT)

    def build(self, message: Outbound, settings: VonageSMSSettings) -> Call:
        """POST sms/json; our id rides in client-ref, and the encoding is chosen as the text needs it."""
        text = with_links(message)
        fields = {
            "from": settings.sender or _digits(settings.number),
            "to": _digits(message.to),
            "text": text,
            "type": "unicode" if segments(text).encoding == "ucs2" else "text",
            "client-ref": message.id[:REFERENCE],
            "callback": message.status_url if len(message.status_url) <= CALLBACK else "",
        }
        url = f"{settings.api_url.rstrip('/')}/sms/json"
        return form_call(
            url, [(name, value) for name, value in fields.items() if value], secrets=_credentials(settings)
        )

    def read(self, response: Response, settings: VonageSMSSettings) -> Sent:
        """200 says nothing: each part's status does. Never raises."""
        reply = tried(_REPLY, response.body)
        parts = reply.messages if reply else []
        taken = tuple(part.id for part in parts if part.status == "0" and part.id)
        failed = next((part for part in parts if part.status != "0"), None)
        if taken and 200 <= response.status < 300:
            lost = next((part for part in parts if part.status not in {"0", *NOBODY_KNOWS}), None)
            return _in_part(lost, taken, len(parts)) if lost else Sent(outcome="accepted", provider_ids=taken)
        return _by_code(failed, response) if failed else by_status(response)

    def probe(self, settings: VonageSMSSettings) -> Call:
        """GET the balance."""
        url = f"{settings.api_url.rstrip('/')}/account/get-balance"
        return Call(method="GET", url=url, secrets=_credentials(settings))


def _words(fields: Mapping[str, str]) -> str:
    text = fields.get("text", "")
    is_binary = fields.get("type") == "binary" and not text
    return listed("Binary SMS", fields.get("data", ""), fields.get("udh", "")) if is_binary else text


def _piece(fields: Mapping[str, str]) -> Piece | None:
    """Which part of a long message this is; the small reference is used again and again, but not at once."""
    names = ("concat-part", "concat-total", "concat-ref")
    number, total, reference = (fields.get(name, "") for name in names)
    whole = all(text.isascii() and text.isdigit() and len(text) < 4 for text in (number, total))
    if fields.get("concat") != "true" or not whole or not 0 < int(number) <= int(total):
        return None
    group = f"{fields.get('to', '')}:{reference}:{total}"
    return Piece(group=group, number=int(number), total=int(total), wait=PATIENCE)


def _receipt(fields: Mapping[str, str], number: str) -> Parsed:
    word, code = fields["status"].lower(), fields.get("err-code", "")
    state = STATES.get(word)
    if state is None:
        return Parsed(noise=("state",))
    failed = state is DeliveryState.FAILED
    reason = REASON_OF_RECEIPT.get(code, "provider_error")
    if word == "expired" and reason == "provider_error":
        reason = "expired"
    status = StatusUpdate(
        state=state,
        provider_id=number,
        outbound_id=fields.get("client-ref", ""),
        reason=reason if failed else "",
        code=code if failed else "",
        at=utc_seconds(fields.get("message-timestamp", "")),
        account=fields.get("to", ""),
    )
    return Parsed(statuses=(status,))


def _in_part(failed: _Part, taken: tuple[str, ...], total: int) -> Sent:
    """Some parts are on their way and one never will be: not whole, and never sent again."""
    reason = REASON_OF_ANSWER.get(failed.status, "provider_error")
    detail = f"Only {len(taken)} of {total} parts were taken. {failed.error}".strip()
    return Sent(outcome="refused", provider_ids=taken, reason=reason, code=failed.status, detail=detail)


def _by_code(part: _Part, response: Response) -> Sent:
    reason = REASON_OF_ANSWER.get(part.status, "provider_error")
    if part.status in NOBODY_KNOWS:
        return Sent(outcome="unknown", reason="no_answer", code=part.status, detail=part.error)
    if reason in (AUTH_FAILED, "rate_limited"):
        told = _WAIT.search(part.error)
        wait = int(told[1]) / 1000 if told else retry_after(response.headers)
        return Sent(outcome="retry", reason=reason, code=part.status, detail=part.error, retry_after=wait)
    return Sent(outcome="refused", reason=reason, code=part.status, detail=part.error)


def _digits(number: str) -> str:
    return "".join(number.split()).removeprefix("+")


def _credentials(settings: VonageSMSSettings) -> dict[str, str]:
    return {"authorization": basic_auth(settings.api_key, settings.api_secret)}
