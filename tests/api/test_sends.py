"""Another system sends: on the way of teammates' first messages, once, under the same rules."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.acceptance.conftest import Open
from tests.acceptance.town import Town, until
from tests.api.caller import ANN, BEA, Caller, caller
from tests.api.test_messages import settled, written

PARCEL = "Your parcel is here"


def on_phones(town: Town) -> list[str]:
    return [delivery.text for delivery in town.providers.phones.received()]


async def until_out(one: Caller, message_id: str, *states: str) -> Any:
    async def there() -> Any:
        found = await one.get(f"/messages/{message_id}")
        return found if found["state"] in states else None

    return await until(there)


async def test_a_stranger_gets_a_text_a_contact_and_a_conversation_and_answers_there(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        status, told = await one.send("parcel-1", channel=town.sms.name, address=BEA, text=PARCEL, name="Bea Kelly")
        assert status == 202
        assert (await one.get(f"/messages/{told['message_id']}"))["text"] == PARCEL
        found = await until_out(one, told["message_id"], "delivered")
        assert on_phones(town) == [PARCEL]
        [person] = await town.people_with(BEA)
        assert (person["name"], person["role"]) == ("Bea Kelly", "lead")
        [conversation_id] = await town.threads()
        assert (found["contact_id"], found["conversation_id"]) == (person["id"], conversation_id)
        assert await town.sms_in(BEA, "Thank you", 1) == 200
        await settled(one, 1)
        [texts] = (await town.threads()).values()
        assert [text for text in texts if text in (PARCEL, "Thank you")] == [PARCEL, "Thank you"]
        listed = (await one.get("/messages", direction="out"))["messages"]
        assert [each["id"] for each in listed] == [told["message_id"]]


async def test_in_an_open_conversation_the_text_is_shown_and_named_after_the_teammate(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        await written(town, "Hello")
        await settled(one, 1)
        [conversation_id] = await town.threads()
        [admin] = (await town.intercom("GET", "/admins"))["admins"][:1]
        wanted = {"channel": str(town.sms.channel_id), "address": ANN, "text": PARCEL}
        status, told = await one.send("a", **wanted, conversation_id=conversation_id, teammate_id=admin["id"])
        assert status == 202, told
        await until_out(one, told["message_id"], "delivered")

        async def noted() -> list[str]:
            [texts] = (await town.threads()).values()
            return [text for text in texts if PARCEL in text and admin["name"] in text]

        assert len(await until(noted)) == 1
        assert on_phones(town) == [PARCEL]
        status, told = await one.send("b", **wanted, conversation_id="999")
        assert (status, told["code"]) == (409, "other_conversation")
        status, told = await one.send("c", **wanted, teammate_id="nobody")
        assert (status, told["code"]) == (422, "no_teammate")
        assert on_phones(town) == [PARCEL]


async def test_the_same_request_is_one_message_and_another_under_its_name_is_refused(open_town: Open) -> None:
    async with open_town() as town:
        one, other = await caller(town), await caller(town, name="other")
        wanted = {"channel": town.sms.name, "address": BEA, "text": PARCEL}
        answers = await asyncio.gather(*(one.send("same", **wanted) for _ in range(8)))
        assert {(status, told["message_id"]) for status, told in answers} == {(202, answers[0][1]["message_id"])}
        await until_out(one, answers[0][1]["message_id"], "delivered")
        assert await one.send("same", **wanted) == answers[0]
        assert await one.send("same", **dict(reversed(wanted.items()))) == answers[0], "JSON has no order"
        status, told = await one.send("same", **wanted | {"text": "Something else"})
        assert (status, told["code"]) == (409, "other_request")
        assert on_phones(town) == [PARCEL]
        status, told = await other.send("same", **wanted)
        assert status == 202, "names are each key's own"
        await until_out(other, told["message_id"], "delivered")
        assert on_phones(town) == [PARCEL] * 2


async def test_what_a_teammate_may_not_send_another_system_may_not_either(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        await written(town, "STOP")
        await settled(one, 1)

        async def refused(once: str, **wanted: Any) -> tuple[int, str]:
            status, told = await one.send(once, **{"text": PARCEL, "channel": town.sms.name, "address": ANN} | wanted)
            assert told["detail"]
            return status, told["code"]

        assert await refused("a") == (409, "opted_out")
        assert await refused("b", channel=town.whatsapp.name) == (409, "window_closed")
        assert await refused("c", channel="nowhere") == (422, "no_channel")
        assert await refused("d", address="telegram:1/2") == (422, "not_reachable")
        assert await refused("e", address="hello") == (422, "invalid")
        assert await refused("f", text=" ") == (422, "invalid")
        assert await refused("f", text="a\0b") == (422, "invalid")
        assert await refused("f", name="\0") == (422, "invalid")
        assert await refused("f", text="", template={"name": "t", "values": ["\0"]}) == (422, "invalid")
        assert await refused("g", template={"name": "none"}) == (422, "invalid")
        wanted = {"text": "", "template": {"name": "none"}, "channel": town.whatsapp.name}
        assert await refused("h", **wanted) == (422, "invalid")
        await town.leadline.channels.pause("sandbox", town.sms.channel_id, paused=True)
        assert await refused("i", address=BEA) == (409, "channel_paused")
        assert on_phones(town) == []
        async with town.leadline.database.connection() as connection:
            rows = await connection.execute("select once from api_send")
            assert await rows.fetchall() == [], "what was refused is no request on record"


async def test_an_approved_template_goes_to_a_stranger_whose_window_is_closed(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        [approved, *_] = await town.leadline.reaches.templates("sandbox", town.whatsapp.channel_id)
        values = [f"v{number}" for number, _ in enumerate(approved.variables)]
        template = {"name": approved.name, "language": approved.language, "values": values}
        status, told = await one.send("t", channel=town.whatsapp.name, address=BEA, template=template)
        assert status == 202, told
        found = await until_out(one, told["message_id"], "delivered", "read")
        assert found["text"] == approved.filled(tuple(values))
        assert len(on_phones(town)) == 1


async def test_a_name_given_with_a_text_to_a_known_contact_doubts_nothing_and_shows_no_sign_of_life(
    open_town: Open,
) -> None:
    async with open_town() as town:
        one = await caller(town)
        known = {"role": "user", "external_id": "bea", "name": "Beatrice Long", "phone": BEA}
        person = await town.intercom("POST", "/contacts", known)
        status, told = await one.send("a", channel=town.sms.name, address=BEA, text=PARCEL, name="Carl Other")
        assert status == 202
        assert (await until_out(one, told["message_id"], "delivered"))["contact_id"] == person["id"]
        resolution = await one.get("/resolve", address=BEA)
        assert (resolution["contact_id"], resolution["doubtful"]) == (person["id"], False)
        [row] = await town.people_with(BEA)
        assert row["name"] == "Beatrice Long"
        async with town.leadline.database.connection() as connection:
            rows = await connection.execute("select name, last_at from handle")
            assert [tuple(row.values()) for row in await rows.fetchall()] == [("", None)]
