"""Reads one Telegram update: a message, an edit, a pressed button, a block. Called by `adapter.py:Telegram.parse`.

Source: Bot API 10.1, November 2026.
"""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.channels.base import Parsed
from leadline.channels.http import decoded
from leadline.channels.telegram import wire
from leadline.channels.telegram.words import attachments, own_phone, readable
from leadline.errors import Unreadable
from leadline.model import Consent, Handle, Inbound, Piece, Profile

ALBUM_WAIT = 1.5  # seconds; the pictures of an album come within one second of each other
_UPDATE = msgspec.json.Decoder(wire.Update)
_MESSAGE = msgspec.json.Decoder(wire.Message)
_HEAD = msgspec.json.Decoder(wire.Head)
_PRESSED = msgspec.json.Decoder(wire.Pressed)
_MEMBERSHIP = msgspec.json.Decoder(wire.Membership)
_ANYTHING = msgspec.json.Decoder(dict[str, Any])
_CONSENT = {"kicked": "out", "left": "out", "member": "in"}


def read_update(body: bytes, bot: str) -> Parsed:
    """What an update holds; raises Unreadable. bot: id of the bot, the scope of its customers' handles."""
    update = decoded(_UPDATE, body)
    if raw := bytes(update.message):
        return _message(raw, bot, edited=False)
    if raw := bytes(update.edited_message):
        return _message(raw, bot, edited=True)
    if raw := bytes(update.callback_query):
        return _pressed(decoded(_PRESSED, raw), bot)
    if raw := bytes(update.my_chat_member):
        return _membership(decoded(_MEMBERSHIP, raw), bot)
    kinds = [name for name in decoded(_ANYTHING, body) if name != "update_id"]
    return Parsed(ignored=(f"update {', '.join(kinds)}"[:200],))


def _message(raw: bytes, bot: str, *, edited: bool) -> Parsed:
    """A message; where only its content cannot be read it is delivered with a line that says so."""
    try:
        message = decoded(_MESSAGE, raw)
    except Unreadable:
        head = decoded(_HEAD, raw)
        text = "[Message whose content Leadline could not read]"
        message = wire.Message(head.message_id, head.chat, head.sender, head.date, head.edit_date, text=text)
    if (sender := message.sender) is None or message.chat.type != "private" or sender.is_bot:
        return Parsed(ignored=(_left_alone(message.chat, sender),))
    if edited and message.location is not None:
        return Parsed(ignored=("live location moved",))
    return Parsed(messages=((_edited if edited else _written)(message, sender, bot),))


def _left_alone(chat: wire.Chat, sender: wire.User | None) -> str:
    if chat.type != "private":
        return f"{chat.type or 'unknown'} chat message"
    return "message of a bot" if sender is not None else "message without a sender"


def _written(message: wire.Message, sender: wire.User, bot: str) -> Inbound:
    group, phone = message.media_group_id, own_phone(message)
    return Inbound(
        provider_id=f"{message.chat.id}/{message.message_id}",
        sender=str(message.chat.id),
        handles=(_handle(sender, bot),),
        text=readable(message),
        attachments=attachments(message),
        sent_at=float(message.date) if message.date else None,
        profile=_profile(sender),
        attested=(phone,) if phone else (),
        piece=Piece(group=group, number=max(message.message_id, 1), wait=ALBUM_WAIT) if group else None,
    )


def _edited(message: wire.Message, sender: wire.User, bot: str) -> Inbound:
    """The new words; a file that was not changed would otherwise come again with each of them."""
    moment = message.edit_date or message.date
    text = message.caption if message.text is None else message.text
    return Inbound(
        provider_id=f"{message.chat.id}/{message.message_id}/edited/{moment}",
        sender=str(message.chat.id),
        handles=(_handle(sender, bot),),
        text=f"[Edited a message] {text or readable(message)}",
        sent_at=float(moment) if moment else None,
        profile=_profile(sender),
    )


def _pressed(pressed: wire.Pressed, bot: str) -> Parsed:
    chat = pressed.message.chat if pressed.message else None
    if pressed.sender.is_bot or chat is None or chat.type != "private":
        return Parsed(ignored=("button outside a private chat",))
    message = Inbound(
        provider_id=f"{chat.id}/pressed/{pressed.id}",
        sender=str(chat.id),
        handles=(_handle(pressed.sender, bot),),
        text=f"[Pressed the button {pressed.data or 'without a name'}]",
        profile=_profile(pressed.sender),
    )
    return Parsed(messages=(message,))


def _membership(change: wire.Membership, bot: str) -> Parsed:
    state = _CONSENT.get(change.new_chat_member.status)
    if change.chat.type != "private" or state is None:
        return Parsed(ignored=(f"membership {change.new_chat_member.status} in {change.chat.type or 'unknown'} chat",))
    consent = Consent(
        provider_id=f"{change.chat.id}/membership/{change.date}/{change.new_chat_member.status}",
        handles=(_handle(change.sender, bot),),
        state="in" if state == "in" else "out",
        sender=str(change.chat.id),
        at=float(change.date) if change.date else None,
    )
    return Parsed(consents=(consent,))


def _handle(user: wire.User, bot: str) -> Handle:
    """The id of an account never changes and is the same for all bots; the bot is the scope, for it is what replies."""
    return Handle("telegram", str(user.id), bot)


def _profile(user: wire.User) -> Profile:
    name = " ".join(filter(None, (user.first_name, user.last_name)))
    return Profile(name=name, username=user.username or "", language=user.language_code or "")
