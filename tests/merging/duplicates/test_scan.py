"""A whole directory scanned, looked at and judged: what is found, what is proposed, and what people said is kept."""

from __future__ import annotations

import asyncio

import pytest

from leadline.directory import stored
from leadline.merging.duplicates.group_seen import DuplicatesRefused
from leadline.merging.duplicates.survivors import Step

from .conftest import PEOPLE, WORKSPACE, Shelf

ALL = ["d1 d2", "a1 a3 a2", "c2 c1"]


async def test_the_groups_are_found_and_families_firms_and_nobodys_lead_are_not(shelf: Shelf) -> None:
    found = await shelf.scan()
    assert (found.contacts, found.groups, found.mergeable) == (len(PEOPLE), 3, 3)
    assert sorted(await shelf.groups()) == sorted(ALL)


async def test_a_group_tells_why_who_stays_and_what_intercom_allows(shelf: Shelf) -> None:
    await shelf.scan()
    ana = await shelf.group("a3")
    assert ana.steps == (Step(from_id="a3", into_id="a1", way="merge"), Step(from_id="a2", into_id="a1", way="merge"))
    assert ana.named
    assert {one.reasons for one in ana.pairs} == {
        "same phone +8.5, same name (3 have it) +4.2",
        "same mailbox +7.5, same name (3 have it) +4.2",
    }
    cian = await shelf.group("c1")
    assert cian.steps == (Step(from_id="c1", into_id="c2", way="promote"),), "the e-mail stays, and becomes a user"
    dee = await shelf.group("d2")
    assert (dee.steps, dee.users, dee.gain) == ((), ("d2",), 0), "Intercom merges no users"
    with pytest.raises(DuplicatesRefused, match="in no group"):
        await shelf.group("e1")


async def test_contacts_of_one_name_are_told_apart_by_what_they_do_not_share(shelf: Shelf) -> None:
    people = {
        "a1": {"role": "user", "name": "Ana Silva", "phone": "+353861111111"},
        "a2": {"role": "lead", "name": "Ana Silva", "phone": "+353861111111"},
        "a3": {"role": "lead", "name": "Ana Silva", "phone": "+353861111111", "email": "ana@x.example"},
    }
    await shelf.learn(people)
    await shelf.scan()
    group = await shelf.group("a1")
    assert [group.name(key) for key in ("a1", "a2", "a3")] == [
        "Ana Silva (user)",
        "Ana Silva (a2)",
        "Ana Silva (ana@x.example)",
    ]


async def test_two_of_a_group_that_are_not_the_same_leave_the_third_to_one_of_them(shelf: Shelf) -> None:
    await shelf.scan()
    await shelf.review.ignore(WORKSPACE, "a1", author="Maya", only="a2", other="a1")
    assert "a1 a3" in await shelf.groups()
    with pytest.raises(DuplicatesRefused, match="Contact b1 is not in this group"):
        await shelf.review.ignore(WORKSPACE, "a1", author="Maya", only="a1", other="b1")


async def test_groups_come_by_score_or_by_gain_and_can_be_cut(shelf: Shelf) -> None:
    await shelf.scan()
    listing = await shelf.review.groups(WORKSPACE, count=1)
    assert (len(listing.groups), listing.total) == (1, 3)
    assert (await shelf.groups(by_gain=True))[0] == "a1 a3 a2"
    assert await shelf.groups(mergeable=True) == [group for group in await shelf.groups() if group != "d1 d2"]
    assert await shelf.groups(min_score=200) == []
    assert (await shelf.review.groups(WORKSPACE, mergeable=True, count=1)).total == 2
    await shelf.review.later(WORKSPACE, "a1", author="Maya")
    assert (await shelf.review.groups(WORKSPACE, count=1)).total == 2, "what is put off is not counted"
    async with shelf.database.connection() as connection:
        await connection.execute("delete from duplicate_judgement")
    assert [*await shelf.groups(count=2), *await shelf.groups(count=2, skip=2)] == await shelf.groups()


async def test_what_people_said_outlives_every_scan(shelf: Shelf) -> None:
    await shelf.scan()
    await shelf.review.ignore(WORKSPACE, "c1", author="Maya")
    await shelf.review.ignore(WORKSPACE, "a2", author="Maya", only="a2")
    for _ in range(2):
        assert sorted(await shelf.groups()) == ["a1 a3", "d1 d2"]
        await shelf.scan()
    await shelf.learn({"c3": {"role": "lead", "name": "Cian Doyle", "phone": "+353867777777"}})
    await shelf.scan()
    found = [one for one in await shelf.groups() if "c" in one]
    assert len(found) == 1, "a third Cian joins one of the two, and the two stay apart"
    assert len(found[0].split()) == 2


async def test_later_hides_a_group_and_unsure_only_keeps_it_from_being_merged_unattended(shelf: Shelf) -> None:
    await shelf.scan()
    await shelf.review.later(WORKSPACE, "c1", author="Maya", days=3)
    await shelf.review.unsure(WORKSPACE, "a1", author="Maya")
    await shelf.scan()
    assert sorted(await shelf.groups()) == ["a1 a3 a2", "d1 d2"]
    assert not (await shelf.group("a1")).named
    assert (await shelf.group("c1")).pairs[0].verdict == "unsure"
    async with shelf.database.connection() as connection:
        await connection.execute(
            "update duplicate_judgement set until = now() - interval '1 second' where until > now()"
        )
    assert "c2 c1" in await shelf.groups()


async def test_a_contact_that_is_gone_is_in_no_group_any_more(shelf: Shelf) -> None:
    await shelf.scan()
    async with shelf.database.connection() as connection:
        await stored.forget(connection, WORKSPACE, ["c1", "a2"])
    assert sorted(await shelf.groups()) == ["a1 a3", "d1 d2"]
    with pytest.raises(DuplicatesRefused):
        await shelf.group("c2")


async def test_the_groups_of_the_scan_before_stay_until_the_next_one_is_whole(shelf: Shelf) -> None:
    await shelf.scan()
    looks = asyncio.gather(*(shelf.groups() for _ in range(5)))
    await shelf.scan(least=140)
    assert all(len(look) in {1, 3} for look in await looks)
    assert await shelf.groups() == ["d1 d2"]


async def test_two_scans_at_once_are_one(shelf: Shelf) -> None:
    async with shelf.database.if_alone(f"duplicates scan {WORKSPACE}") as alone:
        assert alone
        with pytest.raises(AssertionError):
            await shelf.scan()
