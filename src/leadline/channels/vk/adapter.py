"""VKontakte communities through the Callback API. Registered in `CHANNELS`.

Source: VK's JSON schema of the API 5.199 and its Callback API pages, November 2026.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec

from leadline.channels.base import (
    Answer,
    Call,
    Capabilities,
    Channel,
    MarkRead,
    Parsed,
    Request,
    Response,
    Settings,
    ShowEchoes,
    Steps,
    own,
    plain,
    secret,
    without_echoes,
)
from leadline.channels.http import form_call, host_of, multipart_call, same, tried
from leadline.channels.pieces import offered, text_with_files
from leadline.channels.status_answer import by_status
from leadline.channels.vk.codes import NOBODY_KNOWS, REASON_OF_CODE, WAITS
from leadline.channels.vk.events import CHATS, NOISE, read_event, read_head
from leadline.errors import Refused, Unreadable
from leadline.model import Attachment, Inbound, Outbound, Profile, Sent

API = "https://api.vk.com"
TEXT = 4096  # characters; the schema allows 9000, which leaves room for links to files that could not be uploaded
FILES = 10
PHOTOS = ("image/jpeg", "image/png", "image/gif")


class VKSettings(Settings, frozen=True, kw_only=True):
    """One VK community."""

    group_id: Annotated[str, plain("Id of the community, digits only")]
    access_token: Annotated[str, secret("Key of the community with access to messages, photos and files")]
    secret_key: Annotated[str, own("Any text of your own; enter the same one at VK under Callback API")]
    confirmation: Annotated[str, plain("String the server must return, from Manage > API usage > Callback API")]
    mark_read: MarkRead = False
    show_echoes: ShowEchoes = False
    api_url: Annotated[str, plain("Base address of VK's API")] = API
    api_version: Annotated[str, plain("Version of VK's API")] = "5.199"


class _Trouble(msgspec.Struct):
    error_code: int = 0
    error_msg: str = ""


class _Reply(msgspec.Struct):
    response: msgspec.Raw = msgspec.Raw(b"null")
    error: _Trouble | None = None


class _Server(msgspec.Struct):
    upload_url: str


class _Uploaded(msgspec.Struct):
    """What an upload server answers; passed on as it is."""

    server: int | str = ""
    photo: str = ""
    hash: str = ""
    file: str = ""


class _Saved(msgspec.Struct):
    id: int
    owner_id: int
    access_key: str = ""


class _SavedFile(msgspec.Struct):
    doc: _Saved


class _Confirmation(msgspec.Struct):
    code: str


class _Person(msgspec.Struct):
    first_name: str = ""
    last_name: str = ""
    screen_name: str = ""
    photo_200: str = ""


class VK(Channel[VKSettings]):
    """Chats of one community with single people."""

    key: ClassVar[str] = "vk"
    title: ClassVar[str] = "VKontakte"
    scheme: ClassVar[str] = "vk"
    customer_ids: ClassVar[str] = r"-?[1-9][0-9]{0,19}"
    settings: ClassVar[type[Any]] = VKSettings
    noise: ClassVar[Mapping[str, str]] = NOISE
    answer: ClassVar[Answer] = Answer(body="ok")  # exactly this, or VK sends the event again
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        statuses=True,
        signature="secret in the body",
        limits={"text_length": TEXT, "media_bytes": 50_000_000, "media_per_message": FILES},
        choices=10,
        choice_length=40,
        profiles=True,
        withheld={"comment": "public words, which a private conversation cannot answer; what arrives is parked"},
        idempotent=True,
    )
    setup: ClassVar[tuple[str, ...]] = (
        "In your community open Manage > API usage > Callback API. There is the string the server must return.",
        "Enter {url} as address and your own secret_key, choose version 5.199, and choose Confirm.",
        "Under Event types switch on, for messages: incoming, edited, read, allowed, denied.",
        "Under Manage > Messages switch community messages on.",
    )

    def verify(self, request: Request, settings: VKSettings) -> None:
        """Compare the secret in the body, and the community; raises Refused."""
        try:
            event = read_head(request.body)
        except Unreadable as error:
            raise Refused(f"No secret can be read: {error}") from error
        if not event.secret:
            raise Refused("secret is missing: enter secret_key at VK under Callback API")
        if not settings.secret_key or not same(event.secret, settings.secret_key):
            raise Refused("secret is not the one of this channel: enter the same secret_key here and at VK")
        if str(event.group_id) != settings.group_id:
            raise Refused("group_id is not the one of this channel: the server is entered at another community")

    def handshake(self, request: Request, settings: VKSettings) -> Answer | None:
        """Answer VK's test of the address, which comes before a secret is set; raises Refused."""
        if b"confirmation" not in request.body:
            return None
        try:
            event = read_head(request.body)
        except Unreadable:
            return None
        if event.type != "confirmation":
            return None
        if str(event.group_id) != settings.group_id or (event.secret and not same(event.secret, settings.secret_key)):
            raise Refused("The confirmation is asked for another community or with another secret")
        return Answer(body=settings.confirmation)

    def parse(self, request: Request, settings: VKSettings) -> Parsed:
        """One event."""
        parsed = read_event(read_head(request.body))
        return parsed if settings.show_echoes else without_echoes(parsed)

    def address(self, settings: VKSettings) -> str:
        """The community."""
        return f"vk.com/club{settings.group_id}"

    def scope(self, settings: VKSettings) -> str:
        """The community's id."""
        return settings.group_id

    def marking_read(self, number: str, ref: str, to: str, settings: VKSettings) -> Call | None:
        """messages.markAsRead for the whole chat. Source: VK's JSON schema 5.199."""
        return (
            _method("messages.markAsRead", settings, peer_id=to, mark_conversation_as_read="1")
            if settings.mark_read
            else None
        )

    def quotable(self, number: str, ref: str, to: str, settings: VKSettings) -> str:
        """Messages of a chat with one person; in group chats a community knows no ids that VK takes."""
        return number if number.isdecimal() and to.isdecimal() and int(to) <= CHATS else ""

    def pieces(self, message: Outbound, settings: VKSettings) -> tuple[Outbound, ...]:
        """Texts of 4096 characters, the last one with up to ten files."""
        return text_with_files(message, text_length=TEXT, files=FILES)

    def build(self, message: Outbound, settings: VKSettings) -> Call:
        """messages.send with files as links; `send` uploads them first."""
        return _sending(message, [_link(file) for file in message.attachments], [], settings)

    def send(self, message: Outbound, settings: VKSettings) -> Steps[Sent]:
        """Upload each file, then send; what cannot be uploaded goes as a link. VK makes one message of one id."""
        uploaded: list[str] = []
        links: list[str] = []
        for file in message.attachments:
            name = yield from _upload(file, message.to, settings)
            (uploaded if name else links).append(name or _link(file))
        return self.read((yield _sending(message, links, uploaded, settings)), settings)

    def read(self, response: Response, settings: VKSettings) -> Sent:
        """VK answers 200 to everything: the error in the body tells. No answer and 5xx: unknown. Never raises."""
        reply = _decoded(_Reply, response.body) or _Reply()
        if not 200 <= response.status < 300 or (reply.error is None and not bytes(reply.response).isdigit()):
            return by_status(response)
        if reply.error is None:
            return Sent(outcome="accepted", provider_ids=(bytes(reply.response).decode(),))
        number, detail = reply.error.error_code, reply.error.error_msg
        reason = REASON_OF_CODE.get(number, "provider_error")
        if number in NOBODY_KNOWS:
            return Sent(outcome="unknown", reason="no_answer", code=str(number), detail=detail)
        if number in WAITS:
            return Sent(outcome="retry", reason=reason, code=str(number), detail=detail)
        return Sent(outcome="refused", reason=reason, code=str(number), detail=detail)

    def look_up(self, message: Inbound, settings: VKSettings) -> Steps[Profile]:
        """users.get; the language came with the message."""
        response = yield _method("users.get", settings, user_ids=message.sender, fields="photo_200,screen_name")
        people = _result(list[_Person], response)
        if not people:
            return message.profile
        person = people[0]
        return msgspec.structs.replace(
            message.profile,
            name=f"{person.first_name} {person.last_name}".strip(),
            username=person.screen_name,
            avatar_url=person.photo_200,
        )

    def media_hosts(self, settings: VKSettings) -> tuple[str, ...]:
        """Where VK keeps pictures, voice messages and files; files redirect from its own site."""
        storage = (".userapi.com", ".vkuseraudio.net", ".vkuserphoto.ru", ".vk.com", "vk.com", ".vk.ru", "vk.ru")
        return (*storage, host_of(settings.api_url))

    def register(self, url: str, settings: VKSettings) -> Steps[str]:
        """Only asks which string the server must return: VK changes it. Empty where it is right or nobody may ask."""
        asking = _method("groups.getCallbackConfirmationCode", settings, group_id=settings.group_id)
        found = _result(_Confirmation, (yield asking))
        if found is None or found.code == settings.confirmation:
            return ""
        return (
            f"VK names {found.code} as the string to return, but this channel has {settings.confirmation}. Where VK "
            f"cannot confirm the address: `leadline channel change <channel> --set confirmation={found.code}`."
        )

    def probe(self, settings: VKSettings) -> Call:
        """Ask for the community."""
        return _method("groups.getById", settings, group_id=settings.group_id)

    def probed(self, response: Response, settings: VKSettings) -> str:
        """VK's word where there is an error."""
        reply = _decoded(_Reply, response.body) or _Reply()
        return reply.error.error_msg if reply.error else ""


def random_id(message_id: str) -> int:
    """The number by which VK knows a repeated message: 31 bits made of our id, never 0."""
    return int.from_bytes(hashlib.sha256(message_id.encode()).digest()[:4]) % (2**31 - 1) + 1


def _sending(message: Outbound, links: list[str], uploaded: list[str], settings: VKSettings) -> Call:
    fields = {
        "peer_id": message.to,
        "random_id": str(random_id(message.id)),
        "message": "\n".join(filter(None, (message.text, *links))),
        "attachment": ",".join(uploaded),
        "keyboard": _keyboard(message),
        "reply_to": message.quoted,
    }
    call = _method("messages.send", settings, **{name: value for name, value in fields.items() if value})
    return msgspec.structs.replace(call, harmless=False)


def _keyboard(message: Outbound) -> str:
    """Answers to tap on, a row each, gone after the first tap; empty where there are none."""
    rows = [[{"action": {"type": "text", "label": choice}}] for choice in offered(message)]
    return msgspec.json.encode({"one_time": True, "buttons": rows}).decode() if rows else ""


def _upload(file: Attachment, peer: str, settings: VKSettings) -> Steps[str]:
    """Ask where, upload, save: the attachment as messages.send wants it named, or nothing."""
    content = yield file
    if content.status != 200 or not content.body:
        return ""
    kind, field = ("photo", "photo") if file.content_type in PHOTOS else ("doc", "file")
    method = "photos.getMessagesUploadServer" if kind == "photo" else "docs.getMessagesUploadServer"
    place = _result(_Server, (yield _method(method, settings, peer_id=peer)))
    if place is None:
        return ""
    name = file.name or "file"
    answer = yield multipart_call(place.upload_url, [], [(field, name, file.content_type, content.body)])
    done = _decoded(_Uploaded, answer.body) or _Uploaded()
    if kind == "photo":
        saving = _method(
            "photos.saveMessagesPhoto", settings, photo=done.photo, server=str(done.server), hash=done.hash
        )
        saved = (_result(list[_Saved], (yield saving)) or [None])[0]
    else:
        kept = _result(_SavedFile, (yield _method("docs.save", settings, file=done.file, title=name)))
        saved = kept.doc if kept else None
    return "_".join(filter(None, (f"{kind}{saved.owner_id}", str(saved.id), saved.access_key))) if saved else ""


def _link(file: Attachment) -> str:
    return f"{file.name}\n{file.url}".strip()


def _method(method: str, settings: VKSettings, **fields: str) -> Call:
    """A call of the API, harmless unless told otherwise; VK wants the token among the fields."""
    credentials = {"access_token": settings.access_token, "v": settings.api_version}
    call = form_call(f"{settings.api_url.rstrip('/')}/method/{method}", (fields | credentials).items())
    return msgspec.structs.replace(call, harmless=True)


def _result(type_: Any, response: Response) -> Any:
    """What a method returned, or None."""
    reply = _decoded(_Reply, response.body) if response.status == 200 else None
    return _decoded(type_, bytes(reply.response)) if reply else None


def _decoded(type_: Any, body: bytes) -> Any:
    return tried(msgspec.json.Decoder(type_), body)
