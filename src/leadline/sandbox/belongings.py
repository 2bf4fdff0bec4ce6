"""Companies and subscriptions of contacts, as far as a merge touches them (2.16)."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from psycopg.types.json import Jsonb

from leadline.sandbox.call import Call
from leadline.sandbox.contact_extras import owner
from leadline.sandbox.contacts import new_id
from leadline.sandbox.documents import Row
from leadline.sandbox.paging import page_number, page_size, pages
from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import ApiError, now


class CompanyBody(msgspec.Struct):
    company_id: str
    name: str = ""


class Attached(msgspec.Struct):
    id: str


class Choice(msgspec.Struct):
    id: str | int
    consent_type: Literal["opt_in", "opt_out"]


async def save_company(call: Call) -> dict[str, Any]:
    """Create, or change the one with this `company_id`."""
    body = call.read(CompanyBody)
    row = await queries.save_company(
        call.connection, id=new_id(), company_id=body.company_id, name=body.name or body.company_id, at=now()
    )
    return _company(call, row)


async def list_companies(call: Call) -> dict[str, Any]:
    found = [_company(call, row) async for row in queries.all_companies(call.connection)]
    return {"type": "list", "data": found, "total_count": len(found)}


async def companies_of(call: Call) -> dict[str, Any]:
    """`page` and `per_page`, as the example of 2.16 pages; the schema's name for the list."""
    row, size = await owner(call), page_size(call.query("per_page"), 50)
    page, total = page_number(call.query("page")), len(row["company_ids"])
    ids = row["company_ids"][(page - 1) * size : page * size]
    shown = [_company(call, each) async for each in queries.companies_by_ids(call.connection, ids=ids)]
    paged = {"next": None, **pages(page, size, total, None)}
    return {"type": "list", "companies": shown, "total_count": total, "pages": paged}


async def attach_company(call: Call) -> dict[str, Any]:
    row, company = await owner(call), await _need_company(call, call.read(Attached).id)
    ids = [*dict.fromkeys((*row["company_ids"], company["id"]))]
    await queries.set_contact_companies(call.connection, id=row["id"], ids=Jsonb(ids), at=now())
    return _company(call, company)


async def detach_company(call: Call) -> dict[str, Any]:
    row, company = await owner(call), await _need_company(call, call.path["company_id"])
    ids = [each for each in row["company_ids"] if each != company["id"]]
    await queries.set_contact_companies(call.connection, id=row["id"], ids=Jsonb(ids), at=now())
    return _company(call, company)


async def list_types(call: Call) -> dict[str, Any]:
    return {"type": "list", "data": [_subscription(row) async for row in queries.subscription_types(call.connection)]}


async def subscriptions_of(call: Call) -> dict[str, Any]:
    """Only what the contact chose itself."""
    row = await owner(call)
    types = [each async for each in queries.subscription_types(call.connection)]
    shown = [_subscription(each) for each in types if str(each["id"]) in row["subscriptions"]]
    return {"type": "list", "data": shown}


async def choose_subscription(call: Call) -> dict[str, Any]:
    body = call.read(Choice)
    row, chosen = await owner(call), await _need_type(call, body.id)
    choices = row["subscriptions"] | {str(chosen["id"]): body.consent_type}
    await queries.set_contact_subscriptions(call.connection, id=row["id"], subscriptions=Jsonb(choices), at=now())
    return _subscription(chosen)


async def drop_subscription(call: Call) -> dict[str, Any]:
    row, chosen = await owner(call), await _need_type(call, call.path["subscription_id"])
    choices = {key: value for key, value in row["subscriptions"].items() if key != str(chosen["id"])}
    await queries.set_contact_subscriptions(call.connection, id=row["id"], subscriptions=Jsonb(choices), at=now())
    return _subscription(chosen)


async def _need_company(call: Call, key: str) -> Row:
    row: Row | None = await queries.company_by_id(call.connection, id=key)
    if row is None:
        raise ApiError(404, "company_not_found", "Company Not Found")
    return row


async def _need_type(call: Call, key: str | int) -> Row:
    text = str(key)
    known = text.isdecimal() and len(text) < 19
    row: Row | None = await queries.subscription_type_by_id(call.connection, id=int(text)) if known else None
    if row is None:
        raise ApiError(404, "not_found", "Resource Not Found")
    return row


def _company(call: Call, row: Row) -> dict[str, Any]:
    return {
        "type": "company",
        "id": row["id"],
        "company_id": row["company_id"],
        "app_id": call.workspace.settings.workspace_id,
        "name": row["name"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "custom_attributes": {},
    }


def _subscription(row: Row) -> dict[str, Any]:
    words = {"name": row["name"], "description": row["name"], "locale": "en"}
    return {
        "type": "subscription",
        "id": str(row["id"]),
        "state": "live",
        "consent_type": row["consent_type"],
        "default_translation": words,
        "translations": [words],
        "content_types": ["email"],
    }
