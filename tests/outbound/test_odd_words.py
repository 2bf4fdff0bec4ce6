"""Words of a provider or of Intercom that hold what no database takes: the outcome is still told as what it is."""

from __future__ import annotations

from leadline.sandbox.providers import Fault
from tests.acceptance.conftest import Open
from tests.acceptance.town import until
from tests.outbound.test_reply import ANN, conversation_of, notes
from tests.outbound.test_survival import REPLY, is_parked


async def test_a_refusal_is_told_as_one_whatever_characters_the_provider_writes(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        town.providers.faults.plan("twilio_sms", Fault(code=21211, message="Not a \0 number"))
        await town.teammate("reply", conversation, "Are you still there?")
        [note] = await until(lambda: notes(town, conversation))
        assert "did not reach the customer" in note
        assert "“Not a number”" in note


async def test_a_message_that_intercom_refuses_is_parked_with_intercoms_words(open_town: Open) -> None:
    async with open_town() as town:
        await conversation_of(town, "sms")
        await town.fault(**REPLY, status=400, message="Not \0 this")
        await town.sms_in(ANN, "Two", 2)
        [row] = await until(lambda: is_parked(town))
        assert row["reason"] == "intercom_refused"
        assert "Not  this" in row["explanation"]
