"""The answer to a message that a teammate began in the panel is assigned to that teammate, by setting."""

from __future__ import annotations

import pytest

from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import Town, until
from tests.panel.teammate import Teammate, pressable
from tests.panel.test_sends import PHONE, received, whatsapp_wrote

TOM = 991267002


async def assignees(town: Town) -> set[int]:
    listed = (await town.intercom("GET", "/conversations?per_page=150"))["conversations"]
    return {one["admin_assignee_id"] or 0 for one in listed}


@pytest.mark.parametrize(("switch", "expected"), [("on", {0, TOM}), ("off", {0})])
async def test_the_answer_is_assigned_to_the_teammate_who_began(
    open_town: Open, switch: str, expected: set[int]
) -> None:
    async with open_town() as town:
        await town.leadline.book.set("sandbox", "assign_to_sender", switch)
        conversation_id = await whatsapp_wrote(town)
        tom = Teammate(town, admin=1)
        await tom.opens(conversation_id)
        await tom.presses("write")
        await tom.presses(next(each for each in pressable(tom.shown) if each.startswith("to:")))
        await tom.presses("send", text="Your order is ready")
        await until(lambda: received(town, "Your order is ready"))
        assert await assignees(town) == {0}
        assert await town.sms_in(f"+{PHONE}", "Great, thanks", 5) == 200

        async def arrived() -> bool:
            return any("Great, thanks" in text for texts in (await town.threads()).values() for text in texts)

        await until(arrived)
        await until(lambda: _idle(town))
        assert await assignees(town) == expected


async def _idle(town: Town) -> bool:
    async with town.leadline.database.connection() as connection:
        rows = await connection.execute("select 1 from arrival where state = 'waiting' limit 1")
        return [row async for row in rows] == []
