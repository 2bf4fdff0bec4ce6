"""Tags and notes of a contact."""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.sandbox import documents
from leadline.sandbox.admins import first_admin, need_admin
from leadline.sandbox.bodies import from_teammate
from leadline.sandbox.call import Call
from leadline.sandbox.contacts import need
from leadline.sandbox.paging import page_number, page_size, pages
from leadline.sandbox.queries import queries
from leadline.sandbox.tags import tag_contact, tag_documents, untag_contact
from leadline.sandbox.workspace import ApiError, now


async def list_tags(call: Call) -> dict[str, Any]:
    row = await owner(call)
    return {"type": "list", "data": await tag_documents(call, row["tags"])}


async def add_tag(call: Call) -> dict[str, Any]:
    return await tag_contact(call, await owner(call))


async def remove_tag(call: Call) -> dict[str, Any]:
    return await untag_contact(call, await owner(call))


async def owner(call: Call) -> Any:
    try:
        return await need(call, call.path["id"], lock=True)
    except ApiError:
        raise ApiError(404, "not_found", "User Not Found") from None


class NoteBody(msgspec.Struct):
    body: str
    admin_id: str | int | None = None


async def list_notes(call: Call) -> dict[str, Any]:
    """Newest first, `page` and `per_page` as the 2.16 note_list pages."""
    row = await owner(call)
    size = page_size(call.query("per_page"), 50)
    page = page_number(call.query("page"))
    total = (await queries.count_notes(call.connection, contact_id=row["id"]))["count"]
    found = queries.notes_of(call.connection, contact_id=row["id"], most=size, start=(page - 1) * size)
    shown = [documents.note(each, await need_admin(call.connection, each["admin_id"])) async for each in found]
    return {"type": "list", "data": shown, "total_count": total, "pages": pages(page, size, total, None)}


async def add_note(call: Call) -> dict[str, Any]:
    row = await owner(call)
    body = call.read(NoteBody)
    author = await (
        first_admin(call.connection) if body.admin_id is None else need_admin(call.connection, body.admin_id)
    )
    note = await queries.add_note(
        call.connection, contact_id=row["id"], admin_id=author["id"], body=from_teammate(body.body), at=now()
    )
    await call.changed("contact", row["id"], "note")
    return documents.note(note, author)
