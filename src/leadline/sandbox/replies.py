"""POST /conversations/{id}/reply: a contact's comment, a teammate's comment or note."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from leadline.sandbox import conversation_views as views
from leadline.sandbox.admins import need_admin
from leadline.sandbox.bodies import from_teammate, from_text
from leadline.sandbox.call import Call
from leadline.sandbox.conversations import NO_USER, lock_contact
from leadline.sandbox.documents import Row
from leadline.sandbox.files import Upload, keep
from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import ApiError, now

OPERATOR = "991260001"
"""Id of Intercom's bot here; it is no teammate."""


class Reply(msgspec.Struct):
    """Both forms of 2.16: `type` user with one of three ids of the contact, or admin with `admin_id`."""

    message_type: str
    type: str
    body: str = ""
    admin_id: str | int | None = None
    intercom_user_id: str | None = None
    user_id: str | None = None
    email: str | None = None
    attachment_urls: list[str] = []
    attachment_files: list[Upload] = []
    reply_options: list[dict[str, Any]] = []
    created_at: int | None = None


async def reply(call: Call) -> dict[str, Any]:
    """Answers the whole conversation; the new part is its last. Raises ApiError."""
    body = call.read(Reply)
    kinds = {"user": {"comment"}, "admin": {"comment", "note", "quick_reply"}}.get(body.type)
    if kinds is None or body.message_type not in kinds:
        raise ApiError(400, "parameter_invalid", f"A reply of type '{body.type}' cannot be a '{body.message_type}'")
    if not body.body.strip() and not (body.type == "admin" and (body.attachment_files or body.attachment_urls)):
        raise ApiError(400, "parameter_not_found", "body is required")
    if body.type == "admin":
        row = await views.need(call, call.path["id"])
        await admin_reply(call, row, body)
    else:
        row = await contact_reply(call, body)
    return await views.full(call, row)


async def contact_reply(call: Call, body: Reply) -> dict[str, Any]:
    """A snoozed or closed conversation opens again: the part is then of type `open` (example of the 2.16 spec)."""
    contact = await _contact(call, body)
    row = await views.need(call, await _conversation_id(call, contact))
    if contact["id"] not in row["contact_ids"]:
        raise NO_USER
    at = body.created_at or now()
    reopens = row["state"] != "open"
    row |= {"state": "open", "read": False, "snoozed_until": None, "waiting_since": row["waiting_since"] or at}
    row["first_contact_reply_at"] = row["first_contact_reply_at"] or at
    await views.save(call, row)
    attachments = await keep(call.connection, body.attachment_files, body.attachment_urls)
    author = ("contact", contact["id"])
    part = await add_part(call, row, author, "open" if reopens else "comment", from_text(body.body), attachments, at=at)
    await queries.contact_replied(call.connection, id=contact["id"], at=at)
    await views.publish(call, row, "conversation.user.replied", [part])
    return row


async def _contact(call: Call, body: Reply) -> Row:
    key = body.intercom_user_id
    if key is None and body.user_id is not None:
        row = await queries.contact_by_external_id(call.connection, external_id=body.user_id)
        key = row["id"] if row else ""
    elif key is None and body.email is not None:
        row = await queries.contact_by_email(call.connection, email=body.email)
        key = row["id"] if row else ""
    if key is None:
        raise ApiError(400, "parameter_not_found", "One of intercom_user_id, user_id or email is required")
    found = await lock_contact(call, key)
    if found is None or found["archived"] or found["merged_into"]:
        raise NO_USER
    return found


async def _conversation_id(call: Call, contact: Row) -> str:
    if call.path["id"] != "last":
        return call.path["id"]
    last = await queries.last_conversation_of(call.connection, id=contact["id"])
    if last is None:
        raise views.NOT_FOUND
    return str(last["id"])


async def admin_reply(call: Call, row: dict[str, Any], body: Reply) -> None:
    """A comment goes to the customer, a note does not; neither opens nor closes the conversation."""
    admin = await need_admin(call.connection, body.admin_id)
    note = body.message_type == "note"
    if not note:
        row |= {"waiting_since": None, "read": True}
    join(row, str(admin["id"]))
    await views.save(call, row)
    attachments = await keep(call.connection, body.attachment_files, body.attachment_urls)
    html = from_teammate(body.body, "no-margin" if call.human else "") if body.body.strip() else None
    kind = {"note": "note", "quick_reply": "quick_reply"}.get(body.message_type, "comment")
    metadata = {"quick_reply_options": body.reply_options} if body.reply_options else {}
    author = ("admin", str(admin["id"]))
    part = await add_part(call, row, author, kind, html, attachments, at=body.created_at or now(), metadata=metadata)
    await views.publish(call, row, "conversation.admin.noted" if note else "conversation.admin.replied", [part])


async def bot_reply(call: Call, row: dict[str, Any], body: str) -> None:
    """A comment of Intercom's bot. It is told under both topics (a developer's report of May 2026)."""
    row |= {"waiting_since": None, "read": True}
    await views.save(call, row)
    html = from_teammate(body, "no-margin")
    part = await add_part(call, row, ("bot", OPERATOR), "comment", html, [], at=now())
    for topic in ("conversation.operator.replied", "conversation.admin.replied"):
        await views.publish(call, row, topic, [part])


def join(row: dict[str, Any], admin_id: str) -> None:
    """A teammate who does anything in a conversation is one of its teammates."""
    if admin_id not in row["teammate_ids"]:
        row["teammate_ids"] = [*row["teammate_ids"], admin_id]


async def add_part(
    call: Call,
    row: Row,
    author: tuple[str, str],
    part_type: str,
    html: str | None,
    attachments: list[dict[str, Any]],
    *,
    at: int,
    assigned_to: dict[str, str] | None = None,
    metadata: dict[str, Any] | None = None,
) -> Row:
    part: Row = await queries.add_part(
        call.connection,
        conversation_id=row["id"],
        part_type=part_type,
        body=html,
        author_type=author[0],
        author_id=author[1],
        at=at,
        assigned_to=Jsonb(assigned_to) if assigned_to else None,
        attachments=Jsonb(attachments),
        app_package_code=call.package_code,
        state=row["state"],
        metadata=Jsonb(metadata or {}),
    )
    return part
