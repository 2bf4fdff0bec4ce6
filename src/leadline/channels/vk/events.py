"""Reads VKontakte's Callback API, one event a request. Called by `adapter.py`.

Source: VK's JSON schema of the API 5.199 and its Callback API pages, November 2026.
"""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.channels.anything import as_lines, unknown
from leadline.channels.exchange import Parsed
from leadline.channels.http import decoded, tried
from leadline.channels.vk.words import Head, Message, attachments, origin, product_of, quote_of, readable
from leadline.channels.words import UNREAD, lines, listed, reacted
from leadline.errors import Unreadable
from leadline.model import Consent, DeliveryState, Handle, Inbound, Profile, Quote, StatusUpdate

CHATS = 2_000_000_000  # ids of group chats lie above it
NOISE = {
    "echo": "A message of the community itself, unless `show_echoes` is on, or of another community",
    "group": "News about a group chat: who came and went, its title, its pinned message",
    "typing": "The customer is typing or recording",
    "community": "What happens in the community beside messages: posts, comments, members, its shop",
}
COMMUNITY = (
    *("wall_", "photo_", "video_", "audio_", "board_", "market_", "group_", "user_", "poll_", "like_"),
    *("donut_", "vkpay_", "app_payload", "lead_forms_"),
)
PUBLIC = ("wall_reply_new", "photo_comment_new", "video_comment_new", "market_comment_new", "board_post_new")
AROUND = frozenset({"id", "date", "from_id", "peer_id", "out", "version", "random_id", "conversation_message_id"})
LANGUAGES = {0: "ru", 1: "uk", 2: "be", 3: "en", 4: "es", 5: "fi", 6: "de", 7: "it"}


class Event(msgspec.Struct):
    """What all events have. `object` is read once the type is known."""

    type: str
    group_id: int = 0
    event_id: str = ""
    secret: str = ""
    object: msgspec.Raw = msgspec.Raw(b"{}")


class _Client(msgspec.Struct):
    lang_id: int | None = None


class _New(msgspec.Struct):
    message: Message
    client_info: _Client | None = None


class _Bare(msgspec.Struct):
    message: msgspec.Raw = msgspec.Raw(b"{}")


class _Pressed(msgspec.Struct):
    """A button that was pressed, or a reaction."""

    user_id: int = 0
    reacted_id: int = 0
    peer_id: int = 0
    cmid: int = 0
    reaction_id: int | None = None
    payload: msgspec.Raw = msgspec.Raw(b"null")


class _Consenting(msgspec.Struct):
    user_id: int


class _Read(msgspec.Struct):
    from_id: int
    read_message_id: int


_EVENT = msgspec.json.Decoder(Event)
_NEW = msgspec.json.Decoder(_New)
_MESSAGE = msgspec.json.Decoder(Message)
_BARE = msgspec.json.Decoder(_Bare)
_HEAD = msgspec.json.Decoder(Head)
_PRESSED = msgspec.json.Decoder(_Pressed)
_ANY = msgspec.json.Decoder()
_CONSENTING = msgspec.json.Decoder(_Consenting)
_READ = msgspec.json.Decoder(_Read)


def read_head(body: bytes) -> Event:
    """The event, its object unread; raises Unreadable."""
    return decoded(_EVENT, body)


def read_event(event: Event) -> Parsed:
    """What an event says; raises Unreadable."""
    content = bytes(event.object)
    if event.type == "message_new":
        return _new(event, tried(_NEW, content) or _bare(content), content)
    if event.type == "message_edit":
        return _new(event, _New(tried(_MESSAGE, content) or _bare_message(content)), content)
    if event.type == "message_reply":
        return _echo(event, tried(_MESSAGE, content))
    if event.type in ("message_allow", "message_deny") and event.event_id:
        user = decoded(_CONSENTING, content).user_id
        consent = Consent(
            provider_id=event.event_id,
            handles=(_handle(event, user),),
            state="in" if event.type == "message_allow" else "out",
            sender=str(user),
        )
        return Parsed(consents=(consent,))
    if event.type == "message_read":
        read = decoded(_READ, content)
        return Parsed(statuses=(StatusUpdate(state=DeliveryState.READ, provider_id=str(read.read_message_id)),))
    if event.type in ("message_event", "message_reaction_event"):
        return _small(event, decoded(_PRESSED, content), content)
    if event.type in PUBLIC:
        raise Unreadable(f"'{event.type}' is public, and Leadline cannot answer it: switch it off at VK")
    if code := _left_alone(event.type):
        return Parsed(noise=(code,))
    raise Unreadable(f"An event of a kind that Leadline does not know: {event.type[:60] or 'nothing'}")


def _bare(raw: bytes) -> _New:
    """A new message whose content cannot be read, with all that it holds as its text; raises Unreadable."""
    whole = decoded(_BARE, raw)
    return _New(_bare_message(bytes(whole.message)))


def _bare_message(raw: bytes) -> Message:
    head = decoded(_HEAD, raw)
    text = lines(UNREAD, unknown("", raw, AROUND)[0].partition("\n")[2])
    return Message(head.from_id, head.peer_id, head.id, head.date, text)


def _left_alone(kind: str) -> str:
    """Which noise a kind of event is; empty where it is none."""
    if kind == "message_typing_state":
        return "typing"
    return "community" if kind.startswith(COMMUNITY) else ""


def _new(event: Event, new: _New, raw: bytes) -> Parsed:
    message = new.message
    if message.from_id <= 0:
        return Parsed(noise=("echo",))
    if message.action and not (message.text or message.attachments):
        return Parsed(noise=("group",))
    if not event.event_id:
        raise Unreadable("event_id is missing: set version 5.199 at the community's callback server")
    number, edited = _number(message) or event.event_id, event.type == "message_edit"
    number_of_language = new.client_info.lang_id if new.client_info else None
    language = LANGUAGES.get(number_of_language, "") if number_of_language is not None else ""
    inbound = Inbound(
        provider_id=f"{number}/edited/{event.event_id}" if edited else number,
        **_who(event, message.peer_id, message.from_id, language),
        text=lines(readable(message), origin(message)),
        attachments=attachments(message),
        sent_at=float(message.date) if message.date else None,
        quote=Quote(provider_id=number) if edited else quote_of(message),
        product=product_of(message),
        change="edited" if edited else "",
    )
    return Parsed(messages=(inbound,))


def _echo(event: Event, message: Message | None) -> Parsed:
    """What the community itself wrote to a person: there, or through this API."""
    if message is None or not message.id or not 0 < message.peer_id <= CHATS:
        return Parsed(noise=("echo",))
    echo = Inbound(
        provider_id=_number(message),
        **_who(event, message.peer_id, message.peer_id),
        text=readable(message),
        attachments=attachments(message),
        sent_at=float(message.date) if message.date else None,
        quote=quote_of(message),
    )
    return Parsed(echoes=(msgspec.structs.replace(echo, author="VK's own messages"),))


def _number(message: Message) -> str:
    """The message as others name it: what answers it, and what VK answers to a send, have the same."""
    return str(message.id) if message.id else ""


def _who(event: Event, peer: int, user: int, language: str = "") -> dict[str, Any]:
    """Sender, handles and profile; of a group chat, and then who of it wrote."""
    if peer <= CHATS:
        return {"sender": str(user), "handles": (_handle(event, user),), "profile": Profile(language=language)}
    group = Profile(name=f"VK chat {peer - CHATS}")
    return {"sender": str(peer), "handles": (_handle(event, peer),), "profile": group, "author": f"Member {user}"}


def _small(event: Event, pressed: _Pressed, raw: bytes) -> Parsed:
    """A pressed button, or a reaction: VK numbers reactions and shows no emoji for them."""
    user = pressed.user_id or pressed.reacted_id
    if user <= 0 or not event.event_id:
        raise Unreadable("The event names nobody, or has no event_id")
    if event.type == "message_event":
        data = tried(_ANY, bytes(pressed.payload))
        text = listed("Pressed a button", *([data] if isinstance(data, str | int | float) else as_lines(data)))
        quote = None
    else:
        text = reacted(f"VK's reaction {pressed.reaction_id}" if pressed.reaction_id else "")
        quote = Quote(provider_id=f"{pressed.peer_id}/{pressed.cmid}")
    message = Inbound(provider_id=event.event_id, **_who(event, pressed.peer_id or user, user), text=text, quote=quote)
    return Parsed(messages=(message,))


def _handle(event: Event, user: int) -> Handle:
    return Handle("vk", str(user), str(event.group_id))
