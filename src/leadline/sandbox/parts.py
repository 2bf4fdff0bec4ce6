"""POST /conversations/{id}/parts: a teammate closes, snoozes, opens or assigns."""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.sandbox import conversation_views as views
from leadline.sandbox.admins import need_admin
from leadline.sandbox.bodies import from_teammate
from leadline.sandbox.call import Call
from leadline.sandbox.replies import add_part, join
from leadline.sandbox.workspace import ApiError, now


class PartBody(msgspec.Struct):
    message_type: str
    admin_id: str | int
    type: str = "admin"
    body: str = ""
    snoozed_until: int | None = None
    assignee_id: str | int | None = None


_TOPICS = {"close": "closed", "open": "opened", "snoozed": "snoozed", "assignment": "assigned"}


async def add(call: Call) -> dict[str, Any]:
    """Answers the conversation. Raises ApiError: 404 for a wrong admin or assignee, 400 for a wrong message_type."""
    body = call.read(PartBody)
    if body.message_type not in _TOPICS:
        raise ApiError(400, "parameter_invalid", f"message_type must be one of {', '.join(_TOPICS)}")
    row = await views.need(call, call.path["id"])
    await change_state(call, row, body)
    return await views.full(call, row)


async def change_state(call: Call, row: dict[str, Any], body: PartBody) -> None:
    admin = await need_admin(call.connection, body.admin_id)
    was_open = row["state"] == "open"
    assigned_to = await _apply(call, row, body)
    join(row, str(admin["id"]))
    await views.save(call, row)
    html = from_teammate(body.body, "no-margin" if call.human else "") if body.body.strip() else None
    author = ("admin", str(admin["id"]))
    part = await add_part(call, row, author, body.message_type, html, [], at=now(), assigned_to=assigned_to)
    topic = _TOPICS[body.message_type]
    if body.message_type == "assignment" and row["state"] == "open" and not was_open:
        topic = "open.assigned"
    if body.message_type == "open" and was_open:
        return
    await views.publish(call, row, f"conversation.admin.{topic}", [part])


async def _apply(call: Call, row: dict[str, Any], body: PartBody) -> dict[str, str] | None:
    if body.message_type == "assignment":
        if call.human:
            # In the Inbox this opens, as the topic open.assigned suggests; Intercom's pages do not say so.
            row |= {"state": "open", "snoozed_until": None}
        return await _assign(call, row, body)
    if body.message_type == "snoozed":
        if not body.snoozed_until:
            raise ApiError(400, "parameter_not_found", "snoozed_until is required")
        row |= {"state": "snoozed", "snoozed_until": body.snoozed_until}
    elif body.message_type == "close":
        row |= {"state": "closed", "snoozed_until": None, "waiting_since": None}
    else:
        row |= {"state": "open", "snoozed_until": None}
    return None


async def _assign(call: Call, row: dict[str, Any], body: PartBody) -> dict[str, str] | None:
    """Assignee 0 is nobody. A team's id is taken as it is."""
    key = str(body.assignee_id if body.assignee_id is not None else "")
    if not (key.isascii() and key.isdecimal() and len(key) < 19):
        raise ApiError(400, "parameter_not_found", "assignee_id is required")
    column = "team_assignee_id" if body.type == "team" else "admin_assignee_id"
    if int(key) and body.type != "team":
        await need_admin(call.connection, key)
    row[column] = int(key)
    if not int(key):
        row |= {"admin_assignee_id": 0, "team_assignee_id": 0}
        return None
    return {"type": body.type, "id": key}
