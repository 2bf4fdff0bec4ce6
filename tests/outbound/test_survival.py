"""Teammates' replies and customers' files when Intercom refuses, is slow, or has lost an answer: none ends silently."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from leadline.channels.reasons import REASONS, sentence
from leadline.engine import parked
from leadline.model import DeliveryState
from leadline.sandbox.providers import Fault, TwilioFake
from tests.acceptance.conftest import Open
from tests.acceptance.town import Town, until
from tests.outbound.test_reply import ANN, conversation_of, notes, on_the_phone

PICTURE = ("image/png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
REPLY = {"method": "POST", "path": "/conversations/[^/]+/reply"}


async def opened(town: Town) -> str:
    """The id of the one conversation, once it stands in Intercom."""
    return str(next(iter(await until(town.threads))))


async def is_parked(town: Town) -> list[dict[str, Any]]:
    return await parked.parked(town.leadline.database, "sandbox")


async def files(town: Town, conversation: str) -> list[dict[str, Any]]:
    full = await town.intercom("GET", f"/conversations/{conversation}")
    return [file for part in full["conversation_parts"]["conversation_parts"] for file in part["attachments"]]


@pytest.mark.parametrize("fault", [{"status": 400}, pytest.param({"status": 503}, marks=pytest.mark.long)])
async def test_a_reply_goes_out_although_the_first_messages_file_is_refused_or_late(
    open_town: Open, fault: dict[str, Any]
) -> None:
    async with open_town() as town:
        await town.intercom("POST", "/_sandbox/faults", REPLY | fault | {"times": 1000})
        await town.providers.of(TwilioFake).write(ANN, "Look", [PICTURE])
        conversation = await opened(town)
        await town.teammate("reply", conversation, "Nice picture")
        [delivery] = await on_the_phone(town)
        assert delivery.text == "Nice picture"
        await town.intercom("DELETE", "/_sandbox/faults")
        await town.sms_in(ANN, "Thanks", 2)

        async def both() -> bool:
            return "Thanks" in [text for texts in (await town.threads()).values() for text in texts]

        await until(both)
        assert len(await town.threads()) == 1, "the next message opens no second conversation"


async def test_a_reply_goes_out_although_the_first_message_is_parked_and_its_answer_was_lost(open_town: Open) -> None:
    async with open_town(max_attempts=2) as town:
        lost = {"method": "POST", "path": "/conversations", "when": "after", "drop": True}
        away = {"method": "GET", "path": "/conversations", "status": 503, "times": 1000}
        for fault in (lost, away):
            await town.intercom("POST", "/_sandbox/faults", fault)
        await town.sms_in(ANN, "Hello", 1)
        await until(lambda: is_parked(town))
        await town.intercom("DELETE", "/_sandbox/faults")
        conversation = await opened(town)
        await town.teammate("reply", conversation, "At your service")
        [delivery] = await on_the_phone(town)
        assert delivery.text == "At your service"
        await parked.retry(town.leadline.database, "sandbox")

        async def done() -> bool:
            return not await is_parked(town)

        await until(done)
        assert (await town.threads())[conversation][0] == "Hello"
        assert len(await town.threads()) == 1


@pytest.mark.long
async def test_a_minute_of_errors_parks_nothing_and_doubles_nothing(open_town: Open) -> None:
    async with open_town(max_attempts=4) as town:
        conversation = await conversation_of(town, "sms")
        await town.intercom("POST", "/_sandbox/faults", REPLY | {"status": 503, "times": 2})
        for number in (2, 3):
            await town.sms_in(ANN, f"{number}", number)

        async def through() -> bool:
            return (await town.threads())[conversation] == ["Hello", "2", "3"]

        await until(through)
        assert await is_parked(town) == []


@pytest.mark.long
async def test_a_file_arrives_although_its_provider_has_it_no_more_when_its_write_is_repeated(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        await town.intercom("POST", "/_sandbox/faults", REPLY | {"status": 503})
        fake = town.providers.of(TwilioFake)
        await fake.write(ANN, "Look", [PICTURE])

        async def failed() -> bool:
            return not (await town.intercom("GET", "/_sandbox/faults"))["faults"]

        await until(failed)
        fake.shelf.clear()

        async def stands() -> list[dict[str, Any]]:
            return await files(town, conversation)

        [file] = await until(stands)
        async with town.http.get(file["url"]) as answer:
            assert await answer.read() == PICTURE[1]

        async def forgotten() -> bool:
            async with town.leadline.database.connection() as connection:
                row = await (await connection.execute("select count(*) as n from fetched")).fetchone()
            return bool(row and row["n"] == 0)

        await until(forgotten)


async def failing_reply(town: Town, code: int = 131047) -> str:
    """A conversation whose reply fails at the provider, so that a note must be written."""
    conversation = await conversation_of(town, "whatsapp")
    town.providers.faults.plan("whatsapp_cloud", Fault(how="late", code=code, message="Late"))
    await town.teammate("reply", conversation, "Are you still there?")
    await on_the_phone(town, state=DeliveryState.FAILED)
    return conversation


@pytest.mark.parametrize("code", REASONS)
def test_no_sentence_of_a_failed_message_promises_another_try(code: str) -> None:
    assert "tries again" not in sentence(code)
    assert "waits" not in sentence(code)


async def test_a_late_failure_promises_no_try_that_does_not_follow(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await failing_reply(town, code=130429)
        [note] = await until(lambda: notes(town, conversation))
        assert "Wait a little, then send it again." in note
        assert "tries again" not in note


async def test_a_note_of_a_teammate_whom_intercom_does_not_know_is_signed_by_the_tokens_own(open_town: Open) -> None:
    async with open_town(intercom_admin_id="424242") as town:
        conversation = await failing_reply(town)
        [note] = await until(lambda: notes(town, conversation))
        assert "Are you still there?" in note


async def test_a_note_that_nobody_can_sign_is_parked_with_its_text(open_town: Open) -> None:
    async with open_town(intercom_admin_id="424242") as town:
        town.leadline.workspace.token_admin_id = "434343"
        conversation = await failing_reply(town)
        [row] = await until(lambda: is_parked(town))
        assert row["reason"] == "teammate_unknown"
        assert "Set default_teammate to the id of a teammate" in row["explanation"]
        assert "Are you still there?" in row["explanation"]
        assert await notes(town, conversation) == []


async def test_a_note_in_a_deleted_conversation_is_given_up(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "whatsapp")
        await town.intercom("DELETE", f"/conversations/{conversation}")
        note = town.leadline.threads.note("sandbox", conversation, "test", "Nobody reads this")
        assert await asyncio.wait_for(note, 30) is False
