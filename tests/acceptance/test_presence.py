"""What a teammate sees of the phone app, and a customer of the teammates: echoes as notes, messages shown as read."""

from __future__ import annotations

from leadline.connections.switchboard import change_channel
from leadline.sandbox.providers import WhatsAppFake
from tests.acceptance.conftest import Open
from tests.acceptance.town import Town, until

ANN = "353861234567"


async def hello(town: Town) -> str:
    """The conversation that a first message on WhatsApp opens."""
    assert await town.whatsapp_in((ANN, "Hello", "wamid.1")) == 200
    return str(next(iter(await until(town.threads))))


async def parts(town: Town, conversation: str, kind: str, count: int) -> list[str]:
    async def there() -> list[str]:
        full = await town.intercom("GET", f"/conversations/{conversation}?display_as=plaintext")
        found = full["conversation_parts"]["conversation_parts"]
        texts = [part["body"] for part in found if part["part_type"] == kind]
        return texts if len(texts) >= count else []

    found: list[str] = await until(there)
    return found


async def test_what_is_written_in_the_phone_app_stands_in_the_conversation_and_goes_nowhere(open_town: Open) -> None:
    async with open_town() as town:
        await change_channel(town.store, town.whatsapp, {"show_echoes": "true"})
        conversation = await hello(town)
        fake = town.providers.of(WhatsAppFake)
        posted = await fake.echo(ANN, "I answer from my phone")
        assert posted.status == 200
        assert await parts(town, conversation, "note", 1) == [
            "Written to the customer in the WhatsApp Business app, not in Intercom:\nI answer from my phone"
        ]
        assert (await town.http.post(posted.url, data=posted.body, headers=posted.headers)).status == 200
        assert await town.whatsapp_in((ANN, "Thank you", "wamid.2")) == 200
        assert await parts(town, conversation, "comment", 1) == ["Thank you"]
        assert len(await parts(town, conversation, "note", 1)) == 1, "told once, however often it comes"
        assert town.providers.phones.received() == []


async def test_messages_show_as_read_once_a_teammate_has_replied(open_town: Open) -> None:
    async with open_town() as town:
        await change_channel(town.store, town.whatsapp, {"mark_read": "true"})
        conversation = await hello(town)
        assert await town.whatsapp_in((ANN, "Anybody there?", "wamid.2")) == 200
        assert await parts(town, conversation, "comment", 1) == ["Anybody there?"]
        fake = town.providers.of(WhatsAppFake)
        assert fake.marked_read == [], "nobody has replied"
        await town.teammate("note", conversation, "Who takes this?")
        await town.teammate("reply", conversation, "Yes, we are")

        async def marked() -> list[str]:
            return fake.marked_read

        assert await until(marked) == ["wamid.2"]
