"""The client against an Intercom-compatible workspace: what it writes is there, and nothing is written twice."""

from __future__ import annotations

import time
from typing import Any

import pytest

from leadline.intercom import account, contacts, conversations, searches, traces
from leadline.intercom.conversations import File
from leadline.intercom.outcomes import (
    IntercomError,
    Merged,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Unauthorized,
    Unavailable,
)
from leadline.model import Candidate, Role
from leadline.sandbox.seed import KNOWN_USER, LEAD_TWIN, NEWER_TWIN, OLDER_TWIN

from .workspace import Workspace

ODD_TEXT = 'a < b & "c"\nsecond <b>line</b>\n\nhttps://x.y/?a=1&b=2  👋 — [x](y) &amp;'


async def _lead(workspace: Workspace, external_id: str = "leadline:1", **more: Any) -> Candidate:
    created = await contacts.create_lead(workspace.client, external_id=external_id, name="Cara", **more)
    assert created.contact is not None
    return created.contact


async def _opened(workspace: Workspace, body: str = "Hello") -> tuple[Candidate, str]:
    lead = await _lead(workspace)
    return lead, await conversations.open_conversation(workspace.client, lead, body)


async def test_the_token_names_its_workspace_and_teammate(workspace: Workspace) -> None:
    me = await account.me(workspace.client)
    assert (me.workspace_id, me.region) == ("sandbox", "US")
    assert me.admin_id in {admin.admin_id for admin in await account.admins(workspace.client)}


async def test_lead_is_made_once_however_often_it_is_asked_for(workspace: Workspace) -> None:
    first = await contacts.create_lead(workspace.client, external_id="leadline:1", name="Cara", phone="+353861234567")
    again = await contacts.create_lead(workspace.client, external_id="leadline:1", name="Other")
    assert first.contact is not None
    assert again.contact is not None
    assert (first.existed, again.existed) == (False, True)
    assert first.contact.contact_id == again.contact.contact_id
    found = await contacts.get(workspace.client, first.contact.contact_id)
    assert found is not None
    assert (found.name, found.phone, found.role) == ("Cara", "+353861234567", Role.LEAD)
    assert abs(found.created_at - time.time()) < 60


async def test_lead_after_a_lost_answer_is_the_same_lead(workspace: Workspace) -> None:
    await workspace.fault(method="POST", path="/contacts", when="after", drop=True)
    with pytest.raises(OutcomeUnknown):
        await _lead(workspace)
    assert (await contacts.create_lead(workspace.client, external_id="leadline:1")).existed


async def test_archived_lead_is_brought_back(workspace: Workspace) -> None:
    lead = await _lead(workspace)
    await workspace.client.call("POST", f"/contacts/{lead.contact_id}/archive")
    again = await contacts.create_lead(workspace.client, external_id="leadline:1")
    assert again.existed
    assert again.contact == await _present(workspace, lead.contact_id)


async def _present(workspace: Workspace, contact_id: str) -> Candidate | None:
    found = await contacts.get(workspace.client, contact_id)
    if not found:
        return None
    return Candidate(**{name: getattr(found, name) for name in Candidate.__struct_fields__})


async def test_merged_lead_leads_to_the_user(workspace: Workspace) -> None:
    lead = await _lead(workspace)
    merge = {"from": lead.contact_id, "into": KNOWN_USER, "skip_duplicate_validation": True}
    await workspace.client.call("POST", "/contacts/merge", body=merge)
    survivor = await contacts.get(workspace.client, lead.contact_id)
    assert survivor is not None
    assert (survivor.contact_id, survivor.role) == (KNOWN_USER, Role.USER)
    with pytest.raises(Merged) as opening:
        await conversations.open_conversation(workspace.client, lead, "Hi")
    assert opening.value.canonical_id == KNOWN_USER


async def test_a_deleted_contact_is_not_found(workspace: Workspace) -> None:
    lead = await _lead(workspace)
    await workspace.client.call("DELETE", f"/contacts/{lead.contact_id}")
    assert await contacts.get(workspace.client, lead.contact_id) is None
    with pytest.raises(NotFound):
        await conversations.open_conversation(workspace.client, lead, "Hi")


async def test_missing_attribute_is_made_on_the_way(workspace: Workspace) -> None:
    assert await searches.by_sender(workspace.client, (), (), {"telegram_id": "77"}, formatted=False) == ()
    lead = await _lead(workspace, attributes={"telegram_id": "77", "line_id": "U1"})
    for name, value in (("telegram_id", "77"), ("line_id", "U1")):
        (found,) = await searches.by_sender(workspace.client, (), (), {name: value}, formatted=False)
        assert found.contact_id == lead.contact_id
    assert await contacts.ensure_attributes(workspace.client, {"telegram_id": "x", "viber_id": "y"}) == ("viber_id",)
    assert await contacts.ensure_attributes(workspace.client, {"telegram_id": "x", "viber_id": "y"}) == ()


async def test_phone_is_found_in_every_spelling_last_updated_first(workspace: Workspace) -> None:
    assert await searches.formatted_phone_supported(workspace.client)
    twins = await searches.by_phone(workspace.client, ["+447700900123"], ["+447700900123"], formatted=True)
    assert [twin.contact_id for twin in twins] == [LEAD_TWIN, NEWER_TWIN, OLDER_TWIN]
    raw = await searches.by_phone(workspace.client, ["+447700900123", "00447700900123"], [], formatted=False)
    assert [twin.contact_id for twin in raw] == [NEWER_TWIN, OLDER_TWIN]
    many = [str(number) for number in range(200)]
    assert len(await searches.by_phone(workspace.client, [*many, "+447700900123"], [], formatted=False)) == 1


async def test_workspace_without_formatted_phone_is_recognised(workspace: Workspace) -> None:
    await workspace.control("PUT", "/control", {"formatted_phone": False})
    assert not await searches.formatted_phone_supported(workspace.client)


async def test_search_follows_all_pages(workspace: Workspace) -> None:
    for number in range(60):
        await _lead(workspace, f"leadline:{number}", phone="+353861111111")
    found = await searches.by_phone(workspace.client, ["+353861111111"], [], formatted=False)
    assert len({contact.contact_id for contact in found}) == 60


@pytest.mark.parametrize("body", [ODD_TEXT, "x" * 5000, "👋", "0"])
async def test_text_arrives_and_is_recognised(workspace: Workspace, body: str) -> None:
    before = time.time()
    lead, conversation_id = await _opened(workspace, body)
    part_id = await conversations.reply(workspace.client, conversation_id, lead.contact_id, body)
    found = await traces.find_reply(workspace.client, conversation_id, lead.contact_id, body, since=before, known=())
    assert found == part_id
    known = {part_id}
    assert not await traces.find_reply(
        workspace.client, conversation_id, lead.contact_id, body, since=before, known=known
    )


async def test_reply_with_files_can_be_fetched_again(workspace: Workspace) -> None:
    lead, conversation_id = await _opened(workspace)
    files = [File("a.txt", "text/plain", b"\x00one"), File("ü.bin", "application/octet-stream", b"\xff" * 100_000)]
    part_id = await conversations.reply(workspace.client, conversation_id, lead.contact_id, "two files", files)
    fresh = await conversations.refresh_attachments(workspace.client, conversation_id, part_id)
    assert [file.name for file in fresh] == ["a.txt", "ü.bin"]
    for file, sent in zip(fresh, files, strict=True):
        async with workspace.session.get(file.url) as response:
            assert await response.read() == sent.content


async def test_reply_reopens_and_a_note_stays_inside(workspace: Workspace) -> None:
    lead, conversation_id = await _opened(workspace)
    me = await account.me(workspace.client)
    await workspace.teammate("close", conversation_id=conversation_id)
    part_id = await conversations.reply(workspace.client, conversation_id, lead.contact_id, "again")
    note_id = await conversations.note(workspace.client, conversation_id, me.admin_id, "<b>failed</b>\nreason")
    found = await conversations.get_conversation(workspace.client, conversation_id)
    assert found is not None
    assert found.state == "open"
    by_id = {part.part_id: part for part in found.parts}
    assert by_id[part_id].part_type == "open"
    assert (by_id[note_id].is_note, by_id[note_id].text) == (True, "<b>failed</b>\nreason")
    assert not by_id[note_id].for_customer


async def test_deleted_conversation(workspace: Workspace) -> None:
    lead, conversation_id = await _opened(workspace)
    await workspace.client.call("DELETE", f"/conversations/{conversation_id}")
    assert await conversations.get_conversation(workspace.client, conversation_id) is None
    with pytest.raises(NotFound):
        await conversations.reply(workspace.client, conversation_id, lead.contact_id, "x")


async def test_role_that_changed_meanwhile_is_read_again(workspace: Workspace) -> None:
    lead = await _lead(workspace)
    await contacts.update(workspace.client, lead.contact_id, role="user", email="cara@x.example")
    conversation_id = await conversations.open_conversation(workspace.client, lead, "Hi")
    found = await conversations.get_conversation(workspace.client, conversation_id)
    assert found is not None
    assert found.source is not None
    assert (found.source.author_type, found.contact_ids) == ("user", (lead.contact_id,))


async def test_tag_is_made_once(workspace: Workspace) -> None:
    _, conversation_id = await _opened(workspace)
    me = await account.me(workspace.client)
    for _ in range(2):
        await conversations.tag(workspace.client, conversation_id, "whatsapp", me.admin_id)
    calls = await workspace.calls()
    assert (calls["GET /tags"], calls["POST /tags"], calls["POST /conversations/{id}/tags"]) == (1, 1, 2)


@pytest.mark.parametrize("loss", [{"drop": True}, {"status": 500}, {"status": 503}])
@pytest.mark.parametrize("happened", [True, False])
async def test_lost_conversation_is_looked_up(workspace: Workspace, loss: dict[str, object], happened: bool) -> None:
    await workspace.control("PUT", "/control", {"search_lag": 600})
    lead = await _lead(workspace)
    earlier = await conversations.open_conversation(workspace.client, lead, "Hello")
    before = time.time()
    await workspace.fault(method="POST", path="/conversations", when="after" if happened else "before", **loss)
    with pytest.raises(OutcomeUnknown):
        await conversations.open_conversation(workspace.client, lead, "Hello")
    found = await traces.find_conversation(workspace.client, lead.contact_id, "Hello", since=before, known={earlier})
    assert (found is not None) is happened
    assert found != earlier


@pytest.mark.parametrize("happened", [True, False])
async def test_lost_reply_is_looked_up(workspace: Workspace, happened: bool) -> None:
    lead, conversation_id = await _opened(workspace)
    first = await conversations.reply(workspace.client, conversation_id, lead.contact_id, "same")
    before = time.time()
    await workspace.fault(method="POST", path=".*/reply", when="after" if happened else "before", drop=True)
    with pytest.raises(OutcomeUnknown):
        await conversations.reply(workspace.client, conversation_id, lead.contact_id, "same")
    found = await traces.find_reply(
        workspace.client, conversation_id, lead.contact_id, "same", since=before, known={first}
    )
    assert (found is not None) is happened
    assert found != first


async def test_slow_write_is_unknown_and_slow_read_repeatable(workspace: Workspace) -> None:
    workspace.client._timeout = 0.3
    await workspace.fault(delay=1.0, times=2)
    with pytest.raises(OutcomeUnknown):
        await _lead(workspace)
    with pytest.raises(Unavailable):
        await account.me(workspace.client)


async def test_revoked_token_waits_for_an_operator(workspace: Workspace) -> None:
    await workspace.fault(status=401, code="unauthorized", message="Access Token Invalid")
    with pytest.raises(Unauthorized, match="LEADLINE_INTERCOM_TOKEN"):
        await account.me(workspace.client)


async def test_rate_limit_says_when_to_come_back(workspace: Workspace) -> None:
    await workspace.control("PUT", "/control", {"rate_limit": 0})
    with pytest.raises(RateLimited) as caught:
        await account.me(workspace.client)
    assert caught.value.delay is not None
    assert 0 < caught.value.delay <= 11


async def test_pasted_nonsense_is_not_found(workspace: Workspace) -> None:
    for text in ("../me", "a/b", "?role=lead", "%2e%2e", "é", "x" * 300):
        assert await contacts.get(workspace.client, text) is None


async def test_user_is_never_made_a_lead(workspace: Workspace) -> None:
    with pytest.raises(IntercomError, match="can't be converted"):
        await contacts.update(workspace.client, KNOWN_USER, role="lead")
