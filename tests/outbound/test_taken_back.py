"""A teammate deletes a reply in Intercom while it waits: it does not go out, and the conversation tells so."""

from __future__ import annotations

from tests.acceptance.conftest import Open
from tests.acceptance.town import Town, until
from tests.outbound.test_reply import conversation_of, notes, on_the_phone


async def parts(town: Town, conversation: str) -> dict[str, str]:
    full = await town.intercom("GET", f"/conversations/{conversation}?display_as=plaintext")
    return {part["body"]: part["id"] for part in full["conversation_parts"]["conversation_parts"]}


async def delete(town: Town, conversation: str, text: str) -> None:
    number = (await parts(town, conversation))[text]
    fields = {"type": "conversation_part", "conversation_id": conversation, "conversation_part_id": number}
    await town.intercom("POST", "/conversations/redact", fields)


async def waits(town: Town, count: int) -> None:
    async def there() -> bool:
        async with town.leadline.database.connection() as connection:
            rows = await connection.execute("select 1 from arrival where state = 'waiting' and kind = 'notification'")
            return len(await rows.fetchall()) == count

    await until(there)


async def test_a_reply_that_is_deleted_while_it_waits_does_not_go_out(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        leadline, channel = town.leadline, town.sms.channel_id
        await leadline.connections.pauses.pause("sandbox", channel)
        for text in ("For somebody else", "For you"):
            await town.teammate("reply", conversation, text)
        await waits(town, 2)
        async with leadline.database.connection() as connection:
            await connection.execute("update arrival set arrived_at = arrived_at - interval '1 hour'")
        await delete(town, conversation, "For somebody else")
        await leadline.connections.pauses.resume("sandbox", channel)
        await waits(town, 0)
        assert [delivery.text for delivery in await on_the_phone(town)] == ["For you"]
        told = [note for note in await notes(town, conversation) if "was not sent" in note]
        assert told == ["A reply was not sent: It was deleted in Intercom before it could go out."]
