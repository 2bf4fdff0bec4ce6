"""POST /contacts/merge and the merge history: a lead ends in a user, for good; by the Preview API a user does too."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from leadline.sandbox import documents
from leadline.sandbox.call import Call
from leadline.sandbox.contacts import NOT_FOUND, show, tell
from leadline.sandbox.paging import page_size
from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import PREVIEW, ApiError, now

ROLES = "Merging can only be performed on a lead into a user"
ORIGINS = {
    "facebook": "Facebook contacts can't be merged",
    "external_channel": "User merge for external leads is disabled by default unless explicitly allowed by passing "
    "allowed channels array",
    "mailing_list": "Contacts created from a mailing list can't be merged",
}
DUPLICATES = (
    "Contacts can only be merged when they are duplicates (matching email or phone). "
    "Pass skip_duplicate_validation=true to override this check."
)


class Merge(msgspec.Struct, rename={"source": "from"}):
    source: str
    into: str
    skip_duplicate_validation: bool = False


async def merge(call: Call) -> dict[str, Any]:
    """Answers the surviving user. Raises ApiError: 404 for a missing contact, 400 `invalid_merge` for wrong roles and,
    from 2.16 on, for contacts that share neither e-mail nor phone (2.16 spec; roles as in the docs of 2.0 to 2.4),
    422 for leads of Intercom's own channels (forum, October 2022; reasons of the preview endpoint).
    """
    body = call.read(Merge)
    _ = [row async for row in queries.lock_contacts(call.connection, ids=[body.source, body.into])]
    lead, user = await pair(call, body)
    _check(call, lead, user, body.skip_duplicate_validation)
    await _adopt(call, lead, user)
    await _move(call, lead["id"], user["id"])
    await queries.mark_merged(call.connection, id=lead["id"], into=user["id"], at=now())
    named = {"merged_from": {"type": "contact", "id": lead["id"]}} if call.workspace.control.merged_from else {}
    await tell(call, user["id"], "contact.merged", **named)
    return await show(call, await queries.contact_by_id(call.connection, id=user["id"]))


async def pair(call: Call, body: Merge) -> tuple[documents.Row, documents.Row]:
    """Both contacts; raises ApiError 404 where one is not there."""
    found = {row["id"]: row async for row in queries.contacts_by_ids(call.connection, ids=[body.source, body.into])}
    for key in (body.source, body.into):
        if key not in found or found[key]["archived"] or found[key]["merged_into"]:
            raise NOT_FOUND
    return found[body.source], found[body.into]


def _check(call: Call, lead: documents.Row, user: documents.Row, skip: bool) -> None:
    if call.version == PREVIEW and lead["role"] == user["role"] == "user":
        _check_users(lead, user, skip)
        return
    if (lead["role"], user["role"]) != ("lead", "user"):
        raise ApiError(400, "invalid_merge", ROLES)
    if message := ORIGINS.get(lead["origin"]):
        raise ApiError(422, "unprocessable_entity", message)
    if call.version >= (2, 16) and not skip and not duplicates(lead, user):
        raise ApiError(400, "invalid_merge", DUPLICATES)


def _check_users(source: documents.Row, target: documents.Row, skip: bool) -> None:
    """Rules of Intercom-OpenAPI pull request 613 (August 2026), read 2026-11-27."""
    if skip:
        raise ApiError(400, "parameter_not_allowed", "skip_duplicate_validation is not supported for two users")
    if source["origin"] != "api":
        raise ApiError(422, "unprocessable_entity", "The source contact has WhatsApp data")
    if not duplicates(source, target):
        raise ApiError(422, "unprocessable_entity", "Two users must have a matching email or phone")


def duplicates(one: documents.Row, other: documents.Row) -> bool:
    if one["email"] and (one["email"] or "").lower() == (other["email"] or "").lower():
        return True
    return any(one[name] and one[name] == other[name] for name in ("phone", "formatted_phone"))


def adopted(lead: documents.Row, user: documents.Row) -> dict[str, Any]:
    """The fields of the user after the merge, by the names they have in the API."""
    custom = {**lead["custom_attributes"], **user["custom_attributes"]}
    return {
        **{name: user[name] or lead[name] for name in ("email", "phone", "name")},
        **{name: value for name, value in {**lead["fields"], **_filled(user["fields"])}.items() if value is not None},
        **{f"custom_attributes.{name}": value for name, value in custom.items()},
    }


async def _adopt(call: Call, lead: documents.Row, user: documents.Row) -> None:
    """Attributes the user has not are copied; ids and e-mail of a lead are added only where the user has none.

    A user's e-mail is its own: one that goes leaves it first.
    """
    columns = {name: user[name] or lead[name] for name in ("email", "phone", "formatted_phone", "name")}
    fields = {**{name: value for name, value in lead["fields"].items() if value is not None}, **_filled(user["fields"])}
    if lead["role"] == "user" and not user["email"]:
        await queries.leave_email(call.connection, id=lead["id"])
    await queries.update_contact(
        call.connection,
        id=user["id"],
        role="user",
        external_id=user["external_id"],
        at=max(now(), user["updated_at"]),
        custom_attributes=Jsonb({**lead["custom_attributes"], **user["custom_attributes"]}),
        fields=Jsonb(fields),
        **columns,
    )
    await queries.set_contact_tags(
        call.connection, id=user["id"], tags=Jsonb({**lead["tags"], **user["tags"]}), at=now()
    )
    companies = [*dict.fromkeys((*user["company_ids"], *lead["company_ids"]))]
    await queries.set_contact_companies(call.connection, id=user["id"], ids=Jsonb(companies), at=now())
    chosen = Jsonb({**lead["subscriptions"], **user["subscriptions"]})
    await queries.set_contact_subscriptions(call.connection, id=user["id"], subscriptions=chosen, at=now())


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


async def _move(call: Call, lead_id: str, user_id: str) -> None:
    """Notes, conversations and what the lead wrote become the user's; conversation ids stay."""
    await queries.move_notes(call.connection, id=lead_id, into=user_id)
    await queries.move_parts(call.connection, id=lead_id, into=user_id)
    moved = [row async for row in queries.conversations_of(call.connection, id=lead_id)]
    for row in moved:
        ids = list(dict.fromkeys(user_id if key == lead_id else key for key in row["contact_ids"]))
        source = row["source"]
        if source["author"] == {"type": "contact", "id": lead_id}:
            source["author"]["id"] = user_id
        await queries.move_conversation(call.connection, id=row["id"], contact_ids=Jsonb(ids), source=Jsonb(source))
        await call.changed("conversation", str(row["id"]), "merged")


async def merge_history(call: Call) -> dict[str, Any]:
    """GET /contacts/{id}/merge_history of 2.16: users only."""
    row = await queries.contact_by_id(call.connection, id=call.path["id"])
    if row is None or row["role"] != "user" or call.version < (2, 16):
        raise ApiError(404, "not_found", "Contact not found")
    size = page_size(call.query("per_page"), 50)
    start = int(call.query("cursor") or 0) if (call.query("cursor") or "0").isdecimal() else 0
    found = queries.merge_history(call.connection, id=row["id"], most=size + 1, start=start)
    items = [documents.merge_item(item) async for item in found]
    more = len(items) > size
    return {
        "type": "list",
        "data": items[:size],
        "next_cursor": str(start + size) if more else None,
        "has_more": more,
    }
