"""Rows as Intercom's REST documents (schemas of the 2.16 spec, with the differences of 2.15). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from leadline.sandbox.workspace import Version

Row = Mapping[str, Any]
_NULL_FIELDS = [
    "avatar",
    "owner_id",
    "signed_up_at",
    "last_seen_at",
    "last_replied_at",
    "last_contacted_at",
    "last_email_opened_at",
    "last_email_clicked_at",
    "language_override",
    "browser",
    "browser_version",
    "browser_language",
    "os",
    "android_app_name",
    "android_app_version",
    "android_device",
    "android_os_version",
    "android_sdk_version",
    "android_last_seen_at",
    "ios_app_name",
    "ios_app_version",
    "ios_device",
    "ios_os_version",
    "ios_sdk_version",
    "ios_last_seen_at",
    "utm_campaign",
    "utm_content",
    "utm_medium",
    "utm_source",
    "utm_term",
    "referrer",
    "enabled_push_messaging",
]


def contact(row: Row, workspace_id: str, version: Version) -> dict[str, Any]:
    """A contact as REST shows it; `row` is one of the view contact_row."""
    document: dict[str, Any] = {
        "type": "contact",
        "id": row["id"],
        "workspace_id": workspace_id,
        "external_id": row["external_id"],
        "role": row["role"],
        "email": row["email"],
        "email_domain": row["email_domain"],
        "phone": row["phone"],
        "name": row["name"],
        "has_hard_bounced": False,
        "marked_email_as_spam": False,
        "unsubscribed_from_emails": False,
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        **dict.fromkeys(_NULL_FIELDS),
        **row["fields"],
        "custom_attributes": row["custom_attributes"],
        "location": dict.fromkeys(("country", "region", "city", "country_code", "continent_code"))
        | {"type": "location"},
        "social_profiles": {"type": "list", "data": []},
        "tags": _sublist(row["id"], "tags", "tag", list(row["tags"])),
        "notes": _sublist(row["id"], "notes", "note", row["note_ids"]),
        "companies": _sublist(row["id"], "companies", "company", row["company_ids"]),
        "opted_out_subscription_types": _chosen(row, "opt_out"),
        "opted_in_subscription_types": _chosen(row, "opt_in"),
    }
    if document["avatar"]:
        document["avatar"] = {"type": "avatar", "image_url": document["avatar"]}
    if document["owner_id"] is not None:
        document["owner_id"] = str(document["owner_id"]) if version >= (2, 16) else int(document["owner_id"])
    return document


def _chosen(row: Row, consent: str) -> dict[str, Any]:
    ids = [key for key, chosen in row["subscriptions"].items() if chosen == consent]
    return _sublist(row["id"], "subscriptions", "subscription", ids)


def _sublist(contact_id: str, path: str, kind: str, ids: list[Any]) -> dict[str, Any]:
    shown = [{"type": kind, "id": str(key), "url": f"/{path}/{key}"} for key in ids[:10]]
    return {
        "type": "list",
        "data": shown,
        "url": f"/contacts/{contact_id}/{path}",
        "total_count": len(ids),
        "has_more": len(ids) > 10,
    }


def contact_notice(row: Row, workspace_id: str, version: Version) -> dict[str, Any]:
    """A contact as webhooks show it: its own times are ISO texts (captured payloads, January 2026)."""
    document = contact(row, workspace_id, version)
    for name in ("created_at", "updated_at", "signed_up_at", "last_seen_at", "last_replied_at", "last_contacted_at"):
        if document[name] is not None:
            document[name] = datetime.fromtimestamp(document[name], UTC).isoformat(timespec="milliseconds")
    return document | {"sms_consent": False, "unsubscribed_from_sms": False}


def reference(row: Row, **extra: Any) -> dict[str, Any]:
    return {"type": "contact", "id": row["id"], "external_id": row["external_id"], **extra}


def merge_item(row: Row) -> dict[str, Any]:
    return {
        "type": "merge_history",
        "source_contact_id": row["id"],
        "source_contact_role": row["role"],
        "merged_at": row["merged_at"],
    }


def admin(row: Row) -> dict[str, Any]:
    return {
        "type": "admin",
        "id": str(row["id"]),
        "name": row["name"],
        "email": row["email"],
        "job_title": row["job_title"],
        "away_mode_enabled": False,
        "away_mode_reassign": False,
        "away_status_reason_id": None,
        "has_inbox_seat": True,
        "team_ids": [],
        "team_priority_level": {"primary_team_ids": [], "secondary_team_ids": []},
    }


def tag(row: Row, applied: Mapping[str, Any] | None = None) -> dict[str, Any]:
    document = {"type": "tag", "id": str(row["id"]), "name": row["name"]}
    if applied is None:
        return document
    by = applied.get("admin_id")
    return document | {
        "applied_at": applied.get("applied_at"),
        "applied_by": {"type": "admin", "id": str(by)} if by is not None else None,
    }


def note(row: Row, author: Row) -> dict[str, Any]:
    return {
        "type": "note",
        "id": str(row["id"]),
        "created_at": row["created_at"],
        "contact": {"type": "contact", "id": row["contact_id"]},
        "author": admin(author),
        "body": row["body"],
    }


def attribute(row: Row) -> dict[str, Any]:
    document = {
        "type": "data_attribute",
        "id": row["id"],
        "model": row["model"],
        "name": row["name"],
        "full_name": f"custom_attributes.{row['name']}",
        "label": row["name"],
        "description": row["description"],
        "data_type": "string" if row["data_type"] == "options" else row["data_type"],
        "api_writable": True,
        "ui_writable": False,
        "messenger_writable": row["messenger_writable"],
        "custom": True,
        "archived": row["archived"],
        "admin_id": row["admin_id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }
    return document | {"options": row["options"]} if row["options"] else document
