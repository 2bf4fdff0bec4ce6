"""GET and POST /conversations/attributes (new in 2.16): the attributes whose values a conversation may carry."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from leadline.sandbox.admins import first_admin
from leadline.sandbox.call import Call
from leadline.sandbox.documents import Row
from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import ApiError, now

TYPES = ("string", "integer", "list", "decimal", "boolean", "datetime", "relationship", "files")
HELD = frozenset({"string", "integer", "decimal", "boolean", "datetime"})


class Creation(msgspec.Struct):
    name: str
    data_type: str
    description: str = ""


async def list_attributes(call: Call) -> dict[str, Any]:
    _check_version(call)
    archived = call.query("include_archived") == "true"
    rows = queries.all_attributes(call.connection, model="conversation", archived=archived)
    return {"type": "list", "data": [_document(row) async for row in rows]}


async def create_attribute(call: Call) -> dict[str, Any]:
    """Raises ApiError 422 for a data type Intercom has not, 400 for one the sandbox does not hold or a taken name."""
    _check_version(call)
    body = call.read(Creation)
    if body.data_type not in TYPES:
        text = f"data_type '{body.data_type}' is not valid. Allowed types: {', '.join(TYPES)}"
        raise ApiError(422, "parameter_invalid", text)
    if body.data_type not in HELD:
        raise ApiError(
            400, "parameter_invalid", f"The sandbox holds no {body.data_type}; use {', '.join(sorted(HELD))}"
        )
    row = await queries.add_attribute(
        call.connection,
        model="conversation",
        name=body.name,
        data_type=body.data_type,
        description=body.description,
        options=Jsonb([]),
        messenger_writable=False,
        admin_id=str((await first_admin(call.connection))["id"]),
        at=now(),
    )
    if row is None:
        raise ApiError(400, "parameter_invalid", f"You already have '{body.name}' in your conversation data")
    return _document(row)


def _check_version(call: Call) -> None:
    if call.version < (2, 16):
        text = "Requested resource is not available in current API version."
        raise ApiError(400, "intercom_version_invalid", text)


def _document(row: Row) -> dict[str, Any]:
    document = {
        "type": "conversation_attribute",
        **{name: row[name] for name in ("id", "name", "description", "data_type", "archived", "admin_id")},
        "required": False,
        "visible_to_team_ids": [],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }
    return document | {"multiline": False} if row["data_type"] == "string" else document
