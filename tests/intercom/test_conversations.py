"""Opening, appending and looking up, against odd answers; the scripted server checks every request."""

from __future__ import annotations

import time
from typing import Any

import pytest

from leadline.errors import Park
from leadline.intercom import conversations, traces
from leadline.intercom.client import Client
from leadline.intercom.conversations import File
from leadline.intercom.outcomes import IntercomError, Merged, NotFound, OutcomeUnknown
from leadline.model import Candidate, Role

from .conftest import Script, contact, refusal

CARA = Candidate(contact_id="c1", role=Role.LEAD)
NOT_THERE = (404, refusal("not_found", "User Not Found"))
OPENED = (200, {"type": "user_message", "id": "403", "conversation_id": "499"})
HOUR_AGO = int(time.time()) - 3600


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same number of attempts, sooner."""
    monkeypatch.setattr(conversations, "_DELAYS", (0.01, 0.02, 0.03, 0.04))


def part(part_id: str, body: str | None = "<p>Hi</p>", by: str = "c1", **more: Any) -> dict[str, Any]:
    author = {"type": "lead" if by == "c1" else "admin", "id": by, "name": "X"}
    return {"id": part_id, "part_type": "comment", "body": body, "author": author, "created_at": 1000, **more}


def conversation(*parts: dict[str, Any], conversation_id: str = "499", **more: Any) -> dict[str, Any]:
    return {
        "type": "conversation",
        "id": conversation_id,
        "state": "open",
        "created_at": 1000,
        "updated_at": 1000,
        "source": {"id": "403", "body": "<p>Hello</p>", "author": {"type": "lead", "id": "c1"}, "attachments": []},
        "contacts": {"contacts": [{"type": "contact", "id": "c1"}]},
        "conversation_parts": {"conversation_parts": list(parts), "total_count": len(parts)},
        **more,
    }


def listing(*found: dict[str, Any], after: str = "") -> tuple[int, dict[str, Any]]:
    following = {"next": {"starting_after": after}} if after else {}
    return (200, {"type": "conversation.list", "conversations": list(found), "pages": following})


@pytest.mark.parametrize("role", list(Role))
async def test_open_sends_the_role(script: Script, client: Client, role: Role) -> None:
    script.will(OPENED)
    who = Candidate(contact_id="c1", role=role)
    assert await conversations.open_conversation(client, who, "Hi", ["https://a.b/c.png"]) == "499"
    assert script.asked[0].body == {
        "from": {"type": role.value, "id": "c1"},
        "body": "Hi",
        "attachment_urls": ["https://a.b/c.png"],
    }


@pytest.mark.parametrize("refused", [NOT_THERE, (400, refusal("parameter_invalid", "role"))])
async def test_open_tries_the_role_the_contact_has_now(
    script: Script, client: Client, refused: tuple[Any, ...]
) -> None:
    script.will(refused, (200, contact("c1", "user", created_at=HOUR_AGO)), OPENED)
    assert await conversations.open_conversation(client, CARA, "Hi") == "499"
    assert script.asked[2].body["from"] == {"type": "user", "id": "c1"}


async def test_open_waits_for_a_new_contact(script: Script, client: Client) -> None:
    script.will(NOT_THERE, (200, contact(created_at=int(time.time()))), NOT_THERE, NOT_THERE, OPENED)
    assert await conversations.open_conversation(client, CARA, "Hi") == "499"


async def test_open_gives_a_new_contact_up_after_four_waits(script: Script, client: Client) -> None:
    script.will(NOT_THERE, (200, contact(created_at=int(time.time()))), *[NOT_THERE] * 4)
    with pytest.raises(NotFound):
        await conversations.open_conversation(client, CARA, "Hi")


async def test_open_does_not_wait_for_an_old_contact(script: Script, client: Client) -> None:
    script.will(NOT_THERE, (200, contact(created_at=HOUR_AGO)))
    with pytest.raises(NotFound):
        await conversations.open_conversation(client, CARA, "Hi")


async def test_open_as_a_merged_contact_names_the_survivor(script: Script, client: Client) -> None:
    link = {"Link": '</contacts/u1>; rel="canonical"'}
    script.will(NOT_THERE, (410, refusal("contact_merged", "x"), link), (200, contact("u1", "user")))
    with pytest.raises(Merged) as caught:
        await conversations.open_conversation(client, CARA, "Hi")
    assert caught.value.canonical_id == "u1"


async def test_open_as_a_deleted_contact(script: Script, client: Client) -> None:
    script.will((400, refusal("parameter_invalid", "x")), (404, refusal("not_found", "x")))
    with pytest.raises(NotFound, match="gone"):
        await conversations.open_conversation(client, CARA, "Hi")


async def test_open_never_repeats_what_may_have_happened(script: Script, client: Client) -> None:
    for answer in ((500, b""), (200, {"id": "403"})):
        script.will(answer)
        with pytest.raises(OutcomeUnknown):
            await conversations.open_conversation(client, CARA, "Hi")
    assert len(script.asked) == 2


async def test_open_refused_by_the_plan_is_not_tried_again(script: Script, client: Client) -> None:
    script.will((403, refusal("api_plan_restricted", "Active subscription needed.")))
    with pytest.raises(IntercomError, match="subscription"):
        await conversations.open_conversation(client, CARA, "Hi")


async def test_reply_sends_files_as_base64(script: Script, client: Client) -> None:
    script.will((200, conversation(part("1", "<p>old</p>"), part("2"))))
    file = File("a.txt", "text/plain", b"\x00\xff")
    assert await conversations.reply(client, "499", "c1", "Hi", [file]) == "2"
    assert script.asked[0].path == "/conversations/499/reply"
    assert script.asked[0].body == {
        "message_type": "comment",
        "type": "user",
        "intercom_user_id": "c1",
        "body": "Hi",
        "attachment_files": [{"name": "a.txt", "content_type": "text/plain", "data": "AP8="}],
    }


@pytest.mark.parametrize(
    ("parts", "own"),
    [
        ([part("1"), part("2", "<p>Agent</p>", by="7", created_at=2000)], "1"),
        ([part("1"), part("2", "<p>other words</p>", created_at=2000)], "1"),
        ([part("1", "<p>rewritten by Intercom</p>"), part("2", None, by="7", created_at=2000)], "1"),
        ([part("1", created_at=3), part("2", created_at=9), part("3", created_at=5)], "2"),
        ([part("1", part_type="open")], "1"),
    ],
    ids=["an agent wrote after it", "the contact wrote after it", "text differs", "newest of equals", "reopened"],
)
async def test_reply_finds_its_own_part(script: Script, client: Client, parts: list[dict[str, Any]], own: str) -> None:
    script.will((200, conversation(*parts)))
    assert await conversations.reply(client, "499", "c1", "Hi") == own


async def test_reply_that_is_not_returned_is_unknown(script: Script, client: Client) -> None:
    script.will((200, conversation(part("2", by="7"))))
    with pytest.raises(OutcomeUnknown):
        await conversations.reply(client, "499", "c1", "Hi")


async def test_eleven_files_are_refused_before_anything_is_sent(script: Script, client: Client) -> None:
    with pytest.raises(Park, match="11 files"):
        await conversations.reply(client, "499", "c1", "Hi", [File("a", "b", b"")] * 11)
    assert script.asked == []


async def test_note_is_escaped(script: Script, client: Client) -> None:
    body = '<script>alert(1)</script> & "co"\nsecond line'
    came_back = '<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; "co"<br>second line</p>'
    script.will((200, conversation(part("1"), part("2", came_back, by="7", part_type="note"), part("3", by="7"))))
    assert await conversations.note(client, "499", "7", body) == "2"
    sent = script.asked[0].body
    assert (sent["message_type"], sent["type"], sent["admin_id"]) == ("note", "admin", "7")
    assert sent["body"] == came_back


async def test_tag_is_made_once_and_remembered(script: Script, client: Client) -> None:
    tags = (200, {"data": [{"id": 1, "name": "vip"}]})
    script.will(
        tags,
        (200, {"id": "2", "name": "sms"}),
        (200, {}),
        (200, {}),
        (200, {"data": [{"id": 3, "name": "VIP"}]}),
        (200, {}),
    )
    await conversations.tag(client, "499", "sms", "7")
    await conversations.tag(client, "500", "sms", "7")
    await conversations.tag(client, "500", "vip", "7")
    assert script.routes() == [
        "GET /tags",
        "POST /tags",
        "POST /conversations/499/tags",
        "POST /conversations/500/tags",
        "GET /tags",
        "POST /conversations/500/tags",
    ]
    assert script.asked[3].body == {"id": "2", "admin_id": "7"}
    assert script.asked[5].body == {"id": "3", "admin_id": "7"}


async def test_tag_deleted_meanwhile_is_made_again(script: Script, client: Client) -> None:
    client.tag_ids["sms"] = "2"
    gone = (404, refusal("not_found", "Tag not found"))
    script.will(gone, (200, {"data": []}), (200, {"id": "5"}), (200, {}))
    await conversations.tag(client, "499", "sms", "7")
    assert script.asked[3].body["id"] == "5"


async def test_tag_on_a_deleted_conversation_is_not_found(script: Script, client: Client) -> None:
    client.tag_ids["sms"] = "2"
    gone = (404, refusal("not_found", "Conversation not found"))
    script.will(gone, (200, {"data": [{"id": "2", "name": "sms"}]}))
    with pytest.raises(NotFound):
        await conversations.tag(client, "499", "sms", "7")


async def test_conversation_is_read_as_plain_text(script: Script, client: Client) -> None:
    upload = {"type": "upload", "name": "a.pdf", "url": "https://x.y/a.pdf", "content_type": "application/pdf"}
    raw = conversation(part("9", "<p>b <b>c</b></p>", by="7", attachments=[upload], app_package_code="leadline"))
    script.will((200, raw), (404, refusal("not_found", "x")))
    found = await conversations.get_conversation(client, "499")
    assert found is not None
    assert (found.conversation_id, found.state, found.contact_ids, found.created_at) == ("499", "open", ("c1",), 1000)
    assert found.source is not None
    assert (found.source.part_id, found.source.text) == ("403", "Hello")
    (only,) = found.parts
    assert (only.text, only.author_type, only.author_id, only.package, only.from_api) == (
        "b c",
        "admin",
        "7",
        "leadline",
        True,
    )
    assert [(file.name, file.url) for file in only.attachments] == [("a.pdf", "https://x.y/a.pdf")]
    assert await conversations.get_conversation(client, "500") is None


async def _find_reply(client: Client, known: set[str], since: float = 1000.6, body: str = "Hi") -> str | None:
    return await traces.find_reply(client, "499", "c1", body, since=since, known=known)


@pytest.mark.parametrize(
    ("parts", "known", "found"),
    [
        ([part("1"), part("2")], set(), "1"),
        ([part("1"), part("2")], {"1"}, "2"),
        ([part("1"), part("2")], {"1", "2"}, None),
        ([part("1", "<p>Bye</p>")], set(), None),
        ([part("1", "<p> Hi&nbsp;\n</p>")], set(), "1"),
        ([part("1", by="7")], set(), None),
        ([part("1", author={"type": "user", "id": "other"})], set(), None),
        ([part("1", created_at=1000)], set(), "1"),
        ([part("1", created_at=900)], set(), None),
        ([], set(), None),
    ],
    ids=[
        "oldest first",
        "next unmapped",
        "all mapped",
        "other text",
        "white space differs",
        "by an agent",
        "by another contact",
        "in the second that had begun",
        "too old",
        "no parts",
    ],
)
async def test_lost_reply_is_found(
    script: Script, client: Client, parts: list[dict[str, Any]], known: set[str], found: str | None
) -> None:
    script.will((200, conversation(*parts)))
    assert await _find_reply(client, known) == found


async def test_a_lost_reply_in_a_deleted_conversation_is_not_sent(script: Script, client: Client) -> None:
    script.will((404, refusal("not_found", "x")))
    assert await _find_reply(client, set()) is None


async def _find(client: Client, known: tuple[str, ...] = (), since: float = 1000) -> str | None:
    return await traces.find_conversation(client, "c1", "Hello", since=since, known=known)


async def test_lost_conversation_is_found_in_the_list(script: Script, client: Client) -> None:
    stranger = conversation(
        conversation_id="1",
        contacts={"contacts": [{"id": "c2"}]},
        source={"id": "9", "body": "<p>Hello</p>", "author": {"type": "user", "id": "c2"}},
    )
    script.will(listing(stranger, after="x"), listing(conversation(conversation_id="2")))
    assert await _find(client) == "2"
    assert script.routes() == ["GET /conversations"] * 2
    assert script.asked[1].query == {"per_page": "150", "starting_after": "x"}


async def test_list_is_left_where_it_is_older_than_the_attempt(script: Script, client: Client) -> None:
    old = conversation(conversation_id="1", created_at=10, updated_at=20)
    fresh = conversation(conversation_id="2", created_at=10, updated_at=2000)
    script.will(listing(fresh, old, after="x"), listing(old, old, after="y"), listing())
    assert await _find(client) is None
    assert script.routes() == ["GET /conversations", "GET /conversations", "POST /conversations/search"]


async def test_lost_conversation_is_found_by_search_when_the_list_is_too_long(script: Script, client: Client) -> None:
    script.will(
        listing(), listing(conversation(conversation_id="1"), after="x"), listing(conversation(conversation_id="2"))
    )
    assert await _find(client, known=("1",)) == "2"
    assert script.asked[1].body["query"] == {"field": "contact_ids", "operator": "=", "value": "c1"}
    assert script.asked[2].body["pagination"]["starting_after"] == "x"


@pytest.mark.parametrize(
    "other",
    [
        {"source": {"id": "1", "body": "<p>Hello?</p>", "author": {"type": "lead", "id": "c1"}}},
        {"source": {"id": "1", "body": "<p>Hello</p>", "author": {"type": "admin", "id": "7"}}},
        {"created_at": 900},
        {"source": None},
    ],
    ids=["other text", "begun by an agent", "too old", "no source"],
)
async def test_conversation_that_only_looks_alike_is_not_taken(
    script: Script, client: Client, other: dict[str, Any]
) -> None:
    script.will(listing(conversation(**other)), listing())
    assert await _find(client) is None


async def test_attachments_get_fresh_addresses(script: Script, client: Client) -> None:
    upload = {"url": "https://x.y/a?expires=2", "content_type": "image/png", "name": "a"}
    raw = conversation(part("9", attachments=[upload]))
    raw["source"]["attachments"] = [{**upload, "url": "https://x.y/source"}]
    script.will(*[(200, raw)] * 3, (404, refusal("not_found", "x")))
    found = [await conversations.refresh_attachments(client, "499", part_id) for part_id in ("9", "403", "8", "9")]
    assert [[file.url for file in files] for files in found] == [
        ["https://x.y/a?expires=2"],
        ["https://x.y/source"],
        [],
        [],
    ]
