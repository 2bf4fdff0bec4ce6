"""Another system says who takes messages: it holds at once, and the teammates are told."""

from __future__ import annotations

from tests.acceptance.conftest import Open
from tests.acceptance.town import until
from tests.api.caller import ANN, caller
from tests.api.test_messages import settled, written


async def test_a_refusal_holds_at_once_is_told_to_the_teammates_and_can_end(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        await written(town, "Hello")
        await settled(one, 1)
        where = {"address": ANN, "channel": town.sms.name}
        told = await one.get("/consents", **where)
        assert (told["everything"], told["marketing"], told["source"]) == ("in", "in", "")

        status, told = await one.call("PUT", "/consents", body=where | {"state": "out"})
        assert (status, told["everything"], told["marketing"], told["source"]) == (200, "out", "out", "api")
        status, refused = await one.send("a", **where, text="Hello")
        assert (status, refused["code"]) == (409, "opted_out")
        assert await one.get("/consents", **where) == told

        async def noted() -> list[str]:
            [texts] = (await town.threads()).values()
            return [text for text in texts if text.startswith("Another system says")]

        [note] = await until(noted)
        assert "opted out" in note
        assert (await one.call("PUT", "/consents", body=where | {"state": "in"}))[1]["everything"] == "in"
        assert (await one.send("b", **where, text="Hello"))[0] == 202

        async def both() -> bool:
            return len(await noted()) == 2

        await until(both)
        async with town.leadline.database.connection() as connection:
            rows = await connection.execute(
                "select actor, source, act from audit where act like 'consent.%' order by audit_id"
            )
            assert [tuple(row.values()) for row in await rows.fetchall()] == [
                ("API key shop", "api", "consent.out"),
                ("API key shop", "api", "consent.in"),
            ]


async def test_marketing_alone_can_be_refused(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        where = {"address": ANN, "channel": town.sms.name}
        status, told = await one.call("PUT", "/consents", body=where | {"state": "out", "about": "marketing"})
        assert (status, told["everything"], told["marketing"]) == (200, "in", "out")
        assert (await one.send("a", **where, text="Your parcel"))[0] == 202


async def test_what_the_customer_said_last_counts(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        where = {"address": ANN, "channel": town.sms.name}
        await one.call("PUT", "/consents", body=where | {"state": "out"})
        await written(town, "START")
        await settled(one, 1)
        told = await one.get("/consents", **where)
        assert (told["everything"], told["source"]) == ("in", "word")
