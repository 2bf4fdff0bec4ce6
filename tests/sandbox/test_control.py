"""Token, versions, limits, faults, counters and the live feed."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from leadline.sandbox.changes import Change, changes

from .conftest import MAYA, TOKEN, TOM, Api, Start, eventually


async def test_every_route_refuses_a_wrong_token(start: Start) -> None:
    async with start(control_token="control") as api:
        for headers in ({"Authorization": "Bearer wrong"}, {"Authorization": ""}, {"Authorization": "Bearer "}):
            for path in ("/me", "/contacts", "/_sandbox/control"):
                answer = await api.call("GET", path, **headers)
                assert (answer.status, answer.code, answer.message) == (401, "unauthorized", "Access Token Invalid")
                assert "X-RateLimit-Limit" not in answer.headers
        assert (await api.call("GET", "/_sandbox/control")).status == 401, "the API token is not the control token"
        shown = await api.ok("GET", "/_sandbox/control", Authorization="Bearer control")
        assert "token" not in shown


async def test_the_token_can_be_revoked_and_replaced_and_a_restart_keeps_that(start: Start) -> None:
    control = {"Authorization": "Bearer control"}
    async with start(control_token="control") as api:
        await api.ok("POST", "/_sandbox/token/revoke", **control)
        assert (await api.call("GET", "/me")).status == 401
    async with start(control_token="control") as api:
        assert (await api.call("GET", "/me")).status == 401
        await api.ok("PUT", "/_sandbox/control", {"token": "new"}, **control)
        assert (await api.call("GET", "/me", Authorization="Bearer new")).status == 200
        assert (await api.call("GET", "/me")).status == 401
        await api.ok("PUT", "/_sandbox/control", {"token": None}, **control)
        assert (await api.call("GET", "/me")).status == 200


async def test_me_names_the_workspace_and_admins_are_listed(start: Start) -> None:
    async with start(workspace_id="ws123", region="EU") as api:
        me = await api.ok("GET", "/me")
        assert (me["id"], me["app"]["id_code"], me["app"]["region"]) == (MAYA, "ws123", "EU")
        assert [admin["id"] for admin in (await api.ok("GET", "/admins"))["admins"]] == [MAYA, TOM]
        assert (await api.ok("GET", f"/admins/{TOM}"))["email"] == "tom@sandbox.example"
        answer = await api.call("GET", "/admins/1")
        assert (answer.status, answer.code) == (404, "admin_not_found")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("GET", "/nothing/here", {}, 404, "not_found"),
        ("PATCH", "/contacts", {}, 405, "client_error"),
        ("GET", "/me", {"Intercom-Version": "9.9"}, 400, "intercom_version_invalid"),
        ("GET", "/me", {"Accept": "text/html"}, 406, "media_type_not_acceptable"),
    ],
)
async def test_refusals_are_in_the_error_envelope(
    api: Api, method: str, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await api.call(method, path, **headers)
    assert (answer.status, answer.code) == (status, code)
    assert answer.body["request_id"]


@pytest.mark.parametrize("raw", [b"{", b'{"role": "lead"', b"\xff\xfe", b"[1,2", b'"text"', b"[]"])
async def test_bodies_that_are_no_json_object_are_refused(api: Api, raw: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    async with api.session.post("/contacts", data=raw, headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["type"] == "error.list"
    async with api.session.post("/contacts", data=b"role=lead") as response:
        assert response.status == 415


async def test_the_rate_limit_is_counted_per_window(start: Start) -> None:
    async with start(rate_limit=3) as api:
        answers = [await api.call("GET", "/me") for _ in range(8)]
        refused = [answer for answer in answers if answer.status == 429]
        assert refused, "eight calls in at most two windows of three"
        assert refused[0].code == "rate_limit_exceeded"
        assert refused[0].message == "Exceeded rate limit of 3 in 10_seconds"
        assert refused[0].headers["X-RateLimit-Remaining"] == "0"
        assert int(refused[0].headers["X-RateLimit-Reset"]) % 10 == 0
        assert answers[0].headers["X-RateLimit-Limit"] == "3"
        await api.ok("PUT", "/_sandbox/control", {"rate_limit": 1000})
        assert (await api.call("GET", "/me")).status == 200


async def test_a_fault_before_acting_leaves_nothing_and_one_after_loses_only_the_answer(api: Api) -> None:
    for when, expected in (("before", 0), ("after", 1)):
        fault = {"method": "POST", "path": "/contacts", "status": 502, "when": when}
        await api.ok("POST", "/_sandbox/faults", fault)
        answer = await api.call("POST", "/contacts", {"role": "lead"})
        assert (answer.status, answer.code) == (502, "server_error")
        assert (await api.ok("GET", "/contacts"))["total_count"] == expected
    assert (await api.call("POST", "/contacts", {"role": "lead"})).status == 200, "a rule is used up"


async def test_faults_match_by_route_skip_and_count(api: Api) -> None:
    rule = {"method": "GET|PUT", "path": "/(me|admins)", "status": 429, "code": "rate_limit_exceeded"}
    await api.ok("POST", "/_sandbox/faults", {**rule, "times": 2, "skip": 1, "headers": {"Retry-After": "1"}})
    calls = [await api.call("GET", path) for path in ("/me", "/me", "/contacts", "/admins", "/me")]
    assert [call.status for call in calls] == [200, 429, 200, 429, 200]
    assert calls[1].headers["Retry-After"] == "1"
    counted = await api.ok("GET", "/_sandbox/calls")
    assert counted == {"total": 5, "routes": {"GET /me": 3, "GET /contacts": 1, "GET /admins": 1}}
    assert (await api.ok("DELETE", "/_sandbox/calls"))["total"] == 0
    await api.ok("POST", "/_sandbox/faults", rule)
    assert (await api.ok("DELETE", "/_sandbox/faults"))["faults"] == []
    for wrong in ({"path": "("}, {"times": 0}, {"status": 200}, {"colour": 1}):
        assert (await api.call("POST", "/_sandbox/faults", wrong)).status == 400


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
async def test_a_success_may_carry_another_body(api: Api, when: str, made: int) -> None:
    await api.ok("POST", "/_sandbox/faults", {"method": "POST", "path": "/contacts", "answer": "{}", "when": when})
    assert await api.ok("POST", "/contacts", {"role": "lead"}) == {}
    assert (await api.ok("GET", "/contacts"))["total_count"] == made


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
async def test_a_dropped_connection_is_seen_as_such(api: Api, when: str, made: int) -> None:
    await api.ok("POST", "/_sandbox/faults", {"path": "/contacts", "drop": True, "when": when})
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        await api.call("POST", "/contacts", {"role": "lead"})
    assert (await api.ok("GET", "/contacts"))["total_count"] == made


async def test_a_delay_holds_the_answer_and_not_what_was_done(api: Api) -> None:
    await api.ok("POST", "/_sandbox/faults", {"path": "/contacts", "delay": 600, "when": "after"})
    asking = asyncio.create_task(api.call("POST", "/contacts", {"role": "lead"}))
    await eventually(lambda: api.ok("GET", "/_sandbox/faults"), faults=[], held=1)
    assert (await api.ok("GET", "/contacts"))["total_count"] == 1
    assert not asking.done()
    await api.ok("DELETE", "/_sandbox/faults")
    assert (await asking).status == 200


@pytest.mark.parametrize("wrong", [{"search_lag": "soon"}, {"colour": 1}, {"version": "3.0"}, []])
async def test_wrong_controls_are_refused(api: Api, wrong: Any) -> None:
    assert (await api.call("PUT", "/_sandbox/control", wrong)).status == 400
    assert (await api.call("GET", "/me", Authorization=f"Bearer {TOKEN}")).status == 200


async def test_attributes_are_made_once_checked_and_archived(api: Api) -> None:
    made = await api.ok(
        "POST", "/data_attributes", {"name": "viber_id", "model": "contact", "data_type": "string", "description": "d"}
    )
    assert (made["full_name"], made["messenger_writable"]) == ("custom_attributes.viber_id", False)
    for wrong in (
        {"name": "viber_id", "model": "contact", "data_type": "string"},
        {"name": "a.b", "model": "contact", "data_type": "string"},
        {"name": "a", "model": "contact", "data_type": "colour"},
        {"name": "a", "model": "conversation", "data_type": "string"},
        {"name": "a", "model": "contact", "data_type": "options", "options": [{"value": "one"}]},
    ):
        answer = await api.call("POST", "/data_attributes", wrong)
        assert (answer.status, answer.code) == (400, "parameter_invalid")
    too_long = await api.call("POST", "/contacts", {"role": "lead", "custom_attributes": {"viber_id": "x" * 256}})
    assert too_long.status == 400
    assert (await api.ok("PUT", f"/data_attributes/{made['id']}", {"archived": True}))["archived"] is True
    assert (await api.ok("GET", "/data_attributes?model=contact"))["data"] == []
    assert len((await api.ok("GET", "/data_attributes?model=contact&include_archived=true"))["data"]) == 1
    assert (await api.call("GET", "/data_attributes?model=conversation")).status == 422
    assert (await api.call("PUT", "/data_attributes/999", {"archived": True})).code == "field_not_found"


async def test_changes_are_told_when_they_are_committed(api: Api) -> None:
    heard: list[Change] = []

    async def listen() -> None:
        async for change in changes(api.database.url):
            heard.append(change)

    task = asyncio.create_task(listen())
    try:
        lead = None
        async with asyncio.timeout(60):
            while not heard:
                lead = await api.contact(role="lead")
                await asyncio.sleep(0.05)
        assert lead is not None
        conversation = await api.conversation(lead)
        async with asyncio.timeout(60):
            while Change("conversation", conversation, "conversation.user.created") not in heard:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert heard[0].what == "contact.lead.created"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
