"""Reads one Telegram update: a message, an edit, a reaction, a pressed button, a block. Called by `adapter.py`.

Source: Bot API 10.1, November 2026.
"""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.channels.anything import beside, unknown
from leadline.channels.exchange import Parsed
from leadline.channels.http import decoded, tried
from leadline.channels.telegram import contents, wire
from leadline.channels.telegram.noise import AROUND, LEFT_ALONE, SERVICE
from leadline.channels.telegram.words import attachments, file_of, name_of, own_phone, readable
from leadline.channels.words import UNREAD, lines, reacted
from leadline.errors import Unreadable
from leadline.model import Consent, Forwarded, Handle, Inbound, Piece, Profile, Quote

ALBUM_WAIT = 1.5  # seconds; the pictures of an album come within one second of each other
BUSINESS = "business:"
"""Before the connection of a business account, in the address of a customer who writes to that account."""

_UPDATE = msgspec.json.Decoder(wire.Update)
_MESSAGE = msgspec.json.Decoder(wire.Message)
_CONTENT = msgspec.json.Decoder(wire.Content)
_HEAD = msgspec.json.Decoder(wire.Head)
_ANSWERED = msgspec.json.Decoder(wire.Answered)
_ELSEWHERE = msgspec.json.Decoder(wire.Elsewhere)
_STORY = msgspec.json.Decoder(wire.Story)
_DELETED = msgspec.json.Decoder(wire.Deleted)
_REACTED = msgspec.json.Decoder(wire.Reacted)
_PRESSED = msgspec.json.Decoder(wire.Pressed)
_MEMBERSHIP = msgspec.json.Decoder(wire.Membership)
_ANYTHING = msgspec.json.Decoder(dict[str, Any])
KNOWN = AROUND | SERVICE | frozenset(wire.Content.__struct_fields__)
_CONSENT = {"kicked": "out", "left": "out", "member": "in"}


def read_update(body: bytes, bot: str) -> Parsed:
    """What an update holds; raises Unreadable. bot: id of the bot, the scope of its customers' handles."""
    update = decoded(_UPDATE, body)
    if raw := bytes(update.message) or bytes(update.business_message):
        return _message(raw, bot, edited=False)
    if raw := bytes(update.edited_message) or bytes(update.edited_business_message):
        return _message(raw, bot, edited=True)
    if raw := bytes(update.deleted_business_messages):
        return _deleted(decoded(_DELETED, raw), bot, update.update_id)
    if raw := bytes(update.message_reaction):
        return _reaction(decoded(_REACTED, raw), bot)
    if raw := bytes(update.callback_query):
        return _pressed(decoded(_PRESSED, raw), bot)
    if raw := bytes(update.my_chat_member):
        return _membership(decoded(_MEMBERSHIP, raw), bot)
    kinds = [name for name in decoded(_ANYTHING, body) if name != "update_id"]
    if kinds and all(kind in LEFT_ALONE for kind in kinds):
        return Parsed(noise=tuple(LEFT_ALONE[kind] for kind in kinds))
    raise Unreadable(f"An update of a kind that Leadline does not know: {', '.join(kinds)[:200] or 'nothing'}")


def _message(raw: bytes, bot: str, *, edited: bool) -> Parsed:
    """A message; where its content cannot be read or is new, all that it holds is shown."""
    head = tried(_MESSAGE, raw) or wire.Message(**msgspec.structs.asdict(decoded(_HEAD, raw)))
    content = tried(_CONTENT, raw)
    if noise := _noise(head, content, raw, edited=edited):
        return Parsed(noise=(noise,))
    if head.business_connection_id and head.sender is not None and head.sender.id != head.chat.id:
        # Its owner wrote it to the customer whose chat this is.
        echo = _inbound(msgspec.structs.replace(head, sender=None), content, raw, bot, edited=edited)
        return Parsed(echoes=(msgspec.structs.replace(echo, author="Telegram itself"),))
    return Parsed(messages=(_inbound(head, content, raw, bot, edited=edited),))


def _noise(head: wire.Message, content: wire.Content | None, raw: bytes, *, edited: bool) -> str:
    sender, chat = head.sender, head.chat
    if chat.type == "channel":
        return "channel"
    if sender is not None and sender.is_bot:
        return "own"
    if edited and content is not None and content.location is not None:
        return "moved"
    fields = tried(_ANYTHING, raw) or {}
    return "group" if any(name in fields for name in SERVICE) else ""


def _inbound(head: wire.Message, content: wire.Content | None, raw: bytes, bot: str, *, edited: bool) -> Inbound:
    number = f"{head.chat.id}/{head.message_id}"
    group, phone = head.media_group_id, own_phone(content, head.sender) if content else None
    moment = (head.edit_date or head.date) if edited else head.date
    text, files = _content(content, raw, head.sender)
    return Inbound(
        provider_id=f"{number}/edited/{moment}" if edited else number,
        **_who(head.chat, head.sender, head, bot),
        text=text,
        attachments=files,
        sent_at=float(moment) if moment else None,
        attested=(phone,) if phone else (),
        piece=Piece(group=group, number=max(head.message_id, 1), wait=ALBUM_WAIT) if group and not edited else None,
        quote=Quote(provider_id=number) if edited else _quote(head, bot),
        forwarded=_forwarded(head.forward_origin),
        change="edited" if edited else "",
    )


def _content(content: wire.Content | None, raw: bytes, sender: contents.User | None) -> tuple[str, tuple[Any, ...]]:
    if content is None:
        text, files = unknown("", raw, AROUND)
        return lines(UNREAD, text.partition("\n")[2]), files
    text, files = readable(content, sender), attachments(content)
    if text or files or content.text is not None:
        return lines(text, beside(raw, KNOWN)), files
    kinds = [name for name in (tried(_ANYTHING, raw) or {}) if name not in AROUND]
    return unknown(", ".join(kinds)[:60], raw, AROUND)


def _who(chat: contents.Chat, user: contents.User | None, head: wire.Head | None, bot: str) -> dict[str, Any]:
    """Sender, handles and profile; of a group, and then who of it wrote. A topic is answered within it.

    The id of an account never changes and is the same for all bots; the bot is the scope, for it is what replies.
    """
    topic = f":{head.message_thread_id}" if head and head.is_topic_message and head.message_thread_id else ""
    through = f"{BUSINESS}{head.business_connection_id}:" if head and head.business_connection_id else ""
    sender = f"{through}{chat.id}{topic}"
    if chat.type in ("private", ""):
        person = user or contents.User(chat.id, first_name=chat.first_name or "", last_name=chat.last_name)
        return {"sender": sender, "handles": (_handle(person, bot),), "profile": _profile(person)}
    author = name_of(user) or name_of(head.sender_chat if head else None) or "Somebody"
    handle = Handle("telegram", f"{chat.id}{topic}", bot)
    return {"sender": sender, "handles": (handle,), "profile": Profile(name=name_of(chat)), "author": author}


def _quote(head: wire.Message, bot: str) -> Quote | None:
    """What is answered: the words that were picked, else the whole message, wherever it lies."""
    picked = head.quote.text if head.quote else ""
    if (answered := tried(_ANSWERED, bytes(head.reply_to_message))) is not None and answered.message_id:
        ours = answered.sender is not None and str(answered.sender.id) == bot
        author = "business" if ours else "customer" if head.chat.type == "private" else name_of(answered.sender)
        number = f"{head.chat.id}/{answered.message_id}"
        return Quote(provider_id=number, author=author, **_cited(answered, picked))
    if (other := tried(_ELSEWHERE, bytes(head.external_reply))) is not None:
        return Quote(author=_origin(other.origin), **_cited(other, picked))
    if (story := tried(_STORY, bytes(head.reply_to_story))) is not None:
        return Quote(file="a story", author=name_of(story.chat))
    return Quote(text=picked) if picked else None


def _cited(content: wire.Content, picked: str) -> dict[str, str]:
    kind, file = file_of(content)
    return {"text": picked or readable(content), "file": (file.file_name if file else "") or kind}


def _forwarded(source: wire.Source | None) -> Forwarded | None:
    return Forwarded(origin=_origin(source)) if source is not None else None


def _origin(source: wire.Source | None) -> str:
    if source is None:
        return ""
    return name_of(source.sender_user) or source.sender_user_name or name_of(source.sender_chat or source.chat)


def _deleted(deleted: wire.Deleted, bot: str, update_id: int) -> Parsed:
    """Messages that a customer of a business account deleted; each is told alone, for each may be known."""
    head = wire.Head(0, deleted.chat, business_connection_id=deleted.business_connection_id)
    messages = [
        Inbound(
            provider_id=f"{deleted.chat.id}/{number}/withdrawn/{update_id}",
            **_who(deleted.chat, None, head, bot),
            quote=Quote(provider_id=f"{deleted.chat.id}/{number}"),
            change="withdrawn",
        )
        for number in deleted.message_ids
    ]
    return Parsed(messages=tuple(messages))


def _reaction(reaction: wire.Reacted, bot: str) -> Parsed:
    if reaction.user is None or reaction.user.is_bot:
        return Parsed(noise=("own",))
    number = f"{reaction.chat.id}/{reaction.message_id}"
    emoji = " ".join(each.emoji or "a sticker" for each in reaction.new_reaction)
    message = Inbound(
        provider_id=f"{number}/reaction/{reaction.date}/{emoji}",
        **_who(reaction.chat, reaction.user, None, bot),
        text=reacted(emoji),
        sent_at=float(reaction.date) if reaction.date else None,
        quote=Quote(provider_id=number),
    )
    return Parsed(messages=(message,))


def _pressed(pressed: wire.Pressed, bot: str) -> Parsed:
    if pressed.sender.is_bot:
        return Parsed(noise=("own",))
    chat = (
        pressed.message.chat
        if pressed.message and pressed.message.chat
        else contents.Chat(pressed.sender.id, "private")
    )
    message = Inbound(
        provider_id=f"{chat.id}/pressed/{pressed.id}",
        **_who(chat, pressed.sender, None, bot),
        text=f"[Pressed the button {pressed.data or 'without a name'}]",
    )
    return Parsed(messages=(message,))


def _membership(change: wire.Membership, bot: str) -> Parsed:
    state = _CONSENT.get(change.new_chat_member.status)
    if change.chat.type != "private" or state is None:
        return Parsed(noise=("membership",))
    consent = Consent(
        provider_id=f"{change.chat.id}/membership/{change.date}/{change.new_chat_member.status}",
        handles=(_handle(change.sender, bot),),
        state="in" if state == "in" else "out",
        sender=str(change.chat.id),
        at=float(change.date) if change.date else None,
    )
    return Parsed(consents=(consent,))


def _handle(user: contents.User, bot: str) -> Handle:
    return Handle("telegram", str(user.id), bot)


def _profile(user: contents.User) -> Profile:
    return Profile(name=name_of(user), username=user.username or "", language=user.language_code or "")
