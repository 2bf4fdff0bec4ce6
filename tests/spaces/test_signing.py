"""A teammate's signature: what stands in it, and how often it is added."""

from __future__ import annotations

import pytest

from leadline.outbound.signing import filled
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.outbound.test_reply import conversation_of, on_the_phone

MAYA, TOM = "991267001", "991267002"


@pytest.mark.parametrize(
    ("signature", "name", "team", "expected"),
    [
        ("{first_name}, {team}", "Maya Lindqvist", "Orders", "Maya, Orders"),
        ("Your {name}", "Maya Lindqvist", "", "Your Maya Lindqvist"),
        ("{first_name} of {team}", "Maya Lindqvist", "", ""),
        ("{first_name}", "", "Orders", ""),
        ("The Acme team", "", "", "The Acme team"),
        ("{first_name} {{", "Maya", "", "Maya {{"),
    ],
)
def test_what_stands_in_a_signature(signature: str, name: str, team: str, expected: str) -> None:
    assert filled(signature, name=name, team=team) == expected


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        ("message", ["One\n\nMaya, Orders", "Two\n\nMaya, Orders", "Three\n\nTom, Orders"]),
        ("conversation", ["One\n\nMaya, Orders", "Two", "Three\n\nTom, Orders"]),
        ("day", ["One\n\nMaya, Orders", "Two", "Three\n\nTom, Orders"]),
    ],
)
async def test_a_reply_is_signed_as_often_as_the_channel_says(open_town: Open, every: str, expected: list[str]) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        await town.intercom(
            "POST",
            f"/conversations/{conversation}/parts",
            {"message_type": "assignment", "type": "team", "admin_id": MAYA, "assignee_id": "5101"},
        )
        await town.leadline.book.set("sandbox", "signature", "{first_name}, {team}", channel_id=town.sms.channel_id)
        await town.leadline.book.set("sandbox", "signature_every", every)
        for count, (text, admin) in enumerate((("One", MAYA), ("Two", MAYA), ("Three", TOM)), 1):
            await town.teammate("reply", conversation, text, admin_id=admin)
            await on_the_phone(town, count)
        assert [d.text for d in town.providers.phones.received()] == expected
