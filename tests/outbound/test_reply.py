"""Teammate → customer over real HTTP: the reply arrives once on the right phone, and its failure is told."""

from __future__ import annotations

from typing import Any

import pytest

from leadline.model import DeliveryState
from leadline.sandbox.providers import Delivery, Fault, TwilioFake, WhatsAppFake
from tests.acceptance.conftest import Open
from tests.acceptance.town import Town, until

ANN = "+353861234567"


async def conversation_of(town: Town, channel: str) -> str:
    """The id of the conversation that a first message on this channel opened."""
    if channel == "sms":
        assert await town.sms_in(ANN, "Hello", 1) == 200
    else:
        assert await town.whatsapp_in((ANN.lstrip("+"), "Hello", "wamid.1")) == 200
    return str(next(iter(await until(town.threads))))


async def on_the_phone(town: Town, count: int = 1, state: DeliveryState | None = None) -> list[Delivery]:
    async def there() -> list[Delivery]:
        found = town.providers.phones.received()
        settled = [d for d in found if state is None or d.state.rank >= state.rank]
        return found if len(settled) >= count else []

    found: list[Delivery] = await until(there)
    return found


async def notes(town: Town, conversation_id: str) -> list[str]:
    full = await town.intercom("GET", f"/conversations/{conversation_id}?display_as=plaintext")
    return [p["body"] for p in full["conversation_parts"]["conversation_parts"] if p["part_type"] == "note"]


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
async def test_a_reply_reaches_the_phone_once_and_is_delivered_and_a_note_does_not(
    open_town: Open, channel: str
) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, channel)
        await town.teammate("note", conversation, "Only for us")
        await town.teammate("reply", conversation, "Hello back")
        [delivery] = await on_the_phone(town, state=DeliveryState.DELIVERED)
        assert (delivery.text, delivery.to.lstrip("+")) == ("Hello back", ANN.lstrip("+"))
        listed = (await town.intercom("GET", "/_sandbox/webhooks"))["webhooks"]
        for webhook in listed:
            await town.intercom("POST", f"/_sandbox/webhooks/{webhook['notification_id']}/redeliver", {"times": 2})
        await town.at_rest()
        assert len(town.providers.phones.received()) == 1
        assert await notes(town, conversation) == ["Only for us"]


async def test_a_long_reply_arrives_in_order_and_whole(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "whatsapp")
        text = " ".join(f"word{n}" for n in range(1200))
        await town.teammate("reply", conversation, text)
        found = await on_the_phone(town, 3)
        assert " ".join(delivery.text for delivery in found) == text


async def test_a_teammates_file_reaches_the_phone(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        file = {"name": "map.png", "content_type": "image/png", "data": "iVBORw0KGgo="}
        await town.teammate("reply", conversation, "Here it is", attachment_files=[file])
        [delivery] = await on_the_phone(town)
        assert delivery.text == "Here it is"
        assert len(delivery.media) == 1


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
async def test_a_customers_picture_stands_in_the_conversation(open_town: Open, channel: str) -> None:
    picture = ("image/png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    async with open_town() as town:
        if channel == "sms":
            await town.providers.of(TwilioFake).write(ANN, "Look", [picture])
        else:
            await town.providers.of(WhatsAppFake).write(ANN, "Look", [picture])

        async def stands() -> Any:
            for key in await town.threads():
                full = await town.intercom("GET", f"/conversations/{key}")
                parts = full["conversation_parts"]["conversation_parts"]
                if files := [file for part in parts for file in part["attachments"]]:
                    return files
            return None

        [file] = await until(stands)
        async with town.http.get(file["url"]) as answer:
            assert await answer.read() == picture[1]


async def test_a_failure_leaves_a_note_with_the_reason_and_what_to_do(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "whatsapp")
        town.providers.faults.plan("whatsapp_cloud", Fault(how="late", code=131047, message="Re-engagement message"))
        await town.teammate("reply", conversation, "Are you still there?")

        async def told() -> list[str]:
            return await notes(town, conversation)

        [note] = await until(told)
        assert "Are you still there?" in note
        assert "reply window" in note
        assert "131047" in note
        await town.at_rest()
        assert len(await told()) == 1


async def test_an_unknown_outcome_is_told_and_not_repeated(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        town.providers.faults.plan("twilio_sms", Fault(how="drop"))
        await town.teammate("reply", conversation, "Maybe")

        async def told() -> list[str]:
            return await notes(town, conversation)

        [note] = await until(told)
        assert "does not send it again" in note
        await town.at_rest()
        assert len(town.providers.phones.received()) <= 1


async def test_a_provider_that_is_away_is_tried_again(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        town.providers.faults.plan("twilio_sms", Fault(status=429, code=20429, message="Too Many Requests"))
        await town.teammate("reply", conversation, "Patience")
        [delivery] = await on_the_phone(town, state=DeliveryState.DELIVERED)
        assert delivery.text == "Patience"
        assert await notes(town, conversation) == []


async def test_a_closed_conversation_is_opened_again_and_a_deleted_one_replaced(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        await town.teammate("close", conversation, "")
        await town.sms_in(ANN, "Still here", 2)

        async def two() -> bool:
            return list((await town.threads()).values()) == [["Hello", "Still here"]]

        await until(two)
        await town.intercom("DELETE", f"/conversations/{conversation}")
        await town.sms_in(ANN, "And now?", 3)

        async def fresh() -> bool:
            return list((await town.threads()).values()) == [["And now?"]]

        await until(fresh)


async def test_messages_follow_a_merged_lead_to_the_survivor(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        [lead] = await town.people_with(ANN)
        user = next(c for c in await town.contacts() if c["name"] == "Aoife Byrne")
        merge = {"from": lead["id"], "into": user["id"], "skip_duplicate_validation": True}
        await town.intercom("POST", "/contacts/merge", merge)
        await town.sms_in(ANN, "After the merge", 2)

        async def through() -> bool:
            return (await town.threads()).get(conversation) == ["Hello", "After the merge"]

        await until(through)
        full = await town.intercom("GET", f"/conversations/{conversation}")
        assert [c["id"] for c in full["contacts"]["contacts"]] == [user["id"]]


async def test_a_note_that_intercom_does_not_take_at_once_is_not_forgotten(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        town.providers.faults.plan(
            "twilio_sms", Fault(status=400, code=21610, message="Attempt to send to unsubscribed recipient")
        )
        away = {"method": "POST", "path": "/conversations/[^/]+/reply", "status": 503, "times": 1}
        await town.intercom("POST", "/_sandbox/faults", away)
        await town.teammate("reply", conversation, "Maybe")

        async def told() -> list[str]:
            return await notes(town, conversation)

        [note] = await until(told)
        assert "opted out" in note


async def test_a_reply_that_is_quicker_than_the_record_of_its_conversation_arrives(
    open_town: Open,
) -> None:
    async with open_town() as town:
        lost = {"method": "POST", "path": "/conversations", "when": "after", "drop": True, "times": 1}
        await town.intercom("POST", "/_sandbox/faults", lost)
        assert await town.sms_in(ANN, "Hello", 1) == 200
        conversation = str(next(iter(await until(town.threads))))
        await town.teammate("reply", conversation, "At your service")
        [delivery] = await on_the_phone(town)
        assert delivery.text == "At your service"
