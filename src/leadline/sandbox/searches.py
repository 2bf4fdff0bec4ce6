"""POST /contacts/search and /conversations/search: which fields there are, which order, which page."""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import sql

from leadline.sandbox.attributes import Model, attribute_types
from leadline.sandbox.call import Call
from leadline.sandbox.contacts import show
from leadline.sandbox.conversation_views import list_items
from leadline.sandbox.paging import page_size, pages, read_cursor
from leadline.sandbox.queries import queries
from leadline.sandbox.search import Field, Kind, SearchBody, Where, condition
from leadline.sandbox.workspace import ApiError

_KINDS: dict[str, Kind] = {
    "string": "string",
    "options": "string",
    "integer": "integer",
    "float": "float",
    "decimal": "float",
    "boolean": "boolean",
    "datetime": "date",
    "date": "date",
}


def _text(name: str) -> Field:
    return Field("string", sql.SQL("(i.doc ->> {})").format(sql.Literal(name)))


def _typed(name: str, kind: Kind) -> Field:
    cast = {"date": "bigint", "integer": "bigint"}.get(kind)
    read = sql.SQL("(i.doc ->> {})").format(sql.Literal(name))
    return Field(kind, sql.SQL("{}::{}").format(read, sql.SQL("bigint")) if cast else read)


def _deep(*names: str, kind: Kind = "string") -> Field:
    return Field(kind, sql.SQL("(i.doc #>> {})").format(sql.Literal(list(names))))


_CONTACT_TEXTS = [
    "id",
    "role",
    "name",
    "avatar",
    "owner_id",
    "email_domain",
    "phone",
    "external_id",
    "language_override",
    "browser",
    "browser_version",
    "browser_language",
    "os",
    "ios_app_version",
    "ios_device",
    "ios_app_device",
    "ios_os_version",
    "ios_app_name",
    "android_app_name",
    "android_app_version",
    "android_device",
    "android_sdk_version",
    "android_os_version",
]
_CONTACT_DATES = [
    "created_at",
    "signed_up_at",
    "updated_at",
    "last_seen_at",
    "last_contacted_at",
    "last_replied_at",
    "last_email_opened_at",
    "last_email_clicked_at",
    "ios_last_seen_at",
    "android_last_seen_at",
]
_CONTACT_FLAGS = ("unsubscribed_from_emails", "marked_email_as_spam", "has_hard_bounced")
CONTACT_FIELDS: dict[str, Field] = {
    **{name: _text(name) for name in _CONTACT_TEXTS},
    **{name: _typed(name, "date") for name in _CONTACT_DATES},
    **{
        name: Field("boolean", sql.SQL("coalesce(i.doc ->> {}, 'false')").format(sql.Literal(name)))
        for name in _CONTACT_FLAGS
    },
    "email": Field("string", sql.SQL("lower(i.doc ->> 'email')")),
    **{f"location.{name}": _deep("location", name) for name in ("country", "region", "city")},
    "tag_id": Field("keys", sql.SQL("(i.doc -> 'tags')")),
}
_CONVERSATION_DATES = ("created_at", "updated_at", "waiting_since", "snoozed_until")
_SOURCE = ("type", "id", "delivered_as", "subject", "url")
CONVERSATION_FIELDS: dict[str, Field] = {
    **{name: _text(name) for name in ("id", "state", "title", "priority")},
    **{name: Field("date", _typed(name, "date").read, day_only=False) for name in _CONVERSATION_DATES},
    **{name: Field("boolean", sql.SQL("(i.doc ->> {})").format(sql.Literal(name))) for name in ("open", "read")},
    **{name: _typed(name, "integer") for name in ("admin_assignee_id", "team_assignee_id")},
    **{f"source.{name}": _deep("source", name) for name in _SOURCE},
    **{f"source.author.{name}": _deep("source", "author", name) for name in ("id", "type", "name", "email")},
    "source.body": _deep("source", "body", kind="words"),
    "contact_ids": Field("member", sql.SQL("(i.doc -> 'contact_ids')")),
    "teammate_ids": Field("member", sql.SQL("(i.doc -> 'teammate_ids')")),
    "tag_ids": Field("member", sql.SQL("(i.doc -> 'tags')")),
}


async def search_contacts(call: Call) -> dict[str, Any]:
    """Sees the state of `search_lag` seconds ago; archived and merged contacts never. Raises ApiError 400."""
    body = call.read(SearchBody)
    fields = await _fields(call, CONTACT_FIELDS, "contact")
    if call.version >= (2, 16) and call.workspace.control.formatted_phone:
        fields["formatted_phone"] = _text("formatted_phone")
    await queries.catch_up_contacts(call.connection, lag=call.workspace.control.search_lag)
    where = condition(body.query, fields, call.workspace.settings.timezone)
    ids, total, paging = await _page(call, body, where, "contact", 50)
    rows = {row["id"]: row async for row in queries.contacts_by_ids(call.connection, ids=ids)}
    return {"type": "list", "data": [await show(call, rows[key]) for key in ids], "total_count": total, "pages": paging}


async def search_conversations(call: Call) -> dict[str, Any]:
    body = call.read(SearchBody)
    fields = await _fields(call, CONVERSATION_FIELDS, "conversation")
    await queries.catch_up_conversations(call.connection, lag=call.workspace.control.search_lag)
    where = condition(body.query, fields, call.workspace.settings.timezone)
    ids, total, paging = await _page(call, body, where, "conversation", 20)
    shown = await list_items(call, ids)
    return {"type": "conversation.list", "conversations": shown, "total_count": total, "pages": paging}


async def _fields(call: Call, fixed: dict[str, Field], model: Model) -> dict[str, Field]:
    """The fixed fields and one for every custom attribute, whose name stays a value."""
    fields = dict(fixed)
    for name, data_type in (await attribute_types(call, model)).items():
        fields[f"custom_attributes.{name}"] = _attribute(name, _KINDS[data_type])
    return fields


def _attribute(name: str, kind: Kind) -> Field:
    read: sql.Composable = sql.SQL("(i.doc -> 'custom_attributes' ->> %s)")
    cast: dict[str, LiteralString] = {"integer": "{}::numeric", "float": "{}::float", "date": "{}::numeric"}
    return Field(kind, sql.SQL(cast[kind]).format(read) if kind in cast else read, attribute=name)


_TABLES: dict[Model, sql.SQL] = {
    "contact": sql.SQL(
        "from contact_index i join contact c on c.id = i.id where not c.archived and c.merged_into is null and {}"
    ),
    "conversation": sql.SQL("from conversation_index i where {}"),
}


async def _page(
    call: Call, body: SearchBody, where: Where, model: Model, default: int
) -> tuple[list[Any], int, dict[str, Any]]:
    """Ids of one page, the total, and the `pages` object."""
    paging = body.pagination
    size = page_size(paging.per_page if paging else None, default)
    key, numeric, down = _order(call, body, model)
    start = (1 << 62, "~") if numeric and down else (-1, "") if numeric else ("\U0010ffff", "~") if down else ("", "")
    value, last_id, page = read_cursor(paging.starting_after if paging else None, start)
    if isinstance(value, int) is not numeric:
        raise ApiError(400, "parameter_invalid", "starting_after is the cursor of a search with another order")
    source = _TABLES[model].format(where.text)
    counted = await call.connection.execute(sql.SQL("select count(*) as n ") + source, where.values)
    total = (await counted.fetchone() or {"n": 0})["n"]
    statement = sql.SQL(
        "select i.id, {key} as key {source} and ({key}, i.id::text) {op} (%s, %s) order by {order} limit %s"
    )
    composed = statement.format(
        key=key,
        source=source,
        op=sql.SQL("<" if down else ">"),
        order=sql.SQL("{0} desc, i.id::text desc" if down else "{0}, i.id::text").format(key),
    )
    cursor = await call.connection.execute(composed, (*where.values, value, last_id, size + 1))
    rows = await cursor.fetchall()
    last = [rows[size - 1]["key"], str(rows[size - 1]["id"])] if len(rows) > size else None
    return [row["id"] for row in rows[:size]], total, pages(page, size, total, last)


def _order(call: Call, body: SearchBody, model: Model) -> tuple[sql.Composable, bool, bool]:
    """What is ordered by, whether it is a number, and whether downwards (2.16: order is checked, earlier is not)."""
    order = (body.sort.order if body.sort else None) or "descending"
    if order not in {"ascending", "descending"} and call.version >= (2, 16):
        text = f"Invalid sort order '{order}'. Must be one of: ascending, descending"
        raise ApiError(400, "invalid_sort_order", text)
    name = (body.sort.field if body.sort else None) or "created_at"
    dates, texts = (_CONTACT_DATES, _CONTACT_TEXTS) if model == "contact" else (_CONVERSATION_DATES, ("id", "state"))
    if name in dates:
        read = sql.SQL("coalesce((i.doc ->> {})::bigint, 0)").format(sql.Literal(name))
        return read, True, order != "ascending"
    if name in texts or name == "email":
        return sql.SQL("coalesce(i.doc ->> {}, '')").format(sql.Literal(name)), False, order != "ascending"
    raise ApiError(400, "parameter_invalid", f"'{name}' cannot be sorted by", "sort.field")
