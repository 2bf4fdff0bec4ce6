"""Contacts leave: archive, unarchive, block, delete."""

from __future__ import annotations

from typing import Any

from leadline.sandbox import documents
from leadline.sandbox.call import Call
from leadline.sandbox.contacts import NOT_FOUND, need
from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import ApiError, now


async def archive(call: Call) -> dict[str, Any]:
    row = await need(call, call.path["id"], lock=True)
    await queries.set_archived(call.connection, id=row["id"], archived=True, at=now())
    return await _ended(call, row, "contact.archived", archived=True)


async def unarchive(call: Call) -> dict[str, Any]:
    row = await queries.contact_by_id(call.connection, id=call.path["id"])
    if row is None:
        raise NOT_FOUND
    if row["merged_into"]:
        raise ApiError(400, "bad_request", "User has been merged and is not restorable.")
    await queries.set_archived(call.connection, id=row["id"], archived=False, at=now())
    return await _ended(call, row, "contact.unarchive", archived=False)


async def block(call: Call) -> dict[str, Any]:
    row = await need(call, call.path["id"], lock=True)
    await queries.set_blocked(call.connection, id=row["id"], at=now())
    return await _ended(call, row, "contact.archived", blocked=True)


async def delete(call: Call) -> dict[str, Any]:
    """For good, also an archived one."""
    row = await queries.contact_by_id(call.connection, id=call.path["id"])
    if row is None or row["merged_into"]:
        raise NOT_FOUND
    await queries.delete_contact(call.connection, id=row["id"])
    return await _ended(call, row, "contact.deleted", deleted=True)


async def _ended(call: Call, row: documents.Row, topic: str, **state: bool) -> dict[str, Any]:
    item = documents.reference(row, **state)
    await call.publish(topic, item)
    await call.changed("contact", row["id"], topic)
    return item
