"""Customers go on writing while their contact is merged, undone, re-routed, or merged by somebody in Intercom."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import Town, until

SENDER = "+353861234567"
WORKSPACE = "sandbox"


async def write(town: Town, first: int, last: int) -> None:
    for number in range(first, last):
        assert await town.sms_in(SENDER, f"text {number}", number) == 200


async def arrived(town: Town, count: int) -> dict[str, list[str]]:
    """All conversations, once they hold `count` customer messages."""

    async def there() -> dict[str, list[str]]:
        found = await town.threads()
        told = [text for texts in found.values() for text in customers_words(texts)]
        return found if len(told) >= count else {}

    found: dict[str, list[str]] = await until(there)
    return found


def customers_words(texts: list[str]) -> list[str]:
    """Without the notes that say what was merged."""
    return [text for text in texts if text.startswith("text ")]


async def lead_of(town: Town) -> str:
    [lead] = await town.people_with(SENDER)
    return str(lead["id"])


async def user(town: Town, **more: Any) -> str:
    fields = {"role": "user", "external_id": "cust-9", "email": "ana@nine.example", "name": "Ana"} | more
    return str((await town.intercom("POST", "/contacts", fields))["id"])


async def owners(town: Town, conversation_id: str) -> list[str]:
    shown = await town.intercom("GET", f"/conversations/{conversation_id}")
    return [each["id"] for each in shown["contacts"]["contacts"]]


def of_version(version: str) -> dict[str, Any]:
    return {"intercom_version": version, "sandbox": {"version": version}}


@pytest.mark.parametrize("version", [pytest.param("2.15", marks=pytest.mark.long), "2.16"])
async def test_what_arrives_during_a_merge_lands_on_the_survivor_once(open_town: Open, version: str) -> None:
    async with open_town(**of_version(version)) as town:
        await write(town, 0, 2)
        [(conversation, _)] = (await arrived(town, 2)).items()
        from_id, into_id = await lead_of(town), await user(town)
        # Intercom merges at once and answers late: messages come while the outcome is unknown to Leadline.
        rule = {"method": "POST", "path": "/contacts/merge", "when": "after", "delay": 1.0}
        await town.intercom("POST", "/_sandbox/faults", rule)
        merging = asyncio.create_task(town.leadline.merging.merge(WORKSPACE, from_id, into_id, author="Maya"))
        for number in range(2, 14):
            await write(town, number, number + 1)
            await asyncio.sleep(0.1)
        assert (await merging).state == "merged"
        await write(town, 14, 16)
        found = await arrived(town, 16)
        assert customers_words(found[conversation]) == [f"text {number}" for number in range(16)]
        assert await owners(town, conversation) == [into_id]


async def test_after_an_undo_the_next_message_lands_on_the_lead_in_a_conversation_of_its_own(open_town: Open) -> None:
    async with open_town() as town:
        await write(town, 0, 1)
        [(old, _)] = (await arrived(town, 1)).items()
        from_id, into_id = await lead_of(town), await user(town)
        merged = await town.leadline.merging.merge(WORKSPACE, from_id, into_id, author="Maya")
        await write(town, 1, 2)
        await arrived(town, 2)
        undone = await town.leadline.merging.undo(WORKSPACE, merged.merge_id, author="Tom")
        await write(town, 2, 4)
        found = await arrived(town, 4)
        [new] = set(found) - {old}
        assert found[new] == ["text 2", "text 3"]
        assert await owners(town, new) == [undone.contact_id]
        assert await owners(town, old) == [into_id]
        assert customers_words(found[old]) == ["text 0", "text 1"]
        assert "Tom undid the merge" in found[old][-1]


@pytest.mark.parametrize("late", [None, 0, 1])
async def test_a_reroute_and_its_undo_choose_the_conversation_of_the_next_message(
    open_town: Open, late: int | None
) -> None:
    """Also where Intercom has a message but answers so late that Leadline knows its conversation only after."""

    async def maybe_late(number: int) -> None:
        if number == late:
            rule = {"method": "POST", "path": "/conversations", "when": "after", "delay": 1.0}
            await town.intercom("POST", "/_sandbox/faults", rule)

    async with open_town() as town:
        await maybe_late(0)
        await write(town, 0, 1)
        [(old, _)] = (await arrived(town, 1)).items()
        from_id, into_id = await lead_of(town), str((await town.intercom("POST", "/contacts", {"role": "lead"}))["id"])
        merged = await town.leadline.merging.merge(WORKSPACE, from_id, into_id, author="Maya", way="reroute")
        await maybe_late(1)
        await write(town, 1, 2)
        [new] = set(await arrived(town, 2)) - {old}
        assert await owners(town, new) == [into_id]
        await town.leadline.merging.undo(WORKSPACE, merged.merge_id, author="Maya")
        await write(town, 2, 3)
        found = await arrived(town, 3)
        assert found == {old: ["text 0", "text 2"], new: ["text 1"]}


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("version", [pytest.param("2.15", marks=pytest.mark.long), "2.16"])
async def test_a_merge_made_in_intercom_is_in_the_history(open_town: Open, version: str, named: bool) -> None:
    """With `merged_from` in the webhook or without it, with a 410 or a 404 for the lead."""
    async with open_town(**of_version(version)) as town:
        await town.intercom("PUT", "/_sandbox/control", {"merged_from": named})
        await write(town, 0, 1)
        [(conversation, _)] = (await arrived(town, 1)).items()
        from_id, into_id = await lead_of(town), await user(town, phone=SENDER)
        await town.intercom("POST", "/contacts/merge", {"from": from_id, "into": into_id})
        await write(town, 1, 2)
        assert await arrived(town, 2) == {conversation: ["text 0", "text 1"]}

        async def told() -> Any:
            return await town.leadline.merging.history(WORKSPACE)

        [record] = await until(told)
        assert (record.from_id, record.into_id) == (from_id, into_id)
        assert (record.author, record.state, record.undoable) == ("Intercom", "merged", True)
        undone = await town.leadline.merging.undo(WORKSPACE, record.merge_id, author="Maya")
        assert any("no journal of this merge" in line for line in undone.lost)
        lead = await town.intercom("GET", f"/contacts/{undone.contact_id}")
        assert (lead["role"], lead["phone"]) == ("lead", SENDER)
