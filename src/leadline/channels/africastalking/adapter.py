"""SMS through Africa's Talking. Registered in `CHANNELS`.

Source: Africa's Talking's SMS pages and its own client, November 2026.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlencode

import msgspec

from leadline.channels.africastalking.codes import NOBODY_KNOWS, REASON_OF_CODE, REASON_OF_WORD, STATES, TAKEN
from leadline.channels.africastalking.missed import Inbox
from leadline.channels.base import STATE_NOISE, Capabilities, Channel
from leadline.channels.exchange import Call, Parsed, Request, Response, Steps
from leadline.channels.http import any_fields, form_call, phone_or_sender, tried, utc_seconds
from leadline.channels.pieces import sms_room, sms_then_files, with_links
from leadline.channels.settings import Settings, plain, secret
from leadline.channels.status_answer import by_status
from leadline.errors import Unreadable
from leadline.model import Consent, DeliveryState, Inbound, Outbound, Sent, StatusUpdate

API = "https://api.africastalking.com"
PREMIUM_API = "https://content.africastalking.com"
SANDBOX_API = "https://api.sandbox.africastalking.com"
PARTS = 6  # SMS parts of one message; Africa's Talking names no limit, and carriers cut what is much longer


class AfricasTalkingSettings(Settings, frozen=True, kw_only=True):
    """One app. It signs nothing: only the secret address protects its webhooks. Username `sandbox` is the sandbox."""

    username: Annotated[str, plain("Username of the app; sandbox for Africa's Talking's sandbox")]
    api_key: Annotated[str, secret("API key of the app, from its settings")]
    number: Annotated[str, plain("Short code or sender ID that replies come from; empty: the shared one")] = ""
    keyword: Annotated[str, plain("Keyword of a premium service, whose replies must name the message they answer")] = ""
    only_listed: Annotated[bool, plain("Believe a message only once Africa's Talking lists it as received")] = False
    api_url: Annotated[str, plain("Base address of the API; empty: the live one, or the sandbox by the username")] = ""


class _Recipient(msgspec.Struct):
    code: int = msgspec.field(default=0, name="statusCode")
    status: str = ""
    id: str = msgspec.field(default="", name="messageId")


class _Outcome(msgspec.Struct):
    told: str = msgspec.field(default="", name="Message")
    recipients: list[_Recipient] = msgspec.field(default_factory=list, name="Recipients")


class _Reply(msgspec.Struct):
    outcome: _Outcome = msgspec.field(default_factory=_Outcome, name="SMSMessageData")


_REPLY = msgspec.json.Decoder(_Reply)


class AfricasTalking(Channel[AfricasTalkingSettings]):
    """SMS of one app, to its short codes."""

    key: ClassVar[str] = "africastalking"
    title: ClassVar[str] = "Africa's Talking SMS"
    scheme: ClassVar[str] = "tel"
    phone_based: ClassVar[bool] = True
    settings: ClassVar[type[Any]] = AfricasTalkingSettings
    refusals: ClassVar[Mapping[str, Literal["everything", "marketing"]]] = {"406": "everything"}
    noise: ClassVar[Mapping[str, str]] = {
        **STATE_NOISE,
        "subscription": "Somebody subscribed to a premium service, or left it",
    }
    capabilities: ClassVar[Capabilities] = Capabilities(
        statuses=True,
        limits={"text_length": sms_room(PARTS), "media_per_message": 1},
        polls=True,
    )
    setup: ClassVar[tuple[str, ...]] = (
        "At Africa's Talking open your app, then SMS > SMS callback URLs.",
        "Enter {url} under Incoming messages and under Bulk SMS opt out, and {status_url} under Delivery reports.",
    )

    def unsigned(self, settings: AfricasTalkingSettings) -> str:
        return "Set only_listed=true: then a message counts only once Africa's Talking lists it as received"

    def only_listed(self, settings: AfricasTalkingSettings) -> bool:
        return settings.only_listed

    def verify(self, request: Request, settings: AfricasTalkingSettings) -> None:
        """Africa's Talking signs nothing: the secret address is all there is."""

    def parse(self, request: Request, settings: AfricasTalkingSettings) -> Parsed:
        """One message, one delivery report, or one opt-out."""
        fields = any_fields(request)
        if "status" in fields and "text" not in fields and fields.get("id"):
            return _report(fields)
        if "phoneNumber" in fields and "text" not in fields:
            return _opt_out(fields, request.now)
        if not _identity(fields):
            raise Unreadable("id is missing: this is no webhook of Africa's Talking's SMS; check its callback URLs")
        return Parsed(messages=(_message(fields, settings),))

    def address(self, settings: AfricasTalkingSettings) -> str:
        """The short code or sender ID, or the app where none was entered."""
        return settings.number or settings.username

    def fingerprint(self, settings: AfricasTalkingSettings) -> tuple[str, ...]:
        return settings.username, settings.number, settings.keyword

    def pieces(self, message: Outbound, settings: AfricasTalkingSettings) -> tuple[Outbound, ...]:
        """Texts of at most six SMS parts, then each file as a link of its own."""
        return sms_then_files(message, parts=PARTS)

    def build(self, message: Outbound, settings: AfricasTalkingSettings) -> Call:
        """POST messaging. No field for an id of one's own exists, so Africa's Talking's id finds the message again."""
        is_premium = bool(settings.keyword and message.reply_ref)
        premium = {"bulkSMSMode": "0", "keyword": settings.keyword, "linkId": message.reply_ref}
        fields = {
            "username": settings.username,
            "to": message.to,
            "message": with_links(message),
            "from": settings.number,
            **(premium if is_premium else {}),
        }
        url = f"{_api(settings, PREMIUM_API if is_premium else API)}/version1/messaging"
        return form_call(url, [(name, value) for name, value in fields.items() if value], secrets=_key(settings))

    def read(self, response: Response, settings: AfricasTalkingSettings) -> Sent:
        """201 says nothing: the one recipient's code does, and an empty list means refused. Never raises."""
        reply = tried(_REPLY, response.body)
        if reply is None or not 200 <= response.status < 300:
            return by_status(response, _start(response))
        outcome = reply.outcome
        if not outcome.recipients:
            return _empty(outcome.told, response)
        recipient = outcome.recipients[0]
        if recipient.code in TAKEN and recipient.id not in ("", "None"):
            return Sent(outcome="accepted", provider_ids=(recipient.id,))
        code = str(recipient.code)
        if recipient.code in NOBODY_KNOWS or recipient.code in TAKEN:
            return Sent(outcome="unknown", reason="no_answer", code=code, detail=recipient.status)
        reason = REASON_OF_CODE.get(recipient.code, "provider_error")
        return Sent(outcome="refused", reason=reason, code=code, detail=recipient.status)

    def poll(self, since: float, settings: AfricasTalkingSettings) -> Steps[Parsed]:
        """The list of messages from `since` on; raises ProviderTrouble."""
        inbox = Inbox(f"{_api(settings)}/version1/messaging", settings.username, _key(settings))
        listed = yield from inbox.since(since)
        fields = [
            {"id": str(one.id), "from": one.sender or "", "to": str(one.to or ""), "text": one.text or ""}
            | {"date": one.date or "", "linkId": one.link or ""}
            for one in listed
        ]
        return Parsed(messages=tuple(_message(one, settings) for one in fields))

    def probe(self, settings: AfricasTalkingSettings) -> Call:
        """GET the app's balance."""
        url = f"{_api(settings)}/version1/user?{urlencode({'username': settings.username})}"
        return Call(method="GET", url=url, headers={"accept": "application/json"}, secrets=_key(settings))


def _message(fields: Mapping[str, str], settings: AfricasTalkingSettings) -> Inbound:
    sender = fields.get("from", "")
    return Inbound(
        provider_id=_identity(fields),
        sender=sender,
        handles=(phone_or_sender(sender, digits_only=False),),
        text=fields.get("text", ""),
        sent_at=utc_seconds(fields.get("date", "")),
        reply_ref=fields.get("linkId", "") if settings.keyword else "",
    )


def _identity(fields: Mapping[str, str]) -> str:
    """What makes a message the same in a webhook and in the list, whose ids differ: second, sender, receiver, words."""
    moment = utc_seconds(fields.get("date", ""))
    if moment is None:
        return fields.get("id", "")
    words = "\n".join(fields.get(name, "") for name in ("from", "to", "text"))
    return f"{int(moment)}-{hashlib.sha256(words.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"


def _opt_out(fields: Mapping[str, str], now: float) -> Parsed:
    """A customer who refuses a sender ID. It carries no id and no time: a repetition within a minute is the same."""
    if fields.get("updateType") or not fields["phoneNumber"]:
        return Parsed(noise=("subscription",))
    phone = fields["phoneNumber"]
    consent = Consent(
        provider_id=f"optout:{fields.get('senderId', '')}:{phone}:{int(now // 60)}",
        handles=(phone_or_sender(phone, digits_only=False),),
        state="out",
        sender=phone,
        at=now,
    )
    return Parsed(consents=(consent,))


def _report(fields: Mapping[str, str]) -> Parsed:
    word, why = fields["status"].lower(), fields.get("failureReason", "")
    state = STATES.get(word)
    if state is None:
        return Parsed(noise=("state",))
    failed = state is DeliveryState.FAILED
    known = REASON_OF_WORD.get(why.lower()) or REASON_OF_WORD.get(word, "provider_error")
    status = StatusUpdate(
        state=state,
        provider_id=fields["id"],
        reason=known if failed else "",
        code=(why or fields["status"]) if failed else "",
    )
    return Parsed(statuses=(status,))


def _empty(told: str, response: Response) -> Sent:
    """No recipient: nothing was sent, and a word tells why."""
    if not told:
        return Sent(outcome="unknown", reason="no_answer", code=str(response.status))
    reason = REASON_OF_WORD.get(told.strip().lower(), "provider_error")
    return Sent(outcome="refused", reason=reason, code=told.strip()[:40], detail=told)


def _start(response: Response) -> str:
    return response.body[:200].decode("utf-8", "replace")


def _api(settings: AfricasTalkingSettings, live: str = API) -> str:
    return (settings.api_url or (SANDBOX_API if settings.username == "sandbox" else live)).rstrip("/")


def _key(settings: AfricasTalkingSettings) -> dict[str, str]:
    return {"apikey": settings.api_key}
