"""SMS through any gateway that speaks HTTP, described by settings alone. Registered in `CHANNELS` as `sms_gateway`.

There is no source but the operator's own gateway: its addresses, fields and words stand in the settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, ClassVar, Literal, cast
from urllib.parse import parse_qsl

import msgspec

from leadline.channels.base import Capabilities, Channel
from leadline.channels.exchange import Answer, Call, Parsed, Request, Response, Steps
from leadline.channels.gateway.forms import (
    found_in,
    in_address,
    in_json,
    in_text,
    is_pattern,
    read_any,
    text_at,
    value_at,
)
from leadline.channels.gateway.settings import GatewaySettings, json_body, states_of
from leadline.channels.http import (
    first_of,
    form,
    form_call,
    is_signed,
    json_call,
    phone_or_sender,
    query,
    same,
    with_query,
)
from leadline.channels.pieces import sms_room, sms_then_files, with_links
from leadline.channels.status_answer import by_status, provider_words
from leadline.errors import Refused, Unreadable
from leadline.model import DeliveryState, Inbound, Outbound, Sent, StatusUpdate

PARTS = 10  # SMS parts of one message


class SMSGateway(Channel[GatewaySettings]):
    """Texts of one number at a gateway that nobody wrote an adapter for."""

    key: ClassVar[str] = "sms_gateway"
    title: ClassVar[str] = "SMS gateway, by settings alone"
    scheme: ClassVar[str] = "tel"
    phone_based: ClassVar[bool] = True
    settings: ClassVar[type[Any]] = GatewaySettings
    noise: ClassVar[Mapping[str, str]] = {
        "state": "A delivery report with a state that `report_states` does not name",
    }
    capabilities: ClassVar[Capabilities] = Capabilities(
        statuses=True,
        signature="a shared token, or an HMAC of the body, as set",
        limits={"text_length": sms_room(PARTS), "media_per_message": 1},
    )
    setup: ClassVar[tuple[str, ...]] = (
        "At the gateway enter {url} as the address for incoming messages.",
        "Enter {status_url} for delivery reports, unless it is told to the gateway with every message.",
        "Describe both in the channel's settings: `leadline channel settings sms_gateway` lists them.",
    )

    def abilities(self, settings: GatewaySettings) -> Capabilities:
        """Delivery reports only where their fields are named."""
        return msgspec.structs.replace(self.capabilities, statuses=bool(settings.report_state))

    def unsigned(self, settings: GatewaySettings) -> str:
        return "" if settings.token or settings.signing_key else "Neither token nor signing_key is set"

    def verify(self, request: Request, settings: GatewaySettings) -> None:
        """Check the token and the signature, as far as they are set; raises Refused."""
        if settings.token and not same(_standing_at(settings.token_at, request), settings.token):
            raise Refused(f"The token is missing or another one, at: {settings.token_at}")
        if settings.signing_key:
            _check_signature(request, settings)

    def taken(self, settings: GatewaySettings) -> Answer:
        """What the gateway wants to read."""
        return Answer(body=settings.answer_with)

    def parse(self, request: Request, settings: GatewaySettings) -> Parsed:
        """Every message and report of a webhook; raises Unreadable where there is no list of them."""
        outbound = first_of(query(request.url)).get("outbound", "")
        found = [_read(item, outbound, settings) for item in _items(request, settings)]
        return Parsed(
            messages=tuple(message for parsed in found for message in parsed.messages),
            statuses=tuple(status for parsed in found for status in parsed.statuses),
            noise=tuple(dict.fromkeys(code for parsed in found for code in parsed.noise)),
            unread=tuple(why for parsed in found for why in parsed.unread),
        )

    def address(self, settings: GatewaySettings) -> str:
        """The number, or the gateway."""
        return settings.number or settings.name

    def fingerprint(self, settings: GatewaySettings) -> tuple[str, ...]:
        return settings.name, settings.api_url, settings.number

    def pieces(self, message: Outbound, settings: GatewaySettings) -> tuple[Outbound, ...]:
        """Texts of at most ten SMS parts, then each file as a link of its own."""
        return sms_then_files(message, parts=PARTS)

    def build(self, message: Outbound, settings: GatewaySettings) -> Call:
        """The request that the settings describe."""
        values = _values(message, settings)
        url = settings.api_url.rstrip("/") + in_address(settings.send_path, values)
        name, _, value = settings.send_header.partition(":")
        secrets = {name.strip().lower(): value.strip()} if name else {}
        template = json_body(settings)
        if template is not None:
            return json_call(url, in_json(template, values), secrets=secrets)
        if settings.send_method == "GET":
            return Call(method="GET", url=url, secrets=secrets)
        fields = [
            (field, in_text(text, values)) for field, text in parse_qsl(settings.send_body, keep_blank_values=True)
        ]
        return form_call(url, fields, secrets=secrets)

    def send(self, message: Outbound, settings: GatewaySettings) -> Steps[Sent]:
        """One request; a program that names no id of its own is asked by ours."""
        return _understood((yield self.build(message, settings)), message.id, settings)

    def read(self, response: Response, settings: GatewaySettings) -> Sent:
        """2xx that holds what `sent_if` asks for: taken. Else by the HTTP status. Never raises."""
        return _understood(response, "", settings)


def _values(message: Outbound, settings: GatewaySettings) -> dict[str, str]:
    """What the placeholders stand for. The address for reports names the message."""
    reported = with_query(message.status_url, outbound=message.id) if message.status_url else ""
    return {
        "to": message.to.removeprefix("+") if settings.numbers == "digits" else message.to,
        "text": with_links(message),
        "from": settings.number,
        "id": message.id,
        "status_url": reported,
        "password": settings.password,
    }


def _understood(response: Response, own_id: str, settings: GatewaySettings) -> Sent:
    words = provider_words(response)
    if not 200 <= response.status < 300:
        return by_status(response, words)
    code = str(response.status)
    says_so = not settings.sent_if or _says_so(response.body, settings.sent_if)
    if not says_so and not _broke_off(response.body):
        return Sent(outcome="refused", reason="provider_error", code=code, detail=words)
    number = found_in(response.body, settings.sent_id) or own_id
    if says_so and number:
        return Sent(outcome="accepted", provider_ids=(number,))
    return Sent(outcome="unknown", reason="no_answer", code=code, detail=words)


def _broke_off(body: bytes) -> bool:
    """Whether nothing of an answer came, or the beginning of a JSON document only: nobody knows what it said."""
    if body.lstrip()[:1] not in (b"{", b"["):
        return not body.strip()
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return True
    return False


def _says_so(body: bytes, wanted: str) -> bool:
    """Whether an answer is that of success."""
    if is_pattern(wanted):
        return bool(found_in(body, wanted))
    place, _, value = wanted.partition("=")
    return found_in(body, place.strip()).casefold() == value.strip().casefold()


# -- webhooks ---------------------------------------------------------------------------------------------------------


def _items(request: Request, settings: GatewaySettings) -> list[Any]:
    """The messages and reports of a webhook: query, form or JSON, one or a list."""
    whole = _fields(request)
    items = value_at(whole, settings.in_list)
    if items is None:
        raise Unreadable(f"The webhook has nothing at {settings.in_list}, where in_list says that it lists messages")
    return items if isinstance(items, list) else [items]


def _fields(request: Request) -> Any:
    if request.method == "GET":
        return first_of(query(request.url))
    return read_any(request.body) if request.body.lstrip()[:1] in (b"{", b"[") else first_of(form(request))


def _read(item: Any, outbound: str, settings: GatewaySettings) -> Parsed:
    """One message or one report. A report is known by a state that the settings name."""
    state = text_at(item, settings.report_state)
    if known := states_of(settings).get(state.casefold()):
        return _report(item, outbound, state, known, settings)
    sender, has_text = text_at(item, settings.in_from), value_at(item, settings.in_text) is not None
    if sender and has_text:
        return _message(item, sender, settings)
    if state:
        return Parsed(noise=("state",))
    return Parsed(unread=(f"Neither {settings.in_from} and {settings.in_text} nor a known state can be found in it",))


def _message(item: Any, sender: str, settings: GatewaySettings) -> Parsed:
    text, moment = text_at(item, settings.in_text), text_at(item, settings.in_time)
    number = text_at(item, settings.in_id) or (moment and _identity(moment, sender, text))
    if not number:
        return Parsed(unread=(f"The message has nothing at {settings.in_id}, where in_id says that its id stands",))
    message = Inbound(
        provider_id=number,
        sender=sender,
        handles=(phone_or_sender(sender, digits_only=settings.numbers == "digits"),),
        text=text,
    )
    return Parsed(messages=(message,))


def _identity(moment: str, sender: str, text: str) -> str:
    """What makes a message the same in a repetition where the gateway names none: when, who, and the words."""
    words = "\n".join((moment, sender, text)).encode("utf-8", "surrogatepass")
    return f"{moment[:40]}-{sha256(words).hexdigest()[:24]}"


def _report(item: Any, outbound: str, word: str, known: tuple[DeliveryState, str], settings: GatewaySettings) -> Parsed:
    """What became of a message, named by the gateway's id, by ours, or by the address that the report came to."""
    number = text_at(item, settings.report_id)
    if not (number or outbound):
        return Parsed(unread=(f"The report has nothing at {settings.report_id or 'report_id'}, and names no message",))
    state, reason = known
    failed = state is DeliveryState.FAILED
    update = StatusUpdate(
        state=state,
        provider_id="" if outbound else number,
        outbound_id=outbound or number,
        reason=(reason or "provider_error") if failed else "",
        code=word if failed else "",
        detail=text_at(item, settings.report_detail) if failed else "",
    )
    return Parsed(statuses=(update,))


# -- proof ------------------------------------------------------------------------------------------------------------


def _standing_at(place: str, request: Request) -> str:
    """The text of a header or of a field; empty where it is missing or the body cannot be read."""
    where, _, name = place.partition(" ")
    if where == "header":
        return request.headers.get(name.lower(), "")
    try:
        return text_at(_fields(request), name)
    except Unreadable:
        return ""


def _check_signature(request: Request, settings: GatewaySettings) -> None:
    if request.method == "GET":
        raise Refused("A GET has no body that could be signed: have the gateway POST its webhooks")
    algorithm, _, encoding = settings.signature_as.partition(" ")
    given = _standing_at(settings.signature_at, request).removeprefix(f"{algorithm}=")
    base = cast('Literal["hex", "base64"]', encoding)
    if not is_signed(given, (settings.signing_key.encode(),), request.body, algorithm=algorithm, encoding=base):
        raise Refused(f"The signature is missing or does not fit, at: {settings.signature_at}")
