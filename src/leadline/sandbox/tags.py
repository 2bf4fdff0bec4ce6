"""Tags of the workspace, and putting them on contacts and conversations."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from leadline.sandbox import documents
from leadline.sandbox.call import Call
from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import ApiError, now


class TagBody(msgspec.Struct):
    name: str | None = None
    id: str | int | None = None


class Tagging(msgspec.Struct):
    id: str | int
    admin_id: str | int | None = None


async def list_tags(call: Call) -> dict[str, Any]:
    return {"type": "list", "data": [documents.tag(row) async for row in queries.all_tags(call.connection)]}


async def create_tag(call: Call) -> dict[str, Any]:
    """Create, find by name (names ignore case), or with an id rename (2.16: create_or_update_tag_request)."""
    body = call.read(TagBody)
    if not body.name:
        raise ApiError(400, "parameter_invalid", "invalid tag parameters")
    if body.id is not None:
        await need_tag(call, body.id)
        return documents.tag(await queries.rename_tag(call.connection, id=int(body.id), name=body.name))
    return documents.tag(await queries.add_tag(call.connection, name=body.name))


async def get_tag(call: Call) -> dict[str, Any]:
    return documents.tag(await need_tag(call, call.path["id"]))


async def delete_tag(call: Call) -> None:
    row = await need_tag(call, call.path["id"])
    await queries.delete_tag(call.connection, id=row["id"])


async def need_tag(call: Call, key: str | int, code: str = "not_found") -> documents.Row:
    """The tag; raises ApiError 404."""
    text = str(key)
    row = await queries.tag_by_id(call.connection, id=int(text)) if text.isdecimal() and len(text) < 19 else None
    if row is None:
        message = "Resource Not Found" if code == "not_found" else "Tag not found"
        raise ApiError(404, code, message)
    found: documents.Row = row
    return found


async def tag_documents(call: Call, applied: dict[str, Any]) -> list[dict[str, Any]]:
    """The tags of one contact or conversation, from its `tags` column."""
    names = {str(row["id"]): row async for row in queries.all_tags(call.connection)} if applied else {}
    return [documents.tag(names[key], how) for key, how in applied.items() if key in names]


async def tag_contact(call: Call, contact: documents.Row) -> dict[str, Any]:
    body = call.read(Tagging)
    tag = await need_tag(call, body.id)
    how = {"applied_at": now(), "admin_id": body.admin_id}
    tags = contact["tags"] | {str(tag["id"]): how}
    await queries.set_contact_tags(call.connection, id=contact["id"], tags=Jsonb(tags), at=now())
    await _tell(call, contact, tag, "created")
    return documents.tag(tag, how)


async def untag_contact(call: Call, contact: documents.Row) -> dict[str, Any]:
    tag = await need_tag(call, call.path["tag_id"])
    tags = {key: how for key, how in contact["tags"].items() if key != str(tag["id"])}
    await queries.set_contact_tags(call.connection, id=contact["id"], tags=Jsonb(tags), at=now())
    await _tell(call, contact, tag, "deleted")
    return documents.tag(tag, {})


async def _tell(call: Call, contact: documents.Row, tag: documents.Row, what: str) -> None:
    settings, version = call.workspace.settings, call.workspace.version
    item = {
        "type": "contact_tag",
        "created_at": now(),
        "tag": documents.tag(tag),
        "contact": documents.contact_notice(contact, settings.workspace_id, version),
    }
    await call.publish(f"contact.{contact['role']}.tag.{what}", item)
    await call.changed("contact", contact["id"], "tags")
