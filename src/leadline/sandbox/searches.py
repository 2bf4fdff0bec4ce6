"""POST /contacts/search and /conversations/search: which fields there are, which order, which page."""

from __future__ import annotations

from typing import Any

from psycopg import sql

from leadline.sandbox.attributes import Model
from leadline.sandbox.call import Call
from leadline.sandbox.contacts import show
from leadline.sandbox.conversation_views import list_items
from leadline.sandbox.paging import page_size, pages, read_cursor
from leadline.sandbox.queries import queries
from leadline.sandbox.search import SearchBody, Where, condition
from leadline.sandbox.search_fields import (
    CONTACT_DATES,
    CONTACT_FIELDS,
    CONTACT_TEXTS,
    CONVERSATION_DATES,
    CONVERSATION_FIELDS,
    text_field,
    with_attributes,
)
from leadline.sandbox.workspace import ApiError


async def search_contacts(call: Call) -> dict[str, Any]:
    """Sees the state of `search_lag` seconds ago; archived and merged contacts never. Raises ApiError 400."""
    body = call.read(SearchBody)
    fields = await with_attributes(call, CONTACT_FIELDS, "contact")
    if call.version >= (2, 16) and call.workspace.control.formatted_phone:
        fields["formatted_phone"] = text_field("formatted_phone")
    await queries.catch_up_contacts(call.connection, lag=call.workspace.control.search_lag)
    where = condition(body.query, fields, call.workspace.settings.timezone)
    ids, total, paging = await _page(call, body, where, "contact", 50)
    rows = {row["id"]: row async for row in queries.contacts_by_ids(call.connection, ids=ids)}
    shown = [await show(call, rows[key]) for key in ids if key in rows]
    return {"type": "list", "data": shown, "total_count": total, "pages": paging}


async def search_conversations(call: Call) -> dict[str, Any]:
    body = call.read(SearchBody)
    fields = await with_attributes(call, CONVERSATION_FIELDS, "conversation")
    await queries.catch_up_conversations(call.connection, lag=call.workspace.control.search_lag)
    where = condition(body.query, fields, call.workspace.settings.timezone)
    ids, total, paging = await _page(call, body, where, "conversation", 20)
    shown = await list_items(call, ids)
    return {"type": "conversation.list", "conversations": shown, "total_count": total, "pages": paging}


_TABLES: dict[Model, sql.SQL] = {
    "contact": sql.SQL("from contact_index i where {}"),
    "conversation": sql.SQL("from conversation_index i where {}"),
}
_RANKS: dict[Model, sql.SQL] = {"contact": sql.SQL("i.id"), "conversation": sql.SQL("lpad(i.id::text, 20, '0')")}
# Materialized: with a limit in sight PostgreSQL would walk the order's index and read every document on the way
# (50,000 contacts, one match, loaded machine: 354 ms a search; this way 12 ms).
_PAGE = """
    with found as materialized (select i.id, {{key}} as key, {{rank}} as rank {{source}})
    select page.*, (select count(*) from found) as total
    from (select 1) one left join
        (select * from found where (key, rank) {before} (%s, %s) order by key {way}, rank {way} limit %s) page on true
    order by key {way}, rank {way}
"""
_DOWN = sql.SQL(_PAGE.format(before="<", way="desc"))
_UP = sql.SQL(_PAGE.format(before=">", way="asc"))


async def _page(
    call: Call, body: SearchBody, where: Where, model: Model, default: int
) -> tuple[list[Any], int, dict[str, Any]]:
    """Ids of one page, the total, and the `pages` object."""
    paging = body.pagination
    size = page_size(paging.per_page if paging else None, default)
    key, start, down = _order(call, body, model)
    value, last, page, _ = read_cursor(paging.starting_after if paging else None, (start, "~" if down else ""))
    source = _TABLES[model].format(where.text)
    statement = (_DOWN if down else _UP).format(key=key, rank=_RANKS[model], source=source)
    cursor = await call.connection.execute(statement, (*where.values, value, last, size + 1))
    answered = await cursor.fetchall()
    total = answered[0]["total"]
    rows = [row for row in answered if row["id"] is not None]
    after = [rows[size - 1]["key"], rows[size - 1]["rank"]] if len(rows) > size else None
    return [row["id"] for row in rows[:size]], total, pages(page, size, total, after)


def _order(call: Call, body: SearchBody, model: Model) -> tuple[sql.Composable, int | str, bool]:
    """What is ordered by, the value before the first, downwards. Versions before 2.16 accept any order."""
    order = (body.sort.order if body.sort else None) or "descending"
    if order not in {"ascending", "descending"} and call.version >= (2, 16):
        text = f"Invalid sort order '{order}'. Must be one of: ascending, descending"
        raise ApiError(400, "invalid_sort_order", text)
    name = (body.sort.field if body.sort else None) or "created_at"
    down = order != "ascending"
    dates, texts = (CONTACT_DATES, CONTACT_TEXTS) if model == "contact" else (CONVERSATION_DATES, ["id", "state"])
    if name in dates:
        read = sql.SQL("coalesce((i.doc ->> {})::bigint, 0)").format(sql.Literal(name))
        return read, 1 << 62 if down else -1, down
    if name in texts or name == "email":
        words = sql.SQL("coalesce(i.doc ->> {}, '') collate \"C\"").format(sql.Literal(name))
        return words, "\U0010ffff" if down else "", down
    raise ApiError(400, "parameter_invalid", f"'{name}' cannot be sorted by", "sort.field")
