"""Two people merge the same contacts at the same moment, in different ways: one outcome, and messages follow it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from leadline.merging.desk import Merged
from leadline.privacy import Persons
from tests.acceptance.town import until
from tests.merging.conftest import LEAD, WORKSPACE, House, Open

ONE, OTHER = "telegram:7/77", "telegram:7/88"


@pytest.fixture
async def house(open_house: Open) -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


async def two_leads(house: House) -> tuple[str, str]:
    one = await house.contact(LEAD)
    other = await house.contact(LEAD, external_id="leadline:telegram:7/88", name="ana", phone="+353862222222")
    await house.linked(ONE, one)
    await house.linked(OTHER, other)
    return one, other


async def test_two_leads_that_are_promoted_into_each_other_at_once_are_one_contact(house: House) -> None:
    one, other = await two_leads(house)
    outcomes = await asyncio.gather(
        house.merging.merge(WORKSPACE, one, other, way="promote", author="Ann", wait=60),
        house.merging.merge(WORKSPACE, other, one, way="promote", author="Bob", wait=60),
        return_exceptions=True,
    )
    states = sorted(each.state if isinstance(each, Merged) else type(each).__name__ for each in outcomes)
    roles = [(await house.call("GET", f"/contacts/{key}"))[1].get("role", "gone") for key in (one, other)]
    assert (states.count("merged"), sorted(roles)) == (1, ["gone", "user"])
    assert await house.owner(ONE) == await house.owner(OTHER)


async def test_two_reroutes_into_each_other_leave_both_addresses_with_a_contact_that_is_there(house: House) -> None:
    one, other = await two_leads(house)
    await asyncio.gather(
        house.merging.merge(WORKSPACE, one, other, way="reroute", author="Ann", wait=60),
        house.merging.merge(WORKSPACE, other, one, way="reroute", author="Bob", wait=60),
        return_exceptions=True,
    )
    owners = [await house.owner(handle) for handle in (ONE, OTHER)]
    assert owners[0] == owners[1]
    assert owners[0] in {one, other}


async def test_erasing_a_person_during_their_merge_leaves_nothing_behind(house: House) -> None:
    from_id, into_id = await house.pair()
    await house.fault(method="POST", path="/contacts/merge", delay=600)
    merging = asyncio.create_task(house.merging.merge(WORKSPACE, from_id, into_id, author="Ann", wait=60))
    await until(house.held)
    persons = Persons(house.database)
    person = await persons.find(WORKSPACE, contacts={from_id}, handles=set())
    erasing = asyncio.create_task(persons.erase(person, now=datetime.now(UTC)))
    await asyncio.wait({erasing}, timeout=1)
    await house.ok("DELETE", "/_sandbox/faults")
    await asyncio.gather(merging, erasing, return_exceptions=True)
    assert await house.rows("select handle from link") == []
    assert await house.rows("select 1 from merge where snapshot is not null or moved <> '{}'") == []
