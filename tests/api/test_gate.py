"""Who is let in, to what, and what everybody else is told: route by route."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from multidict import CIMultiDict

from leadline.api import Keys, gate
from leadline.api.endpoint import Endpoint
from leadline.api.gate import LARGEST
from leadline.api.keys import PREFIX
from leadline.api.scopes import SCOPES, Scope
from leadline.store.acting import acting
from tests.acceptance.conftest import Open
from tests.api.caller import Caller, caller

SCOPE_OF = {
    ("POST", "/messages"): "send",
    ("GET", "/messages"): "read",
    ("GET", "/messages/{message_id}"): "read",
    ("GET", "/channels"): "read",
    ("GET", "/templates"): "send",
    ("POST", "/templates/preview"): "send",
    ("GET", "/resolve"): "contacts",
    ("GET", "/contacts/{contact_id}/addresses"): "contacts",
    ("POST", "/merges/preview"): "merge",
    ("POST", "/merges"): "merge",
    ("GET", "/merges/{merge_id}"): "merge",
    ("POST", "/merges/{merge_id}/undo"): "merge",
    ("GET", "/consents"): "consents",
    ("PUT", "/consents"): "consents",
}


async def asked(one: Caller, endpoint: Endpoint, **headers: str) -> Any:
    path = endpoint.path.replace("{merge_id}", "1").replace("{message_id}", "in-1").replace("{contact_id}", "1")
    return await one.call(endpoint.method, path, body={} if endpoint.body else None, **headers)


async def test_each_route_takes_keys_of_its_scope_and_no_others(open_town: Open) -> None:
    async with open_town() as town:
        endpoints = town.leadline.api
        assert {(each.method, each.path): each.scope for each in endpoints} == SCOPE_OF
        assert set(get_args(Scope)) == SCOPES.keys()
        for scope in SCOPES:
            allowed = await caller(town, scope, name=f"only {scope}")
            others = await caller(town, *(SCOPES.keys() - {scope}), name=f"all but {scope}")
            for endpoint in endpoints:
                status, told = await asked(allowed, endpoint)
                assert (told.get("code") == "no_scope") == (endpoint.scope != scope), (endpoint.path, told)
                status, told = await asked(others, endpoint)
                assert (status == 403) == (endpoint.scope == scope), (endpoint.path, told)


WRONG_KEYS = [
    "",
    "Bearer",
    "Bearer x",
    f"Bearer {PREFIX}{'a' * 43}",
    "Basic leadline",
    f"Bearer {PREFIX}ü",
    "Bearer a b",
]


async def test_a_wrong_key_is_told_what_to_do(open_town: Open) -> None:
    async with open_town() as town:
        for endpoint in town.leadline.api:
            status, told = await asked(Caller(town, ""), endpoint)
            assert (status, told["code"]) == (401, "no_key"), endpoint
        url = f"{town.places.leadline}/api/v1/channels"
        for wrong in WRONG_KEYS:
            async with town.http.get(url, headers={"Authorization": wrong}) as answer:
                assert (answer.status, (await answer.json(content_type=None))["code"]) == (401, "no_key"), wrong
                assert answer.headers["WWW-Authenticate"].startswith("Bearer"), wrong


async def test_a_rotated_key_has_two_tokens_for_a_while_and_a_revoked_one_none(open_town: Open) -> None:
    async with open_town() as town:
        first = await caller(town)
        keys = Keys(town.leadline.database, "sandbox")
        second = Caller(town, await keys.rotate("shop", grace=600))
        assert [(await one.call("GET", "/channels"))[0] for one in (first, second)] == [200, 200]
        third = Caller(town, await keys.rotate("shop", grace=0))
        assert [(await one.call("GET", "/channels"))[0] for one in (first, second, third)] == [401, 401, 200]
        assert await keys.revoke("SHOP") == "shop"
        assert (await third.call("GET", "/channels"))[0] == 401
        [row] = await keys.listed()
        assert row["revoked_at"] is not None
        assert row["used_at"] is not None
        async with town.leadline.database.connection() as connection:
            everything = [row async for row in await connection.execute("select t::text as whole from api_token t")]
        assert everything == []


async def test_the_database_knows_no_token(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        async with town.leadline.database.connection() as connection:
            for table in ("api_key", "api_token"):
                rows = await connection.execute(f"select t::text as whole from {table} t".encode())  # noqa: S608
                assert all(one.token not in row["whole"] for row in await rows.fetchall())


PROBLEMS: list[tuple[str, str, dict[str, str], bytes, tuple[int, str]]] = [
    ("POST", "/nowhere", {}, b"{}", (404, "no_path")),
    ("DELETE", "/channels", {}, b"", (405, "no_method")),
    ("PUT", "/consents", {"Content-Type": "application/json"}, b"{", (400, "unreadable")),
    ("PUT", "/consents", {"Content-Type": "application/json"}, b'{"state":"\xff"}', (400, "unreadable")),
    ("PUT", "/consents", {"Content-Type": "text/plain"}, b"{}", (415, "not_json")),
    ("PUT", "/consents", {"Content-Type": "application/json"}, b"{}", (422, "invalid")),
    ("PUT", "/consents", {"Content-Type": "application/json"}, b" " * (LARGEST + 1), (413, "too_large")),
    ("POST", "/messages", {"Content-Type": "application/json"}, b"{}", (422, "no_idempotency_key")),
    ("GET", "/channels?what=1", {}, b"", (422, "invalid")),
    ("GET", "/messages?direction=in&direction=out", {}, b"", (422, "invalid")),
    ("GET", "/messages?direction=sideways", {}, b"", (422, "invalid")),
    ("GET", "/messages?direction=in&after=zzz", {}, b"", (422, "invalid")),
    ("GET", "/messages/out-1.2", {}, b"", (404, "no_message")),
    ("GET", "/merges/99999999999999999999", {}, b"", (404, "no_such_merge")),
    ("GET", "/consents?address=x&channel=1", {}, b"", (422, "invalid")),
]
"""Method, path, headers, content; the status and the code of the problem."""


async def test_what_cannot_be_done_is_one_kind_of_problem(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        for method, path, headers, content, expected in PROBLEMS:
            url = f"{town.places.leadline}/api/v1{path}"
            sent = {"Authorization": f"Bearer {one.token}", **headers}
            async with town.http.request(method, url, data=content, headers=sent) as answer:
                told = await answer.json(content_type="application/problem+json")
                assert (answer.status, told["code"]) == expected, (method, path, told)
                assert answer.headers.get("Allow", "") == ("GET" if expected[0] == 405 else "")


async def test_a_key_that_asks_too_often_waits_and_the_other_does_not(
    open_town: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MOST", 2)
    async with open_town() as town:
        busy, other = await caller(town), await caller(town, name="other")
        answers = [await busy.call("GET", "/channels") for _ in range(3)]
        assert [status for status, _ in answers] == [200, 200, 429]
        assert answers[-1][1]["code"] == "too_many"
        assert (await other.call("GET", "/channels"))[0] == 200


async def test_nothing_is_answered_well_while_the_database_takes_nothing(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        async with town.leadline.database.connection() as connection:
            await connection.execute("alter table raw rename to elsewhere")
        wanted = {"channel": "1", "address": "+353861112223", "text": "Hello"}
        status, told = await one.send("a", **wanted)
        assert (status, told["code"]) == (503, "not_kept")
        async with town.leadline.database.connection() as connection:
            rows = await connection.execute("select once from api_send")
            assert await rows.fetchall() == []
            await connection.execute("alter table elsewhere rename to raw")
        assert (await one.send("a", **wanted))[0] == 202


async def test_the_audit_has_who_made_rotated_and_revoked_keys(open_town: Open) -> None:
    async with open_town() as town:
        keys = Keys(town.leadline.database, "sandbox")
        with acting("Ann", "console"):
            await keys.create("till", ["read"])
            await keys.rotate("till")
            await keys.revoke("till")
        async with town.leadline.database.connection() as connection:
            rows = await connection.execute("select actor, act from audit where act like 'api_key%' order by audit_id")
            assert [tuple(row.values()) for row in await rows.fetchall()] == [
                ("Ann", "api_key.created"),
                ("Ann", "api_key.rotated"),
                ("Ann", "api_key.revoked"),
            ]


async def test_a_header_that_is_given_twice_is_refused_and_nothing_is_sent(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        headers = [
            ("Authorization", f"Bearer {one.token}"),
            ("Idempotency-Key", "once"),
            ("Content-Type", "application/json"),
        ]
        body = json.dumps({"channel": town.sms.name, "address": "+353861112224", "text": "Hello"})
        url = f"{town.places.leadline}/api/v1/messages"
        for name, value in headers:
            twice = CIMultiDict([*headers, (name, value)])
            async with town.http.post(url, data=body, headers=twice) as answer:
                told = await answer.json(content_type=None)
            assert (answer.status, told["detail"]) == (422, f"The header {name} is given 2 times. Give it once.")
        async with town.leadline.database.connection() as connection:
            assert await (await connection.execute("select 1 from api_send")).fetchall() == []


WRONG_VALUES: list[tuple[str, dict[str, Any], str]] = [
    ("/messages", {"text": "Hel\x00lo"}, "`text` holds the letter NUL, which no text can hold. Send it without."),
    ("/messages", {"text": "Hello", "wrong": 1}, "Object contains unknown field `wrong`"),
    ("/merges/preview", {"from_id": "a b", "into_id": "c"}, "`from_id` is no id: ids are letters, digits, _ and -"),
]


async def test_what_is_wrong_with_a_value_is_told_in_words(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        for path, body, detail in WRONG_VALUES:
            given = body if path != "/messages" else body | {"channel": town.sms.name, "address": "+353861112224"}
            status, told = await one.call("POST", path, body=given, Idempotency_Key="n")
            assert (status, told["detail"].startswith(detail)) == (422, True), told
            assert "regex" not in told["detail"]
