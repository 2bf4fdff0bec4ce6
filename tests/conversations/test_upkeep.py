"""What the settings do with a conversation: a new one after silence or closing, its assignee, seen or not."""

from __future__ import annotations

from typing import Any

import pytest

from leadline.conversations.upkeep import assignee_of
from leadline.errors import SettingError
from tests.people.conftest import WORKSPACE, Desk
from tests.people.conftest import desk as desk
from tests.people.conftest import open_desk as open_desk
from tests.people.conftest import open_house as open_house

ANN = "tel:+353861234501"
MAYA = 991267001


async def conversations(desk: Desk, contact_id: str) -> list[dict[str, Any]]:
    query = {"field": "contact_ids", "operator": "=", "value": contact_id}
    listed = (await desk.ok("POST", "/conversations/search", {"query": query}))["conversations"]
    return sorted(listed, key=lambda one: int(one["id"]))


async def close(desk: Desk, conversation: dict[str, Any]) -> None:
    fields = {"message_type": "close", "type": "admin", "admin_id": MAYA}
    await desk.ok("POST", f"/conversations/{conversation['id']}/parts", fields)


async def test_a_closed_conversation_is_reopened_or_another_one_begun(desk: Desk) -> None:
    contact = await desk.write(ANN)
    await close(desk, (await conversations(desk, contact))[0])
    await desk.write(ANN)
    assert [one["state"] for one in await conversations(desk, contact)] == ["open"]
    await desk.leadline.book.set(WORKSPACE, "closed_conversation", "new_after")
    await close(desk, (await conversations(desk, contact))[0])
    await desk.write(ANN)
    assert [one["state"] for one in await conversations(desk, contact)] == ["open"], "closed a moment ago"
    await desk.leadline.book.set(WORKSPACE, "closed_conversation", "new")
    await close(desk, (await conversations(desk, contact))[0])
    await desk.write(ANN)
    await desk.write(ANN)
    assert [one["state"] for one in await conversations(desk, contact)] == ["closed", "open"]
    assert [len(texts) for texts in await desk.threads(contact)] == [3, 2]


async def test_after_silence_the_next_message_begins_a_new_conversation(desk: Desk) -> None:
    contact = await desk.write(ANN)
    await desk.leadline.book.set(WORKSPACE, "new_conversation_after", "2 weeks")
    await desk.write(ANN)
    assert len(await conversations(desk, contact)) == 1
    await desk.ok("PUT", "/_sandbox/control", {"clock": 1_209_600.0 + 3_600})
    await desk.write(ANN)
    await desk.write(ANN)
    assert [len(texts) for texts in await desk.threads(contact)] == [2, 2]


async def test_new_conversations_go_to_whom_the_channel_names_and_count_as_seen(desk: Desk) -> None:
    book, sms = desk.leadline.book, desk.channels["sms"].channel_id
    await book.set(WORKSPACE, "assign_new_to", "team 5101")
    await book.set(WORKSPACE, "assign_new_to", f"teammate {MAYA}", channel_id=sms)
    await book.set(WORKSPACE, "mark_as_seen", "on", channel_id=sms)
    by_sms = await desk.write("tel:+353861234502")
    by_whatsapp = await desk.write("tel:+353861234503", channel="whatsapp")
    [first], [second] = await conversations(desk, by_sms), await conversations(desk, by_whatsapp)
    assert (first["admin_assignee_id"], first["read"]) == (MAYA, True)
    assert (second["team_assignee_id"], second["read"]) == (5101, False)


async def test_an_assignee_that_is_gone_keeps_no_message_away(desk: Desk) -> None:
    await desk.leadline.book.set(WORKSPACE, "assign_new_to", "teammate 1")
    contact = await desk.write("tel:+353861234504")
    [conversation] = await conversations(desk, contact)
    assert conversation["admin_assignee_id"] in (0, None)
    with pytest.raises(SettingError, match="takes teammate or team and an id"):
        await desk.leadline.book.set(WORKSPACE, "assign_new_to", "Maya")


def test_an_assignee_is_read() -> None:
    assert assignee_of("") is None
    found = assignee_of("team 5")
    assert found is not None
    assert (found.kind, found.id) == ("team", "5")
