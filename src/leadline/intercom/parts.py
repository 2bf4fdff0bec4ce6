"""The part: one message inside a conversation, as Intercom's API and webhooks write it. Read for both of them here."""

from __future__ import annotations

from typing import Any

from leadline.intercom import plaintext
from leadline.intercom.wire import items, mapping, seconds, text
from leadline.model import Attachment, Mark, Struct

NOTE_TYPES = frozenset({"note", "note_and_reopen"})


class Part(Struct, frozen=True, kw_only=True):
    """One message of a conversation.

    part_id: unique within one workspace only (Intercom, April 2023). The first message's is that of its source.
    part_type: Intercom's word for what happened (`comment`, `open`, `assignment`, `close`, `note`, …); `source` for
    the first message. Any of them can carry text.
    author_type: `admin`, `bot`, `team`, `user` or `lead`.
    text: plain, as a chat app shows it; `marks` says what of it stands out. choices: answers the customer may tap on
    (Intercom's quick replies). attachments: files, then images that stood in the text; their addresses
    expire after 30 minutes. created_at: unix seconds.
    from_api: made through the API and not typed by a person; `package` is the app that did.
    """

    part_id: str
    part_type: str = "comment"
    author_type: str = ""
    author_id: str = ""
    author_name: str = ""
    text: str = ""
    marks: tuple[Mark, ...] = ()
    choices: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    created_at: float = 0.0
    is_note: bool = False
    from_api: bool = False
    package: str = ""
    redacted: bool = False

    @property
    def by_contact(self) -> bool:
        """Whether the customer's side wrote it."""
        return self.author_type in {"user", "lead", "contact"}

    @property
    def has_content(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.text or self.attachments)

    @property
    def for_customer(self) -> bool:
        """Whether the workspace's side wrote it for the customer to read; bots count."""
        return (
            self.author_type in {"admin", "bot", "team"} and self.has_content and not self.is_note and not self.redacted
        )


def read_part(item: dict[str, Any]) -> Part:
    """A conversation part (schema `conversation_part`, API 2.16)."""
    return _read(item, text(item.get("part_type")) or "comment", seconds(item.get("created_at")))


def read_source(conversation: dict[str, Any]) -> Part | None:
    """The first message of a conversation, which Intercom keeps apart from the parts as its `source`."""
    source = mapping(conversation.get("source"))
    return _read(source, "source", seconds(conversation.get("created_at"))) if source.get("id") else None


def read_parts(conversation: dict[str, Any]) -> tuple[Part, ...]:
    """All parts of a conversation, oldest first, without the source; a part given twice counts once."""
    listed = items(mapping(conversation.get("conversation_parts")).get("conversation_parts"))
    parts = {part.part_id: part for part in map(read_part, listed) if part.part_id}
    return tuple(sorted(parts.values(), key=lambda part: part.created_at))


def _read(item: dict[str, Any], part_type: str, created_at: float) -> Part:
    author = mapping(item.get("author"))
    body = plaintext.read(text(item.get("body")))
    package = text(item.get("app_package_code"))
    return Part(
        part_id=text(item.get("id")),
        part_type=part_type,
        author_type=text(author.get("type")),
        author_id=text(author.get("id")),
        author_name=text(author.get("name")),
        text=body.text,
        marks=body.marks,
        choices=_choices(item),
        attachments=_attachments(item, body.images),
        created_at=created_at,
        is_note=part_type in NOTE_TYPES,
        from_api=bool(package),
        package=package,
        redacted=item.get("redacted") is True,
    )


def _choices(item: dict[str, Any]) -> tuple[str, ...]:
    options = items(mapping(item.get("metadata")).get("quick_reply_options"))
    return tuple(dict.fromkeys(label for option in options if (label := text(option.get("text")).strip())))


def _attachments(item: dict[str, Any], images: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    files = (
        Attachment(
            text(file.get("content_type")) or "application/octet-stream",
            text(file.get("url")),
            name=text(file.get("name")),
            size=int(seconds(file.get("filesize"))),
        )
        for file in items(item.get("attachments"))
        if file.get("url")
    )
    unique: dict[str, Attachment] = {}
    for file in (*files, *images):
        unique.setdefault(file.url, file)
    return tuple(unique.values())
