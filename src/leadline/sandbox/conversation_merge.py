"""POST /conversations/{id}/merge of 2.16: one conversation is closed, and linked to another that goes on."""

from __future__ import annotations

from typing import Any

from leadline.sandbox import conversation_views as views
from leadline.sandbox.admins import first_admin
from leadline.sandbox.call import Call
from leadline.sandbox.parts import PartBody, change_state
from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import ApiError


async def merge(call: Call) -> dict[str, Any]:
    """Answers the conversation that goes on. Raises ApiError: 422 `merge_failed` where the two cannot be merged."""
    if call.version < (2, 16):
        raise views.NOT_FOUND
    into = call.body.get("merge_into_conversation_id") if isinstance(call.body, dict) else None
    if not isinstance(into, int) or isinstance(into, bool):
        raise ApiError(400, "parameter_invalid", "merge_into_conversation_id must be a valid integer conversation ID")
    row = await views.need(call, call.path["id"])
    if row["id"] == into:
        raise ApiError(422, "merge_failed", "Cannot merge a conversation into itself")
    if row["merged_into"] is not None:
        raise ApiError(422, "merge_failed", "Secondary conversation has already been merged")
    target = await queries.lock_conversation(call.connection, id=into)
    if target is None:
        raise ApiError(422, "merge_failed", "Primary conversation not found")
    if row["state"] != "closed":
        admin = await first_admin(call.connection)
        await change_state(call, row, PartBody("close", admin["id"]))
    await queries.link_conversation(call.connection, id=row["id"], into=into)
    return await views.full(call, target)
