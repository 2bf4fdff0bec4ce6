"""Who takes part in a conversation, its tags, and redacting what was said."""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.sandbox import conversation_views as views
from leadline.sandbox import documents
from leadline.sandbox.admins import need_admin
from leadline.sandbox.call import Call
from leadline.sandbox.conversations import NO_USER
from leadline.sandbox.queries import queries
from leadline.sandbox.replies import add_part, join
from leadline.sandbox.tags import Tagging, need_tag
from leadline.sandbox.workspace import ApiError, now


class Customer(msgspec.Struct):
    intercom_user_id: str | None = None
    user_id: str | None = None
    email: str | None = None


class Attach(msgspec.Struct):
    admin_id: str | int
    customer: Customer


class Detach(msgspec.Struct):
    admin_id: str | int


class Redaction(msgspec.Struct):
    type: str
    conversation_id: str
    conversation_part_id: str | None = None
    source_id: str | None = None


async def attach(call: Call) -> dict[str, Any]:
    """POST /conversations/{id}/customers. An e-mail nobody has is refused (Intercom would create a lead from it)."""
    body = call.read(Attach)
    row = await views.need(call, call.path["id"])
    admin = await need_admin(call.connection, body.admin_id)
    contact = await _customer(call, body.customer)
    if contact["id"] not in row["contact_ids"]:
        row["contact_ids"] = [*row["contact_ids"], contact["id"]]
        await _record(call, row, str(admin["id"]), "participant_added", "conversation.contact.attached")
    return await views.full(call, row)


async def detach(call: Call) -> dict[str, Any]:
    """Raises ApiError 422 for the last contact of the conversation."""
    body = call.read(Detach)
    row = await views.need(call, call.path["id"])
    admin = await need_admin(call.connection, body.admin_id)
    if call.path["contact_id"] not in row["contact_ids"]:
        raise NO_USER
    if len(row["contact_ids"]) == 1:
        raise ApiError(422, "parameter_invalid", "Removing the last customer is not allowed")
    row["contact_ids"] = [key for key in row["contact_ids"] if key != call.path["contact_id"]]
    await _record(call, row, str(admin["id"]), "participant_removed", "conversation.contact.detached")
    return await views.full(call, row)


async def _record(call: Call, row: dict[str, Any], admin_id: str, part_type: str, topic: str) -> None:
    join(row, admin_id)
    await views.save(call, row)
    part = await add_part(call, row, ("admin", admin_id), part_type, None, [], at=now())
    await views.publish(call, row, topic, [part])


async def _customer(call: Call, customer: Customer) -> documents.Row:
    if customer.intercom_user_id:
        row = await queries.contact_by_id(call.connection, id=customer.intercom_user_id)
    elif customer.user_id:
        row = await queries.contact_by_external_id(call.connection, external_id=customer.user_id)
    else:
        row = await queries.contact_by_email(call.connection, email=customer.email or "")
    if row is None or row["archived"] or row["merged_into"]:
        raise NO_USER
    found: documents.Row = row
    return found


async def add_tag(call: Call) -> dict[str, Any]:
    body = call.read(Tagging)
    row = await views.need(call, call.path["id"], "Conversation not found")
    await need_admin(call.connection, body.admin_id)
    tag = await need_tag(call, body.id)
    how = {"applied_at": now(), "admin_id": body.admin_id}
    row["tags"] = row["tags"] | {str(tag["id"]): how}
    await views.save(call, row)
    await call.changed("conversation", str(row["id"]), "tags")
    return documents.tag(tag, how)


async def remove_tag(call: Call) -> dict[str, Any]:
    body = call.read(Detach)
    row = await views.need(call, call.path["id"], "Conversation not found")
    await need_admin(call.connection, body.admin_id)
    tag = await need_tag(call, call.path["tag_id"], "tag_not_found")
    row["tags"] = {key: how for key, how in row["tags"].items() if key != str(tag["id"])}
    await views.save(call, row)
    await call.changed("conversation", str(row["id"]), "tags")
    return documents.tag(tag, {})


async def redact(call: Call) -> dict[str, Any]:
    """POST /conversations/redact: body and attachments of a part or of the first message are gone for good."""
    body = call.read(Redaction)
    row = await views.need(call, body.conversation_id)
    missing = ApiError(404, "conversation_part_or_message_not_found", "Conversation part or message not found")
    if body.type == "source":
        if body.source_id != row["source"]["id"]:
            raise missing
        row["source"] |= {"body": "<p><i>This message was deleted</i></p>", "attachments": [], "redacted": True}
        await views.save(call, row)
        return await views.full(call, row)
    key = body.conversation_part_id or ""
    part = key.isdecimal() and await queries.redact_part(
        call.connection,
        id=int(key),
        conversation_id=row["id"],
        body="<p><i>This message was deleted</i></p>",
        at=now(),
    )
    if not part:
        raise missing
    await views.save(call, row)
    await views.publish(call, row, "conversation_part.redacted", [part])
    return await views.full(call, row)
