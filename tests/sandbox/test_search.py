"""Searching over HTTP: operators, groups, order, cursors, lag; and that 50,000 contacts are found by index."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from leadline.sandbox.search import Field, Where, condition
from leadline.sandbox.workspace import ApiError

from .conftest import MAYA, Api, Start

DAY = 86_400


def _is(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


async def _people(api: Api) -> dict[str, str]:
    """ids by name of three people with one thing or other in common."""
    await api.ok("POST", "/data_attributes", {"name": "telegram id", "model": "contact", "data_type": "string"})
    await api.ok("POST", "/data_attributes", {"name": "visits", "model": "contact", "data_type": "integer"})
    people: list[dict[str, Any]] = [
        {
            "role": "user",
            "email": "Ann@one.example",
            "name": "Ann",
            "phone": "+353 88 888 8999",
            "custom_attributes": {"telegram id": "77", "visits": 3},
        },
        {"role": "lead", "name": "ben_%", "phone": "00353888888999", "custom_attributes": {"visits": 12}},
        {
            "role": "lead",
            "name": "Cleo",
            "phone": "0888888999",
            "owner_id": int(MAYA),
            "unsubscribed_from_emails": True,
        },
    ]
    return {str(person["name"]): (await api.contact(**person))["id"] for person in people}


QUERIES = [
    (_is("formatted_phone", "=", "+353888888999"), {"Ann", "ben_%"}),
    (_is("phone", "=", "+353888888999"), set()),
    (_is("phone", "IN", ["0888888999", "00353888888999"]), {"Cleo", "ben_%"}),
    (_is("phone", "NIN", ["0888888999", "00353888888999"]), {"Ann"}),
    (_is("phone", "$", "88999"), {"Cleo", "ben_%"}),
    (_is("phone", "^", "+353"), {"Ann"}),
    (_is("name", "~", "n_%"), {"ben_%"}),
    (_is("name", "!~", "e"), {"Ann"}),
    (_is("email", "=", "ann@ONE.example"), {"Ann"}),
    (_is("email", "=", None), {"ben_%", "Cleo"}),
    (_is("email", "!=", None), {"Ann"}),
    (_is("email_domain", "=", "one.example"), {"Ann"}),
    (_is("role", "!=", "user"), {"ben_%", "Cleo"}),
    (_is("owner_id", "=", MAYA), {"Cleo"}),
    (_is("unsubscribed_from_emails", "=", True), {"Cleo"}),
    (_is("unsubscribed_from_emails", "!=", True), {"Ann", "ben_%"}),
    (_is("custom_attributes.telegram id", "=", "77"), {"Ann"}),
    (_is("custom_attributes.telegram id", "!=", "77"), {"ben_%", "Cleo"}),
    (_is("custom_attributes.telegram id", "IN", ["1", "77"]), {"Ann"}),
    (_is("custom_attributes.telegram id", "=", None), {"ben_%", "Cleo"}),
    (_is("custom_attributes.telegram id", "^", "7"), {"Ann"}),
    (_is("custom_attributes.visits", ">", 3), {"ben_%"}),
    (_is("custom_attributes.visits", "<=", 3), {"Ann"}),
    (_is("custom_attributes.visits", "IN", [3, 12]), {"Ann", "ben_%"}),
    (
        {
            "operator": "AND",
            "value": [
                _is("role", "=", "lead"),
                {"operator": "OR", "value": [_is("name", "=", "Ann"), _is("phone", "$", "999")]},
            ],
        },
        {"ben_%", "Cleo"},
    ),
]


async def test_every_documented_operator_finds_whom_it_should(api: Api) -> None:
    people = await _people(api)
    names = {key: name for name, key in people.items()}
    for query, expected in QUERIES:
        found = await api.search(query)
        assert {names[contact["id"]] for contact in found["data"]} == expected, query
        assert found["total_count"] == len(expected)


async def test_dates_have_day_precision_in_the_workspace_timezone(start: Start) -> None:
    midnight = 1_577_836_800  # 2020-01-01 in UTC
    async with start() as api:
        await api.contact(role="lead", signed_up_at=midnight + 3600)
        found = [
            (await api.search(_is("signed_up_at", operator, midnight + offset)))["total_count"]
            for operator, offset in (
                ("=", 5),
                ("=", DAY - 1),
                ("=", DAY),
                (">", 0),
                (">", -1),
                ("<", DAY + 9),
                ("<", 9),
            )
        ]
        assert found == [1, 1, 0, 0, 1, 1, 0]
    async with start(timezone="Pacific/Auckland") as api:
        found = [
            (await api.search(_is("signed_up_at", "=", midnight + offset)))["total_count"] for offset in (0, 12 * 3600)
        ]
        assert found == [1, 0], "in Auckland the day ends at 11:00 UTC"


WRONG = [
    _is("nickname", "=", "x"),
    _is("custom_attributes.never", "=", "x"),
    _is("phone", ">", "1"),
    _is("phone", "IN", "1"),
    _is("created_at", "IN", [1]),
    _is("created_at", "!=", 1),
    _is("created_at", ">", "yesterday"),
    _is("created_at", ">", 1 << 70),
    _is("unsubscribed_from_emails", "=", "maybe"),
    _is("phone", "=", True),
    _is("tag_id", "~", "1"),
    {"operator": "XOR", "value": [_is("phone", "=", "1")]},
    {"operator": "AND", "value": []},
    {"operator": "OR", "value": [_is("phone", "=", str(n)) for n in range(16)]},
    {"operator": "OR", "value": [{"operator": "AND", "value": [{"operator": "OR", "value": [_is("id", "=", "1")]}]}]},
    {"field": "phone"},
]


@pytest.mark.parametrize("query", WRONG)
async def test_wrong_queries_are_refused(api: Api, query: Any) -> None:
    answer = await api.call("POST", "/contacts/search", {"query": query})
    assert (answer.status, answer.code) == (400, "parameter_invalid")


async def test_the_order_is_checked_from_2_16_on_and_updated_last_comes_first(api: Api) -> None:
    people = await _people(api)
    await api.ok("PUT", "/_sandbox/control", {"clock": 2})
    await api.ok("PUT", f"/contacts/{people['Ann']}", {"name": "Ann"})
    by_change = {"field": "updated_at", "order": "descending"}
    found = await api.search(_is("name", "!=", "x"), sort=by_change, pagination={"per_page": 1})
    assert found["data"][0]["id"] == people["Ann"]
    wrong = {"query": _is("role", "=", "user"), "sort": {"field": "updated_at", "order": "desc"}}
    answer = await api.call("POST", "/contacts/search", wrong)
    assert (answer.status, answer.code) == (400, "invalid_sort_order")
    assert answer.message == "Invalid sort order 'desc'. Must be one of: ascending, descending"
    assert (await api.call("POST", "/contacts/search", wrong, Intercom_Version="2.15")).status == 200


@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize("field", ["created_at", "name", "last_seen_at"])
async def test_pages_of_a_search_hold_every_contact_once(api: Api, field: str, order: str) -> None:
    for number in range(8):
        await api.contact(role="lead", name=f"n{number % 3}" if number else None, last_seen_at=number % 2 or None)
    seen: list[Any] = []
    paging: dict[str, Any] = {"per_page": 3}
    while True:
        page = await api.search(_is("role", "=", "lead"), sort={"field": field, "order": order}, pagination=paging)
        seen += page["data"]
        if "next" not in page["pages"]:
            break
        paging = page["pages"]["next"]
    assert len({contact["id"] for contact in seen}) == len(seen) == 8
    values = [contact[field] or ("" if field == "name" else 0) for contact in seen]
    assert values == sorted(values, reverse=order == "descending")


async def test_formatted_phone_can_be_missing_as_in_older_versions(api: Api) -> None:
    query = {"query": _is("formatted_phone", "=", "+353888888999")}
    assert (await api.call("POST", "/contacts/search", query, Intercom_Version="2.15")).status == 400
    assert (await api.call("POST", "/contacts/search", query)).status == 200
    await api.ok("PUT", "/_sandbox/control", {"formatted_phone": False})
    assert (await api.call("POST", "/contacts/search", query)).status == 400


async def test_a_search_sees_the_state_of_lag_seconds_ago_and_reading_by_id_the_present(api: Api) -> None:
    old = await api.contact(role="lead", phone="+353861111111")
    assert (await api.search(_is("phone", "=", "+353861111111")))["total_count"] == 1
    await api.ok("PUT", "/_sandbox/control", {"search_lag": 600})
    new = await api.contact(role="lead", phone="+353862222222")
    await api.ok("PUT", f"/contacts/{old['id']}", {"phone": "+353863333333"})
    conversation = await api.conversation(new)
    assert (await api.search(_is("phone", "=", "+353862222222")))["total_count"] == 0
    assert (await api.search(_is("phone", "=", "+353863333333")))["total_count"] == 0
    assert (await api.search(_is("phone", "=", "+353861111111")))["data"][0]["id"] == old["id"]
    about = _is("contact_ids", "=", new["id"])
    assert (await api.search(about, "/conversations/search"))["total_count"] == 0
    assert (await api.ok("GET", f"/contacts/{new['id']}"))["phone"] == "+353862222222"
    await api.ok("PUT", "/_sandbox/control", {"search_lag": 0})
    assert (await api.search(_is("phone", "=", "+353863333333")))["data"][0]["id"] == old["id"]
    assert (await api.search(_is("phone", "=", "+353861111111")))["total_count"] == 0
    assert (await api.search(about, "/conversations/search"))["conversations"][0]["id"] == conversation


async def test_archived_contacts_are_never_found(api: Api) -> None:
    lead = await api.contact(role="lead", phone="+353861111111")
    await api.ok("PUT", "/_sandbox/control", {"search_lag": 600})
    await api.ok("POST", f"/contacts/{lead['id']}/archive")
    await api.ok("PUT", "/_sandbox/control", {"search_lag": 0})
    assert (await api.search(_is("phone", "=", "+353861111111")))["total_count"] == 0


async def test_conversations_are_searched_by_contact_state_and_text(api: Api) -> None:
    ann, ben = await api.contact(role="lead"), await api.contact(role="lead")
    first, second = await api.conversation(ann, "I need support"), await api.conversation(ben, "Where is my order?")
    await api.ok("POST", f"/conversations/{first}/parts", {"message_type": "close", "type": "admin", "admin_id": MAYA})
    tag = await api.ok("POST", "/tags", {"name": "sms"})
    await api.ok("POST", f"/conversations/{second}/tags", {"id": tag["id"], "admin_id": MAYA})
    cases: list[tuple[Any, list[str]]] = [
        (_is("contact_ids", "=", ann["id"]), [first]),
        (_is("contact_ids", "IN", [ann["id"], ben["id"]]), [second, first]),
        (_is("contact_ids", "!=", ann["id"]), [second]),
        (_is("state", "=", "closed"), [first]),
        (_is("open", "=", True), [second]),
        (_is("source.author.id", "=", ben["id"]), [second]),
        (_is("source.body", "=", "support"), [first]),
        (_is("source.body", "=", "need support"), []),
        (_is("tag_ids", "=", tag["id"]), [second]),
        (_is("teammate_ids", "IN", [MAYA]), [first]),
        (_is("admin_assignee_id", "=", 0), [second, first]),
        (_is("updated_at", ">", int(time.time()) - 60), [second, first]),
        (_is("updated_at", ">", int(time.time()) + 60), []),
    ]
    for query, expected in cases:
        found = await api.search(query, "/conversations/search")
        assert [each["id"] for each in found["conversations"]] == expected, query
        assert "conversation_parts" not in str(found["conversations"])


FIFTY_THOUSAND = """
insert into contact (id, role, external_id, phone, formatted_phone, created_at, updated_at, custom_attributes)
select lpad(to_hex(n), 24, '0'), 'lead', 'e' || n, '+35386' || lpad(n::text, 7, '0'), '+35386' || lpad(n::text, 7, '0'),
    1700000000 + n, 1700000000 + n, jsonb_build_object('telegram', 't' || n)
from generate_series(1, 50000) n
"""


async def test_fifty_thousand_contacts_are_searched_by_index(api: Api) -> None:
    await api.ok("POST", "/data_attributes", {"name": "telegram", "model": "contact", "data_type": "string"})
    async with api.database.connection() as connection:
        await connection.execute(FIFTY_THOUSAND)
    by_phone = {
        "operator": "OR",
        "value": [
            _is("formatted_phone", "=", "+353860004711"),
            _is("phone", "IN", ["+353860004711", "0860004711", "00353860004711"]),
        ],
    }
    assert (await api.search(by_phone))["data"][0]["external_id"] == "e4711"
    assert (await api.search(_is("custom_attributes.telegram", "=", "t42")))["data"][0]["external_id"] == "e42"
    newest = await api.search(
        _is("role", "=", "lead"), sort={"field": "updated_at", "order": "descending"}, pagination={"per_page": 1}
    )
    assert (newest["total_count"], newest["data"][0]["external_id"]) == (50_000, "e50000")
    fields = {
        "phone": Field("string", sql.SQL("(i.doc ->> 'phone')")),
        "formatted_phone": Field("string", sql.SQL("(i.doc ->> 'formatted_phone')")),
    }
    where = condition(by_phone, fields, "UTC")
    async with api.database.connection() as connection:
        await connection.execute("analyze contact_index")
        statement = sql.SQL("explain (format json) select 1 from contact_index i where {}").format(where.text)
        row = await (await connection.execute(statement, where.values)).fetchone()
    assert "Seq Scan" not in str(row)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["field", "operator", "value", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    query=st.fixed_dictionaries(
        {"operator": st.sampled_from(["=", "!=", "IN", "NIN", "~", "<", ">", "AND", "OR"]), "value": json_values},
        optional={"field": st.sampled_from(["phone", "at", "flag", "member", "'; drop"])},
    )
)
def test_any_query_is_parametrised_sql_or_an_error_of_the_api(query: Any) -> None:
    fields = {
        "phone": Field("string", sql.SQL("phone")),
        "at": Field("date", sql.SQL("at")),
        "flag": Field("boolean", sql.SQL("flag")),
        "member": Field("member", sql.SQL("member")),
    }
    where: Where | None
    try:
        where = condition(query, fields, "UTC")
    except ApiError as error:
        refused = error
        where = None
    if where is None:
        assert (refused.status, refused.code) == (400, "parameter_invalid")
    else:
        assert where.text.as_string(None).count("%s") == len(where.values)
