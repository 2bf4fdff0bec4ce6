"""Each merge of a batch is looked at again with the data and the judgements of that moment, also along a chain."""

from __future__ import annotations

import pytest

from leadline.merging.duplicates.batch_seen import BatchMerge
from leadline.merging.duplicates.grouping import pair
from leadline.merging.duplicates.judgements import Verdict, judge
from tests.merging.conftest import WORKSPACE, House
from tests.merging.conftest import Open as OpenHouse

from .test_batch import batch_of, filled, gone, groups, name, phone

CHAIN = [
    {"role": "user", "external_id": "u1", "name": name(1), "phone": phone(1)},
    {"role": "lead", "external_id": "l1", "name": name(1), "phone": phone(1), "email": "one@x.example"},
    {"role": "lead", "external_id": "l2", "name": name(1), "email": "one@x.example"},
]
"""A user and two leads; the second lead shares only its name with the user, which is not enough by itself."""


async def chained(house: House, database_url: str) -> tuple[int, dict[str, BatchMerge]]:
    """A batch of the chain, and its merges: that of the lead beside the user, and that of the one behind it."""
    await filled(house, database_url, iter(CHAIN), linked=False)
    [group] = await groups(house)
    assert len(group.pairs) == 2, "the two ends share too little"
    batch_id = await batch_of(house, [group])
    merges = await house.leadline.duplicates.record.merges(WORKSPACE, batch_id)
    return batch_id, {"far" if not one.evidence else "near": one for one in merges}


async def said(house: House, one: str, other: str, verdict: Verdict) -> None:
    async with house.database.connection() as connection:
        await judge(connection, WORKSPACE, [pair(one, other)], verdict, author="Maya")


async def became(house: House, batch_id: int) -> dict[str, tuple[str, str]]:
    await house.leadline.duplicates.batches.run(WORKSPACE, batch_id)
    merges = await house.leadline.duplicates.record.merges(WORKSPACE, batch_id)
    return {one.from_id: (one.state, one.explanation) for one in merges}


async def test_a_chain_that_holds_is_merged_also_after_its_middle_has_gone(
    open_house: OpenHouse, database_url: str
) -> None:
    async with open_house() as house:
        batch_id, merges = await chained(house, database_url)
        found = await became(house, batch_id)
        assert found == {merges["near"].from_id: ("merged", ""), merges["far"].from_id: ("merged", "")}
        assert await gone(house, merges["far"].from_id)


async def test_a_chain_that_broke_meanwhile_is_not_merged(open_house: OpenHouse, database_url: str) -> None:
    async with open_house() as house:
        batch_id, merges = await chained(house, database_url)
        await house.ok("PUT", f"/contacts/{merges['far'].from_id}", {"email": "other@y.example"})
        found = await became(house, batch_id)
        assert found[merges["near"].from_id][0] == "merged"
        state, why = found[merges["far"].from_id]
        assert (state, "changed since the scan" in why) == ("skipped", True)
        assert not await gone(house, merges["far"].from_id)


@pytest.mark.parametrize("about", ["both ends", "the middle", "somebody called the same as the user"])
async def test_not_the_same_stops_a_chain_wherever_it_was_said(
    open_house: OpenHouse, database_url: str, about: str
) -> None:
    async with open_house() as house:
        batch_id, merges = await chained(house, database_url)
        far, near = merges["far"], merges["near"]
        if about == "somebody called the same as the user":
            await said(house, "somebody", far.into_id, "same")
        other = {"both ends": far.into_id, "the middle": near.from_id}.get(about, "somebody")
        await said(house, far.from_id, other, "different")
        found = await became(house, batch_id)
        state, why = found[far.from_id]
        assert (state, "not the same person" in why) == ("skipped", True)
        assert not await gone(house, far.from_id)


async def test_a_batch_waits_for_nobody_who_said_unsure_before_it_and_stops_for_who_says_it_later(
    open_house: OpenHouse, database_url: str
) -> None:
    async with open_house() as house:
        await filled(house, database_url, iter(CHAIN[:2]), linked=False)
        [group] = await groups(house)
        first, second = (one.contact_id for one in group.members)
        await said(house, first, second, "unsure")
        batch_id = await batch_of(house, [group])
        await said(house, first, second, "unsure")
        [(state, why)] = (await became(house, batch_id)).values()
        assert (state, "nobody can tell" in why) == ("skipped", True)
        again = await batch_of(house, [group])
        [(state, _)] = (await became(house, again)).values()
        assert state == "merged"
