"""What came in and went out, page by page, and what became of it."""

from __future__ import annotations

from typing import Any

from tests.acceptance.conftest import Open
from tests.acceptance.town import Town, until
from tests.api.caller import ANN, Caller, caller


async def settled(one: Caller, count: int) -> list[Any]:
    async def done() -> list[Any]:
        found = (await one.get("/messages", direction="in"))["messages"]
        return found if [each["state"] for each in found] == ["done"] * count else []

    return list(await until(done))


async def written(town: Town, *texts: str) -> None:
    for number, text in enumerate(texts, 1):
        assert await town.sms_in(ANN, text, number) == 200


async def test_pages_show_each_message_once_the_latest_first_also_while_more_come(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town, "read")
        await written(town, "one", "two", "three", "four", "five")
        await settled(one, 5)
        first = await one.get("/messages", direction="in", count=2)
        assert await town.sms_in(ANN, "six", 6) == 200
        second = await one.get("/messages", direction="in", count=2, after=first["next"])
        third = await one.get("/messages", direction="in", count=2, after=second["next"])
        pages = [[each["text"] for each in page["messages"]] for page in (first, second, third)]
        assert pages == [["five", "four"], ["three", "two"], ["one"]]
        assert third["next"] is None


async def test_a_message_says_whose_it_is_and_where_and_filters_find_it(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town, "read")
        await written(town, "Hello")
        [message] = await settled(one, 1)
        [person] = await town.people_with(ANN)
        [conversation_id] = await town.threads()
        assert (message["contact_id"], message["conversation_id"]) == (person["id"], conversation_id)
        assert (message["address"], message["channel_id"]) == (f"tel:{ANN}", town.sms.channel_id)
        assert await one.get(f"/messages/{message['id']}") == message
        for name, right, wrong in (
            ("contact_id", person["id"], "nobody"),
            ("conversation_id", conversation_id, "none"),
            ("channel", town.sms.name, town.whatsapp.name),
            ("since", message["at"], "2999-01-01T00:00:00Z"),
        ):
            assert (await one.get("/messages", direction="in", **{name: right}))["messages"] == [message]
            assert (await one.get("/messages", direction="in", **{name: wrong}))["messages"] == [], name


async def test_a_reply_of_a_teammate_is_a_message_out_with_its_state(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town, "read")
        await written(town, "Hello")
        await settled(one, 1)
        [conversation_id] = await town.threads()
        for text in ("Hi Ann", "Anything else?"):
            await town.teammate("reply", conversation_id, text)

        async def delivered() -> list[Any]:
            found = (await one.get("/messages", direction="out"))["messages"]
            return found if [each["state"] for each in found] == ["delivered"] * 2 else []

        latest, earlier = await until(delivered)
        assert (earlier["text"], latest["text"]) == ("Hi Ann", "Anything else?")
        assert await one.get(f"/messages/{latest['id']}") == latest
        first = await one.get("/messages", direction="out", count=1)
        second = await one.get("/messages", direction="out", count=1, after=first["next"])
        assert (first["messages"], second["messages"]) == ([latest], [earlier])
        found = await one.get("/messages", direction="out", conversation_id=conversation_id, contact_id="nobody")
        assert found["messages"] == []
