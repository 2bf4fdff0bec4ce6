"""SMS through TextMagic. Registered in `CHANNELS`.

Source: TextMagic's API pages, version 2, and the models of its own client, November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec

from leadline.channels.base import STATE_NOISE, Capabilities, Channel
from leadline.channels.exchange import Answer, Call, Parsed, Request, Response, Steps
from leadline.channels.http import any_fields, basic_auth, form_call, json_call, phone_or_sender, tried, utc_seconds
from leadline.channels.pieces import sms_room, sms_then_files, with_links
from leadline.channels.settings import Settings, plain, secret
from leadline.channels.textmagic.answer import read_answer
from leadline.channels.textmagic.missed import missed
from leadline.errors import ProviderTrouble, Unreadable
from leadline.model import DeliveryState, Inbound, Outbound, Sent, StatusUpdate

API = "https://rest.textmagic.com"
PARTS = 6  # SMS parts of one message, the most TextMagic sends
STATES = {
    "q": DeliveryState.QUEUED,
    "s": DeliveryState.QUEUED,
    "r": DeliveryState.SENT,
    "a": DeliveryState.SENT,
    "b": DeliveryState.SENT,
    "d": DeliveryState.DELIVERED,
    "f": DeliveryState.FAILED,
    "e": DeliveryState.FAILED,
    "j": DeliveryState.FAILED,
}


class TextMagicSettings(Settings, frozen=True, kw_only=True):
    """One TextMagic account. It signs nothing: only the secret address protects its webhooks."""

    username: Annotated[str, plain("Username of the account")]
    api_key: Annotated[str, secret("API key, from Services > API")]
    number: Annotated[str, plain("Number or sender ID that replies come from; empty: the account's default")] = ""
    only_listed: Annotated[bool, plain("Believe a message only once TextMagic lists it as received")] = False
    api_url: Annotated[str, plain("Base address of TextMagic's API")] = API


class _SetUp(msgspec.Struct):
    """The account's callback addresses."""

    incoming: str | None = msgspec.field(default=None, name="inUrl")


_SET_UP = msgspec.json.Decoder(_SetUp)


class TextMagic(Channel[TextMagicSettings]):
    """SMS of one account, to its dedicated or shared numbers."""

    key: ClassVar[str] = "textmagic"
    title: ClassVar[str] = "TextMagic SMS"
    scheme: ClassVar[str] = "tel"
    phone_based: ClassVar[bool] = True
    settings: ClassVar[type[Any]] = TextMagicSettings
    noise: ClassVar[Mapping[str, str]] = STATE_NOISE
    capabilities: ClassVar[Capabilities] = Capabilities(
        statuses=True,
        limits={"text_length": sms_room(PARTS), "media_per_message": 1},
        polls=True,
    )
    setup: ClassVar[tuple[str, ...]] = (
        "Leadline tells TextMagic both addresses. Where it says so, nothing is left to do.",
        "Otherwise: at TextMagic open Services > API > Settings (callback URLs).",
        "Enter {url} as callback URL for incoming messages and {status_url} as callback URL for delivery "
        "notifications; any of the three formats will do. TextMagic tests the address when it is saved.",
    )

    def unsigned(self, settings: TextMagicSettings) -> str:
        return "Set only_listed=true: then a message counts only once TextMagic lists it as received"

    def only_listed(self, settings: TextMagicSettings) -> bool:
        return settings.only_listed

    def verify(self, request: Request, settings: TextMagicSettings) -> None:
        """TextMagic signs nothing: the secret address is all there is."""

    def handshake(self, request: Request, settings: TextMagicSettings) -> Answer | None:
        """TextMagic tries a new address with an empty request, and takes nothing but 200 for an answer."""
        return Answer() if not request.body and "?" not in request.url else None

    def parse(self, request: Request, settings: TextMagicSettings) -> Parsed:
        """One message or one delivery notification, in version 2 or 1 of the fields."""
        fields = any_fields(request)
        number = fields.get("id") or fields.get("message_id") or ""
        if not number:
            raise Unreadable("id is missing: this is no webhook of TextMagic's messages; check its callback URLs")
        if "status" in fields:
            return _status(fields, number)
        sender = fields.get("sender") or fields.get("from") or ""
        message = Inbound(
            provider_id=number,
            sender=sender,
            handles=(phone_or_sender(sender, digits_only=True),),
            text=fields.get("text", ""),
            sent_at=_moment(fields),
        )
        return Parsed(messages=(message,))

    def address(self, settings: TextMagicSettings) -> str:
        """The number, or the account where none was entered."""
        return settings.number or settings.username

    def fingerprint(self, settings: TextMagicSettings) -> tuple[str, ...]:
        return settings.username, settings.number

    def pieces(self, message: Outbound, settings: TextMagicSettings) -> tuple[Outbound, ...]:
        """Texts of at most six SMS parts, then each file as a link of its own."""
        return sms_then_files(message, parts=PARTS)

    def build(self, message: Outbound, settings: TextMagicSettings) -> Call:
        """POST messages. Its field for ids takes numbers only, so TextMagic's own id finds the message again."""
        fields = {
            "phones": message.to.removeprefix("+"),
            "text": with_links(message),
            "from": settings.number.removeprefix("+"),
            "partsCount": str(PARTS),
        }
        url = f"{_api(settings)}/api/v2/messages"
        return form_call(
            url, [(name, value) for name, value in fields.items() if value], secrets=_credentials(settings)
        )

    def read(self, response: Response, settings: TextMagicSettings) -> Sent:
        """2xx with an id: taken. 4xx: refused or retry, by the field it complains of. Never raises."""
        return read_answer(response)

    def poll(self, since: float, settings: TextMagicSettings) -> Steps[Parsed]:
        """The list of replies, newest first, back to `since`; raises ProviderTrouble."""
        messages = yield from missed(f"{_api(settings)}/api/v2/replies", since, _credentials(settings))
        return Parsed(messages=messages)

    def probe(self, settings: TextMagicSettings) -> Call:
        """GET the callback addresses."""
        return Call(method="GET", url=_callbacks(settings), secrets=_credentials(settings))

    def probed(self, response: Response, settings: TextMagicSettings) -> str:
        """No address for incoming messages."""
        set_up = _set_up(response).incoming
        return "" if set_up else "no callback URL for incoming messages is set: run `leadline channel rotate`"

    def register(self, url: str, settings: TextMagicSettings) -> Steps[str]:
        """Set both callback addresses, unless the account's messages go to another program already."""
        secrets = _credentials(settings)
        known = _set_up((yield Call(method="GET", url=_callbacks(settings), secrets=secrets, harmless=True))).incoming
        if known and known.rpartition("/")[0] != url.rpartition("/")[0]:
            return f"TextMagic sends incoming messages to {known} by now. That was left alone; change it there:"
        call = json_call(
            _callbacks(settings), {"inUrl": url, "outUrl": url, "format": "j"}, secrets=secrets, method="PUT"
        )
        answer = yield msgspec.structs.replace(call, harmless=True)
        if not 200 <= answer.status < 300:
            raise ProviderTrouble(f"TextMagic does not take it: {read_answer(answer).detail or answer.status}")
        return "TextMagic sends messages and delivery notifications here from now on."


def _moment(fields: Mapping[str, str]) -> float | None:
    """The time of a webhook: ISO 8601 in version 2, unix seconds in version 1."""
    seconds = fields.get("timestamp", "")
    if seconds.isascii() and seconds.isdigit() and len(seconds) < 12:
        return float(seconds)
    return utc_seconds(fields.get("messageTime") or seconds)


def _status(fields: Mapping[str, str], number: str) -> Parsed:
    letter = fields["status"].lower()
    state = STATES.get(letter)
    if state is None:
        return Parsed(noise=("state",))
    failed = state is DeliveryState.FAILED
    reason = "blocked_by_carrier" if letter == "j" else "provider_error"
    status = StatusUpdate(
        state=state,
        provider_id=number,
        reason=reason if failed else "",
        code=letter if failed else "",
        at=_moment(fields),
    )
    return Parsed(statuses=(status,))


def _set_up(response: Response) -> _SetUp:
    return tried(_SET_UP, response.body) or _SetUp()


def _callbacks(settings: TextMagicSettings) -> str:
    return f"{_api(settings)}/api/v2/callback/settings"


def _api(settings: TextMagicSettings) -> str:
    return settings.api_url.rstrip("/")


def _credentials(settings: TextMagicSettings) -> dict[str, str]:
    return {"authorization": basic_auth(settings.username, settings.api_key)}
