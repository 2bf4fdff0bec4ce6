"""Viber through a bot of one's own. Registered in `CHANNELS`.

Source: Viber's REST bot API reference and its list of errors, November 2026.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

import msgspec

from leadline.channels.base import Capabilities, Channel
from leadline.channels.exchange import Call, Parsed, Request, Response, Steps
from leadline.channels.http import host_of, is_signed, json_call, tried
from leadline.channels.pieces import numbered, offered
from leadline.channels.reasons import AUTH_FAILED
from leadline.channels.settings import Settings, plain, secret
from leadline.channels.status_answer import by_status
from leadline.channels.text import split
from leadline.channels.viber.events import NOISE, read_event
from leadline.errors import ProviderTrouble, Refused
from leadline.model import Attachment, Outbound, Sent

API = "https://chatapi.viber.com"
TEXT = 7000  # characters of a text; the whole request may have 30 kB
BYTES = 28_000  # what is left of them for the text, as JSON
CAPTION = 512  # characters beside a picture that every version of the app shows
SIZES = {"video": 26_000_000, "file": 50_000_000}
FILE_NAME = 256
SENDER_NAME = 28
SESSION = 86_400  # seconds in which replies are free
EVENTS = ("delivered", "seen", "failed", "subscribed", "unsubscribed")  # messages come in any case
PICTURES = (".jpeg", ".jpg", ".png", ".gif")

REASON_OF_CODE = {
    1: "media_rejected",
    2: AUTH_FAILED,
    5: "not_on_channel",
    6: "not_on_channel",
    7: "account_suspended",
    8: "account_suspended",
    9: "account_suspended",
    10: "sender_rejected",
    11: "unsupported",
    12: "rate_limited",
    13: "unsupported",
    14: "unsupported",
    15: "sender_rejected",
    16: "sender_rejected",
    21: "sender_rejected",
    22: "no_credit",
    23: "quota_exceeded",
    24: "no_credit",
}


class ViberSettings(Settings, frozen=True, kw_only=True):
    """One Viber bot."""

    auth_token: Annotated[str, secret("Token of the bot, from its settings in Viber; it signs the webhooks too")]
    bot_uri: Annotated[str, plain("The bot's URI, as links to it end: viber://pa?chatURI=<uri>")]
    sender_name: Annotated[str, plain("Name customers see above a reply, at most 28 characters")]
    sender_avatar: Annotated[str, plain("Address of the picture beside it, at most 100 kB")] = ""
    paid_messages: Annotated[
        bool, plain("Replies go out also when Viber charges for them, 24 hours after the customer wrote")
    ] = False
    api_url: Annotated[str, plain("Base address of Viber's API")] = API

    def __post_init__(self) -> None:
        if not 0 < len(self.sender_name) <= SENDER_NAME:
            raise ValueError(f"sender_name needs 1 to {SENDER_NAME} characters")


class _Reply(msgspec.Struct):
    status: int
    status_message: str = ""
    message_token: int | str = ""
    uri: str = ""


_REPLY = msgspec.json.Decoder(_Reply)


class Viber(Channel[ViberSettings]):
    """Chats of one bot with single people."""

    key: ClassVar[str] = "viber"
    title: ClassVar[str] = "Viber"
    scheme: ClassVar[str] = "viber"
    settings: ClassVar[type[Any]] = ViberSettings
    noise: ClassVar[Mapping[str, str]] = NOISE
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        statuses=True,
        signature="HMAC-SHA256 of the body",
        window=SESSION,
        limits={"text_length": TEXT, "media_bytes": SIZES["file"], "media_per_message": 1},
        choices=12,
        choice_length=60,
        profiles=True,
    )
    setup: ClassVar[tuple[str, ...]] = (
        "Get a bot: since February 2024 Viber and its partners make them on commercial terms only.",
        "In Viber open More > Settings > Bots > your bot > Edit info; there is the token.",
        "Leadline has told Viber the address {url}. Where it could not, `leadline channel register` tries again.",
    )

    def abilities(self, settings: ViberSettings) -> Capabilities:
        """A day to answer, unless the operator pays for later messages."""
        window = None if settings.paid_messages else SESSION
        return msgspec.structs.replace(self.capabilities, window=window)

    def verify(self, request: Request, settings: ViberSettings) -> None:
        """Check X-Viber-Content-Signature over the raw body; raises Refused."""
        given = request.headers.get("x-viber-content-signature", "")
        if not given:
            raise Refused("X-Viber-Content-Signature is missing: only Viber may call this address")
        if not is_signed(given, (settings.auth_token.encode(),), request.body):
            raise Refused("X-Viber-Content-Signature does not fit: check auth_token, found in the bot's settings")

    def parse(self, request: Request, settings: ViberSettings) -> Parsed:
        """One event."""
        return read_event(request.body, settings.bot_uri)

    def address(self, settings: ViberSettings) -> str:
        """The bot's URI."""
        return settings.bot_uri

    def scope(self, settings: ViberSettings) -> str:
        """The bot's URI."""
        return settings.bot_uri

    def fingerprint(self, settings: ViberSettings) -> tuple[str, ...]:
        return (settings.bot_uri,)

    def pieces(self, message: Outbound, settings: ViberSettings) -> tuple[Outbound, ...]:
        """Texts that fit into a request, one file a message; a short text becomes the first picture's caption."""
        texts = [part for text in split(message.text, TEXT) for part in split(text, BYTES, _json_size)]
        files = message.attachments
        if len(texts) == 1 and files and _is_picture(files[0]) and len(split(texts[0], CAPTION)) == 1:
            return numbered(message, [(texts[0], files[:1]), *(("", (file,)) for file in files[1:])])
        return numbered(message, [*((text, ()) for text in texts), *(("", (file,)) for file in files)])

    def build(self, message: Outbound, settings: ViberSettings) -> Call:
        """POST send_message: a text or a picture; other files need their size, which `send` finds out."""
        if message.attachments and _is_picture(message.attachments[0]):
            picture = message.attachments[0].url
            return _call(message, settings, {"type": "picture", "text": message.text, "media": picture})
        return _call(message, settings, {"type": "text", "text": _with_links(message)})

    def send(self, message: Outbound, settings: ViberSettings) -> Steps[Sent]:
        """As `build`; a video or a file once its size is known, as a link where it is too large or cannot be had."""
        call = self.build(message, settings)
        if message.attachments and not _is_picture(message.attachments[0]):
            file = message.attachments[0]
            found = yield file
            kind = "video" if _path_of(file).endswith(".mp4") else "file"
            if found.status == 200 and 0 < len(found.body) <= SIZES[kind]:
                value = {"type": kind, "media": file.url, "size": len(found.body)}
                named = {"file_name": (file.name or "file")[-FILE_NAME:]} if kind == "file" else {}
                call = _call(message, settings, value | named)
        return self.read((yield call), settings)

    def read(self, response: Response, settings: ViberSettings) -> Sent:
        """Viber answers 200 to everything: its status tells. No answer and 5xx: unknown. Never raises."""
        reply = _reply(response)
        if reply is None or not 200 <= response.status < 300:
            return by_status(response)
        if reply.status == 0:
            ids = (str(reply.message_token),) if reply.message_token else ()
            return Sent(outcome="accepted", provider_ids=ids) if ids else by_status(response)
        reason = REASON_OF_CODE.get(reply.status, "provider_error")
        waits = reason in (AUTH_FAILED, "rate_limited")
        code, detail = str(reply.status), reply.status_message
        return Sent(outcome="retry" if waits else "refused", reason=reason, code=code, detail=detail)

    def media_hosts(self, settings: ViberSettings) -> tuple[str, ...]:
        """Where files and profile pictures lie."""
        return (".viber.com", host_of(settings.api_url))

    def probe(self, settings: ViberSettings) -> Call:
        """Ask for the account."""
        url = f"{settings.api_url.rstrip('/')}/pa/get_account_info"
        return msgspec.structs.replace(json_call(url, {}, secrets=_credentials(settings)), harmless=True)

    def probed(self, response: Response, settings: ViberSettings) -> str:
        """Viber's word, unless its status is 0; and whether the bot is the one that scopes the customers' ids."""
        reply = _reply(response)
        if reply is None or reply.status != 0:
            return (reply.status_message or str(reply.status)) if reply else ""
        return f"this bot's URI is {reply.uri}, not bot_uri" if reply.uri and reply.uri != settings.bot_uri else ""

    def register(self, url: str, settings: ViberSettings) -> Steps[str]:
        """set_webhook. Viber tests the address while it answers; without the two `send_` everybody is nameless."""
        value = {"url": url, "event_types": EVENTS, "send_name": True, "send_photo": True}
        call = json_call(f"{settings.api_url.rstrip('/')}/pa/set_webhook", value, secrets=_credentials(settings))
        answer = yield msgspec.structs.replace(call, harmless=True)
        if (reply := _reply(answer)) is None or reply.status != 0:
            said = reply.status_message if reply else ""
            raise ProviderTrouble(f"Viber does not take it: {said or answer.status}")
        return "Viber knows the address and has reached it."


def _reply(response: Response) -> _Reply | None:
    return tried(_REPLY, response.body)


def _call(message: Outbound, settings: ViberSettings, content: dict[str, Any]) -> Call:
    avatar = {"avatar": settings.sender_avatar} if settings.sender_avatar else {}
    value = {
        "receiver": message.to,
        "min_api_version": 1,
        "sender": {"name": settings.sender_name, **avatar},
        "tracking_data": message.id,
        **content,
        **_keyboard(message),
    }
    return json_call(f"{settings.api_url.rstrip('/')}/pa/send_message", value, secrets=_credentials(settings))


def _keyboard(message: Outbound) -> dict[str, Any]:
    """Answers to tap on, a row each; what is tapped comes back as a text."""
    buttons = [
        {"Columns": 6, "Rows": 1, "ActionType": "reply", "ActionBody": choice, "Text": html.escape(choice)}
        for choice in offered(message)
    ]
    return {"keyboard": {"Type": "keyboard", "DefaultHeight": False, "Buttons": buttons}} if buttons else {}


def _with_links(message: Outbound) -> str:
    links = [f"{file.name}\n{file.url}".strip() for file in message.attachments]
    return "\n".join(filter(None, (message.text, *links)))


def _is_picture(file: Attachment) -> bool:
    """Viber knows pictures by the end of their address; whatever else it is shown, it refuses."""
    return file.content_type.startswith("image/") and _path_of(file).endswith(PICTURES)


def _path_of(file: Attachment) -> str:
    try:
        return urlsplit(file.url).path.lower()
    except ValueError:
        return ""


def _json_size(char: str) -> int:
    """Bytes of a character in the JSON that is sent."""
    return len(msgspec.json.encode(char)) - 2


def _credentials(settings: ViberSettings) -> dict[str, str]:
    return {"x-viber-auth-token": settings.auth_token}
