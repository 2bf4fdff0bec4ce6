"""What customers and providers forbid: closed windows, opt-outs, and the templates that go through all the same."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from leadline.app import Leadline, open_leadline
from leadline.channels.opt_out import WORDS, meaning
from leadline.model import TemplateUse
from leadline.outbound.proactive import NotSent
from leadline.outbound.templates import NoTemplate
from leadline.sandbox.providers import TwilioFake, WhatsAppFake
from leadline.sandbox.providers.twilio.sms import FAULTS
from tests.acceptance.conftest import Open
from tests.acceptance.town import Town, until
from tests.clocks import clock
from tests.outbound.test_reply import notes

ANN = "+353861234567"


async def conversation_of(town: Town, key: str, text: str = "Hello") -> str:
    fake: Any = town.providers.fakes[key]
    await fake.write(ANN if key == "twilio_sms" else ANN[1:], text)
    conversation = str(next(iter(await until(town.threads))))
    await until(lambda: town.leadline.reaches.of_conversation("sandbox", conversation))
    return conversation


async def note_with(town: Town, conversation_id: str, words: str) -> str:
    async def there() -> list[str]:
        return [note for note in await notes(town, conversation_id) if words in note]

    found: list[str] = await until(there)
    return found[0]


async def marked(town: Town, channels: str | None) -> dict[str, Any]:
    """The contact, once its attribute says so."""

    async def there() -> list[dict[str, Any]]:
        found = await town.people_with(ANN)
        return [each for each in found if each["custom_attributes"].get("leadline_opted_out") == channels]

    found: list[dict[str, Any]] = await until(there)
    return found[0]


async def close_window(leadline: Leadline) -> None:
    """The customer's last message was two days ago."""
    async with leadline.database.connection() as connection:
        await connection.execute("update conversation set last_inbound_at = now() - interval '2 days'")


async def test_outside_the_window_a_reply_is_stopped_and_a_template_offered_and_sent(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "whatsapp_cloud")
        leadline, phones = town.leadline, town.providers.phones
        reach = await leadline.reaches.of_conversation("sandbox", conversation)
        assert reach is not None
        assert reach.window_left == pytest.approx(86_400, abs=60)
        await close_window(leadline)
        await town.teammate("reply", conversation, "Are you there?")
        note = await note_with(town, conversation, "was not sent")
        assert "reply window" in note
        templates = await leadline.reaches.templates("sandbox", reach.channel_id)
        assert templates
        assert templates[0].name in note
        assert "send-template" in note
        assert phones.received() == [], "nothing was thrown at the provider"
        reach = await leadline.reaches.of_conversation("sandbox", conversation)
        assert reach is not None
        assert reach.window_left == 0
        with pytest.raises(NotSent, match="window"):
            await leadline.proactive.begin("sandbox", reach, text="Hi", author="Ann")
        with pytest.raises(NoTemplate, match=templates[0].name):
            await leadline.proactive.begin("sandbox", reach, template=TemplateUse(name="nobody"), author="Ann")
        chosen = next(each for each in templates if each.variables)
        values = tuple(f"value {number}" for number, _ in enumerate(chosen.variables))
        use = TemplateUse(name=chosen.name, language=chosen.language, values=values)
        assert await leadline.proactive.begin("sandbox", reach, template=use, author="Ann") == conversation

        async def sent() -> bool:
            return len(phones.received()) == 1

        await until(sent)
        assert chosen.filled(values) in await note_with(town, conversation, "Sent on")
        rows = await leadline.sending.recent("sandbox", conversation)
        assert [row["author"] for row in rows] == ["Ann", rows[1]["author"]]
        assert rows[1]["stopped"]


async def test_the_window_is_open_whatever_the_workers_clock_shows(
    open_town: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "whatsapp_cloud")
        clock(monkeypatch, 2 * 86_400)
        reach = await town.leadline.reaches.of_conversation("sandbox", conversation)
        assert reach is not None
        assert reach.window_left == pytest.approx(86_400, abs=600)


async def test_stop_holds_everything_back_until_start(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "twilio_sms")
        fake, leadline = town.providers.of(TwilioFake), town.leadline
        await fake.write(ANN, " Stop. ")
        assert "opted out of SMS" in await note_with(town, conversation, "Leadline sends nothing")
        lead = await marked(town, "SMS")
        fake.phones.opted_out.clear()  # were it to be asked, the provider would take it
        await town.teammate("reply", conversation, "Please come back")
        assert "opted out" in await note_with(town, conversation, "Please come back")
        [reach] = [r for r in await leadline.reaches.of_contact("sandbox", lead["id"]) if r.provider == "twilio_sms"]
        assert reach.opted_out
        with pytest.raises(NotSent, match="START"):
            await leadline.proactive.begin("sandbox", reach, text="Hi", author="Ann")
        assert town.providers.phones.received() == []
        await fake.write(ANN, "START")
        await note_with(town, conversation, "opted in")
        await marked(town, None)
        await town.teammate("reply", conversation, "Welcome back")

        async def delivered() -> list[str]:
            return [delivery.text for delivery in town.providers.phones.received()]

        assert await until(delivered) == ["Welcome back"]


async def test_a_chat_about_the_end_is_no_opt_out(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "whatsapp_cloud", "End")
        await town.providers.of(WhatsAppFake).write(ANN[1:], "please stop calling me")
        await town.at_rest()
        await town.teammate("reply", conversation, "Still here")

        async def delivered() -> int:
            return len(town.providers.phones.received())

        await until(delivered)
        assert await notes(town, conversation) == []


def test_words_of_all_languages_count_whole_and_in_any_writing() -> None:
    for words in WORDS.values():
        for sms in (True, False):
            assert {meaning(f" {word.upper()}! ", sms=sms) for word in words.out} == {"out"}
            assert {meaning(word, sms=sms) for word in words.back} <= {"in"}
    assert meaning("arret", sms=True) == meaning("ARRÊT", sms=True) == "out"
    assert (meaning("end", sms=True), meaning("end", sms=False)) == ("out", None)
    assert (meaning("yes", sms=True), meaning("yes", sms=False)) == ("in", None)
    for text in ("", "please stop", "stop it now please", "unstoppable", "?", "s" * 10_000):
        assert meaning(text, sms=True) is None


async def test_a_teammate_begins_and_the_answer_comes_to_the_same_conversation(open_town: Open) -> None:
    async with open_town() as town:
        leadline = town.leadline
        user = next(c for c in await town.contacts() if c["name"] == "Aoife Byrne")
        reaches = await leadline.reaches.of_contact("sandbox", user["id"])
        reach = next(each for each in reaches if each.provider == "twilio_sms")
        assert (reach.conversation_id, reach.window_left) == ("", None)
        conversation = await leadline.proactive.begin(
            "sandbox", reach, text="Your parcel is here", author="Ann", open_conversation=True, contact_id=user["id"]
        )
        await note_with(town, conversation, "Sent on SMS by Ann")
        assert [d.text for d in town.providers.phones.received()] == ["Your parcel is here"]
        await town.providers.of(TwilioFake).write(user["phone"].replace(" ", ""), "Thank you")

        async def answered() -> bool:
            texts = (await town.threads()).get(conversation, [])
            return [text for text in texts if "Sent on" not in text] == ["Your parcel is here", "Thank you"]

        await until(answered)
        await town.at_rest()
        assert len(town.providers.phones.received()) == 1, "Intercom's own notification of it is no reply"
        await town.teammate("reply", conversation, "It waits for you at the post office. " * 6)

        async def counted() -> bool:
            rows = await leadline.sending.recent("sandbox", conversation)
            return [row["segments"] for row in rows] == [2, 1]

        await until(counted)


async def test_a_form_sent_twice_begins_one_conversation_whatever_process_gets_it(open_town: Open) -> None:
    async with open_town() as town, open_leadline(town.settings) as other:
        user = next(c for c in await town.contacts() if c["name"] == "Aoife Byrne")
        reaches = await town.leadline.reaches.of_contact("sandbox", user["id"])
        reach = next(each for each in reaches if each.provider == "twilio_sms")

        async def press(leadline: Leadline, text: str) -> str:
            return await leadline.proactive.begin(
                "sandbox", reach, text=text, author="Ann", open_conversation=True, contact_id=user["id"], once=text
            )

        async def pressed(leadline: Leadline, text: str) -> Any:
            """Again and again, until there is a conversation."""
            return await until(lambda: press(leadline, text))

        await town.fault(method="POST", path="/messages", delay=0.3)
        first, second = await asyncio.gather(pressed(town.leadline, "At once"), pressed(other, "At once"))
        assert first == second
        await town.fault(method="POST", path="/messages", drop=True, when="after")
        early = await press(other, "Lost answer")  # empty, unless the town's worker opened it and was waited for
        again = await pressed(town.leadline, "Lost answer")
        assert early in ("", again)
        assert again == await press(other, "Lost answer")

        async def delivered() -> list[str]:
            texts = [delivery.text for delivery in town.providers.phones.received()]
            return texts if len(texts) >= 2 else []

        assert sorted(await until(delivered)) == ["At once", "Lost answer"]
        begun = [texts[0] for texts in (await town.threads()).values() if texts[0] in ("At once", "Lost answer")]
        assert sorted(begun) == ["At once", "Lost answer"]


async def test_what_the_provider_says_of_an_opt_out_is_kept_until_start(open_town: Open) -> None:
    """The code means only that: the next reply is not even given to the provider, until the customer opts in."""
    async with open_town() as town:
        conversation = await conversation_of(town, "twilio_sms")
        fake = town.providers.of(TwilioFake)
        town.providers.faults.plan("twilio_sms", FAULTS["opted_out"])
        await town.teammate("reply", conversation, "Are you there?")
        assert "opted out" in await note_with(town, conversation, "Are you there?")
        await town.teammate("reply", conversation, "Still there?")
        assert "opted out" in await note_with(town, conversation, "Still there?")
        rows = await town.leadline.sending.recent("sandbox", conversation)
        assert [row["stopped"] for row in rows] == [True, False], "the second one never reached the provider"
        await fake.write(ANN, "START")
        await note_with(town, conversation, "opted in")
        await town.teammate("reply", conversation, "Welcome back")

        async def delivered() -> list[str]:
            return [delivery.text for delivery in town.providers.phones.received()]

        assert await until(delivered) == ["Welcome back"]
