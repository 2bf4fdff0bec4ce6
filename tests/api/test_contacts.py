"""Whose an address is and why, and how a contact is reached; nothing is changed by asking."""

from __future__ import annotations

from typing import Any

from tests.acceptance.conftest import Open
from tests.acceptance.town import Town
from tests.api.caller import ANN, BEA, caller
from tests.api.test_messages import settled, written

WRITTEN_TO = ("link", "decision", "handle", "arrival", "conversation", "step", "outbound", "lane", "attestation")


async def counts(town: Town) -> dict[str, int]:
    async with town.leadline.database.connection() as connection:
        found = {}
        for table in WRITTEN_TO:
            row = await (await connection.execute(f"select count(*) as n from {table}".encode())).fetchone()  # noqa: S608
            assert row is not None
            found[table] = row["n"]
        return found


async def test_an_address_is_resolved_with_reasons_and_nothing_is_written(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        await written(town, "Hello")
        await settled(one, 1)
        [person] = await town.people_with(ANN)
        aoife = next(each for each in await town.contacts() if each["name"] == "Aoife Byrne")
        before, people = await counts(town), await town.contacts()

        async def asked(address: str, **more: str) -> Any:
            return await one.get("/resolve", address=address, **more)

        linked = await asked(ANN)
        assert (linked["contact_id"], [each["code"] for each in linked["reasons"]]) == (person["id"], ["known_link"])
        assert linked["address"] == f"tel:{ANN}"
        nobody = await asked(BEA)
        assert (nobody["contact_id"], [each["code"] for each in nobody["reasons"]]) == (None, ["new_lead"])
        by_phone = await asked(aoife["phone"], name="Aoife Byrne")
        assert (by_phone["contact_id"], by_phone["reasons"][0]["code"]) == (aoife["id"], "unique_phone")
        assert [each["contact_id"] for each in by_phone["candidates"]] == [aoife["id"]]
        assert all(each["sentence"] for found in (linked, nobody, by_phone) for each in found["reasons"])
        stranger = await asked(aoife["phone"], name="Zbigniew Kowalczyk")
        assert (stranger["contact_id"], stranger["doubtful"]) == (aoife["id"], True)
        assert (await counts(town), await town.contacts()) == (before, people)


async def test_a_contact_has_the_addresses_that_lead_to_it_and_the_ways_to_it(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        await written(town, "Hello")
        await settled(one, 1)
        [person] = await town.people_with(ANN)
        told = await one.get(f"/contacts/{person['id']}/addresses")
        assert [each["address"] for each in told["links"]] == [f"tel:{ANN}"]
        reached = {each["channel"]: each for each in told["reached_on"]}
        assert reached.keys() == {town.sms.name, town.whatsapp.name}
        assert reached[town.sms.name]["window_seconds"] is None
        assert reached[town.whatsapp.name]["window_seconds"] == 0
        assert reached[town.whatsapp.name]["conversation_id"] == ""
        assert await one.get("/contacts/nobody/addresses") == {
            "contact_id": "nobody",
            "links": [],
            "reached_on": [],
        }
