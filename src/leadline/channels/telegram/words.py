"""Each kind of Telegram message as text for people, and its file. Used by `update.py`."""

from __future__ import annotations

from collections.abc import Sequence

from leadline.channels.http import phone_or_sender
from leadline.channels.telegram import contents, wire
from leadline.channels.telegram.rarely import described, files_of
from leadline.channels.vcards import facts, is_number
from leadline.channels.words import card, filled, lines, listed, paid, place, polled
from leadline.media import UNTYPED
from leadline.model import Attachment, Handle

LARGEST = 20_000_000
"""Bytes of the largest file a bot may fetch: getFile, Bot API 10.1."""

_TYPES = {
    "photo": "image/jpeg",
    "live photo": "image/jpeg",
    "video": "video/mp4",
    "video message": "video/mp4",
    "animation": "video/mp4",
    "sound file": "audio/mpeg",
    "voice message": "audio/ogg",
    "sticker": "image/webp",
}


def attachments(content: wire.Content) -> tuple[Attachment, ...]:
    """The files of a message, each by Telegram's two ids of it; none that is too large for a bot."""
    kind, file = file_of(content)
    found = (file,) if file is not None else files_of(content)
    return tuple(_attachment(kind, each) for each in found if not _is_too_large(each))


def _attachment(kind: str, file: contents.File) -> Attachment:
    """Only pictures have neither a type nor a name; a sound file may have an artist and a title instead of one."""
    content_type = file.mime_type or _TYPES.get(kind or "photo", UNTYPED)
    name = file.file_name or " - ".join(filter(None, (file.performer, file.title)))
    return Attachment(content_type=content_type, ref=file_ref(file), name=name)


def file_ref(file: contents.File | wire.Place) -> str:
    """Both ids of a file. The second one is told to nobody before the file is there, so it proves an answer."""
    return f"{file.file_id}/{file.file_unique_id}"


def readable(content: wire.Content, sender: contents.User | None = None) -> str:
    """The message in words: the customer's own where there are any, else a line in square brackets.

    Empty where a file says it all, and for a kind that nobody knows.
    """
    if content.text is not None:
        text = with_links(content.text, content.entities)
        return _started(text) if text.split(maxsplit=1)[:1] == ["/start"] else text
    kind, file = file_of(content)
    caption = with_links(content.caption or "", content.caption_entities)
    if kind:
        lost = file is None or _is_too_large(file)
        emoji = listed("Sticker", content.sticker.emoji) if content.sticker is not None else ""
        return lines(emoji, caption, f"[A {kind} that Telegram does not give to bots{_size(file)}]" if lost else "")
    return lines(caption, _described(content, sender))


def with_links(text: str, entities: Sequence[wire.Entity] | None) -> str:
    """The text with the addresses that lie behind its words; Telegram counts places in UTF-16 units."""
    behind = [entity for entity in entities or () if entity.type == "text_link" and entity.url]
    units = text.encode("utf-16-le", "surrogatepass")
    for entity in sorted(behind, key=lambda entity: entity.offset, reverse=True):
        start, end = 2 * max(entity.offset, 0), 2 * max(entity.offset + entity.length, 0)
        words = units[start:end].decode("utf-16-le", "replace")
        if entity.url and words.strip().rstrip("/") != entity.url.rstrip("/"):
            units = units[:end] + f" ({entity.url})".encode("utf-16-le", "surrogatepass") + units[end:]
    return units.decode("utf-16-le", "replace") if behind else text


def own_phone(content: wire.Content, sender: contents.User | None) -> Handle | None:
    """The phone a sender has shared as their own; nobody else's card counts, whatever name is on it.

    Source: Bot API 10.1, Contact.user_id: filled in by Telegram, for the account that has this phone.
    """
    card = content.contact
    if card is None or sender is None or card.user_id != sender.id:
        return None
    handle = phone_or_sender(card.phone_number, digits_only=True)
    return handle if handle.is_phone else None


def file_of(content: wire.Content) -> tuple[str, contents.File | None]:
    """What kind of file a message is, and what of it can be fetched; an animation also comes as a document."""
    if content.photo is not None:
        return "photo", content.photo[-1] if content.photo else None
    if (sticker := content.sticker) is not None:
        moving = sticker.is_animated or sticker.is_video
        return "sticker", sticker.thumbnail if moving else sticker
    kinds = {
        "animation": content.animation,
        "live photo": content.live_photo,
        "video": content.video,
        "video message": content.video_note,
        "voice message": content.voice,
        "sound file": content.audio,
        "document": content.document,
    }
    return next(((kind, file) for kind, file in kinds.items() if file is not None), ("", None))


def name_of(user: contents.User | contents.Chat | None) -> str:
    """Somebody's name, as far as Telegram tells one."""
    if user is None:
        return ""
    title = user.title if isinstance(user, contents.Chat) else None
    return title or " ".join(filter(None, (user.first_name, user.last_name))) or user.username or ""


def _is_too_large(file: contents.File) -> bool:
    return not file.file_id or (file.file_size or 0) > LARGEST


def _size(file: contents.File | None) -> str:
    return f": {file.file_size / 1e6:.0f} MB" if file is not None and file.file_size else ""


def _started(text: str) -> str:
    code = text.partition(" ")[2].strip()
    return f"[Opened the chat by a link with the code {code}]" if code else "[Opened the chat]"


def _described(content: wire.Content, sender: contents.User | None) -> str:
    if (contact := content.contact) is not None:
        name = " ".join(filter(None, (contact.first_name, contact.last_name)))
        shared = "Shared their own number" if own_phone(content, sender) else "Contact"
        told = (fact for fact in facts(contact.vcard or "") if not is_number(fact, contact.phone_number))
        return card(name, (contact.phone_number,), told, what=shared)
    if (venue := content.venue) is not None:
        return place(venue.location.latitude, venue.location.longitude, venue.title, venue.address)
    if (spot := content.location) is not None:
        return place(spot.latitude, spot.longitude, live=bool(spot.live_period))
    if content.poll is not None:
        return polled(content.poll.question, (option.text for option in content.poll.options))
    if content.dice is not None:
        return f"[{content.dice.emoji} {content.dice.value}]"
    if content.users_shared is not None:
        return "\n".join(_shared(user) for user in content.users_shared.users)
    if (chat := content.chat_shared) is not None:
        return listed("Shared a chat", chat.title, f"@{chat.username}" if chat.username else "")
    return _listed(content) or _bought(content) or described(content)


def _listed(content: wire.Content) -> str:
    """A checklist, and what became of its tasks."""
    if (checklist := content.checklist) is not None:
        tasks = (f"{task.text}{' (done)' if task.completion_date else ''}" for task in checklist.tasks)
        return polled(checklist.title, tasks, "Checklist")
    if (added := content.checklist_tasks_added) is not None:
        return polled("", (task.text for task in added.tasks), "Added to the checklist")
    if (done := content.checklist_tasks_done) is not None:
        known = done.checklist_message.checklist if done.checklist_message else None
        names = {task.id: task.text for task in known.tasks} if known else {}
        marked = [f"{names.get(task, f'task {task}')} (done)" for task in done.marked_as_done_task_ids]
        marked += [f"{names.get(task, f'task {task}')} (not done)" for task in done.marked_as_not_done_task_ids]
        return polled("", marked, "Checklist changed")
    return ""


def _bought(content: wire.Content) -> str:
    """What a Mini App sent, and payments."""
    if (answer := content.web_app_data) is not None:
        return filled(answer.data, answer.button_text)
    if (payment := content.successful_payment) is not None:
        return paid(payment.total_amount, payment.currency, payment.invoice_payload)
    return ""


def _shared(user: contents.SharedUser) -> str:
    name = " ".join(filter(None, (user.first_name, user.last_name)))
    known = f"@{user.username}" if user.username else "" if name else f"user {user.user_id}"
    return card(name, (known,), what="Shared a person")
