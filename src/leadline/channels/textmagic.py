"""SMS through TextMagic. Registered in `CHANNELS`.

Source: TextMagic's API pages, version 2, and the models of its own client, November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec

from leadline.channels.base import (
    Answer,
    Call,
    Capabilities,
    Channel,
    Parsed,
    Request,
    Response,
    Settings,
    Steps,
    plain,
    secret,
)
from leadline.channels.http import any_fields, basic_auth, form_call, phone_or_sender, utc_seconds
from leadline.channels.pieces import sms_room, sms_then_files, with_links
from leadline.channels.textmagic_answer import read_answer
from leadline.errors import ProviderTrouble, Unreadable
from leadline.model import DeliveryState, Inbound, Outbound, Profile, Sent, StatusUpdate

API = "https://rest.textmagic.com"
PARTS = 6  # SMS parts of one message, the most TextMagic sends
PAGE = 100
PAGES = 100  # 10,000 messages; more were not missed in one go
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
    api_url: Annotated[str, plain("Base address of TextMagic's API")] = API


class _Reply(msgspec.Struct):
    """One received message, as the list of replies holds it."""

    id: int | str
    sender: str | int | None = ""
    time: str | None = msgspec.field(default="", name="messageTime")
    text: str | None = ""
    first_name: str | None = msgspec.field(default="", name="firstName")
    last_name: str | None = msgspec.field(default="", name="lastName")


class _Page(msgspec.Struct):
    resources: list[_Reply]
    count: int = msgspec.field(default=1, name="pageCount")


_PAGE = msgspec.json.Decoder(_Page)


class TextMagic(Channel[TextMagicSettings]):
    """SMS of one account, to its dedicated or shared numbers."""

    key: ClassVar[str] = "textmagic"
    title: ClassVar[str] = "TextMagic SMS"
    scheme: ClassVar[str] = "tel"
    phone_based: ClassVar[bool] = True
    settings: ClassVar[type[Any]] = TextMagicSettings
    capabilities: ClassVar[Capabilities] = Capabilities(
        statuses=True,
        limits={"text_length": sms_room(PARTS), "media_per_message": 1},
        polls=True,
    )
    setup: ClassVar[tuple[str, ...]] = (
        "At TextMagic open Services > API > Settings (callback URLs).",
        "Enter {url} as callback URL for incoming messages and {status_url} as callback URL for delivery "
        "notifications; any of the three formats will do. TextMagic tests the address when it is saved.",
    )

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
        found: list[Inbound] = []
        for number in range(1, PAGES + 1):
            url = f"{_api(settings)}/api/v2/replies?page={number}&limit={PAGE}&orderBy=id&direction=desc"
            page = _page((yield Call(method="GET", url=url, secrets=_credentials(settings), harmless=True)))
            messages = [_listed(reply) for reply in page.resources]
            found += [message for message in messages if message.sent_at is None or message.sent_at >= since]
            reached = any(message.sent_at is not None and message.sent_at < since for message in messages)
            if reached or number >= page.count or not messages:
                break
        return Parsed(messages=tuple(reversed(found)))

    def probe(self, settings: TextMagicSettings) -> Call:
        """GET the account."""
        return Call(method="GET", url=f"{_api(settings)}/api/v2/user", secrets=_credentials(settings))


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
        return Parsed(ignored=(f"status {letter}",))
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


def _listed(reply: _Reply) -> Inbound:
    sender = str(reply.sender or "")
    return Inbound(
        provider_id=str(reply.id),
        sender=sender,
        handles=(phone_or_sender(sender, digits_only=True),),
        text=reply.text or "",
        sent_at=utc_seconds(reply.time or ""),
        profile=Profile(name=" ".join(filter(None, (reply.first_name, reply.last_name)))),
    )


def _page(response: Response) -> _Page:
    try:
        if response.status == 200:
            return _PAGE.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    raise ProviderTrouble(f"TextMagic did not list its replies (HTTP {response.status})")


def _api(settings: TextMagicSettings) -> str:
    return settings.api_url.rstrip("/")


def _credentials(settings: TextMagicSettings) -> dict[str, str]:
    return {"authorization": basic_auth(settings.username, settings.api_key)}
