"""What only the Preview API has: a merge's dry run, and the feed of what happened to contacts.

Source: API description "Preview" of July and August 2026, read 2026-11-24. How the feed names its fields was not to be
read there: `activity_type`, `contact_id` and the two ids of a merge are taken from the text that announced it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from leadline.sandbox import documents
from leadline.sandbox.call import Call
from leadline.sandbox.merge import Merge, adopted, duplicates, pair
from leadline.sandbox.paging import page_size, pages, read_cursor
from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import PREVIEW, ApiError

LISTED = 50
REASONS = {
    "invalid_merge_role_pair": "These contacts cannot be merged: the one that stays must be a user.",
    "no_shared_identifier": "These contacts share no e-mail, phone or external id.",
    "u2u_no_shared_identifier": "Two users need the same e-mail or phone.",
    "source_has_whatsapp_data": "The contact that goes has WhatsApp data.",
    "facebook_user": "Facebook contacts cannot be merged.",
    "external_lead_channel_not_allowed": "This lead came through an external channel.",
    "mailing_list": "This contact came from a mailing list.",
}
ORIGINS = {
    "facebook": "facebook_user",
    "external_channel": "external_lead_channel_not_allowed",
    "mailing_list": "mailing_list",
}


async def preview(call: Call) -> dict[str, Any]:
    """Whether the merge is allowed and what it would change; nothing changes. Raises ApiError: 400
    `parameter_not_allowed` for two users whose check is to be skipped, 404 for a missing contact.
    """
    _need(call)
    body = call.read(Merge)
    source, target = await pair(call, body)
    if reason := _reason(source, target, body.skip_duplicate_validation):
        return {"allowed": False, "reasons": [{"code": reason, "message": REASONS[reason]}]}
    changed = [*_changes(source, target)]
    counts = [await queries.belongings_counts(call.connection, id=row["id"]) for row in (source, target)]
    moved = {
        name: {"from": counts[0][name], "into": counts[1][name]}
        for name in ("conversations", "notes")
        if counts[0][name]
    }
    if tags := [key for key in source["tags"] if key not in target["tags"]]:
        moved["tags"] = {"from": len(tags), "into": len(target["tags"])}
    attributes = {"attributes": changed[:LISTED], "total_count": len(changed)}
    return {"allowed": True, "summary": {"attribute_changes": attributes, "reassignments": moved}}


def _reason(source: documents.Row, target: documents.Row, skip: bool) -> str:
    users = source["role"] == target["role"] == "user"
    if users and skip:
        raise ApiError(400, "parameter_not_allowed", "skip_duplicate_validation is not supported for two users")
    if target["role"] != "user":
        return "invalid_merge_role_pair"
    if source["origin"] in ORIGINS:
        whatsapp = users and source["origin"] == "external_channel"
        return "source_has_whatsapp_data" if whatsapp else ORIGINS[source["origin"]]
    if not skip and not duplicates(source, target):
        return "u2u_no_shared_identifier" if users else "no_shared_identifier"
    return ""


def _changes(source: documents.Row, target: documents.Row) -> Iterator[dict[str, Any]]:
    """Only what the contact that goes has and the other has not got just so."""
    after = adopted(source, target)
    for name, value in after.items():
        mine, theirs = _value(source, name), _value(target, name)
        if mine not in (None, "", {}) and mine != theirs:
            outcome = "adopted" if value == mine else "merged" if isinstance(value, list) else "discarded"
            known = {"from_value": mine, "into_value": theirs}
            shown = {key: each for key, each in known.items() if each is not None}
            yield {"field": name, "outcome": outcome, **shown, "new_into_value": value}


def _value(row: documents.Row, name: str) -> Any:
    custom = name.removeprefix("custom_attributes.")
    if custom != name:
        return row["custom_attributes"].get(custom)
    return row[name] if name in row else row["fields"].get(name)


async def activities(call: Call) -> dict[str, Any]:
    """What happened to contacts, oldest first."""
    _need(call)
    size = page_size(call.query("per_page"), 50)
    after, _, page, _ = read_cursor(call.query("starting_after"), (0, ""))
    found = queries.contact_activities(call.connection, after=after, most=size + 1)
    rows = [row async for row in found]
    total = (await queries.count_activities(call.connection))["count"]
    last = [rows[size - 1]["id"], ""] if len(rows) > size else None
    shown = [_activity(row) for row in rows[:size]]
    return {"type": "list", "data": shown, "total_count": total, "pages": pages(page, size, total, last)}


def _activity(row: documents.Row) -> dict[str, Any]:
    merged = row["kind"] == "merged"
    ids = {"merge_source_id": row["contact_id"], "merge_target_id": row["target_id"]} if merged else {}
    return {
        "type": "contact_activity",
        "id": str(row["id"]),
        "activity_type": f"contact.{row['kind']}",
        "contact_id": row["target_id"] if merged else row["contact_id"],
        "created_at": row["created_at"],
        **ids,
    }


def _need(call: Call) -> None:
    if call.version != PREVIEW:
        raise ApiError(404, "not_found", "The requested resource was not found")
