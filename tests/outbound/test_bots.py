"""Replies of Intercom's bot go out where the channel wants them, once; a snooze that ends changes nothing."""

from __future__ import annotations

from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import Town, until
from tests.outbound.test_reply import ANN, conversation_of, on_the_phone


async def told(town: Town, topic: str) -> None:
    """Until the webhooks of this topic were taken."""

    async def taken() -> bool:
        listed = (await town.intercom("GET", f"/_sandbox/webhooks?topic={topic}"))["webhooks"]
        return bool(listed) and all(one["state"] == "delivered" for one in listed)

    await until(taken)


async def test_a_bots_reply_goes_out_once_where_it_is_wanted(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        await town.intercom("POST", "/_sandbox/bot", {"conversation_id": conversation, "body": "Not wanted yet"})
        await told(town, "conversation.operator.replied")
        await town.leadline.book.set("sandbox", "bot_replies", "on", channel_id=town.sms.channel_id)
        await town.intercom("POST", "/_sandbox/bot", {"conversation_id": conversation, "body": "I am Fin."})
        await told(town, "conversation.operator.replied")
        await told(town, "conversation.admin.replied")
        await town.teammate("reply", conversation, "And I am Maya.")
        found = await on_the_phone(town, 2)
        assert [delivery.text for delivery in found] == ["I am Fin.", "And I am Maya."]


async def test_a_message_after_the_end_of_a_snooze_goes_on_in_the_same_conversation(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        await town.teammate("snooze", conversation, "", snoozed_until=1)
        await told(town, "conversation.admin.unsnoozed")
        await town.sms_in(ANN, "Still there?", 2)

        async def there() -> bool:
            return "Still there?" in (await town.threads())[conversation]

        await until(there)
        assert len(await town.threads()) == 1
