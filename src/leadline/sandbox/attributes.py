"""Data attributes of contacts, companies and conversations, and the check of custom attribute values against them."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec
from psycopg.types.json import Jsonb

from leadline.sandbox import documents
from leadline.sandbox.admins import first_admin
from leadline.sandbox.call import Call
from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import ApiError, now

TYPES = {"string", "integer", "float", "boolean", "datetime", "date", "options"}
MOST = 250
_NAME = re.compile(r"^[\w \-$€£¥]+$")


class Option(msgspec.Struct):
    value: str


class Creation(msgspec.Struct):
    name: str
    model: str
    data_type: str
    description: str = ""
    messenger_writable: bool = False
    options: list[Option] = []


class Change(msgspec.Struct):
    archived: bool | None = None
    description: str | None = None
    messenger_writable: bool | None = None
    options: list[Option] | None = None


async def list_attributes(call: Call) -> dict[str, Any]:
    model = call.query("model")
    if model == "conversation" and call.version >= (2, 16):
        text = "model=conversation is no longer supported. Use GET /conversations/attributes instead"
        raise ApiError(422, "parameter_invalid", text)
    rows = queries.all_attributes(call.connection, model=model, archived=call.query("include_archived") == "true")
    return {"type": "list", "data": [documents.attribute(row) async for row in rows if row["model"] != "conversation"]}


async def create_attribute(call: Call) -> dict[str, Any]:
    """Raises ApiError 400 `parameter_invalid` for a taken or wrong name, a wrong type, too few options (2.16 spec)."""
    body = call.read(Creation)
    _check(body)
    if (await queries.count_attributes(call.connection))["count"] >= MOST:
        raise _invalid(f"A workspace has at most {MOST} custom attributes")
    owner = await first_admin(call.connection)
    row = await queries.add_attribute(
        call.connection,
        model=body.model,
        name=body.name,
        data_type=body.data_type,
        description=body.description,
        options=Jsonb([option.value for option in body.options]),
        messenger_writable=body.messenger_writable,
        admin_id=str(owner["id"]),
        at=now(),
    )
    if row is None:
        kind = "people" if body.model == "contact" else "company"
        taken = f"You already have '{body.name}' in your {kind} data."
        raise _invalid(f"{taken} To save this as new {kind} data, use a different name.")
    return documents.attribute(row)


def _check(body: Creation) -> None:
    if not _NAME.match(body.name):
        raise _invalid(
            "Your name for this attribute must only contain alphanumeric characters, currency symbols, and hyphens"
        )
    if body.model not in {"contact", "company"}:
        raise _invalid("The Data Attribute model field must be either contact or company")
    if body.data_type not in TYPES:
        raise _invalid("Data Type isn't an option")
    if body.data_type == "options" and len(body.options) < 2:
        raise _invalid("The Data Attribute needs at least two options")


async def update_attribute(call: Call) -> dict[str, Any]:
    body = call.read(Change)
    key = call.path["id"]
    row = await queries.attribute_by_id(call.connection, id=int(key)) if key.isdecimal() and len(key) < 19 else None
    if row is None:
        raise ApiError(404, "field_not_found", "We couldn't find that data attribute to update")
    given = msgspec.structs.asdict(body)
    values = {name: row[name] if value is None else value for name, value in given.items()}
    values["options"] = Jsonb(row["options"] if body.options is None else [option.value for option in body.options])
    return documents.attribute(await queries.update_attribute(call.connection, id=row["id"], at=now(), **values))


def _invalid(text: str) -> ApiError:
    return ApiError(400, "parameter_invalid", text)


Model = Literal["contact", "conversation"]


async def attribute_types(call: Call, model: Model) -> dict[str, str]:
    """name → data type of every attribute that is not archived."""
    return {
        row["name"]: row["data_type"]
        async for row in queries.all_attributes(call.connection, model=model, archived=False)
    }


async def check_values(call: Call, model: Model, values: dict[str, Any]) -> None:
    """Raises ApiError 400 `parameter_invalid` for an attribute that was never created or a value of the wrong type."""
    if not values:
        return
    types = await attribute_types(call, model)
    for name, value in values.items():
        if name not in types:
            raise _invalid(f"Custom attribute '{name}' does not exist")
        if value is not None and not _fits(types[name], value):
            raise _invalid(f"Custom attribute '{name}' must be of type {types[name]}")


def _fits(data_type: str, value: Any) -> bool:
    if isinstance(value, bool):
        return data_type == "boolean"
    if data_type in {"string", "options"}:
        return isinstance(value, str | int | float) and len(str(value)) <= 255
    if data_type in {"integer", "datetime", "date"}:
        return isinstance(value, int)
    return isinstance(value, int | float) and data_type in {"float", "decimal"}
