"""A reply that has to wait is told once in its conversation, and once more when it is over."""

from __future__ import annotations

from leadline.sandbox.providers import Fault
from tests.acceptance.conftest import Open
from tests.acceptance.town import until
from tests.outbound.test_reply import conversation_of, notes, on_the_phone


async def test_a_reply_that_waits_is_told_once_and_taken_back_when_it_went_out(open_town: Open) -> None:
    async with open_town(late_after=0.5) as town:
        conversation = await conversation_of(town, "sms")
        town.providers.faults.plan("twilio_sms", Fault(how="down", status=429), times=1_000)
        for number in range(3):
            await town.teammate("reply", conversation, f"Hello {number}")
        await until(lambda: notes(town, conversation))
        town.providers.faults.clear()
        assert [each.text for each in await on_the_phone(town, 3)] == ["Hello 0", "Hello 1", "Hello 2"]

        async def over() -> bool:
            return len(await notes(town, conversation)) == 2

        await until(over)
        waits, sent = await notes(town, conversation)
        assert "“Hello 0” is not sent yet." in waits
        assert sent == "What waited here was sent now."
        for _ in range(3):
            await town.leadline.late_replies.look("sandbox")
        assert len(await notes(town, conversation)) == 2


async def test_a_wait_that_ends_in_a_failure_is_not_told_as_sent(open_town: Open) -> None:
    async with open_town(late_after=0.2, retry_base=2.0, max_attempts=3) as town:
        conversation = await conversation_of(town, "sms")
        town.providers.faults.plan("twilio_sms", Fault(how="down", status=429), times=3)
        await town.teammate("reply", conversation, "Hello back")

        async def over() -> bool:
            return len(await notes(town, conversation)) == 3

        await until(over)
        waits, failed, nothing = await notes(town, conversation)
        assert "is not sent yet" in waits
        assert "did not reach the customer" in failed
        assert nothing.startswith("Nothing waits here any more.")
