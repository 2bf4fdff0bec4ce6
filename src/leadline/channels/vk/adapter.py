"""VKontakte communities through the Callback API. Registered in `CHANNELS`.

Source: VK's JSON schema of the API 5.199 and its Callback API pages, November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from leadline.channels.base import Capabilities, Channel
from leadline.channels.exchange import Answer, Call, Parsed, Request, Response, Steps, without_echoes
from leadline.channels.http import host_of, same
from leadline.channels.pieces import text_with_files
from leadline.channels.status_answer import by_status
from leadline.channels.vk.codes import NOBODY_KNOWS, REASON_OF_CODE, WAITS
from leadline.channels.vk.events import CHATS, NOISE, read_event, read_head
from leadline.channels.vk.methods import Reply, answered, method_call, result
from leadline.channels.vk.sending import link, sending, upload
from leadline.channels.vk.settings import VKSettings
from leadline.errors import Refused, Unreadable
from leadline.model import Inbound, Outbound, Profile, Sent

TEXT = 4096  # characters; the schema allows 9000, which leaves room for links to files that could not be uploaded
FILES = 10


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
        "Enter {url} as address and your own secret key, choose version 5.199, and choose Confirm.",
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
            method_call("messages.markAsRead", settings, peer_id=to, mark_conversation_as_read="1")
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
        return sending(message, [link(file) for file in message.attachments], [], settings)

    def send(self, message: Outbound, settings: VKSettings) -> Steps[Sent]:
        """Upload each file, then send; what cannot be uploaded goes as a link. VK makes one message of one id."""
        uploaded: list[str] = []
        links: list[str] = []
        for file in message.attachments:
            name = yield from upload(file, message.to, settings)
            (uploaded if name else links).append(name or link(file))
        return self.read((yield sending(message, links, uploaded, settings)), settings)

    def read(self, response: Response, settings: VKSettings) -> Sent:
        """VK answers 200 to everything: the error in the body tells. No answer and 5xx: unknown. Never raises."""
        reply = answered(Reply, response.body) or Reply()
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
        response = yield method_call("users.get", settings, user_ids=message.sender, fields="photo_200,screen_name")
        people = result(list[_Person], response)
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
        asking = method_call("groups.getCallbackConfirmationCode", settings, group_id=settings.group_id)
        found = result(_Confirmation, (yield asking))
        if found is None or found.code == settings.confirmation:
            return ""
        return (
            f"VK names {found.code} as the string to return, but this channel has {settings.confirmation}. Where VK "
            f"cannot confirm the address: `leadline channel change <channel> --set confirmation={found.code}`."
        )

    def probe(self, settings: VKSettings) -> Call:
        """Ask for the community."""
        return method_call("groups.getById", settings, group_id=settings.group_id)

    def probed(self, response: Response, settings: VKSettings) -> str:
        """VK's word where there is an error."""
        reply = answered(Reply, response.body) or Reply()
        return reply.error.error_msg if reply.error else ""
