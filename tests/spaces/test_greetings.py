"""Welcome and out-of-office texts: once, with a pause, never to who refuses messages, and shown in the conversation."""

from __future__ import annotations

import pytest

from leadline.model import DeliveryState
from leadline.spaces import Schedules
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import Town, until
from tests.outbound.test_reply import notes

ANN, BEN = "+353861234567", "+353861234568"
NEVER = "mon 00:00-00:01"


async def settled(town: Town) -> None:
    """Every message and everything that followed from it is worked on."""

    async def done() -> bool:
        async with town.leadline.database.connection() as connection:
            rows = await connection.execute("select 1 from arrival where state = 'waiting' limit 1")
            return [row async for row in rows] == []

    await until(done)


async def said(town: Town, number: str) -> list[str]:
    """What reached this customer, in order."""
    await settled(town)
    return [d.text for d in town.providers.phones.received() if d.to == number and d.state != DeliveryState.FAILED]


async def setting(town: Town, **values: str) -> None:
    for name, value in values.items():
        await town.leadline.book.set("sandbox", name, value)


async def test_a_first_message_is_answered_with_one_welcome_that_teammates_see(open_town: Open) -> None:
    async with open_town() as town:
        await town.sms_in(BEN, "I wrote before", 1)
        await settled(town)
        await setting(town, welcome="Welcome! We answer within a day.")
        await town.sms_in(ANN, "Hello", 2)
        await town.sms_in(ANN, "Anybody?", 3)
        await town.sms_in(BEN, "Again", 4)
        assert await said(town, ANN) == ["Welcome! We answer within a day."]
        assert await said(town, BEN) == []
        threads = await town.threads()
        mine = next(key for key, texts in threads.items() if "Anybody?" in texts)
        assert any("Welcome! We answer within a day." in note for note in await notes(town, mine))


async def test_a_person_is_welcomed_on_each_channel(open_town: Open) -> None:
    async with open_town() as town:
        await setting(town, welcome="Welcome!")
        await town.sms_in(ANN, "Hello", 1)
        await settled(town)
        await town.whatsapp_in((ANN.lstrip("+"), "Hello", "wamid.1"))
        await settled(town)
        assert [d.text for d in town.providers.phones.received()] == ["Welcome!", "Welcome!"]


async def test_a_customer_who_opted_out_gets_no_welcome_and_no_out_of_office_text(open_town: Open) -> None:
    async with open_town() as town:
        await setting(town, welcome="Welcome!", opening_hours=NEVER, out_of_office="We are closed.")
        await town.sms_in(ANN, "STOP", 1)
        await town.sms_in(ANN, "Really", 2)
        assert await said(town, ANN) == []


async def test_the_out_of_office_text_goes_out_once_in_a_while(open_town: Open) -> None:
    async with open_town() as town:
        await setting(town, opening_hours=NEVER, out_of_office="Closed until {opens}.", time_zone="Europe/Dublin")
        for number in (1, 2, 3):
            await town.sms_in(ANN, f"Message {number}", number)
        assert await said(town, ANN) == ["Closed until Monday 00:00."]
        async with town.leadline.database.connection() as connection:
            await connection.execute("update greeting set said_at = said_at - interval '5 hours'")
        await town.sms_in(ANN, "Still there?", 4)
        assert len(await said(town, ANN)) == 2
        await setting(town, opening_hours="mon-sun 00:00-24:00")
        async with town.leadline.database.connection() as connection:
            await connection.execute("update greeting set said_at = said_at - interval '5 hours'")
        await town.sms_in(ANN, "And now?", 5)
        assert len(await said(town, ANN)) == 2


@pytest.mark.parametrize("broken_after", ["greet", "keep"])
async def test_a_message_that_is_worked_on_again_greets_nobody_twice(
    open_town: Open, broken_after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a crash between any two commits: the same message is taken up from its beginning."""
    async with open_town() as town:
        await setting(town, welcome="Welcome!")
        proactive, broken = town.leadline.proactive, list[str]()
        say = proactive.say

        async def breaking(target: object, text: str, *, once: str) -> None:
            if not broken:
                broken.append(once)
                if broken_after == "keep":
                    await say(target, text, once=once)  # type: ignore[arg-type]
                raise OSError("the power went out")
            await say(target, text, once=once)  # type: ignore[arg-type]

        monkeypatch.setattr(proactive, "say", breaking)
        await town.sms_in(ANN, "Hello", 1)
        await until(lambda: _welcomed(town))
        await town.sms_in(ANN, "Hello again", 2)
        assert (await said(town, ANN), len(broken)) == (["Welcome!"], 1)
        assert sorted(*(await town.threads()).values())[:2] == ["Hello", "Hello again"]


async def _welcomed(town: Town) -> bool:
    return bool(town.providers.phones.received())


async def test_channels_of_one_schedule_say_its_words_and_others_theirs(open_town: Open) -> None:
    async with open_town() as town:
        await setting(town, out_of_office="Nobody is there.")
        await Schedules(town.leadline.book).add("sandbox", "Shop", NEVER, "Europe/Dublin")
        await town.leadline.book.set("sandbox", "out_of_office", "The shop opens {opens}.", schedule="Shop")
        await town.leadline.book.set("sandbox", "schedule", "Shop", channel_id=town.sms.channel_id)
        await town.sms_in(ANN, "Hello", 1)
        await settled(town)
        await town.whatsapp_in((BEN.lstrip("+"), "Hello", "wamid.1"))
        await settled(town)
        assert [d.text for d in town.providers.phones.received()] == ["The shop opens Monday 00:00."]
