"""Telegram through a bot of one's own. Registered in `CHANNELS`.

Source: Bot API 10.1, November 2026. Telegram wants the bot's token in every address: no address of a call is ever
logged, stored or passed on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar
from urllib.parse import quote

import msgspec

from leadline.channels.base import Capabilities, Channel
from leadline.channels.exchange import Call, Parsed, Request, Response, Steps, without_echoes
from leadline.channels.http import host_of, json_call, multipart_call, same, signature, with_query
from leadline.channels.markup import entities
from leadline.channels.pieces import numbered, offered
from leadline.channels.settings import MarkRead, Settings, ShowEchoes, own, plain, secret
from leadline.channels.telegram import wire
from leadline.channels.telegram.answer import Reply, read_answer, read_result
from leadline.channels.telegram.noise import NOISE
from leadline.channels.telegram.update import BUSINESS, read_update
from leadline.channels.telegram.words import file_ref
from leadline.channels.text import split
from leadline.errors import ProviderTrouble, Refused
from leadline.model import Attachment, Inbound, Outbound, Profile, Sent

API = "https://api.telegram.org"
TEXT = 4096  # UTF-16 units of a text, 1024 of a caption: sendMessage, sendPhoto
CAPTION = 1024
UPLOAD = 50_000_000  # bytes of a file that a bot may send: "Sending files"
METHODS = {
    "image/jpeg": ("sendPhoto", "photo"),
    "image/png": ("sendPhoto", "photo"),
    "image/gif": ("sendAnimation", "animation"),
    "video/mp4": ("sendVideo", "video"),
    "audio/mpeg": ("sendAudio", "audio"),
    "audio/mp4": ("sendAudio", "audio"),
    "audio/ogg": ("sendVoice", "voice"),
    "application/pdf": ("sendDocument", "document"),
    "application/zip": ("sendDocument", "document"),
}
"""How a file goes out by its address. Telegram fetches documents itself only where they are PDF or ZIP."""

DOCUMENT = ("sendDocument", "document")
AVATAR = "telegram-file:"
"""Marks a picture of a profile by its file ids: its real address holds the bot's token."""

UPDATES = (
    "message",
    "edited_message",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "callback_query",
    "my_chat_member",
)
_ADDRESS = re.compile(rf"(?:{BUSINESS}([^:]+):)?(-?[0-9]{{1,18}})(?::([0-9]{{1,18}}))?", re.ASCII)
_DONE = msgspec.json.Decoder(Reply[bool])
_WEBHOOK = msgspec.json.Decoder(Reply[wire.Webhook])
_PLACE = msgspec.json.Decoder(Reply[wire.Place])
_PHOTOS = msgspec.json.Decoder(Reply[wire.Photos])


class TelegramSettings(Settings, frozen=True, kw_only=True):
    """One Telegram bot."""

    bot_token: Annotated[str, secret("Token of the bot, from @BotFather; looks like 123456:ABC-DEF")]
    secret_token: Annotated[
        str, own("What Telegram sends back with every webhook, from A-Z a-z 0-9 _ -; empty: made of the bot's token")
    ] = ""
    bot_username: Annotated[str, plain("Name of the bot as people know it, for example @example_bot")] = ""
    share_number_button: Annotated[
        str, plain("Words on a button by which customers share their phone number; empty: no button")
    ] = ""
    mark_read: MarkRead = False
    show_echoes: ShowEchoes = False
    api_url: Annotated[str, plain("Base address of Telegram's Bot API")] = API

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", self.bot_token):
            raise ValueError("bot_token is not what @BotFather gives: digits, a colon, and more")
        if self.secret_token and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", self.secret_token):
            raise ValueError("secret_token needs 16 to 256 characters from A-Z a-z 0-9 _ -")


class Telegram(Channel[TelegramSettings]):
    """Chats with one bot: private ones, groups it is in, and those of a business account that it serves."""

    key: ClassVar[str] = "telegram"
    title: ClassVar[str] = "Telegram"
    scheme: ClassVar[str] = "telegram"
    customer_ids: ClassVar[str] = r"-?[1-9][0-9]{0,19}(:[0-9]{1,20})?"
    settings: ClassVar[type[Any]] = TelegramSettings
    noise: ClassVar[Mapping[str, str]] = NOISE
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        signature="secret header",
        limits={"text_length": TEXT, "media_bytes": UPLOAD, "media_per_message": 1},
        choices=12,
        choice_length=60,
        profiles=True,
    )
    setup: ClassVar[tuple[str, ...]] = (
        "In Telegram write /newbot to @BotFather, if you have no bot yet; it gives you the token.",
        "Leadline has told Telegram the address {url}. Where it could not, `leadline channel register` tries again.",
        "Write to your bot from your own phone.",
    )

    def verify(self, request: Request, settings: TelegramSettings) -> None:
        """Compare X-Telegram-Bot-Api-Secret-Token; raises Refused."""
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not given:
            raise Refused("X-Telegram-Bot-Api-Secret-Token is missing: only Telegram may call this address")
        if not same(given, secret_of(settings)):
            raise Refused("X-Telegram-Bot-Api-Secret-Token is another one: run `leadline channel register`")

    def parse(self, request: Request, settings: TelegramSettings) -> Parsed:
        """The one update of a webhook; raises Unreadable."""
        parsed = read_update(request.body, bot_id(settings))
        return parsed if settings.show_echoes else without_echoes(parsed)

    def address(self, settings: TelegramSettings) -> str:
        """The bot's name, or its id where none was entered."""
        return settings.bot_username or bot_id(settings)

    def scope(self, settings: TelegramSettings) -> str:
        """The bot's id."""
        return bot_id(settings)

    def fingerprint(self, settings: TelegramSettings) -> tuple[str, ...]:
        return (bot_id(settings),)

    def marking_read(self, number: str, ref: str, to: str, settings: TelegramSettings) -> Call | None:
        """readBusinessMessage; in a bot's own chats Telegram has nothing of the kind."""
        place, message = place_of(to), number.partition("/")[2]
        if not (settings.mark_read and "business_connection_id" in place and message.isdecimal()):
            return None
        value = {"business_connection_id": place["business_connection_id"], "chat_id": place["chat_id"]}
        return json_call(_method(settings, "readBusinessMessage"), value | {"message_id": int(message)})

    def quotable(self, number: str, ref: str, to: str, settings: TelegramSettings) -> str:
        """Messages of the same chat; what became of one (an edit, a reaction) has a longer id and is none."""
        chat, _, message = number.partition("/")
        return message if message.isdecimal() and chat == str(place_of(to)["chat_id"]) else ""

    def pieces(self, message: Outbound, settings: TelegramSettings) -> tuple[Outbound, ...]:
        """Texts of 4096 characters and one file a message; a short text becomes the first file's caption."""
        texts, files = split(message.text, TEXT), message.attachments
        if len(texts) == 1 and files and len(split(texts[0], CAPTION)) == 1:
            return numbered(message, [(texts[0], files[:1]), *(("", (file,)) for file in files[1:])])
        return numbered(message, [*((text, ()) for text in texts), *(("", (file,)) for file in files)])

    def build(self, message: Outbound, settings: TelegramSettings) -> Call:
        """A text, or a file by its address. What stands out is told beside the text, never by markup inside it."""
        if not message.attachments:
            said = _fields(message, settings) | _text(message, "text", "entities")
            return json_call(_method(settings, "sendMessage"), said)
        file = message.attachments[0]
        method, field = METHODS.get(kind_of(file), DOCUMENT)
        return json_call(_method(settings, method), _captioned(message, settings) | {field: file.url})

    def send(self, message: Outbound, settings: TelegramSettings) -> Steps[Sent]:
        """By address where Telegram takes the file so; else, and where it could not fetch it, uploaded as document."""
        file = message.attachments[0] if message.attachments else None
        if file is None or kind_of(file) in METHODS:
            sent = self.read((yield self.build(message, settings)), settings)
            if file is None or sent.reason != "media_rejected":
                return sent
        content = yield file
        if content.status != 200:
            return Sent(outcome="refused", reason="media_rejected", detail="The file could not be had from Intercom")
        if len(content.body) > UPLOAD:
            return Sent(outcome="refused", reason="media_rejected", detail="Telegram takes files of up to 50 MB")
        return self.read((yield _upload(message, file, content.body, settings)), settings)

    def read(self, response: Response, settings: TelegramSettings) -> Sent:
        """ok with a message: taken. Errors by their description. Never raises."""
        return read_answer(response)

    def look_up(self, message: Inbound, settings: TelegramSettings) -> Steps[Profile]:
        """The name is in every message; the picture is asked for, and named by its file ids."""
        url = with_query(_method(settings, "getUserProfilePhotos"), user_id=message.handles[0].value, limit="1")
        found = read_result(_PHOTOS, (yield Call(method="GET", url=url, harmless=True)))
        if found is None or not found.photos or not found.photos[0]:
            return message.profile
        return msgspec.structs.replace(message.profile, avatar_url=AVATAR + file_ref(found.photos[0][-1]))

    def media(self, attachment: Attachment, settings: TelegramSettings) -> Call:
        """Ask where the file is."""
        url = with_query(_method(settings, "getFile"), file_id=_ref(attachment).partition("/")[0])
        return Call(method="GET", url=url, harmless=True)

    def media_next(self, response: Response, attachment: Attachment, settings: TelegramSettings) -> Call | None:
        """Fetch the file from where the first answer says.

        The answer names the unique id of the file, which no customer knows beforehand: a file of theirs cannot pass for
        one.
        """
        place = read_result(_PLACE, response)
        unique = _ref(attachment).partition("/")[2]
        if place is None or not unique or place.file_unique_id != unique or ".." in place.file_path:
            return None
        url = f"{settings.api_url.rstrip('/')}/file/bot{settings.bot_token}/{quote(place.file_path)}"
        return Call(method="GET", url=url)

    def media_hosts(self, settings: TelegramSettings) -> tuple[str, ...]:
        """The API itself."""
        return (host_of(settings.api_url),)

    def probe(self, settings: TelegramSettings) -> Call:
        """What Telegram thinks of the webhook."""
        return Call(method="GET", url=_method(settings, "getWebhookInfo"), harmless=True)

    def probed(self, response: Response, settings: TelegramSettings) -> str:
        """No address, or messages that Telegram cannot get rid of."""
        found = read_result(_WEBHOOK, response)
        if found is None or not found.url:
            return "no address is known for this bot, so nothing arrives: run `leadline channel register`"
        if found.pending_update_count and found.last_error_message:
            return f"{found.pending_update_count} updates wait; the last try failed: {found.last_error_message}"
        return ""

    def register(self, url: str, settings: TelegramSettings) -> Steps[str]:
        """setWebhook. Another address the bot may have had is given up."""
        fields = {"url": url, "secret_token": secret_of(settings), "allowed_updates": UPDATES}
        answer = yield msgspec.structs.replace(json_call(_method(settings, "setWebhook"), fields), harmless=True)
        if not read_result(_DONE, answer):
            raise ProviderTrouble(f"Telegram does not take it: {read_answer(answer).detail or answer.status}")
        return "Telegram sends this bot's messages here from now on."


def secret_of(settings: TelegramSettings) -> str:
    """The secret that stands in the header of every webhook."""
    return settings.secret_token or signature(settings.bot_token.encode(), b"secret_token of the webhook")


def bot_id(settings: TelegramSettings) -> str:
    """Id of the bot: what stands before the colon of its token."""
    return settings.bot_token.partition(":")[0]


def kind_of(file: Attachment) -> str:
    """The content type without parameters."""
    return file.content_type.partition(";")[0].strip().lower()


def _ref(attachment: Attachment) -> str:
    return attachment.ref or attachment.url.removeprefix(AVATAR)


def place_of(address: str) -> dict[str, Any]:
    """Where a message goes: the chat, its topic, and the business account it is sent for."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return {"chat_id": address}
    through = {"business_connection_id": found[1]} if found[1] else {}
    topic = {"message_thread_id": int(found[3])} if found[3] else {}
    return {"chat_id": int(found[2]), **through, **topic}


def _fields(message: Outbound, settings: TelegramSettings) -> dict[str, Any]:
    """To whom; and with the first reply, where the operator wants it, the button that shares a phone."""
    fields = place_of(message.to)
    if message.quoted:  # where the customer deleted it, the answer goes out all the same
        fields["reply_parameters"] = {"message_id": int(message.quoted), "allow_sending_without_reply": True}
    if choices := offered(message):
        rows = [[{"text": choice}] for choice in choices]
        fields["reply_markup"] = {"keyboard": rows, "resize_keyboard": True, "one_time_keyboard": True}
    elif message.first and settings.share_number_button:
        button = {"text": settings.share_number_button, "request_contact": True}
        fields["reply_markup"] = {"keyboard": [[button]], "resize_keyboard": True, "one_time_keyboard": True}
    return fields


def _captioned(message: Outbound, settings: TelegramSettings) -> dict[str, Any]:
    return _fields(message, settings) | (_text(message, "caption", "caption_entities") if message.text else {})


def _text(message: Outbound, field: str, beside: str) -> dict[str, Any]:
    marks = entities(message.text, message.marks)
    return {field: message.text} | ({beside: marks} if marks else {})


def _upload(message: Outbound, file: Attachment, content: bytes, settings: TelegramSettings) -> Call:
    """The file itself, as a document: Telegram keeps it as it is. This call sends, so it is not harmless."""
    fields = {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in _captioned(message, settings).items()
    }
    part = ("document", file.name or "file", kind_of(file) or "application/octet-stream", content)
    call = multipart_call(_method(settings, "sendDocument"), fields.items(), [part])
    return msgspec.structs.replace(call, harmless=False)


def _method(settings: TelegramSettings, method: str) -> str:
    return f"{settings.api_url.rstrip('/')}/bot{settings.bot_token}/{method}"
