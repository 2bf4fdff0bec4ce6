"""A snoozed conversation opens again at its time, and says so; what was opened or closed before stays as it is."""

from __future__ import annotations

import time

from .conftest import MAYA, Api, Receiver, Start, eventually


async def snoozed(api: Api, until: float) -> str:
    conversation = await api.conversation(await api.contact(role="lead"))
    body = {"message_type": "snoozed", "admin_id": MAYA, "snoozed_until": int(until)}
    await api.ok("POST", f"/conversations/{conversation}/parts", body)
    return conversation


async def test_it_opens_at_its_time_by_the_clock_of_the_workspace(listened: Api, receiver: Receiver) -> None:
    in_an_hour, in_two = time.time() + 3_600, time.time() + 7_200
    first, second, opened = [await snoozed(listened, until) for until in (in_an_hour, in_two, in_an_hour)]
    await listened.ok("POST", f"/conversations/{opened}/parts", {"message_type": "close", "admin_id": MAYA})
    await listened.ok("PUT", "/_sandbox/control", {"clock": 3_700})
    try:
        await eventually(lambda: listened.ok("GET", f"/conversations/{first}"), state="open", snoozed_until=None)
        (notice,) = await receiver.wait(1, "conversation.admin.unsnoozed")
        [part] = notice.item["conversation_parts"]["conversation_parts"]
        assert (notice.item["id"], part["part_type"], part["author"]["type"]) == (first, "timer_unsnooze", "bot")
        assert (await listened.ok("GET", f"/conversations/{second}"))["state"] == "snoozed"
        assert (await listened.ok("GET", f"/conversations/{opened}"))["state"] == "closed"
    finally:
        await listened.ok("PUT", "/_sandbox/control", {"clock": None})


async def test_a_snooze_that_ended_while_the_sandbox_was_away_ends_when_it_is_back(start: Start) -> None:
    async with start() as api:
        conversation = await snoozed(api, time.time() + 3_600)
    async with start() as api:
        async with api.database.connection() as connection:
            await connection.execute("update conversation set snoozed_until = 1")
        await eventually(lambda: api.ok("GET", f"/conversations/{conversation}"), state="open")


async def test_assigning_in_the_inbox_opens_what_was_snoozed(listened: Api, receiver: Receiver) -> None:
    conversation = await snoozed(listened, time.time() + 3_600)
    assign = {"action": "assign", "conversation_id": conversation, "assignee_id": MAYA}
    shown = await listened.ok("POST", "/_sandbox/teammate", assign)
    assert (shown["state"], shown["snoozed_until"]) == ("open", None)
    await receiver.wait(1, "conversation.admin.open.assigned")


async def test_the_bot_answers_under_both_topics(listened: Api, receiver: Receiver) -> None:
    conversation = await listened.conversation(await listened.contact(role="lead"))
    await listened.ok("POST", "/_sandbox/bot", {"conversation_id": conversation, "body": "I am Fin."})
    for topic in ("conversation.operator.replied", "conversation.admin.replied"):
        (notice,) = await receiver.wait(1, topic)
        [part] = notice.item["conversation_parts"]["conversation_parts"]
        assert (part["body"], part["author"]["type"], part["app_package_code"]) == ("I am Fin.", "bot", None)
