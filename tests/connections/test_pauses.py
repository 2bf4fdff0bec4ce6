"""A paused channel: what comes is kept, what goes waits with a word, and everything goes on in order afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from leadline.connections.pauses import PAUSED
from leadline.engine.parked import undecided
from leadline.outbound.proactive import NotSent
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import Town, until
from tests.cli.test_cli import run

pytestmark = pytest.mark.asyncio(loop_scope="session")
PHONE = "+353861119999"


async def arrivals(town: Town) -> list[tuple[str, str, str]]:
    """Kind, state and reason of everything that arrived, in order."""
    async with town.leadline.database.connection() as connection:
        rows = await connection.execute("select kind, state, reason from arrival order by arrival_id")
        return [(row["kind"], row["state"], row["reason"]) async for row in rows]


async def thread_with(town: Town, words: str) -> tuple[str, list[str]] | None:
    """The conversation in which a text stands, and all its texts."""
    found = [(number, texts) for number, texts in (await town.threads()).items() if any(words in t for t in texts)]
    return found[0] if found else None


def phones(town: Town) -> list[str]:
    return [each.text for each in town.providers.phones.received()]


async def test_what_comes_is_kept_what_goes_waits_and_other_channels_are_not_held_up(open_town: Open) -> None:
    async with open_town() as town:
        assert await town.sms_in(PHONE, "Before", 1) == 200
        conversation_id, _ = await until(lambda: thread_with(town, "Before"))
        code, told = await run(town.settings, "channel", "pause", "SMS")
        assert (code, "SMS is paused" in told) == (0, True), told
        assert "paused" in (await run(town.settings, "channel", "list"))[1]
        for number, words in enumerate(("First", "Second"), 2):
            assert await town.sms_in(PHONE, words, number) == 200
        assert await town.whatsapp_in((PHONE.removeprefix("+"), "Meanwhile", "wamid.1")) == 200
        await until(lambda: thread_with(town, "Meanwhile"))
        await town.teammate("reply", conversation_id, "An answer that waits")
        _, texts = await until(lambda: thread_with(town, "is paused"))
        assert [text for text in texts if text in ("First", "Second")] == []
        assert phones(town) == []
        assert [row for row in await arrivals(town) if row[2] == PAUSED] == [
            ("message", "parked", PAUSED),
            ("message", "parked", PAUSED),
            ("notification", "waiting", PAUSED),
        ]
        assert await undecided(town.leadline.database, "sandbox") == 0
        code, told = await run(town.settings, "parked", "list")
        assert (told.count("SMS is paused"), "more" in told) == (3, False), told
        code, told = await run(town.settings, "channel", "resume", "SMS")
        assert (code, "2 messages that waited are worked on now" in told) == (0, True), told

        async def went_out() -> bool:
            return phones(town) == ["An answer that waits"]

        async def all_there() -> list[str]:
            found = await thread_with(town, "Second")
            return [text for text in found[1] if text in ("Before", "First", "Second")] if found else []

        await until(went_out)
        assert await until(all_there) == ["Before", "First", "Second"]

        async def settled() -> bool:
            return {state for _, state, _ in await arrivals(town)} == {"done"}

        await until(settled)  # a moment after its text stands there


async def test_an_opt_out_on_a_paused_channel_counts_at_once(open_town: Open) -> None:
    async with open_town() as town:
        await town.leadline.connections.pauses.pause("sandbox", town.sms.channel_id)
        assert await town.sms_in(PHONE, "STOP", 1) == 200

        async def refuses() -> list[Any]:
            async with town.leadline.database.connection() as connection:
                rows = await connection.execute("select state from consent where superseded_at is null")
                return [row["state"] async for row in rows]

        assert await until(refuses) == ["out"]


async def test_what_was_set_aside_at_the_moment_of_the_resuming_is_found_in_the_rounds(open_town: Open) -> None:
    async with open_town() as town:
        await town.leadline.connections.pauses.pause("sandbox", town.sms.channel_id)
        assert await town.sms_in(PHONE, "Just now", 1) == 200

        async def set_aside() -> bool:
            return ("message", "parked", PAUSED) in await arrivals(town)

        await until(set_aside)
        await town.store.pause("sandbox", town.sms.channel_id, paused=False)  # as by a process that knew of nothing
        connected = await town.leadline.switchboard.by_id("sandbox", town.sms.channel_id)

        async def resumed() -> bool:
            nonlocal connected
            connected = await town.leadline.switchboard.by_id("sandbox", town.sms.channel_id)
            return connected is not None and not connected.row.is_paused

        await until(resumed)
        assert connected is not None
        await town.leadline.connections.pauses.catch_up(connected)
        await until(lambda: thread_with(town, "Just now"))


async def test_what_was_set_aside_goes_on_when_the_channel_is_taken_out_of_service(open_town: Open) -> None:
    async with open_town() as town:
        await town.leadline.connections.pauses.pause("sandbox", town.sms.channel_id)
        assert await town.sms_in(PHONE, "Before the end", 1) == 200

        async def set_aside() -> bool:
            return ("message", "parked", PAUSED) in await arrivals(town)

        await until(set_aside)
        code, told = await run(town.settings, "channel", "remove", "SMS", "--yes")
        assert (code, "out of service" in told) == (0, True), told
        await until(lambda: thread_with(town, "Before the end"))
        assert await town.sms_in(PHONE, "After it", 2) == 404
        assert (await run(town.settings, "channel", "restore", str(town.sms.channel_id)))[0] == 0
        [row] = [each for each in await town.store.listed("sandbox") if each.channel_id == town.sms.channel_id]
        assert not row.is_paused


async def test_a_message_that_a_teammate_begins_is_refused_with_the_reason(open_town: Open) -> None:
    async with open_town() as town:
        assert await town.sms_in(PHONE, "Before", 1) == 200
        conversation_id, _ = await until(lambda: thread_with(town, "Before"))
        reach = await town.leadline.reaches.of_conversation("sandbox", conversation_id)
        assert reach is not None
        await town.leadline.connections.pauses.pause("sandbox", town.sms.channel_id)

        async def is_known() -> bool:
            connected = await town.leadline.switchboard.by_id("sandbox", town.sms.channel_id)
            return connected is not None and connected.row.is_paused

        await until(is_known)
        with pytest.raises(NotSent, match="SMS is paused"):
            await town.leadline.proactive.begin("sandbox", reach, text="Are you there?", author="Maya")
        assert phones(town) == []
