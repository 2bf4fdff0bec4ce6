"""Each kind of Telegram message as text for people, and its file. Used by `update.py`."""

from __future__ import annotations

from leadline.channels.http import phone_or_sender
from leadline.channels.telegram import wire
from leadline.model import Attachment, Handle

LARGEST = 20_000_000
"""Bytes of the largest file a bot may fetch: getFile, Bot API 10.1."""

_TYPES = {
    "photo": "image/jpeg",
    "video": "video/mp4",
    "video message": "video/mp4",
    "voice message": "audio/ogg",
    "sticker": "image/webp",
}


def attachments(message: wire.Message) -> tuple[Attachment, ...]:
    """The file of a message, by Telegram's two ids of it; none where it is too large for a bot."""
    kind, file = _file(message)
    if file is None or _is_too_large(file):
        return ()
    content_type = file.mime_type or _TYPES.get(kind, "application/octet-stream")
    return (Attachment(content_type=content_type, ref=file_ref(file), name=file.file_name or ""),)


def file_ref(file: wire.File | wire.Place) -> str:
    """Both ids of a file. The second one is told to nobody before the file is there, so it proves an answer."""
    return f"{file.file_id}/{file.file_unique_id}"


def readable(message: wire.Message) -> str:
    """The message in words: the customer's own where there are any, else a line in square brackets."""
    if message.text is not None:
        return _started(message.text) if message.text.split(maxsplit=1)[:1] == ["/start"] else message.text
    kind, file = _file(message)
    if kind:
        lost = file is None or _is_too_large(file)
        lines = (
            f"[Sticker {message.sticker.emoji or ''}".rstrip() + "]" if message.sticker is not None else "",
            message.caption,
            f"[A {kind} that Telegram does not give to bots{_size(file)}]" if lost else "",
        )
        return "\n".join(filter(None, lines))
    return _described(message)


def own_phone(message: wire.Message) -> Handle | None:
    """The phone a sender has shared as their own; nobody else's card counts, whatever name is on it.

    Source: Bot API 10.1, Contact.user_id: filled in by Telegram, for the account that has this phone.
    """
    card, sender = message.contact, message.sender
    if card is None or sender is None or card.user_id != sender.id:
        return None
    handle = phone_or_sender(card.phone_number, digits_only=True)
    return handle if handle.is_phone else None


def _file(message: wire.Message) -> tuple[str, wire.File | None]:
    """What kind of file a message is, and what of it can be fetched; an animation also comes as a document."""
    if message.photo is not None:
        return "photo", message.photo[-1] if message.photo else None
    if (sticker := message.sticker) is not None:
        moving = sticker.is_animated or sticker.is_video
        return "sticker", sticker.thumbnail if moving else sticker
    kinds = {
        "animation": message.animation,
        "video": message.video,
        "video message": message.video_note,
        "voice message": message.voice,
        "sound file": message.audio,
        "document": message.document,
    }
    return next(((kind, file) for kind, file in kinds.items() if file is not None), ("", None))


def _is_too_large(file: wire.File) -> bool:
    return not file.file_id or (file.file_size or 0) > LARGEST


def _size(file: wire.File | None) -> str:
    return f": {file.file_size / 1e6:.0f} MB" if file is not None and file.file_size else ""


def _started(text: str) -> str:
    code = text.partition(" ")[2].strip()
    return f"[Opened the chat by a link with the code {code}]" if code else "[Opened the chat]"


def _described(message: wire.Message) -> str:
    if (card := message.contact) is not None:
        name = " ".join(filter(None, (card.first_name, card.last_name)))
        shared = "Shared their own number" if own_phone(message) else "Contact"
        return f"[{shared}: {', '.join(filter(None, (name, card.phone_number)))}]"
    if (venue := message.venue) is not None:
        return f"[Location: {', '.join(filter(None, (venue.title, venue.address, _point(venue.location))))}]"
    if message.location is not None:
        return f"[{'Live location' if message.location.live_period else 'Location'}: {_point(message.location)}]"
    if message.poll is not None:
        return f"[Poll: {message.poll.question}]"
    if message.dice is not None:
        return f"[{message.dice.emoji} {message.dice.value}]"
    return "[Message of a kind that cannot be shown here]"


def _point(place: wire.Location) -> str:
    return f"{place.latitude}, {place.longitude}"
