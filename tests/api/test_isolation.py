"""Two workspaces with the same customer: a key reaches its own, on every route, and says nothing of the other."""

from __future__ import annotations

from typing import Any

from tests.acceptance.conftest import Open
from tests.api.caller import Caller, caller
from tests.connections.test_isolation import ANN, ANSWERS, MARKS, two_workspaces
from tests.databases import Databases


async def told(one: Caller, strange: Caller) -> str:
    """All that the routes tell a key, also where it names what is another workspace's."""
    lists = [await one.get("/messages", direction=way) for way in ("in", "out")]
    others = [await strange.get("/messages", direction=way) for way in ("in", "out")]
    contact_id = lists[0]["messages"][0]["contact_id"]
    foreign = others[0]["messages"][0]
    channel = (await strange.get("/channels"))["channels"][0]["channel_id"]
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", f"/messages/{foreign['id']}", {}),
        ("GET", f"/contacts/{contact_id}/addresses", {}),
        ("GET", f"/contacts/{foreign['contact_id']}/addresses", {}),
        ("GET", "/channels", {}),
        ("GET", "/resolve", {"query": {"address": ANN}}),
        ("GET", "/consents", {"query": {"address": ANN, "channel": str(channel)}}),
        ("PUT", "/consents", {"body": {"address": ANN, "channel": str(channel), "state": "out"}}),
        ("POST", "/messages", {"body": {"address": ANN, "channel": str(channel), "text": "x"}, "Idempotency_Key": "1"}),
        ("POST", "/merges/preview", {"body": {"from_id": foreign["contact_id"], "into_id": contact_id}}),
        (
            "POST",
            "/merges",
            {"body": {"from_id": foreign["contact_id"], "into_id": contact_id, "fingerprint": "1"}},
        ),
        ("GET", "/merges/1", {}),
        ("POST", "/merges/1/undo", {}),
        ("GET", "/templates", {"query": {"channel": str(channel)}}),
        ("POST", "/templates/preview", {"body": {"channel": str(channel), "template": {"name": "a"}, "address": ANN}}),
    ]
    answers = [await one.call(method, path, **more) for method, path, more in asked]
    statuses = [status for status, _ in answers]
    assert statuses == [404, 200, 200, 200, 200, 422, 422, 422, 404, 404, 404, 404, 422, 422], answers
    filtered = []
    for way in ("in", "out"):
        for name in ("contact_id", "conversation_id"):
            filtered.append(await one.get("/messages", direction=way, **{name: foreign[name]}))
        query = {"direction": way, "channel": str(channel)}
        assert (await one.call("GET", "/messages", query=query))[0] == 422
    assert answers[2][1]["links"] == answers[2][1]["reached_on"] == []
    assert answers[4][1]["contact_id"] == contact_id
    return f"{lists} {answers} {filtered}"


async def test_a_key_tells_nothing_of_another_workspace(open_town: Open, sandbox_databases: Databases) -> None:
    async with two_workspaces(open_town, sandbox_databases) as pair:
        callers = {each: await caller(pair.towns["sandbox"], workspace_id=each) for each in MARKS}
        for workspace_id, one in callers.items():
            other = next(each for each in MARKS if each != workspace_id)
            said = await told(one, callers[other])
            assert (MARKS[workspace_id] in said, ANSWERS[workspace_id] in said) == (True, True)
            assert (MARKS[other] in said, ANSWERS[other] in said) == (False, False)
