"""A customer of a channel answers in Intercom's Messenger: noticed, told, and answered where the setting says."""

from __future__ import annotations

from tests.acceptance.conftest import Open
from tests.acceptance.town import Town, until
from tests.outbound.test_reply import ANN, conversation_of, notes, on_the_phone


async def types(town: Town, conversation_id: str, text: str) -> None:
    await town.intercom("POST", "/_sandbox/messenger", {"conversation_id": conversation_id, "body": text})


async def told(town: Town, conversation_id: str, count: int) -> list[str]:
    async def there() -> list[str]:
        found = [note for note in await notes(town, conversation_id) if "Messenger" in note]
        return found if len(found) >= count else []

    found: list[str] = await until(there)
    return found


async def back(town: Town) -> None:
    """Until Leadline has on record that the customer wrote on the channel again."""

    async def recorded() -> bool:
        async with town.leadline.database.connection() as connection:
            found = await connection.execute("select from conversation where last_inbound_at > crossed_at")
            return found.rowcount == 1

    await until(recorded)


async def test_a_teammate_is_told_once_where_the_customer_is_and_answers_both(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        await types(town, conversation, "I am in the Messenger now")
        await types(town, conversation, "Still here")
        [note] = await told(town, conversation, 1)
        where = f"The customer wrote this in Intercom's Messenger, not on {town.sms.name}."
        assert note == f"{where} Your answer goes to both."
        await town.teammate("reply", conversation, "Fine")
        await on_the_phone(town)
        await town.sms_in(ANN, "Back on the phone", 2)

        await back(town)
        await types(town, conversation, "And here again")
        assert len(await told(town, conversation, 2)) == 2


async def test_by_setting_the_answer_stays_in_the_messenger_until_the_customer_is_back(open_town: Open) -> None:
    async with open_town() as town:
        await town.leadline.book.set("sandbox", "messenger_answers", "messenger")
        conversation = await conversation_of(town, "sms")
        await types(town, conversation, "I am in the Messenger now")
        [note] = await told(town, conversation, 1)
        assert "is shown in the Messenger alone, until they write on" in note
        await town.teammate("reply", conversation, "In the Messenger")
        await town.at_rest()
        await town.sms_in(ANN, "Back on the phone", 2)

        await back(town)
        await town.teammate("reply", conversation, "On the phone")
        [delivery] = await on_the_phone(town)
        assert delivery.text == "On the phone"


async def test_what_came_over_the_channel_is_no_crossing(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        await town.sms_in(ANN, "Second", 2)
        await town.teammate("reply", conversation, "Hello")
        await on_the_phone(town)
        async with town.leadline.database.connection() as connection:
            rows = await connection.execute("select 1 from arrival where kind = 'crossed'")
            assert [row async for row in rows] == []
        assert not [note for note in await notes(town, conversation) if "Messenger" in note]
