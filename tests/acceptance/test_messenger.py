"""Messenger after its day: people of an app that may answer as human agents for seven; nobody after that."""

from __future__ import annotations

import msgspec

from leadline.sandbox.providers import MessengerFake, Providers, create
from leadline.serving import address, bind, serving
from leadline.stage.town import connect_all
from tests.acceptance.conftest import Open
from tests.acceptance.town import Town, until

CUSTOMER = MessengerFake.customer(1)


async def last_wrote(town: Town, days: int) -> None:
    async with town.leadline.database.connection() as connection:
        await connection.execute(
            "update conversation set last_inbound_at = now() - make_interval(days => %(days)s)", {"days": days}
        )


async def test_a_human_agent_answers_for_seven_days(open_town: Open) -> None:
    listener = bind("127.0.0.1", 0)
    account = MessengerFake.open_account(f"{address(listener)}/messenger")
    providers = Providers({"messenger": msgspec.structs.replace(account, human_agent=True)}, pause=0.02)
    fake, phones = providers.of(MessengerFake), providers.phones
    async with open_town() as town, serving(create(providers), listener):
        await connect_all(town.store, "sandbox", town.places, providers)
        await fake.write(CUSTOMER, "Hello", name="Ada")
        conversation = str(next(iter(await until(town.threads))))
        fake.closed.add(CUSTOMER)
        await last_wrote(town, 2)
        await town.teammate("reply", conversation, "Two days later")

        async def there() -> bool:
            return [delivery.text for delivery in phones.received()] == ["Two days later"]

        await until(there)
        await last_wrote(town, 8)
        await town.teammate("reply", conversation, "Eight days later")

        async def told() -> bool:
            full = await town.intercom("GET", f"/conversations/{conversation}?display_as=plaintext")
            parts = full["conversation_parts"]["conversation_parts"]
            return any("reply window" in part["body"] for part in parts if part["part_type"] == "note")

        await until(told)
        assert await there()
