"""Batches killed again and again: each merge is made once, the journal is whole, and the undo brings all leads back."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.acceptance.town import until
from tests.merging.conftest import WORKSPACE, House
from tests.merging.conftest import Open as OpenHouse
from tests.merging.merge_process import live as work
from tests.nursery import forked

from .batch_process import live
from .test_batch import batch_of, filled, gone, groups, name, twins

DONE = {"run": "merged", "undo": "undone"}


class Killing:
    """Processes that run one batch, or take it back, one after the other: all but the last die by `kill -9`."""

    def __init__(self, house: House, do: str, batch_id: int, count: int) -> None:
        self._house = house
        self._do = do
        self._order = {"do": do, "batch_id": batch_id}
        self._count = count
        self._dice = random.Random(count)

    async def settled(self) -> int:
        rows = await self._house.rows("select state from duplicate_merge")
        return sum(row["state"] == DONE[self._do] for row in rows)

    async def kill(self, times: int) -> None:
        """Each a few merges on, at any moment of the next one."""
        for number in range(times):
            wanted = self._count * (number + 1) // (times + 2)
            with forked(live, self._house.leadline.settings, self._order) as process:
                await until(lambda wanted=wanted: self._is_past(wanted), 900.0)  # type: ignore[misc]
                assert process.exitcode is None, "it ended before it was killed"
                await asyncio.sleep(self._dice.random() * 0.3)
            assert await self.settled() < self._count, f"kill {number + 1} came too late"

    async def finish(self) -> None:
        with forked(live, self._house.leadline.settings, self._order) as process:
            await asyncio.to_thread(process.join, 900)
            assert process.exitcode == 0, (
                "the last process waits until the database has noticed that the one before died"
            )

    async def _is_past(self, wanted: int) -> bool:
        return await self.settled() >= wanted


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("count", "times"),
    [pytest.param(40, 10, marks=pytest.mark.long), pytest.param(1000, 10, marks=pytest.mark.longest)],
)
async def test_a_batch_killed_ten_times_merges_each_once_and_is_taken_back_as_one(
    open_house: OpenHouse, database_url: str, count: int, times: int
) -> None:
    """Beside a worker, which takes up what the dead have left."""
    async with open_house() as house:
        await filled(house, database_url, twins(count))
        seen = await groups(house)
        assert len(seen) == count
        batch_id = await batch_of(house, seen)
        with forked(work, house.leadline.settings, {"do": "work"}):
            for do, check in (("run", all_made_once), ("undo", all_taken_back)):
                killing = Killing(house, do, batch_id, count)
                await killing.kill(times if do == "run" else 3)
                await until(lambda: broken_off(house, batch_id))
                await killing.finish()
                await check(house, batch_id, count)


async def broken_off(house: House, batch_id: int) -> bool:
    return (await house.leadline.duplicates.record.batch(WORKSPACE, batch_id)).broken_off


async def all_made_once(house: House, batch_id: int, count: int) -> None:
    """In Intercom, in the journal and on record."""
    record = house.leadline.duplicates.record
    batch = await record.batch(WORKSPACE, batch_id)
    assert (batch.state_in_words, batch.merged, batch.waiting) == ("done", count, 0)
    journal = await house.rows("select * from merge")
    assert len(journal) == len({row["from_id"] for row in journal}) == count
    assert all(row["state"] == "merged" and row["snapshot"] and row["compared_at"] for row in journal)
    assert {row["author"] for row in journal} == {f"Maya, batch {batch_id}"}
    merges = await record.merges(WORKSPACE, batch_id)
    assert {one.merge_id for one in merges} == {row["merge_id"] for row in journal}
    assert all([await gone(house, one.from_id) for one in merges])
    links = await house.rows("select contact_id from link where superseded_at is null")
    assert sorted(row["contact_id"] for row in links) == sorted(one.into_id for one in merges)


async def all_taken_back(house: House, batch_id: int, count: int) -> None:
    """Each lead once, as far as Intercom lets one come back; the next messages land on them."""
    record = house.leadline.duplicates.record
    batch = await record.batch(WORKSPACE, batch_id)
    assert (batch.state_in_words, batch.undone, batch.merged) == ("undone", count, 0)
    journal = await house.rows("select * from merge")
    leads = {row["undo_contact_id"] for row in journal}
    assert len(leads) == count
    owners = await house.rows("select contact_id from link where superseded_at is null")
    assert {row["contact_id"] for row in owners} == leads
    shown = [await house.ok("GET", f"/contacts/{lead}") for lead in leads]
    assert {(one["role"], one["name"]) for one in shown} == {("lead", name(number)) for number in range(count)}
    everybody = await house.ok(
        "POST", "/contacts/search", {"query": {"field": "role", "operator": "=", "value": "lead"}}
    )
    assert everybody["total_count"] == count, "no lead came back twice"
