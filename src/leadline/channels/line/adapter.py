"""LINE Messaging API of one official account. Registered in `CHANNELS`.

Source: LINE's OpenAPI descriptions and its Messaging API reference, November 2026.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar
from urllib.parse import quote

import msgspec

from leadline.channels.base import Capabilities, Channel
from leadline.channels.exchange import Call, Parsed, Request, Response, Steps
from leadline.channels.http import host_of, is_signed, json_call, retry_after, tried
from leadline.channels.line.events import NOISE, read_events
from leadline.channels.pieces import offered, text_with_files
from leadline.channels.reasons import AUTH_FAILED
from leadline.channels.settings import MarkRead, Settings, plain, secret
from leadline.errors import ProviderTrouble, Refused
from leadline.model import Attachment, Inbound, Outbound, Profile, Sent

API = "https://api.line.me"
CONTENT_API = "https://api-data.line.me"
TEXT = 5000  # UTF-16 units of a text message
FILES = 4  # one request takes five message objects and costs one message of the quota: a text and four files
LONGEST_ADDRESS = 2000
SHOWN = ("image/jpeg", "image/png")
RETRY_KEYS = uuid.UUID("5b6d9dc3-2f0c-4f43-8d0a-5d6c1c3f0b7e")  # namespace of retry keys; any fixed one will do


class LineSettings(Settings, frozen=True, kw_only=True):
    """One LINE official account with the Messaging API switched on."""

    channel_secret: Annotated[str, secret("Channel secret, from the console's Basic settings; it signs the webhooks")]
    access_token: Annotated[str, secret("Long-lived channel access token, from the console's Messaging API tab")]
    basic_id: Annotated[str, plain("The account as people know it, for example @acme")] = ""
    mark_read: MarkRead = False
    api_url: Annotated[str, plain("Base address of LINE's API")] = API


class _SentMessage(msgspec.Struct):
    id: str
    quote_token: str = msgspec.field(default="", name="quoteToken")


class _Reply(msgspec.Struct):
    """LINE's answer to a send: what it took, or why not."""

    sent: list[_SentMessage] = msgspec.field(default_factory=list, name="sentMessages")
    message: str = ""


class _Tested(msgspec.Struct):
    """What came of LINE's own test of the address."""

    success: bool = False
    reason: str = ""
    detail: str = ""


class _Person(msgspec.Struct):
    name: str = msgspec.field(name="displayName")
    picture: str | None = msgspec.field(default=None, name="pictureUrl")
    language: str | None = None


_REPLY = msgspec.json.Decoder(_Reply)
_TESTED = msgspec.json.Decoder(_Tested)
_PERSON = msgspec.json.Decoder(_Person)


class Line(Channel[LineSettings]):
    """Chats of one account with people and groups. A fresh reply token goes first: replies are free, pushes are not."""

    key: ClassVar[str] = "line"
    title: ClassVar[str] = "LINE"
    scheme: ClassVar[str] = "line"
    settings: ClassVar[type[Any]] = LineSettings
    noise: ClassVar[Mapping[str, str]] = NOISE
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        signature="HMAC-SHA256 of the body",
        limits={"text_length": TEXT, "media_bytes": 10_000_000, "media_per_message": FILES},
        choices=13,
        choice_length=20,
        profiles=True,
        idempotent=True,
    )
    setup: ClassVar[tuple[str, ...]] = (
        "Leadline has told LINE the address {url}. Where it could not, `leadline channel register` tries again.",
        "At developers.line.biz open your channel, then the tab Messaging API, and switch on Use webhook.",
        "Switch on Webhook redelivery: without it LINE drops what comes while this server is away.",
        "At LINE Official Account Manager, under Response settings, switch off auto-response messages.",
    )

    def verify(self, request: Request, settings: LineSettings) -> None:
        """Check x-line-signature over the raw body; raises Refused."""
        given = request.headers.get("x-line-signature", "")
        if not given:
            raise Refused("x-line-signature is missing: only LINE may call this address")
        if not is_signed(given, (settings.channel_secret.encode(),), request.body, encoding="base64"):
            raise Refused("x-line-signature does not fit: check channel_secret, in the console under Basic settings")

    def parse(self, request: Request, settings: LineSettings) -> Parsed:
        """Every event; LINE's test of the address holds none."""
        return read_events(request.body)

    def address(self, settings: LineSettings) -> str:
        """The account's name, where one was entered."""
        return settings.basic_id or "LINE account"

    def fingerprint(self, settings: LineSettings) -> tuple[str, ...]:
        return (settings.channel_secret,)

    def marking_read(self, number: str, ref: str, to: str, settings: LineSettings) -> Call | None:
        """By the token that came with the message. Source: LINE's OpenAPI description, November 2026."""
        if not (settings.mark_read and ref):
            return None
        url = f"{settings.api_url.rstrip('/')}/v2/bot/chat/markAsRead"
        return json_call(url, {"markAsReadToken": ref}, secrets=_credentials(settings))

    def quotable(self, number: str, ref: str, to: str, settings: LineSettings) -> str:
        """By its quote token. Source: `quoteToken` in LINE's OpenAPI descriptions, November 2026."""
        return ref

    def pieces(self, message: Outbound, settings: LineSettings) -> tuple[Outbound, ...]:
        """Texts of 5000 characters, the last one with up to four files; only the first may use the reply token."""
        first, *others = text_with_files(message, text_length=TEXT, files=FILES) or (None,)
        rest = [msgspec.structs.replace(piece, reply_ref="") for piece in others if piece]
        return (first, *rest) if first else ()

    def build(self, message: Outbound, settings: LineSettings) -> Call:
        """POST reply where there is a token for it, else push with our id as retry key."""
        quoting = {"quoteToken": message.quoted} if message.quoted else {}
        objects: list[dict[str, Any]] = [{"type": "text", "text": message.text} | quoting] if message.text else []
        objects += [_shown(file) for file in message.attachments]
        if choices := offered(message):  # LINE shows those of the last object only
            taps = [{"type": "action", "action": {"type": "message", "label": each, "text": each}} for each in choices]
            objects[-1] = objects[-1] | {"quickReply": {"items": taps}}
        if message.reply_ref:
            value: dict[str, Any] = {"replyToken": message.reply_ref, "messages": objects}
            return json_call(f"{_message_url(settings)}/reply", value, secrets=_credentials(settings))
        call = json_call(
            f"{_message_url(settings)}/push", {"to": message.to, "messages": objects}, secrets=_credentials(settings)
        )
        key = str(uuid.uuid5(RETRY_KEYS, message.id))
        return msgspec.structs.replace(call, headers={**call.headers, "x-line-retry-key": key})

    def send(self, message: Outbound, settings: LineSettings) -> Steps[Sent]:
        """A reply; where LINE refuses its token (used, or older than a minute) nothing went out, and a push follows."""
        response = yield self.build(message, settings)
        if message.reply_ref and response.status == 400 and "reply token" in _reply(response).message.lower():
            response = yield self.build(msgspec.structs.replace(message, reply_ref=""), settings)
        return self.read(response, settings)

    def read(self, response: Response, settings: LineSettings) -> Sent:
        """200, or 409 for a repeated retry key: taken. Other 4xx: refused or retry. The rest: unknown."""
        reply = _reply(response)
        ids = tuple(taken.id for taken in reply.sent)
        if (200 <= response.status < 300 and ids) or response.status == 409:
            token = next((taken.quote_token for taken in reply.sent if taken.quote_token), "")
            return Sent(outcome="accepted", provider_ids=ids, quote_ref=token)
        code, detail = str(response.status), reply.message
        if response.status == 429 and "monthly limit" not in detail.lower():
            wait = retry_after(response.headers)
            return Sent(outcome="retry", reason="rate_limited", code=code, detail=detail, retry_after=wait)
        if response.status == 401:
            return Sent(outcome="retry", reason=AUTH_FAILED, code=code, detail=detail)
        if 400 <= response.status < 500:
            return Sent(outcome="refused", reason=_reason(response.status, detail.lower()), code=code, detail=detail)
        return Sent(outcome="unknown", reason="no_answer", code=code, detail=detail)

    def look_up(self, message: Inbound, settings: LineSettings) -> Steps[Profile]:
        """GET the profile; LINE has none of people who blocked the account or never added it."""
        url = f"{settings.api_url.rstrip('/')}/v2/bot/profile/{quote(message.sender, safe='')}"
        response = yield Call(method="GET", url=url, secrets=_credentials(settings), harmless=True)
        person = tried(_PERSON, response.body) if response.status == 200 else None
        if person is None:
            return message.profile
        return Profile(name=person.name, avatar_url=person.picture or "", language=person.language or "")

    def media(self, attachment: Attachment, settings: LineSettings) -> Call:
        """GET the content of the message that is the file; a profile picture lies open at its own address."""
        if not attachment.ref:
            return Call(method="GET", url=attachment.url)
        ref = quote(attachment.ref, safe="")
        url = f"{_content_url(settings)}/v2/bot/message/{ref}/content"
        return Call(method="GET", url=url, secrets=_credentials(settings))

    def media_hosts(self, settings: LineSettings) -> tuple[str, ...]:
        """Where contents and profile pictures lie."""
        return (host_of(_content_url(settings)), ".line-scdn.net")

    def probe(self, settings: LineSettings) -> Call:
        """GET the account."""
        url = f"{settings.api_url.rstrip('/')}/v2/bot/info"
        return Call(method="GET", url=url, secrets=_credentials(settings), harmless=True)

    def register(self, url: str, settings: LineSettings) -> Steps[str]:
        """Set the webhook's address, then let LINE test it."""
        base, value = f"{settings.api_url.rstrip('/')}/v2/bot/channel/webhook", {"endpoint": url}
        setting = json_call(f"{base}/endpoint", value, secrets=_credentials(settings), method="PUT")
        answer = yield msgspec.structs.replace(setting, harmless=True)
        if answer.status != 200:
            raise ProviderTrouble(f"LINE does not take it: {_reply(answer).message or answer.status}")
        testing = json_call(f"{base}/test", value, secrets=_credentials(settings))
        answer = yield msgspec.structs.replace(testing, harmless=True)
        tested = tried(_TESTED, answer.body) or _Tested(reason=str(answer.status))
        if not tested.success:
            return f"LINE knows the address but cannot reach it yet: {tested.reason} {tested.detail}".strip()
        return "LINE knows the address and has reached it."


def _shown(file: Attachment) -> dict[str, str]:
    """A picture as a picture; anything else as a link, for LINE takes no files and wants a preview with videos."""
    if file.content_type in SHOWN and file.url.startswith("https://") and len(file.url) <= LONGEST_ADDRESS:
        return {"type": "image", "originalContentUrl": file.url, "previewImageUrl": file.url}
    return {"type": "text", "text": f"{file.name}\n{file.url}".strip()}


def _reason(status: int, message: str) -> str:
    """Why LINE refused, by the words of its error; it has no numbers for it."""
    if status == 429:
        return "quota_exceeded"
    if status == 403:
        return "sender_rejected"
    if "'to'" in message or "failed to send" in message:
        return "invalid_recipient"
    return "provider_error"


def _reply(response: Response) -> _Reply:
    return tried(_REPLY, response.body) or _Reply()


def _message_url(settings: LineSettings) -> str:
    return f"{settings.api_url.rstrip('/')}/v2/bot/message"


def _content_url(settings: LineSettings) -> str:
    """LINE keeps contents on a server of their own; whatever stands in for its API has them itself."""
    base = settings.api_url.rstrip("/")
    return CONTENT_API if base == API else base


def _credentials(settings: LineSettings) -> dict[str, str]:
    return {"authorization": f"Bearer {settings.access_token}"}
