"""Settings that are changed while Leadline runs: the next message goes by them."""

from __future__ import annotations

import json

import pytest

from leadline.errors import SettingError
from tests.cli.test_cli import run
from tests.people.conftest import WORKSPACE, Desk
from tests.people.conftest import desk as desk
from tests.people.conftest import open_desk as open_desk
from tests.people.conftest import open_house as open_house

TIE = "tel:+447700900123"
LATEST, USER = "65a0000000000000000000b3", "65a0000000000000000000b2"


async def tags(desk: Desk, contact_id: str) -> list[list[str]]:
    """The names of the tags of a contact's conversations, the oldest first."""
    query = {"field": "contact_ids", "operator": "=", "value": contact_id}
    listed = (await desk.ok("POST", "/conversations/search", {"query": query}))["conversations"]
    ordered = sorted(listed, key=lambda one: int(one["id"]))
    return [[tag["name"] for tag in one["tags"]["tags"]] for one in ordered]


async def test_the_policy_counts_for_the_next_sender(desk: Desk) -> None:
    await desk.leadline.book.set(WORKSPACE, "policy", "prefer_user")
    assert await desk.write(TIE) == USER


async def test_a_channel_tags_its_conversations_its_own_way_or_not_at_all(desk: Desk) -> None:
    book, sms = desk.leadline.book, desk.channels["sms"].channel_id
    first = await desk.write("tel:+353861234501")
    await book.set(WORKSPACE, "channel_tag_name", "Text Dublin", channel_id=sms)
    second = await desk.write("tel:+353861234502")
    third = await desk.write("tel:+353861234503", channel="whatsapp")
    await book.set(WORKSPACE, "channel_tag_words", "octopods")
    fourth = await desk.write("tel:+353861234504", channel="whatsapp")
    fifth = await desk.write("telegram:7000000001/991177", channel="telegram")
    await book.set(WORKSPACE, "channel_tag", "off")
    sixth = await desk.write("tel:+353861234506")
    found = [await tags(desk, contact) for contact in (first, second, third, fourth, fifth, sixth)]
    wanted = ["twilio_sms", "Text Dublin", "whatsapp_cloud", "whatsapp", "telegram"]
    assert found == [*([[name]] for name in wanted), [[]]]


async def test_the_channel_stands_in_the_attribute_that_the_workspace_names(desk: Desk) -> None:
    async def shown(contact: str) -> dict[str, str]:
        return dict((await desk.ok("GET", f"/contacts/{contact}"))["custom_attributes"])

    first = await desk.write("tel:+353861234507")
    await desk.leadline.book.set(WORKSPACE, "channel_attribute", "octopods_channel")
    second = await desk.write("tel:+353861234508")
    assert await shown(first) == {"leadline_channel": "twilio_sms"}
    assert await shown(second) == {"octopods_channel": "twilio_sms"}
    body = {"name": "plan", "model": "contact", "data_type": "integer"}
    await desk.ok("POST", "/data_attributes", body)
    await desk.leadline.book.set(WORKSPACE, "channel_attribute", "plan")
    third = await desk.write("tel:+353861234509")
    assert await shown(third) == {"leadline_channel": "twilio_sms"}, "a number cannot hold it"


async def test_the_command_line_lists_sets_and_resets(desk: Desk) -> None:
    settings = desk.leadline.settings
    code, told = await run(settings, "settings", "set", "channel_tag_name", "Text", "--channel", "sms")
    assert (code, "channel_tag_name is Text now for sms." in told) == (0, True), told
    code, told = await run(settings, "settings", "list", "--channel", "sms", "--json")
    rows = {row["name"]: row for row in json.loads(told)}
    assert (rows["channel_tag_name"]["value"], rows["channel_tag_name"]["origin"]) == ("Text", "channel")
    assert "policy" not in rows
    code, told = await run(settings, "settings", "reset", "channel_tag_name", "--channel", "sms")
    assert (code, "channel_tag_name is empty now for sms." in told) == (0, True), told
    code, told = await run(settings, "settings", "history", "--json")
    assert [(row["name"], row["channel"], row["value"]) for row in json.loads(told)] == [
        ("channel_tag_name", "sms", None),
        ("channel_tag_name", "sms", "Text"),
    ]
    code, told = await run(settings, "settings", "set", "shared_limit", "none")
    assert (code, "shared_limit takes a whole number from 1 to 1000, not 'none'" in told) == (1, True), told
    with pytest.raises(SettingError, match="There is no setting"):
        await desk.leadline.book.set(WORKSPACE, "nothing", "1")
