"""Intercom's REST documents as values of the page. Pure; used by `scene.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadline.intercom import plaintext
from leadline.stage.shown import InboxFile, Item, Part, ProfileCard, Thread

EVENTS = {
    "close": "closed the conversation",
    "open": "opened the conversation",
    "snoozed": "snoozed the conversation",
    "assignment": "assigned the conversation",
}
IDS = (("id", "Contact id"), ("external_id", "External id"), ("phone", "Phone"), ("email", "E-mail"))
PREVIEW = 90
Document = Mapping[str, Any]


def is_web(url: str) -> bool:
    """Whether a page may link to it."""
    return url.startswith(("http://", "https://"))


def contact_of(conversation: Document) -> str:
    """The id of the conversation's first contact, or nothing."""
    contacts = conversation["contacts"]["contacts"]
    return str(contacts[0]["id"]) if contacts else ""


def item(conversation: Document, names: Mapping[str, str], kept: Document | None, lines: Mapping[int, str]) -> Item:
    """A conversation of the list; `kept` is what Leadline knows of it."""
    author = conversation["source"]["author"]
    return Item(
        conversation_id=str(conversation["id"]),
        name=names.get(contact_of(conversation)) or author["name"] or author["id"],
        preview=_preview(conversation, kept),
        at=conversation["updated_at"],
        unread=not conversation["read"],
        is_open=conversation["state"] != "closed",
        channel=lines.get(kept["channel_id"], "") if kept else "",
        channel_id=kept["channel_id"] if kept else 0,
        handle=kept["handle"] if kept else "",
        sender=kept["sender"] if kept else "",
        written_at=kept["written_at"] if kept else 0.0,
    )


def _preview(conversation: Document, kept: Document | None) -> str:
    """The last message as Leadline knows it, else what the conversation began with."""
    if kept and kept["last_text"]:
        return f"{'You: ' if kept['last_ours'] else ''}{kept['last_text']}"[:PREVIEW]
    return plaintext.read(conversation["source"]["body"] or "").text[:PREVIEW]


def thread(conversation: Document) -> Thread:
    """A conversation with its parts; those that show nothing are left out."""
    source = {"part_type": "comment", "created_at": conversation["created_at"]} | conversation["source"]
    parts = [source, *conversation["conversation_parts"]["conversation_parts"]]
    author = conversation["source"]["author"]
    return Thread(
        conversation_id=str(conversation["id"]),
        title=author["name"] or author["id"],
        contact_id=contact_of(conversation),
        parts=tuple(shown for shown in map(_part, parts) if shown.text or shown.files),
    )


def _part(part: Document) -> Part:
    files = tuple(_file(file) for file in part["attachments"] if is_web(file["url"]))
    text = (part["body"] or "").strip()
    kind = _kind(part)
    return Part(
        key=str(part["id"]),
        kind=kind,
        author=part["author"]["name"] or "",
        text=text or EVENTS.get(part["part_type"], ""),
        at=part["created_at"],
        files=files,
        choices=_choices(part),
    )


def _choices(part: Document) -> tuple[str, ...]:
    options = (part.get("metadata") or {}).get("quick_reply_options") or ()
    return tuple(str(option["text"]) for option in options)


def _kind(part: Document) -> str:
    if part["part_type"] == "note":
        return "note"
    if part["author"]["type"] in ("user", "lead", "contact"):
        return "customer"
    return "teammate" if part["body"] or part["attachments"] else "event"


def _file(file: Document) -> InboxFile:
    content_type = str(file.get("content_type") or "")
    return InboxFile(name=file["name"] or "file", url=file["url"], is_picture=content_type.startswith("image/"))


def profile(contact: Document) -> ProfileCard:
    """A contact with its ids, without what Leadline knows of it."""
    attributes = sorted((contact.get("custom_attributes") or {}).items())
    return ProfileCard(
        name=contact["name"] or contact["phone"] or contact["email"] or "No name",
        role=contact["role"],
        ids=tuple((label, str(contact[name])) for name, label in IDS if contact.get(name)),
        attributes=tuple((name, str(value)) for name, value in attributes if value is not None),
    )
