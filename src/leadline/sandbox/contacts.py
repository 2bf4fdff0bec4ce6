"""Contacts: create, read, change, list. Archiving is archive.py, merging merge.py, searching search.py.

Unique are external_id (of every contact, also archived and merged ones) and the e-mail among users; never the phone
(Intercom's create and bulk-create pages, 2.16). A lead may share an e-mail with a user: merging needs exactly that.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

import msgspec
import phonenumbers
import psycopg
from msgspec import UNSET, UnsetType
from psycopg.types.json import Jsonb

from leadline.sandbox import documents
from leadline.sandbox.admins import find_admin
from leadline.sandbox.attributes import check_values
from leadline.sandbox.call import Call
from leadline.sandbox.paging import page_size, pages, read_cursor
from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import ApiError, now

Text = str | None | UnsetType
Time = int | None | UnsetType
COLUMNS = ("role", "external_id", "email", "phone", "name")
NOT_FOUND = ApiError(404, "not_found", "Contact Not Found")


class Fields(msgspec.Struct):
    """What a create or an update may say (2.16: create_contact_request, update_contact_request)."""

    role: str | UnsetType = UNSET
    external_id: Text = UNSET
    email: Text = UNSET
    email_verified: bool | UnsetType | None = UNSET
    phone: Text = UNSET
    name: Text = UNSET
    avatar: Text = UNSET
    signed_up_at: Time = UNSET
    last_seen_at: Time = UNSET
    owner_id: int | str | UnsetType | None = UNSET
    unsubscribed_from_emails: bool | UnsetType = UNSET
    language_override: Text = UNSET
    custom_attributes: dict[str, Any] | UnsetType = UNSET


async def create(call: Call) -> dict[str, Any]:
    """Raises ApiError: 409 with the id of a twin, 400 for a missing identifier or an unknown custom attribute."""
    given = _given(call.read(Fields))
    if not (given.get("role") or given.get("email") or given.get("external_id")):
        raise ApiError(400, "parameter_not_found", "One of email, external_id or role is required")
    row: dict[str, Any] = {"role": "user", "fields": {}, "custom_attributes": {}, **dict.fromkeys(COLUMNS[1:])}
    row = await _changed_row(call, row, given)
    if row["role"] == "user" and not (row["email"] or row["external_id"]):
        raise ApiError(400, "parameter_not_found", "A user needs an email or an external_id")
    row |= {"id": new_id(), "at": now()}
    if await queries.insert_contact(call.connection, **_stored(row)) is None:
        raise await _conflict(call, row)
    return await tell(call, row["id"], f"contact.{row['role']}.created")


async def update(call: Call) -> dict[str, Any]:
    """A partial change. Raises ApiError as create, and 400 `client_error` for user → lead."""
    before = await need(call, call.path["id"], lock=True)
    given = _given(call.read(Fields))
    if before["role"] == "user" and given.get("role", "user") != "user":
        raise ApiError(400, "client_error", "Contact with user role can't be converted to a lead")
    row = await _changed_row(call, before, given) | {"at": max(now(), before["updated_at"])}
    try:
        async with call.connection.transaction():
            await queries.update_contact(call.connection, **_stored(row))
    except psycopg.errors.UniqueViolation:
        raise await _conflict(call, row) from None
    if before["role"] != row["role"]:
        await tell(call, row["id"], "contact.lead.signed_up")
    elif row["email"] and not before["email"] and row["role"] == "lead":
        await tell(call, row["id"], "contact.lead.added_email")
    if row["email"] != before["email"]:
        await tell(call, row["id"], "contact.email.updated")
    return await tell(call, row["id"], f"contact.{row['role']}.updated")


def _given(fields: Fields) -> dict[str, Any]:
    given = {name: value for name, value in msgspec.structs.asdict(fields).items() if value is not UNSET}
    if "email_verified" in given and not given.get("email"):
        raise ApiError(400, "parameter_invalid", "email_verified must be sent together with an email")
    if given.get("role", "user") not in {"user", "lead"}:
        raise ApiError(400, "parameter_invalid", f"role must be user or lead, not '{given['role']}'")
    if given.get("email") and "@" not in given["email"]:
        raise ApiError(400, "parameter_invalid", f"email is no address: '{given['email']}'")
    return given


async def _changed_row(call: Call, row: Any, given: dict[str, Any]) -> dict[str, Any]:
    values = given.get("custom_attributes", {})
    await check_values(call, "contact", values)
    if given.get("owner_id") is not None and not await find_admin(call.connection, given["owner_id"]):
        raise ApiError(400, "parameter_invalid", "The owner specified is not a member of the workspace")
    columns = {name: given.get(name, row[name]) or None for name in COLUMNS}
    other = {name: value for name, value in given.items() if name not in {*COLUMNS, "custom_attributes"}}
    other.pop("email_verified", None)
    attributes = {name: value for name, value in {**row["custom_attributes"], **values}.items() if value is not None}
    return {**row, **columns, "fields": {**row["fields"], **other}, "custom_attributes": attributes}


def _stored(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("id", "at", *COLUMNS)},
        "formatted_phone": formatted_phone(row["phone"]),
        "fields": Jsonb(row["fields"]),
        "custom_attributes": Jsonb(row["custom_attributes"]),
    }


async def _conflict(call: Call, row: dict[str, Any]) -> ApiError:
    values = {name: row[name] for name in ("id", "external_id", "role", "email")}
    twin = await queries.contact_twin(call.connection, **values)
    which = "An archived contact" if twin["archived"] else "A contact"
    return ApiError(409, "conflict", f"{which} matching those details already exists with id={twin['id']}")


def new_id() -> str:
    """24 hex digits, the first eight of them the time, as Intercom's ids look."""
    return f"{int(time.time()):08x}{secrets.token_hex(8)}"


def formatted_phone(phone: str | None) -> str | None:
    """E.164 of a number written with its country code (`+CC` or `00CC`), else None (help page 6311200)."""
    text = (phone or "").strip()
    if text.startswith("00"):
        text = "+" + text[2:]
    if not text.startswith("+"):
        return None
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


async def need(call: Call, contact_id: str, lock: bool = False) -> Any:
    """The row of a live contact; raises ApiError 404 for an unknown, archived or merged one."""
    if lock:
        _ = [row async for row in queries.lock_contacts(call.connection, ids=[contact_id])]
    row = await queries.contact_by_id(call.connection, id=contact_id)
    if row is None or row["archived"] or row["merged_into"]:
        raise NOT_FOUND
    return row


async def show(call: Call, row: documents.Row) -> dict[str, Any]:
    """REST's document, with `merge_history` where the query asks for it (users of 2.16 only, newest ten)."""
    document = documents.contact(row, call.workspace.settings.workspace_id, call.version)
    if call.query("include_merge_history") == "true" and row["role"] == "user" and call.version >= (2, 16):
        items = queries.merge_history(call.connection, id=row["id"], most=10, start=0)
        document["merge_history"] = [documents.merge_item(item) async for item in items]
    return document


async def tell(call: Call, contact_id: str, topic: str, **extra: Any) -> dict[str, Any]:
    """Publish the contact's present state under `topic`; returns REST's document."""
    row = await queries.contact_by_id(call.connection, id=contact_id)
    notice = documents.contact_notice(row, call.workspace.settings.workspace_id, call.workspace.version)
    await call.publish(topic, {**notice, **extra})
    await call.changed("contact", contact_id, topic)
    return await show(call, row)


async def get(call: Call) -> dict[str, Any]:
    """410 with a Link to the survivor for a merged contact from 2.16 on, 404 before."""
    return await _visible(call, await queries.contact_by_id(call.connection, id=call.path["id"]))


async def find_by_external_id(call: Call) -> dict[str, Any]:
    """Users only: a lead's external_id is not found (2.16)."""
    row = await queries.contact_by_external_id(call.connection, external_id=call.path["external_id"])
    if row and row["role"] != "user" and not row["merged_into"]:
        raise NOT_FOUND
    return await _visible(call, row)


async def _visible(call: Call, row: documents.Row | None) -> dict[str, Any]:
    if row is None or row["archived"]:
        raise NOT_FOUND
    if row["merged_into"] is None:
        return await show(call, row)
    survivor = await queries.canonical_contact(call.connection, id=row["id"], hops=3)
    if call.version < (2, 16) or survivor is None:
        raise NOT_FOUND
    text = "This contact has been merged. See the 'Link' header for the canonical contact."
    link = f'</contacts/{survivor["id"]}>; rel="canonical"'
    raise ApiError(410, "contact_merged", text, headers={"Link": link})


async def list_contacts(call: Call) -> dict[str, Any]:
    size = page_size(call.query("per_page"), 50)
    created_at, key, page, total = read_cursor(call.query("starting_after"), (1 << 62, "~"))
    rows = [
        row
        async for row in queries.contact_page(
            call.connection, before_created_at=created_at, before_id=key, most=size + 1
        )
    ]
    total = total or (await queries.count_contacts(call.connection))["count"]  # a million are not counted 6,700 times
    last = [rows[size - 1]["created_at"], rows[size - 1]["id"]] if len(rows) > size else None
    shown = [await show(call, row) for row in rows[:size]]
    return {"type": "list", "data": shown, "total_count": total, "pages": pages(page, size, total, last)}
