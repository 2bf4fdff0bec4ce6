"""Conversations over HTTP: starting, replying, states, files, participants."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from .conftest import MAYA, TOM, Api, Start


def _parts(conversation: Any) -> list[Any]:
    parts: list[Any] = conversation["conversation_parts"]["conversation_parts"]
    return parts


async def test_a_conversation_is_answered_as_a_message_and_read_as_html_or_text(api: Api) -> None:
    lead = await api.contact(role="lead", name="Ann")
    start = {"from": {"type": "lead", "id": lead["id"]}, "body": "1 < 2 <script>alert(1)</script>\nline\n\nnew"}
    message = await api.ok("POST", "/conversations", start)
    assert (message["type"], message["message_type"]) == ("user_message", "inapp")
    shown = await api.ok("GET", f"/conversations/{message['conversation_id']}")
    escaped = "<p>1 &lt; 2 &lt;script&gt;alert(1)&lt;/script&gt;<br>line</p>\n<p>new</p>"
    assert shown["source"]["body"] == escaped
    assert (shown["source"]["id"], shown["source"]["author"]["type"]) == (message["id"], "lead")
    assert (shown["state"], shown["admin_assignee_id"], shown["priority"]) == ("open", 0, "none")
    assert _parts(shown) == []
    plain = await api.ok("GET", f"/conversations/{message['conversation_id']}?display_as=plaintext")
    assert plain["source"]["body"] == "1 < 2 <script>alert(1)</script>\nline\n\nnew"
    old = await api.ok("GET", f"/conversations/{message['conversation_id']}", Intercom_Version="2.15")
    assert (old["admin_assignee_id"], old["priority"]) == (None, "not_priority")
    assert (await api.ok("GET", f"/contacts/{lead['id']}"))["last_replied_at"] == message["created_at"]


@pytest.mark.parametrize(
    ("change", "status", "text"),
    [
        ({"from": {"type": "user", "id": "ID"}}, 404, "User Not Found"),
        ({"from": {"type": "lead", "id": "0" * 24}}, 404, "User Not Found"),
        ({"from": {"type": "lead"}}, 400, "Object missing required field `id` - at `$.from`"),
        ({"body": "  "}, 400, "Body is required"),
        ({"attachment_urls": ["file:///etc/passwd"]}, 400, "attachment_urls: 'file:///etc/passwd' is no web address"),
        ({"attachment_urls": ["https://a.example/x.png"] * 11}, 400, "At most 10 attachments can be sent at once"),
    ],
)
async def test_wrong_starts_are_refused_and_leave_nothing(
    api: Api, change: dict[str, Any], status: int, text: str
) -> None:
    lead = await api.contact(role="lead")
    start: dict[str, Any] = {"from": {"type": "lead", "id": lead["id"]}, "body": "x", **change}
    if start["from"].get("id") == "ID":
        start["from"]["id"] = lead["id"]
    answer = await api.call("POST", "/conversations", start)
    assert (answer.status, answer.message) == (status, text)
    assert (await api.ok("GET", "/conversations"))["total_count"] == 0


async def test_replies_of_both_sides_are_parts_marked_as_made_by_the_app(api: Api) -> None:
    lead = await api.contact(role="lead", external_id="e1")
    conversation = await api.conversation(lead)
    shown = await api.reply(conversation, lead, "second")
    assert (_parts(shown)[-1]["part_type"], _parts(shown)[-1]["body"]) == ("comment", "<p>second</p>")
    by_external_id = {"message_type": "comment", "type": "user", "user_id": "e1", "body": "third"}
    await api.ok("POST", f"/conversations/{conversation}/reply", by_external_id)
    await api.ok("POST", "/conversations/last/reply", by_external_id)
    note = {"message_type": "note", "type": "admin", "admin_id": MAYA, "body": "<b>seen</b><script>x()</script>"}
    shown = await api.ok("POST", f"/conversations/{conversation}/reply", note)
    last = _parts(shown)[-1]
    assert (last["part_type"], last["body"], last["author"]["id"]) == ("note", "<p><b>seen</b></p>", MAYA)
    assert {part["app_package_code"] for part in _parts(shown)} == {"leadline"}
    assert [part["author"]["type"] for part in _parts(shown)] == ["lead", "lead", "lead", "admin"]
    assert shown["conversation_parts"]["total_count"] == 4
    typed = await api.ok(
        "POST", "/_sandbox/teammate", {"action": "reply", "conversation_id": conversation, "body": "by hand"}
    )
    assert _parts(typed)[-1]["app_package_code"] is None
    assert _parts(typed)[-1]["body"] == '<p class="no-margin">by hand</p>'


@pytest.mark.parametrize(
    ("said", "status", "text"),
    [
        ({"type": "user", "intercom_user_id": "STRANGER"}, 404, "User Not Found"),
        ({"type": "user"}, 400, "One of intercom_user_id, user_id or email is required"),
        ({"type": "user", "intercom_user_id": "LEAD", "body": ""}, 400, "body is required"),
        ({"type": "user", "intercom_user_id": "LEAD", "message_type": "note"}, 400, None),
        ({"type": "admin", "admin_id": "1"}, 404, "Resource Not Found"),
        ({"type": "admin"}, 404, "Resource Not Found"),
        ({"type": "user", "intercom_user_id": "LEAD", "attachment_files": [{"name": "a"}]}, 400, None),
    ],
)
async def test_wrong_replies_are_refused(api: Api, said: dict[str, Any], status: int, text: str | None) -> None:
    lead, stranger = await api.contact(role="lead"), await api.contact(role="lead")
    conversation = await api.conversation(lead)
    ids = {"LEAD": lead["id"], "STRANGER": stranger["id"]}
    body = {"message_type": "comment", "body": "x", **said}
    body = {name: ids.get(value, value) if isinstance(value, str) else value for name, value in body.items()}
    answer = await api.call("POST", f"/conversations/{conversation}/reply", body)
    assert answer.status == status
    assert text in {None, answer.message}
    assert _parts(await api.ok("GET", f"/conversations/{conversation}")) == []


async def test_states_go_through_parts_and_a_customer_opens_again(api: Api) -> None:
    lead = await api.contact(role="lead")
    conversation = await api.conversation(lead)
    path = f"/conversations/{conversation}/parts"
    closed = await api.ok("POST", path, {"message_type": "close", "type": "admin", "admin_id": MAYA, "body": "Goodbye"})
    assert (closed["state"], closed["open"], _parts(closed)[-1]["body"]) == ("closed", False, "<p>Goodbye</p>")
    opened = await api.reply(conversation, lead, "one more thing")
    assert (opened["state"], _parts(opened)[-1]["part_type"]) == ("open", "open")
    assert _parts(opened)[-1]["body"] == "<p>one more thing</p>"
    until = 2_000_000_000
    snoozed = await api.ok("POST", path, {"message_type": "snoozed", "admin_id": MAYA, "snoozed_until": until})
    assert (snoozed["state"], snoozed["open"], snoozed["snoozed_until"]) == ("snoozed", True, until)
    opened = await api.ok("POST", path, {"message_type": "open", "admin_id": MAYA})
    assert (opened["state"], opened["snoozed_until"]) == ("open", None)
    assign = {"message_type": "assignment", "type": "admin", "admin_id": MAYA, "assignee_id": TOM, "body": "yours"}
    assigned = await api.ok("POST", path, assign)
    assert assigned["admin_assignee_id"] == int(TOM)
    assert _parts(assigned)[-1]["assigned_to"] == {"type": "admin", "id": TOM}
    unassigned = await api.ok("POST", path, {**assign, "assignee_id": "0"})
    assert unassigned["admin_assignee_id"] == 0
    for wrong in ({**assign, "assignee_id": "5"}, {**assign, "admin_id": "5"}):
        assert (await api.call("POST", path, wrong)).status == 404
    for wrong in ({**assign, "message_type": "explode"}, {"message_type": "snoozed", "admin_id": MAYA}):
        assert (await api.call("POST", path, wrong)).status == 400


async def test_files_are_served_under_signed_addresses_that_expire(start: Start) -> None:
    content = bytes(range(256))
    file = {"content_type": "image/png", "name": 'a b".png', "data": base64.b64encode(content).decode()}
    page = {"content_type": "text/html", "name": "x.html", "data": base64.b64encode(b"<script>").decode()}
    async with start() as api:
        lead = await api.contact(role="lead")
        conversation = await api.conversation(lead, attachment_urls=["https://files.example/cat.jpg?x=1"])
        shown = await api.reply(conversation, lead, "see", attachment_files=[file, page])
        assert shown["source"]["attachments"][0]["url"] == "https://files.example/cat.jpg?x=1"
        assert shown["source"]["attachments"][0]["content_type"] == "image/jpeg"
        image, html = _parts(shown)[-1]["attachments"]
        assert (image["name"], image["content_type"], image["filesize"]) == ('a b".png', "image/png", 256)
        async with api.session.get(image["url"]) as response:
            assert (response.status, await response.read()) == (200, content)
            assert response.headers["Content-Disposition"].startswith("inline")
        async with api.session.get(html["url"]) as response:
            assert response.headers["Content-Disposition"].startswith("attachment")
            assert response.headers["X-Content-Type-Options"] == "nosniff"
        async with api.session.get(image["url"][:-4] + "0000") as response:
            assert response.status == 403
    async with start(file_lifetime=-1) as api:
        shown = await api.ok("GET", f"/conversations/{conversation}")
        async with api.session.get(_parts(shown)[-1]["attachments"][0]["url"]) as response:
            assert response.status == 403


async def test_only_the_newest_five_hundred_parts_are_shown(api: Api) -> None:
    lead = await api.contact(role="lead")
    conversation = await api.conversation(lead)
    async with api.database.connection() as connection:
        await connection.execute(
            "insert into part (conversation_id, part_type, body, author_type, author_id, created_at, updated_at, state)"
            " select %s, 'comment', n::text, 'contact', %s, 1, 1, 'open' from generate_series(1, 501) n",
            [int(conversation), lead["id"]],
        )
    shown = await api.ok("GET", f"/conversations/{conversation}")
    assert (len(_parts(shown)), shown["conversation_parts"]["total_count"]) == (500, 501)
    assert (_parts(shown)[0]["body"], _parts(shown)[-1]["body"]) == ("2", "501")


async def test_update_read_and_attributes(api: Api) -> None:
    conversation = await api.conversation(await api.contact(role="lead"))
    path = f"/conversations/{conversation}"
    answer = await api.call("PUT", path, {"custom_attributes": {"channel": "sms"}})
    assert (answer.status, answer.code) == (400, "parameter_invalid")
    await api.ok("POST", "/conversations/attributes", {"name": "channel", "data_type": "string"})
    assert (await api.ok("GET", "/conversations/attributes"))["data"][0]["name"] == "channel"
    changed = await api.ok("PUT", path, {"read": True, "title": "SMS", "custom_attributes": {"channel": "sms"}})
    assert (changed["read"], changed["title"], changed["custom_attributes"]) == (True, "SMS", {"channel": "sms"})
    found = await api.search(
        {"field": "custom_attributes.channel", "operator": "=", "value": "sms"}, "/conversations/search"
    )
    assert found["total_count"] == 1
    for body in ({"name": "x", "data_type": "colour"}, {"name": "channel", "data_type": "string"}):
        assert (await api.call("POST", "/conversations/attributes", body)).status in {400, 422}


async def test_participants_come_and_go_but_one_stays(api: Api) -> None:
    one, two = await api.contact(role="lead"), await api.contact(role="user", email="two@b.example")
    path = f"/conversations/{await api.conversation(one)}/customers"
    customer = {"admin_id": MAYA, "customer": {"email": "two@b.example"}}
    both = await api.ok("POST", path, customer)
    assert [contact["id"] for contact in both["contacts"]["contacts"]] == [one["id"], two["id"]]
    left = await api.ok("DELETE", f"{path}/{one['id']}", {"admin_id": MAYA})
    assert [contact["id"] for contact in left["contacts"]["contacts"]] == [two["id"]]
    answer = await api.call("DELETE", f"{path}/{two['id']}", {"admin_id": MAYA})
    assert (answer.status, answer.message) == (422, "Removing the last customer is not allowed")
    assert (await api.call("DELETE", f"{path}/{one['id']}", {"admin_id": MAYA})).message == "User Not Found"


async def test_tags_redaction_and_deletion(api: Api) -> None:
    lead = await api.contact(role="lead")
    conversation = await api.conversation(lead, "secret one")
    path = f"/conversations/{conversation}"
    part = _parts(await api.reply(conversation, lead, "secret two"))[-1]
    tag = await api.ok("POST", "/tags", {"name": "sms"})
    await api.ok("POST", f"{path}/tags", {"id": tag["id"], "admin_id": MAYA})
    shown = await api.ok("GET", path)
    assert shown["tags"]["tags"][0]["applied_by"] == {"type": "admin", "id": MAYA}
    await api.ok("DELETE", f"{path}/tags/{tag['id']}", {"admin_id": MAYA})
    gone = await api.call("DELETE", f"{path}/tags/999", {"admin_id": MAYA})
    assert (gone.status, gone.code) == (404, "tag_not_found")
    for redaction in (
        {"type": "conversation_part", "conversation_id": conversation, "conversation_part_id": part["id"]},
        {"type": "source", "conversation_id": conversation, "source_id": shown["source"]["id"]},
    ):
        await api.ok("POST", "/conversations/redact", redaction)
    redacted = await api.ok("GET", path)
    assert "secret" not in str(redacted)
    assert (redacted["source"]["redacted"], _parts(redacted)[0]["redacted"]) == (True, True)
    assert await api.ok("DELETE", path) == {"id": conversation, "object": "conversation", "deleted": True}
    for method, where, body in (
        ("GET", path, None),
        ("POST", f"{path}/reply", {"message_type": "note", "type": "admin", "admin_id": MAYA, "body": "x"}),
        ("POST", f"{path}/parts", {"message_type": "close", "admin_id": MAYA}),
        ("GET", "/conversations/x", None),
    ):
        answer = await api.call(method, where, body)
        assert (answer.status, answer.message) == (404, "Resource Not Found")
    assert [each["id"] for each in (await api.ok("GET", "/conversations/deleted"))["conversations"]] == [conversation]
    old = await api.call("GET", "/conversations/deleted", Intercom_Version="2.15")
    assert (old.status, old.code) == (400, "intercom_version_invalid")


async def test_the_list_goes_through_every_conversation_newest_first(api: Api) -> None:
    lead = await api.contact(role="lead")
    made = [await api.conversation(lead, f"number {n}") for n in range(5)]
    first = await api.ok("GET", "/conversations?per_page=3")
    cursor = first["pages"]["next"]["starting_after"]
    second = await api.ok("GET", f"/conversations?per_page=3&starting_after={cursor}")
    assert [each["id"] for each in first["conversations"] + second["conversations"]] == made[::-1]
    assert "next" not in second["pages"]
    assert first["total_count"] == 5


async def test_parallel_replies_are_all_kept(api: Api) -> None:
    lead = await api.contact(role="lead")
    conversation = await api.conversation(lead)
    await asyncio.gather(*(api.reply(conversation, lead, f"part {n}") for n in range(15)))
    shown = await api.ok("GET", f"/conversations/{conversation}")
    assert {part["body"] for part in _parts(shown)} == {f"<p>part {n}</p>" for n in range(15)}


async def test_a_teammate_starts_a_conversation(api: Api) -> None:
    lead = await api.contact(role="lead")
    message = {
        "message_type": "in_app",
        "from": {"type": "admin", "id": int(MAYA)},
        "to": {"type": "lead", "id": lead["id"]},
        "body": "Your parcel is here",
    }
    without = await api.ok("POST", "/messages", message)
    assert "conversation_id" not in without
    made = await api.ok("POST", "/messages", {**message, "create_conversation_without_contact_reply": True})
    shown = await api.ok("GET", f"/conversations/{made['conversation_id']}")
    assert (shown["source"]["delivered_as"], shown["source"]["author"]["id"]) == ("admin_initiated", MAYA)
    assert (await api.call("POST", "/messages", {**message, "body": ""})).message == "Body is required"
