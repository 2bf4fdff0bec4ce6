"""Webhooks as a workspace sends them, HTML and plain, verified and parsed on arrival over a real socket."""

from __future__ import annotations

import base64

import pytest

from leadline.intercom import contacts, conversations
from leadline.model import Candidate
from leadline.sandbox.seed import KNOWN_USER

from .workspace import Workspace

SHOUT = "Hi <b>Cara</b>,<br>see <a href='https://x.y/z'>this</a><ul><li>one</li><li>two</li></ul>"


@pytest.fixture(params=["2.14", "2.16"])
async def conversation_id(workspace: Workspace, request: pytest.FixtureRequest) -> str:
    """A conversation of a lead, in an app whose webhooks are HTML (2.14) or plain text (2.16)."""
    await workspace.control("PUT", "/control", {"version": request.param})
    return await conversations.open_conversation(workspace.client, await _lead(workspace), "Hello")


async def _lead(workspace: Workspace) -> Candidate:
    lead = (await contacts.create_lead(workspace.client, external_id="leadline:1", name="Cara")).contact
    assert lead is not None
    return lead


async def test_agent_replies(workspace: Workspace, conversation_id: str) -> None:
    await workspace.teammate("reply", conversation_id=conversation_id, body=SHOUT)
    notification = await workspace.told("conversation.admin.replied")
    (reply,) = notification.replies
    lines = [line for line in reply.text.splitlines() if line]
    assert lines == ["Hi Cara,", "see this (https://x.y/z)", "- one", "- two"]
    assert (notification.conversation_id, notification.app_id) == (conversation_id, "sandbox")
    assert (reply.author_type, reply.author_name, reply.from_api) == ("admin", "Maya Lindqvist", False)
    assert notification.id.startswith("notif_")
    conversation = await conversations.get_conversation(workspace.client, conversation_id)
    assert conversation is not None
    assert [part.part_id for part in conversation.parts] == [reply.part_id]
    assert notification.contact_ids == conversation.contact_ids


async def test_agent_sends_an_image_in_the_text_and_a_file(workspace: Workspace, conversation_id: str) -> None:
    upload = {"content_type": "text/plain", "name": "a.txt", "data": base64.b64encode(b"one").decode()}
    image = "https://downloads.intercomcdn.com/i/box.png"
    body = f'<p>Look</p><div><img src="{image}"></div>'
    await workspace.teammate("reply", conversation_id=conversation_id, body=body, attachment_files=[upload])
    (reply,) = (await workspace.told("conversation.admin.replied")).replies
    assert reply.text == "Look"
    assert {(file.content_type, file.name) for file in reply.attachments} == {
        ("text/plain", "a.txt"),
        ("image/png", ""),
    }
    assert image in {file.url for file in reply.attachments}


@pytest.mark.parametrize(("action", "topic"), [("close", "closed"), ("assign", "assigned")])
async def test_text_that_comes_with_another_action(
    workspace: Workspace, conversation_id: str, action: str, topic: str
) -> None:
    more = {"assignee_id": "991267002"} if action == "assign" else {}
    await workspace.teammate(action, conversation_id=conversation_id, body="Tom is on it", **more)
    (reply,) = (await workspace.told(f"conversation.admin.{topic}")).replies
    assert reply.text == "Tom is on it"


async def test_action_without_text_has_nothing_for_the_customer(workspace: Workspace, conversation_id: str) -> None:
    await workspace.teammate("close", conversation_id=conversation_id)
    notification = await workspace.told("conversation.admin.closed")
    assert (notification.replies, notification.state) == ((), "closed")


async def test_note_and_own_message_have_nothing_for_the_customer(workspace: Workspace, conversation_id: str) -> None:
    await workspace.teammate("note", conversation_id=conversation_id, body="secret")
    assert (await workspace.told("conversation.admin.noted")).replies == ()
    lead = await _lead(workspace)
    await conversations.reply(workspace.client, conversation_id, lead.contact_id, "more")
    assert (await workspace.told("conversation.user.replied")).replies == ()


async def test_agent_begins_a_conversation(workspace: Workspace) -> None:
    lead = await _lead(workspace)
    started = await workspace.teammate("start", contact_id=lead.contact_id, body="Your parcel is here")
    notification = await workspace.told("conversation.admin.single.created")
    (reply,) = notification.replies
    assert (reply.text, reply.author_type) == ("Your parcel is here", "admin")
    assert notification.conversation_id == started["id"]
    assert notification.contact_id == lead.contact_id


@pytest.mark.parametrize("tells", [True, False])
async def test_merge_tells_the_survivor(workspace: Workspace, tells: bool) -> None:
    await workspace.control("PUT", "/control", {"merged_from": tells})
    lead = await _lead(workspace)
    body = {"from": lead.contact_id, "into": KNOWN_USER, "skip_duplicate_validation": True}
    await workspace.client.call("POST", "/contacts/merge", body=body)
    notification = await workspace.told("contact.merged")
    assert notification.contact_id == KNOWN_USER
    assert notification.merged_from == (lead.contact_id if tells else None)


async def test_deleted_contact_and_conversation_are_named(workspace: Workspace, conversation_id: str) -> None:
    lead = await _lead(workspace)
    await workspace.client.call("DELETE", f"/conversations/{conversation_id}")
    assert (await workspace.told("conversation.deleted")).conversation_id == conversation_id
    await workspace.client.call("DELETE", f"/contacts/{lead.contact_id}")
    assert (await workspace.told("contact.deleted")).contact_id == lead.contact_id
