"""Conversations: start, read, list, change, delete. Replies are replies.py, closing and assigning parts.py."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from leadline.sandbox import conversation_views as views
from leadline.sandbox.attributes import check_values
from leadline.sandbox.bodies import from_text
from leadline.sandbox.call import Call
from leadline.sandbox.documents import Row
from leadline.sandbox.files import keep
from leadline.sandbox.paging import page_size, pages, read_cursor
from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import ApiError, now

NO_USER = ApiError(404, "not_found", "User Not Found")


class From(msgspec.Struct):
    type: str
    id: str


class Creation(msgspec.Struct, rename={"sender": "from"}):
    sender: From
    body: str
    attachment_urls: list[str] = []
    created_at: int | None = None
    subject: str | None = None


class Change(msgspec.Struct):
    read: bool | None = None
    title: str | msgspec.UnsetType | None = msgspec.UNSET
    custom_attributes: dict[str, Any] = {}


async def create(call: Call) -> dict[str, Any]:
    """Answers a message, not the conversation (2.16). Raises ApiError 404 `User Not Found` for a wrong id or role."""
    body = call.read(Creation)
    if not body.body.strip():
        raise ApiError(400, "parameter_invalid", "Body is required")
    contact = await lock_contact(call, body.sender.id)
    if contact is None or contact["archived"] or contact["merged_into"]:
        raise NO_USER
    if body.sender.type not in {contact["role"], "contact"}:
        raise NO_USER
    at = body.created_at or now()
    author = {"type": "contact", "id": contact["id"]}
    html = from_text(body.body)
    attachments = await keep(call.connection, [], body.attachment_urls)
    row = await start(call, author, [contact["id"]], html, attachments, at, body.subject or "")
    await queries.contact_replied(call.connection, id=contact["id"], at=at)
    await views.publish(call, row, "conversation.user.created")
    return message(row, "user_message", body.body)


async def lock_contact(call: Call, contact_id: str) -> Row | None:
    """The contact, held until the call ends: a merge must see the conversation that this call adds."""
    _ = [row async for row in queries.lock_contacts(call.connection, ids=[contact_id])]
    row: Row | None = await queries.contact_by_id(call.connection, id=contact_id)
    return row


async def start(
    call: Call,
    author: dict[str, str],
    contact_ids: list[str],
    html: str,
    attachments: list[dict[str, Any]],
    at: int,
    subject: str = "",
) -> Row:
    """Insert a conversation that a contact or a teammate started; returns its row."""
    by_contact = author["type"] == "contact"
    source = {
        "type": "conversation",
        "id": str((await queries.next_message_id(call.connection))["id"]),
        "delivered_as": "customer_initiated" if by_contact else "admin_initiated",
        "subject": subject,
        "body": html,
        "author": author,
        "attachments": attachments,
        "url": None,
        "redacted": False,
    }
    inserted = await queries.insert_conversation(
        call.connection,
        at=at,
        waiting_since=at if by_contact else None,
        contact_ids=Jsonb(contact_ids),
        teammate_ids=Jsonb([] if by_contact else [author["id"]]),
        source=Jsonb(source),
        read=not by_contact,
        admin_assignee_id=0 if by_contact else int(author["id"]),
        first_reply_at=at if by_contact else None,
    )
    row: Row = await queries.conversation_by_id(call.connection, id=inserted["id"])
    return row


def message(row: Row, kind: str, body: str) -> dict[str, Any]:
    return {
        "type": kind,
        "id": row["source"]["id"],
        "created_at": row["created_at"],
        "body": body,
        "message_type": "inapp",
        "conversation_id": str(row["id"]),
    }


async def get(call: Call) -> dict[str, Any]:
    row = await queries.conversation_by_id(call.connection, id=views.number(call.path["id"]))
    if row is None:
        raise views.NOT_FOUND
    return await views.full(call, row, plain=_plain(call))


async def list_conversations(call: Call) -> dict[str, Any]:
    size = page_size(call.query("per_page"), 20)
    created_at, key, page, _ = read_cursor(call.query("starting_after"), (1 << 62, "9" * 18))
    found = queries.conversation_page(
        call.connection, before_created_at=created_at, before_id=views.number(key), most=size + 1
    )
    rows = [row async for row in found]
    total = (await queries.count_conversations(call.connection))["count"]
    last = [rows[size - 1]["created_at"], str(rows[size - 1]["id"])] if len(rows) > size else None
    shown = await views.list_items(call, [row["id"] for row in rows[:size]])
    paging = pages(page, size, total, last)
    return {"type": "conversation.list", "conversations": shown, "total_count": total, "pages": paging}


async def update(call: Call) -> dict[str, Any]:
    """`read`, `title` and custom attributes; raises ApiError 400 for an attribute that was never created."""
    body = call.read(Change)
    row = await views.need(call, call.path["id"])
    await check_values(call, "conversation", body.custom_attributes)
    if body.title is not msgspec.UNSET:
        row["title"] = body.title
    values = {**row["custom_attributes"], **body.custom_attributes}
    row["custom_attributes"] = {name: value for name, value in values.items() if value is not None}
    newly_read = bool(body.read) and not row["read"]
    row["read"] = row["read"] if body.read is None else body.read
    await views.save(call, row)
    if newly_read:
        await views.publish(call, row, "conversation.read")
    await call.changed("conversation", str(row["id"]), "updated")
    return await views.full(call, row, plain=_plain(call))


async def delete(call: Call) -> dict[str, Any]:
    row = await views.need(call, call.path["id"])
    await queries.delete_conversation(call.connection, id=row["id"])
    await queries.remember_deleted(call.connection, id=row["id"], at=now())
    await call.publish("conversation.deleted", {"type": "conversation", "id": str(row["id"]), "deleted": True})
    await call.changed("conversation", str(row["id"]), "conversation.deleted")
    return {"id": str(row["id"]), "object": "conversation", "deleted": True}


async def list_deleted(call: Call) -> dict[str, Any]:
    """GET /conversations/deleted, new in 2.16."""
    if call.version < (2, 16):
        text = "Requested resource is not available in current API version."
        raise ApiError(400, "intercom_version_invalid", text)
    size = page_size(call.query("per_page"), 20, 60)
    page = page_size(call.query("page"), 1, 1_000_000)
    total = (await queries.count_deleted(call.connection))["count"]
    found = queries.deleted_conversations(call.connection, most=size, start=(page - 1) * size)
    return {
        "type": "conversations.list",
        "conversations": [{"id": str(row["id"]), "deleted_at": row["deleted_at"]} async for row in found],
        "total_count": total,
        "pages": pages(page, size, total, None),
    }


def _plain(call: Call) -> bool:
    return call.query("display_as") == "plaintext"
