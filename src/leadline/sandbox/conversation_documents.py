"""Conversations and their parts as Intercom's REST documents and webhook items (2.16 spec, 2.15 differences). Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from leadline.sandbox.bodies import to_text
from leadline.sandbox.documents import Row, reference
from leadline.sandbox.workspace import Version


class Cast(msgspec.Struct, frozen=True):
    """Everybody a conversation names: contact rows by id, admin rows by id; and how a file's address is signed."""

    contacts: Mapping[str, Row]
    admins: Mapping[str, Row]
    sign: Callable[[str], str]

    def author(self, kind: str, key: str) -> dict[str, Any]:
        """A contact's author type is its role; a deleted one is an unnamed lead."""
        if kind == "admin":
            row = self.admins.get(key, {})
            return {"type": "admin", "id": key, "name": row.get("name"), "email": row.get("email")}
        if kind == "contact":
            row = self.contacts.get(key, {})
            return {"type": row.get("role", "lead"), "id": key, "name": row.get("name"), "email": row.get("email")}
        return {"type": kind, "id": key, "name": "Fin", "email": f"operator+{key}@intercom.io"}


def conversation(row: Row, cast: Cast, tags: Sequence[Any], version: Version, plain: bool = False) -> dict[str, Any]:
    """The conversation without its parts, as lists show it. `plain`: bodies as text instead of HTML."""
    new = version >= (2, 16)
    first_reply = row["first_contact_reply_at"]
    return {
        "type": "conversation",
        "id": str(row["id"]),
        "title": row["title"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "waiting_since": row["waiting_since"],
        "snoozed_until": row["snoozed_until"],
        "open": row["state"] != "closed",
        "state": row["state"],
        "read": row["read"],
        "priority": row["priority"] if new else "not_priority" if row["priority"] == "none" else "priority",
        "admin_assignee_id": row["admin_assignee_id"] if new else row["admin_assignee_id"] or None,
        "team_assignee_id": row["team_assignee_id"] if new else row["team_assignee_id"] or None,
        "source": _source(row["source"], cast, plain),
        "contacts": {
            "type": "contact.list",
            "contacts": [reference(cast.contacts[key]) for key in row["contact_ids"] if key in cast.contacts],
        },
        "teammates": {"type": "admin.list", "teammates": [{"type": "admin", "id": key} for key in row["teammate_ids"]]},
        "tags": {"type": "tag.list", "tags": list(tags)},
        "custom_attributes": row["custom_attributes"],
        "first_contact_reply": (
            {"created_at": first_reply, "type": "conversation", "url": None} if first_reply is not None else None
        ),
        "topics": {},
        "ticket": None,
        "sla_applied": None,
        "statistics": None,
        "conversation_rating": None,
        "linked_objects": {"type": "list", "data": [], "total_count": 0, "has_more": False},
        "ai_agent": None,
        "ai_agent_participated": False,
    }


def with_parts(
    row: Row, cast: Cast, tags: Sequence[Any], version: Version, parts: Sequence[Row], total: int, plain: bool = False
) -> dict[str, Any]:
    """The conversation with these parts; `total` counts all it has."""
    listed = [part(each, cast, plain) for each in parts]
    return conversation(row, cast, tags, version, plain) | {
        "conversation_parts": {"type": "conversation_part.list", "conversation_parts": listed, "total_count": total}
    }


def _source(source: Row, cast: Cast, plain: bool) -> dict[str, Any]:
    return {
        "type": source["type"],
        "id": source["id"],
        "delivered_as": source["delivered_as"],
        "subject": source["subject"],
        "body": to_text(source["body"]) if plain else source["body"],
        "author": cast.author(source["author"]["type"], source["author"]["id"]),
        "attachments": [attachment(each, cast) for each in source["attachments"]],
        "url": source["url"],
        "redacted": source["redacted"],
    }


def part(row: Row, cast: Cast, plain: bool = False) -> dict[str, Any]:
    return {
        "type": "conversation_part",
        "id": str(row["id"]),
        "part_type": row["part_type"],
        "body": to_text(row["body"]) if plain else row["body"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "notified_at": row["created_at"],
        "assigned_to": row["assigned_to"],
        "author": cast.author(row["author_type"], row["author_id"]),
        "attachments": [attachment(each, cast) for each in row["attachments"]],
        "external_id": None,
        "redacted": row["redacted"],
        "metadata": row["metadata"],
        "email_message_metadata": None,
        "state": row["state"],
        "tags": [],
        "event_details": None,
        "app_package_code": row["app_package_code"],
    }


def attachment(stored: Row, cast: Cast) -> dict[str, Any]:
    """A stored attachment has `key` (a file of the sandbox) or `url` (given by the caller)."""
    url = cast.sign(stored["key"]) if stored.get("key") else stored["url"]
    document = {"type": "upload", "name": stored["name"], "url": url, "content_type": stored["content_type"]}
    return document | {name: stored[name] for name in ("filesize", "width", "height") if name in stored}
