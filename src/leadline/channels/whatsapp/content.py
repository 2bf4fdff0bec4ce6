"""What goes out on WhatsApp: texts, files and questions in Meta's JSON. Used by every adapter that speaks it.

Source: message and media reference of the WhatsApp Cloud API v23.0, November 2026.
"""

from __future__ import annotations

import re
from typing import Any

from leadline.channels.markup import signed
from leadline.channels.pieces import numbered, offered
from leadline.channels.text import split
from leadline.channels.whatsapp.filling import filled_in
from leadline.model import Attachment, Outbound

TEXT = 4096  # characters of a text, 1024 of a caption: message reference, v23.0
CAPTION = 1024
BUTTONS, BUTTON = 3, 20  # reply buttons of a message, characters of each: interactive messages, v23.0
ROWS, ROW = 10, 24  # the same of a list
OPEN_LIST, LIST_TITLE = "Choose", "Choices"
MEDIA_BYTES = 16_000_000
PICTURE_BYTES = 5_000_000  # of an image; a document may have 100 MB: media page, v23.0
WAMID = "wamid."  # how ids of messages begin
GROUP = "group:"  # before the id of a group, where an address may be one
KINDS = {
    "image/jpeg": "image",
    "image/png": "image",
    "video/mp4": "video",
    "video/3gpp": "video",
    **dict.fromkeys(("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), "audio"),
}
_PHONE = re.compile(r"\+?[0-9]+", re.ASCII)


def kind_of(file: Attachment) -> str:
    """What WhatsApp calls a file of this type; a document where it shows it in no special way, or it is too large."""
    kind = KINDS.get(file.content_type.partition(";")[0].strip().lower(), "document")
    too_large = file.size > (PICTURE_BYTES if kind == "image" else MEDIA_BYTES)
    return "document" if too_large else kind


def cut(message: Outbound) -> tuple[Outbound, ...]:
    """Texts of 4096 characters and one file a message; a short text becomes the first file's caption.

    A template is one message, however long it reads.
    """
    if message.template is not None:
        return numbered(message, [(message.text, ())])
    room = CAPTION if offered(message) else TEXT
    texts, files = split(message.text, room - _grown(message)), message.attachments
    captioned = len(texts) == 1 and files and kind_of(files[0]) != "audio" and len(split(texts[0], CAPTION)) == 1
    captioned = captioned and not offered(message)
    if captioned:
        return numbered(message, [(texts[0], files[:1]), *(("", (file,)) for file in files[1:])])
    return numbered(message, [*((text, ()) for text in texts), *(("", (file,)) for file in files)])


def _grown(message: Outbound) -> int:
    """Characters that WhatsApp's marks add to a text; none where they would take half of a message."""
    grown = len(signed(message.text, message.marks)) - len(message.text)
    return grown if grown < CAPTION // 2 else 0


def marked(message: Outbound) -> str:
    """The text with WhatsApp's marks, or as it is where they make it too long."""
    text = signed(message.text, message.marks)
    room = CAPTION if message.attachments or offered(message) else TEXT
    return text if len(text) <= room else message.text


def asking(message: Outbound) -> dict[str, Any]:
    """A question with up to three buttons, or with a list to choose from. Source: interactive messages, v23.0."""
    choices, body = offered(message), {"text": marked(message)}
    replies = [{"id": f"{message.id}:{number}", "title": choice} for number, choice in enumerate(choices, 1)]
    if as_buttons(message):
        buttons = [{"type": "reply", "reply": reply} for reply in replies]
        return {"type": "button", "body": body, "action": {"buttons": buttons}}
    sections = [{"title": LIST_TITLE, "rows": replies}]
    return {"type": "list", "body": body, "action": {"button": OPEN_LIST, "sections": sections}}


def as_buttons(message: Outbound) -> bool:
    """Whether its choices are few and short enough for buttons; a list takes the others."""
    choices = offered(message)
    return len(choices) <= BUTTONS and all(len(choice) <= BUTTON for choice in choices)


def wire_message(message: Outbound) -> dict[str, Any]:
    """One piece as JSON; a phone goes into `to`, a user id into `recipient`, our id into the callback data."""
    return {
        "messaging_product": "whatsapp",
        **_recipient(message.to),
        **_content(message),
        **quoting(message, "message_id"),
        "biz_opaque_callback_data": message.id,
    }


def marked_read(number: str) -> dict[str, str]:
    """Which message was read. Source: Meta's page on marking messages as read, WhatsApp Cloud API v23.0."""
    return {"messaging_product": "whatsapp", "status": "read", "message_id": number}


def quoting(message: Outbound, name: str) -> dict[str, Any]:
    """The context of an answer, where it has one. `name`: of the field with the id of what it answers.

    Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/contextual-replies, July
    2026.
    """
    return {"context": {name: message.quoted}} if message.quoted else {}


def _recipient(address: str) -> dict[str, str]:
    """Source of groups: Groups API of the WhatsApp Business Platform, November 2026."""
    if address.startswith(GROUP):
        return {"recipient_type": "group", "to": address.removeprefix(GROUP)}
    known_by = {"to": address.removeprefix("+")} if _PHONE.fullmatch(address) else {"recipient": address}
    return {"recipient_type": "individual", **known_by}


def _content(message: Outbound) -> dict[str, Any]:
    if message.template is not None:
        return {"type": "template", "template": filled_in(message.template)}
    if offered(message):
        return {"type": "interactive", "interactive": asking(message)}
    if not message.attachments:
        return {"type": "text", "text": {"body": marked(message), "preview_url": True}}
    file = message.attachments[0]
    kind = kind_of(file)
    named = {"filename": file.name} if kind == "document" and file.name else {}
    captioned = {"caption": marked(message)} if message.text and kind != "audio" else {}
    return {"type": kind, kind: {"link": file.url, **named, **captioned}}
