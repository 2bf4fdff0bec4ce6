"""POST /messages: a teammate writes first."""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.sandbox import conversation_views as views
from leadline.sandbox.admins import need_admin
from leadline.sandbox.bodies import from_teammate
from leadline.sandbox.call import Call
from leadline.sandbox.conversations import NO_USER, lock_contact, message, start
from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import ApiError, now


class Party(msgspec.Struct):
    id: str | int
    type: str


class Message(msgspec.Struct, rename={"sender": "from"}):
    sender: Party
    to: Party
    message_type: str = "in_app"
    body: str = ""
    create_conversation_without_contact_reply: bool = False


async def create(call: Call) -> dict[str, Any]:
    """An in-app message. Only with `create_conversation_without_contact_reply` there is a conversation at once; the
    sandbox does not wait for a first reply, so without it the message is only answered. Raises ApiError.
    """
    body = call.read(Message)
    if not body.body.strip():
        raise ApiError(400, "parameter_invalid", "Body is required")
    if body.message_type not in {"in_app", "inapp"}:
        raise ApiError(400, "parameter_invalid", f"The sandbox sends in_app messages, not {body.message_type}")
    admin = await need_admin(call.connection, body.sender.id)
    contact = await lock_contact(call, str(body.to.id))
    if contact is None or contact["archived"] or contact["merged_into"]:
        raise NO_USER
    html = from_teammate(body.body, "no-margin" if call.human else "")
    if not body.create_conversation_without_contact_reply:
        key = str((await queries.next_message_id(call.connection))["id"])
        kind = "admin_message"
        return {"type": kind, "id": key, "created_at": now(), "body": body.body, "message_type": "inapp"}
    row = await start(call, {"type": "admin", "id": str(admin["id"])}, [contact["id"]], html, [], now())
    await views.publish(call, row, "conversation.admin.single.created")
    return message(row, "admin_message", body.body)
