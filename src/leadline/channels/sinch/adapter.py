"""SMS and MMS through Sinch. Registered in `CHANNELS`.

Source: Sinch's SMS API reference: batches, inbounds, delivery reports and callbacks, as known in November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec

from leadline.channels.anything import beside, unknown
from leadline.channels.base import STATE_NOISE, Capabilities, Channel
from leadline.channels.exchange import Call, Parsed, Request, Response
from leadline.channels.http import decoded, host_of, json_call, phone_or_sender, same, tried, utc_seconds
from leadline.channels.pieces import sms_room, sms_then_files
from leadline.channels.settings import Settings, plain, secret
from leadline.channels.status_answer import by_status, provider_words
from leadline.channels.words import lines, listed, lost_files
from leadline.errors import Refused, Unreadable
from leadline.media import UNTYPED
from leadline.model import Attachment, DeliveryState, Inbound, Outbound, Sent, StatusUpdate

API = "https://us.sms.api.sinch.com"
PARTS = 10  # SMS parts of one message
STATES = {
    "queued": DeliveryState.QUEUED,
    "dispatched": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "failed": DeliveryState.FAILED,
    "aborted": DeliveryState.FAILED,
    "rejected": DeliveryState.FAILED,
    "expired": DeliveryState.FAILED,
    "cancelled": DeliveryState.FAILED,
}
PARTS_OF_MMS = frozenset({"subject", "message", "media"})
NOTHING = (b"null", b"[]")
REASONS = {"expired": "expired", "cancelled": "canceled", "rejected": "blocked_by_carrier"}
REASON_OF_CODE = {
    "402": "not_on_channel",
    "404": "unreachable",
    "406": "expired",
    "410": "sender_rejected",
    "411": "too_long",
    "412": "sender_rejected",
    "414": "media_rejected",
}
_REFUSED = {
    "syntax_invalid_parameter_format": "invalid_recipient",
    "syntax_constraint_violation": "content_rejected",
    "forbidden": "sender_rejected",
}


class SinchSettings(Settings, frozen=True, kw_only=True):
    """One service plan at Sinch, with its number."""

    service_plan_id: Annotated[str, plain("Service plan ID, from SMS > APIs")]
    api_token: Annotated[str, secret("API token of the service plan, same page")]
    number: Annotated[str, plain("Your number in international form, for example +14155550100")]
    callback_authorization: Annotated[
        str, secret("What Sinch sends in Authorization, where it was asked to protect its callbacks; empty: nothing")
    ] = ""
    api_url: Annotated[str, plain("Base address of the API in your region: us, eu, au, br or ca")] = API


class _File(msgspec.Struct):
    url: str | None = None
    content_type: str | None = None


class _Mms(msgspec.Struct):
    subject: str | None = None
    message: str | None = None
    media: list[_File] | None = None


class _Event(msgspec.Struct):
    """A message, or what became of one; which of the fields count, `type` says."""

    type: str = ""
    id: str = ""
    sender: str = msgspec.field(default="", name="from")
    to: str = ""
    body: msgspec.Raw = msgspec.Raw(b"null")
    udh: str | None = None
    received_at: str | None = None
    sent_at: str | None = None
    batch_id: str = ""
    client_reference: str | None = None
    code: int | str = ""
    status: str = ""
    at: str | None = None


class _Reply(msgspec.Struct):
    id: str = ""
    code: str = ""
    text: str = ""


_EVENT = msgspec.json.Decoder(_Event)
_TEXT = msgspec.json.Decoder(str)
_MMS = msgspec.json.Decoder(_Mms)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_REPLY = msgspec.json.Decoder(_Reply)


class Sinch(Channel[SinchSettings]):
    """SMS and MMS of one service plan."""

    key: ClassVar[str] = "sinch"
    title: ClassVar[str] = "Sinch SMS"
    scheme: ClassVar[str] = "tel"
    phone_based: ClassVar[bool] = True
    settings: ClassVar[type[Any]] = SinchSettings
    noise: ClassVar[Mapping[str, str]] = {
        **STATE_NOISE,
        "summary": "A summary of what became of a batch; the reports on each message tell the same",
    }
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        statuses=True,
        limits={"text_length": sms_room(PARTS), "media_bytes": 1_000_000, "media_per_message": 1},
    )
    setup: ClassVar[tuple[str, ...]] = (
        "At dashboard.sinch.com open SMS > APIs, choose your service plan, and enter {url} as Callback URL.",
        "Sinch signs no SMS callbacks. Ask its support to send a header Authorization with them, and enter the same "
        "text here; without it only the secret address protects them.",
        "Delivery reports come to {status_url}; Leadline names it with every message, nothing to set.",
    )

    def unsigned(self, settings: SinchSettings) -> str:
        agreed = "Ask Sinch's support to send a header Authorization, and set callback_authorization"
        return "" if settings.callback_authorization else agreed

    def verify(self, request: Request, settings: SinchSettings) -> None:
        """Compare Authorization where one was agreed on; else the secret address is all there is. Raises Refused."""
        agreed = settings.callback_authorization
        if agreed and not same(request.headers.get("authorization", ""), agreed):
            raise Refused("Authorization is not what was agreed on with Sinch: check callback_authorization")

    def parse(self, request: Request, settings: SinchSettings) -> Parsed:
        """One message, or what became of one of ours; raises Unreadable."""
        event = decoded(_EVENT, request.body)
        if event.type.startswith("mo_") and event.id:
            return Parsed(messages=(_message(event),))
        if event.type in ("recipient_delivery_report_sms", "recipient_delivery_report_mms") and event.batch_id:
            return _report(event)
        if event.type in ("delivery_report_sms", "delivery_report_mms"):
            return Parsed(noise=("summary",))
        raise Unreadable(f"An event of a kind that Leadline does not know, or without an id: {event.type[:60]}")

    def address(self, settings: SinchSettings) -> str:
        """The number."""
        return settings.number

    def account(self, settings: SinchSettings) -> str:
        """The number as callbacks name it: a service plan may have several."""
        return settings.number.removeprefix("+")

    def pieces(self, message: Outbound, settings: SinchSettings) -> tuple[Outbound, ...]:
        """Texts of at most ten SMS parts, then every file alone, as MMS."""
        return sms_then_files(message, parts=PARTS)

    def build(self, message: Outbound, settings: SinchSettings) -> Call:
        """POST batches; our id is the reference that reports bring back."""
        value: dict[str, Any] = {
            "from": settings.number.removeprefix("+"),
            "to": [message.to.removeprefix("+")],
            "delivery_report": "per_recipient",
            "client_reference": message.id,
        }
        if message.attachments:
            body = {"url": message.attachments[0].url} | ({"message": message.text} if message.text else {})
            value |= {"type": "mt_media", "body": body}
        else:
            value |= {"type": "mt_text", "body": message.text}
        value |= {"callback_url": message.status_url} if message.status_url else {}
        return json_call(f"{_plan(settings)}/batches", value, secrets=_credentials(settings))

    def read(self, response: Response, settings: SinchSettings) -> Sent:
        """2xx with an id: taken. 400 and 403, by their word: refused. Else by the status. Never raises.

        What a 403 of no known word means was not verified. To wait for another token could hold back all replies for
        nothing, so that it is refused and told in Sinch's own words.
        """
        reply = tried(_REPLY, response.body) or _Reply()
        if 200 <= response.status < 300 and reply.id:
            return Sent(outcome="accepted", provider_ids=(reply.id,))
        if response.status in (400, 403):
            reason, code = _REFUSED.get(reply.code, "provider_error"), reply.code or str(response.status)
            return Sent(outcome="refused", reason=reason, code=code, detail=reply.text or provider_words(response))
        return by_status(response, reply.text or provider_words(response))

    def media_hosts(self, settings: SinchSettings) -> tuple[str, ...]:
        """Where Sinch keeps what customers send."""
        return (".sinch.com", host_of(settings.api_url))

    def probe(self, settings: SinchSettings) -> Call:
        """GET one batch of the list."""
        url = f"{_plan(settings)}/batches?page_size=1"
        return Call(method="GET", url=url, secrets=_credentials(settings), harmless=True)


def _message(event: _Event) -> Inbound:
    text, files = _contents(event)
    return Inbound(
        provider_id=event.id,
        sender=event.sender,
        handles=(phone_or_sender(event.sender, digits_only=True),),
        text=text,
        attachments=files,
        sent_at=utc_seconds(event.received_at or event.sent_at or ""),
        account=event.to,
    )


def _contents(event: _Event) -> tuple[str, tuple[Attachment, ...]]:
    """A text, the bytes of a binary SMS, or the parts of an MMS; what is none of them is shown whole."""
    raw = bytes(event.body)
    if (text := tried(_TEXT, raw)) is not None:
        return (listed("Binary SMS", text, event.udh) if event.type == "mo_binary" else text), ()
    mms, fields = tried(_MMS, raw), tried(_FIELDS, raw) or {}
    if mms is None or (mms == _Mms() and not PARTS_OF_MMS.issuperset(fields)):
        return ("", ()) if raw in NOTHING else unknown(event.type, raw)
    files = [
        Attachment(url=file.url, content_type=file.content_type or UNTYPED) for file in mms.media or () if file.url
    ]
    lost = lost_files("Sinch", len(mms.media or ()) - len(files))
    return lines(mms.subject, mms.message, beside(raw, PARTS_OF_MMS), lost), tuple(files)


def _report(event: _Event) -> Parsed:
    word = event.status.lower()
    state = STATES.get(word)
    if state is None:
        return Parsed(noise=("state",))
    failed, code = state is DeliveryState.FAILED, str(event.code)
    by_word = REASONS.get(word, "provider_error")
    update = StatusUpdate(
        state=state,
        provider_id=event.batch_id,
        outbound_id=event.client_reference or "",
        reason=REASON_OF_CODE.get(code, by_word) if failed else "",
        code=code if failed else "",
        at=utc_seconds(event.at or ""),
    )
    return Parsed(statuses=(update,))


def _plan(settings: SinchSettings) -> str:
    return f"{settings.api_url.rstrip('/')}/xms/v1/{settings.service_plan_id}"


def _credentials(settings: SinchSettings) -> dict[str, str]:
    return {"authorization": f"Bearer {settings.api_token}"}
