"""Reading conversations from the database as documents, and publishing them. Used by everything about conversations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from psycopg.types.json import Jsonb

from leadline.sandbox import conversation_documents as documents
from leadline.sandbox.call import Call
from leadline.sandbox.documents import Row
from leadline.sandbox.files import signed_url
from leadline.sandbox.queries import queries
from leadline.sandbox.tags import tag_documents
from leadline.sandbox.workspace import ApiError, Version, now

PARTS_SHOWN = 500
NOT_FOUND = ApiError(404, "not_found", "Resource Not Found")
_JSON = ("contact_ids", "teammate_ids", "tags", "custom_attributes", "source")


def number(key: str) -> int:
    """A conversation id from a path; raises ApiError 404."""
    if not (key.isascii() and key.isdecimal() and len(key) < 19):
        raise NOT_FOUND
    return int(key)


async def need(call: Call, key: str, text: str = "Resource Not Found") -> dict[str, Any]:
    """The conversation's row, locked until the call ends; raises ApiError 404."""
    row = await queries.lock_conversation(call.connection, id=number(key))
    if row is None:
        raise ApiError(404, "not_found", text)
    return dict(row)


async def save(call: Call, row: dict[str, Any]) -> None:
    row["updated_at"] = max(now(), row["updated_at"])
    await queries.save_conversation(call.connection, **{**row, **{name: Jsonb(row[name]) for name in _JSON}})


async def full(call: Call, row: Row, plain: bool = False) -> dict[str, Any]:
    """REST's document with the newest 500 parts."""
    parts = [part async for part in queries.newest_parts(call.connection, id=row["id"], most=PARTS_SHOWN)]
    cast = await _cast(call, [row], parts)
    tags = await tag_documents(call, row["tags"])
    return documents.with_parts(row, cast, tags, call.version, parts, parts[0]["total"] if parts else 0, plain)


async def list_items(call: Call, ids: Sequence[int]) -> list[dict[str, Any]]:
    """These conversations without parts, in this order."""
    rows = {row["id"]: row async for row in queries.conversations_by_ids(call.connection, ids=list(ids))}
    cast = await _cast(call, rows.values(), ())
    shown = [rows[key] for key in ids if key in rows]
    return [documents.conversation(row, cast, await tag_documents(call, row["tags"]), call.version) for row in shown]


async def publish(call: Call, row: Row, topic: str, parts: Sequence[Row] = ()) -> None:
    """The webhook of a change: the conversation with only the parts that made it; plain text from 2.15 on."""
    await call.changed("conversation", str(row["id"]), topic)
    if not call.outbox.listened:
        return
    version: Version = call.workspace.version
    cast = await _cast(call, [row], parts)
    tags = await tag_documents(call, row["tags"])
    plain = version >= (2, 15)
    item = documents.with_parts(row, cast, tags, version, parts, len(parts), plain)
    await call.publish(topic, item)


async def _cast(call: Call, rows: Collection[Row], parts: Sequence[Row]) -> documents.Cast:
    authors = {(part["author_type"], part["author_id"]) for part in parts}
    authors.update((row["source"]["author"]["type"], row["source"]["author"]["id"]) for row in rows)
    ids = {key for kind, key in authors if kind == "contact"}
    ids.update(key for row in rows for key in row["contact_ids"])
    contacts = {row["id"]: row async for row in queries.contacts_by_ids(call.connection, ids=list(ids))}
    admins: dict[str, Row] = {}
    if any(kind == "admin" for kind, _ in authors):
        admins = {str(row["id"]): row async for row in queries.all_admins(call.connection)}
    return documents.Cast(contacts, admins, partial(signed_url, call.workspace, call.base_url))
