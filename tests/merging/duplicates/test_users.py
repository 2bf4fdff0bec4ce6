"""Users in groups: merged by a batch where Intercom's Preview API allows it, taken back as leads, else said so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from leadline.merging.duplicates.group_seen import DuplicatesRefused, GroupSeen, staying
from leadline.merging.duplicates.unattended import surest
from leadline.merging.duplicates.wording import proposed, question
from tests.acceptance.town import until
from tests.merging.conftest import WORKSPACE, House
from tests.merging.conftest import Open as OpenHouse
from tests.merging.merge_process import live as work
from tests.nursery import forked

from .batch_process import live
from .test_batch import batch_of, filled, gone, groups, name, phone


def users(count: int) -> Iterator[dict[str, Any]]:
    """So many people, each of whom is two users with one name and one phone."""
    for number in range(count):
        for twin in ("a", "b"):
            yield {"role": "user", "external_id": f"{twin}{number}", "name": name(number), "phone": phone(number)}


@asynccontextmanager
async def previewing(
    open_house: OpenHouse, database_url: str, people: Iterator[dict[str, Any]]
) -> AsyncIterator[House]:
    """A house of these contacts, whose Intercom has the Preview API."""
    async with open_house(intercom_preview=True) as house:
        await house.ok("PUT", "/_sandbox/control", {"preview": True})
        await filled(house, database_url, people)
        yield house


async def one_group(house: House) -> GroupSeen:
    [group] = (await house.leadline.duplicates.review.groups(WORKSPACE)).groups
    [asked] = await house.leadline.duplicates.previewed(WORKSPACE, [group])
    return asked


async def test_a_batch_merges_users_where_the_preview_api_allows_it_and_its_undo_brings_leads_back(
    open_house: OpenHouse, database_url: str
) -> None:
    """A lead of the same person goes first, in the same batch."""
    lead = {"role": "lead", "external_id": "l", "name": name(0), "phone": phone(0)}
    async with previewing(open_house, database_url, iter([*users(1), lead])) as house:
        group = await one_group(house)
        survivor, user = (one for one in group.members if one.role == "user")
        assert (len(group.steps), group.users, group.users_merged) == (2, (), (user.contact_id,))
        assert group.steps[-1].from_id == user.contact_id
        assert any("both are users" in line for line in proposed(group))
        assert "only as a lead" in question([group])
        duplicates = house.leadline.duplicates
        batch = await duplicates.merge(WORKSPACE, user.contact_id, author="Maya")
        assert (batch.state, batch.merged) == ("done", 2)
        assert await gone(house, user.contact_id)
        undone = await duplicates.batches.undo(WORKSPACE, batch.batch_id, author="Tom")
        assert (undone.state, undone.undone) == ("undone", 2)
        of_lead, of_user = await duplicates.record.merges(WORKSPACE, batch.batch_id)
        assert "It was a user, and comes back as a lead." in of_user.explanation
        assert "user id" in of_user.explanation
        assert "It was a user" not in of_lead.explanation
        assert (await house.ok("GET", f"/contacts/{survivor.contact_id}"))["role"] == "user"
        journal = await house.rows("select undo_contact_id from merge order by merge_id")
        roles = [(await house.ok("GET", f"/contacts/{row['undo_contact_id']}"))["role"] for row in journal]
        assert roles == ["lead", "lead"]


async def test_a_scan_counts_users_only_where_they_can_be_merged(open_house: OpenHouse, database_url: str) -> None:
    async with open_house(intercom_preview=True) as house:
        await filled(house, database_url, users(2))
        assert await groups(house) == (), "this workspace has no Preview API"
        [one, _] = (await house.leadline.duplicates.review.groups(WORKSPACE)).groups
        assert one.users
        assert "merges no users here" in " ".join(proposed(one))
        with pytest.raises(DuplicatesRefused, match="nothing to merge"):
            await house.leadline.duplicates.merge(WORKSPACE, one.group_id, author="Maya")


async def test_users_that_share_neither_e_mail_nor_phone_stay_and_the_offer_is_said(
    open_house: OpenHouse, database_url: str
) -> None:
    lead = {"role": "lead", "external_id": "l", "name": name(0), "phone": phone(0), "email": "one@home.example"}
    people = [
        {"role": "user", "external_id": "a", "name": name(0), "phone": phone(0)},
        {"role": "user", "external_id": "b", "name": name(0), "email": "one@home.example"},
        lead,
    ]
    async with previewing(open_house, database_url, iter(people)) as house:
        group = await one_group(house)
        assert (len(group.steps), len(group.users), group.users_merged) == (1, 1, ())
        [line] = [line for line in proposed(group) if "stays" in line]
        assert "same e-mail or the same phone" in line
        assert "leadline link attach" in line


async def test_what_intercom_says_of_two_users_is_asked_before_a_person_says_yes(
    open_house: OpenHouse, database_url: str
) -> None:
    async with previewing(open_house, database_url, users(1)) as house:
        [group] = await groups(house)
        [user] = group.users_merged
        await house.ok("POST", f"/_sandbox/contacts/{user}/origin", {"origin": "external_channel"})
        [asked] = await house.leadline.duplicates.previewed(WORKSPACE, [group])
        assert (asked.steps, asked.users) == ((), (user,))
        assert "WhatsApp channel" in " ".join(proposed(asked))


async def test_while_intercom_is_away_two_users_are_left_to_the_merge_itself(
    open_house: OpenHouse, database_url: str
) -> None:
    async with previewing(open_house, database_url, users(1)) as house:
        seen = await groups(house)
        await house.fault(method="POST", path="/contacts/merge/preview", status=503, times=100)
        assert await house.leadline.duplicates.previewed(WORKSPACE, seen) == [*seen]


async def test_a_user_that_intercom_refuses_after_all_is_left_out_with_its_reason_and_the_batch_goes_on(
    open_house: OpenHouse, database_url: str
) -> None:
    async with previewing(open_house, database_url, users(2)) as house:
        batch_id = await batch_of(house, await groups(house))
        duplicates = house.leadline.duplicates
        [first, _] = await duplicates.record.merges(WORKSPACE, batch_id)
        await house.ok("POST", f"/_sandbox/contacts/{first.from_id}/origin", {"origin": "external_channel"})
        batch = await duplicates.batches.run(WORKSPACE, batch_id)
        assert (batch.state, batch.merged, batch.refused) == ("done", 1, 1)
        [first, second] = await duplicates.record.merges(WORKSPACE, batch_id)
        assert "WhatsApp channel" in first.explanation
        assert not await gone(house, first.from_id)
        assert await gone(house, second.from_id)


async def test_a_contact_that_is_gone_does_not_make_the_workspace_one_without_the_preview_api(
    open_house: OpenHouse, database_url: str
) -> None:
    async with previewing(open_house, database_url, users(2)) as house:
        [one, other] = await groups(house)
        await house.ok("DELETE", f"/contacts/{one.users_merged[0]}")
        [left, kept] = await house.leadline.duplicates.previewed(WORKSPACE, [one, other])
        assert left.steps == ()
        assert kept.users_merged == other.users_merged
        assert house.leadline.preview_api.may(WORKSPACE)


async def test_users_are_never_merged_unattended(open_house: OpenHouse, database_url: str) -> None:
    async with previewing(open_house, database_url, users(1)) as house:
        [group] = await groups(house)
        assert group.named
        assert group.users_merged
        assert not surest(group)


async def test_another_user_can_stay(open_house: OpenHouse, database_url: str) -> None:
    async with previewing(open_house, database_url, users(1)) as house:
        [group] = await groups(house)
        [user] = group.users_merged
        turned = staying(group, user)
        assert turned.users_merged == (group.members[0].contact_id,)
        batch = await house.leadline.duplicates.batch_of(WORKSPACE, [turned], author="Maya")
        assert (await house.leadline.duplicates.batches.run(WORKSPACE, batch.batch_id)).merged == 1
        assert await gone(house, group.members[0].contact_id)


KILLED_AT = (
    ("run", "POST", "/contacts/merge", "before"),
    ("run", "POST", "/contacts/merge", "after"),
    ("run", "POST", "/contacts/merge/preview", "after"),
    ("undo", "POST", "/contacts", "before"),
    ("undo", "POST", "/contacts", "after"),
)
"""What a process is at with Intercom when it is killed, and whether Intercom has done it by then."""


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_a_batch_of_users_killed_in_the_middle_merges_each_once_and_is_taken_back_whole(
    open_house: OpenHouse, database_url: str
) -> None:
    count = 4
    async with previewing(open_house, database_url, users(count)) as house:
        batch_id = await batch_of(house, await groups(house))
        record = house.leadline.duplicates.record
        for do, done in (("run", "merged"), ("undo", "undone")):
            for _, method, path, when in (point for point in KILLED_AT if point[0] == do):
                await killed(house, {"do": do, "batch_id": batch_id}, method=method, path=path, when=when)
            with forked(work, house.leadline.settings, {"do": "work"}):
                await until(lambda: broken_off(house, batch_id))
                with forked(live, house.leadline.settings, {"do": do, "batch_id": batch_id}) as process:
                    await asyncio.to_thread(process.join, 300)
                assert process.exitcode == 0
            batch = await record.batch(WORKSPACE, batch_id)
            assert getattr(batch, done) == count
            journal = await house.rows("select * from merge")
            assert len(journal) == len({row["from_id"] for row in journal}) == count
            assert {row["state"] for row in journal} == {done}
        assert all([await gone(house, row["from_id"]) for row in journal])
        back = [await house.ok("GET", f"/contacts/{row['undo_contact_id']}") for row in journal]
        assert {(one["role"], one["name"]) for one in back} == {("lead", name(number)) for number in range(count)}
        query = {"query": {"field": "role", "operator": "=", "value": "lead"}}
        assert (await house.ok("POST", "/contacts/search", query))["total_count"] == count, "no lead came back twice"


async def killed(house: House, order: dict[str, Any], **call: str) -> None:
    """A process with this order, killed while Intercom has this call of it."""
    await house.fault(**call, delay=60.0, drop=True)
    with forked(live, house.leadline.settings, order):
        await until(house.held, 60.0)
    await house.ok("DELETE", "/_sandbox/faults")


async def broken_off(house: House, batch_id: int) -> bool:
    return (await house.leadline.duplicates.record.batch(WORKSPACE, batch_id)).broken_off
