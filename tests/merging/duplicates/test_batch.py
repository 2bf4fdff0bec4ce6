"""Batches of merges in the sandbox: ten first, killed again and again, taken back as a whole, and nothing unasked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import psycopg
import pytest

from leadline.merging.duplicates import batch as batch_work
from leadline.merging.duplicates.batch_record import FIRST
from leadline.merging.duplicates.batch_seen import Batch
from leadline.merging.duplicates.group_seen import DuplicatesRefused, GroupSeen
from leadline.merging.duplicates.grouping import pair
from leadline.merging.duplicates.judgements import judge
from leadline.merging.duplicates.learning import ENOUGH
from leadline.merging.duplicates.unattended import FEWEST
from leadline.model import Role
from leadline.people.links import Person, link
from leadline.sandbox.imports import import_contacts
from leadline.store.database import Database
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import Town, until
from tests.merging.conftest import WORKSPACE, House
from tests.merging.conftest import Open as OpenHouse

WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "islet", "jetty")


def name(number: int) -> str:
    """A name of its own for each number, without digits."""
    return " ".join(WORDS[int(digit)].capitalize() for digit in f"{number:04}"[-3:]) + f" {WORDS[number // 1000]}"


def phone(number: int) -> str:
    return f"+35386{2_000_000 + number * 37}"


def twins(count: int) -> Iterator[dict[str, Any]]:
    """So many users, and a lead beside each that has their phone and name."""
    for number in range(count):
        yield {"role": "user", "external_id": f"u{number}", "name": name(number), "phone": phone(number)}
        yield {"role": "lead", "external_id": f"lead-{number}", "name": name(number), "phone": phone(number)}


async def filled(house: House, database_url: str, people: Iterator[dict[str, Any]], *, linked: bool = True) -> None:
    """The workspace has these people, Leadline's directory knows them, and their leads have written by SMS (linked)."""
    async with Database.open(database_url) as sandbox:
        async with sandbox.connection() as connection:
            await connection.execute("delete from contact")  # the people of the demo
        await import_contacts(sandbox, people)
    await house.leadline.directory.walk(house.leadline.workspace)
    rows = await house.rows("select contact_id, keys from directory_entry where role = 'lead'")
    async with house.database.connection() as connection:
        for row in rows if linked else []:
            handle = f"tel:+{next(key for key in row['keys'] if key > 0)}"
            person = Person(contact_id=row["contact_id"], role=Role.LEAD)
            await link(connection, WORKSPACE, [handle], person, evidence="phone", author="leadline")
    assert (await house.leadline.duplicates.scan(WORKSPACE)) is not None


async def groups(house: House, count: int = 10_000) -> Sequence[GroupSeen]:
    return (await house.leadline.duplicates.review.groups(WORKSPACE, mergeable=True, count=count)).groups


async def batch_of(house: House, some: Sequence[GroupSeen]) -> int:
    """A batch without the limit on the first one."""
    record = house.leadline.duplicates.record
    return (await record.make(WORKSPACE, some, author="Maya", least=60)).batch_id


async def gone(house: House, contact_id: str) -> bool:
    return (await house.call("GET", f"/contacts/{contact_id}"))[0] == 410


async def test_after_a_batch_messages_land_on_the_user_and_after_its_undo_on_the_lead(open_town: Open) -> None:
    async with open_town() as town:
        assert await town.sms_in(phone(1), "text 0", 0) == 200
        lead = str((await until(lambda: town.people_with(phone(1))))[0]["id"])
        user = await town.intercom("POST", "/contacts", {"role": "user", "external_id": "u", "phone": phone(1)})
        duplicates = town.leadline.duplicates
        await town.leadline.directory.walk(town.leadline.workspace)
        await duplicates.scan(WORKSPACE)
        batch = await duplicates.merge(WORKSPACE, lead, author="Maya")
        assert "Maya, batch 1 merged" in await until(lambda: notes(town, "text 0", 1)), "the conversation says so"
        assert await owner_of(town, "text 1", 1) == user["id"]
        await duplicates.batches.undo(WORKSPACE, batch.batch_id, author="Tom")
        assert "Tom, batch 1 undid the merge" in await until(lambda: notes(town, "text 0", 2))
        again = await owner_of(town, "text 2", 2)
        assert again not in {lead, user["id"]}
        assert (await town.intercom("GET", f"/contacts/{again}"))["role"] == "lead"


async def notes(town: Town, text: str, least: int) -> str:
    """The notes in the conversation of a customer's message, once there are so many."""
    conversation_id = next(key for key, texts in (await town.threads()).items() if text in texts)
    whole = await town.intercom("GET", f"/conversations/{conversation_id}")
    parts = whole["conversation_parts"]["conversation_parts"]
    found = [part["body"] for part in parts if part["part_type"] == "note"]
    return " ".join(found) if len(found) >= least else ""


async def owner_of(town: Town, text: str, number: int) -> str:
    """The contact in whose conversation a message of the customer lands."""
    assert await town.sms_in(phone(1), text, number) == 200

    async def there() -> str:
        found = await town.threads()
        return next((key for key, texts in found.items() if text in texts), "")

    shown = await town.intercom("GET", f"/conversations/{await until(there)}")
    return str(shown["contacts"]["contacts"][0]["id"])


async def test_the_first_batch_is_ten_and_then_as_many_as_are_wanted(open_house: OpenHouse, database_url: str) -> None:
    async with open_house() as house:
        await filled(house, database_url, twins(14))
        duplicates = house.leadline.duplicates
        batch = await duplicates.batch_of(WORKSPACE, await groups(house), author="Maya")
        assert batch.merges == FIRST
        assert (await duplicates.batches.run(WORKSPACE, batch.batch_id)).merged == FIRST
        left = [group for group in await groups(house) if not await gone(house, group.steps[0].from_id)]
        rest = await duplicates.batch_of(WORKSPACE, left, author="Maya")
        assert rest.merges == 14 - FIRST
        with pytest.raises(DuplicatesRefused, match="nothing to merge"):
            await duplicates.batch_of(WORKSPACE, left, author="Tom")


async def test_a_group_of_more_than_ten_and_batches_made_at_once_are_ten_merges_together(
    open_house: OpenHouse, database_url: str
) -> None:
    person = {"name": name(1), "phone": phone(1)}
    crowd = [{"role": "user", "external_id": "u", **person}]
    crowd += [{"role": "lead", "external_id": f"l{number}", **person} for number in range(13)]
    async with open_house() as house:
        await filled(house, database_url, iter(crowd), linked=False)
        duplicates = house.leadline.duplicates
        [group] = await groups(house)
        assert group.gain == 13
        made = await asyncio.gather(
            *(duplicates.batch_of(WORKSPACE, [group], author=who) for who in ("Maya", "Tom")), return_exceptions=True
        )
        [batch] = [one for one in made if isinstance(one, Batch)]
        [refused] = [one for one in made if isinstance(one, DuplicatesRefused)]
        assert "come alone" in str(refused)
        assert batch.merges == FIRST
        assert (await duplicates.batches.run(WORKSPACE, batch.batch_id)).merged == FIRST
        [rest] = await groups(house)
        assert (await duplicates.merge(WORKSPACE, rest.group_id, author="Maya")).merged == 13 - FIRST


async def test_a_pair_that_changed_or_was_called_different_since_the_scan_is_left_out_with_the_reason(
    open_house: OpenHouse, database_url: str
) -> None:
    async with open_house() as house:
        await filled(house, database_url, twins(3))
        seen = await groups(house)
        batch_id = await batch_of(house, seen)
        [moved, apart, whole] = await house.leadline.duplicates.record.merges(WORKSPACE, batch_id)
        await house.ok("PUT", f"/contacts/{moved.from_id}", {"phone": "+353861999999"})
        async with house.database.connection() as connection:
            await judge(connection, WORKSPACE, [pair(apart.from_id, apart.into_id)], "different", author="Maya")
        batch = await house.leadline.duplicates.batches.run(WORKSPACE, batch_id)
        assert (batch.state, batch.merged, batch.skipped) == ("done", 1, 2)
        merges = await house.leadline.duplicates.record.merges(WORKSPACE, batch_id)
        assert "changed since the scan" in merges[0].explanation
        assert "not the same person" in merges[1].explanation
        assert await gone(house, whole.from_id)
        assert not await gone(house, moved.from_id)


async def test_a_batch_stops_and_goes_on_and_runs_in_one_process_only(
    open_house: OpenHouse, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_work, "PATIENCE", 0.2)
    async with open_house() as house:
        await filled(house, database_url, twins(6))
        batches = house.leadline.duplicates.batches
        batch_id = await batch_of(house, await groups(house))
        await house.fault(method="POST", path="/contacts/merge", delay=0.6, times=6)
        running = asyncio.create_task(batches.run(WORKSPACE, batch_id))
        await until(lambda: _merged(house, 1), 30.0)
        with pytest.raises(DuplicatesRefused, match="another process"):
            await batches.run(WORKSPACE, batch_id)
        await batches.stop(WORKSPACE, batch_id)
        stopped = await running
        assert stopped.state == "stopped"
        assert 0 < stopped.merged < 6
        assert (await batches.run(WORKSPACE, batch_id)).merged == 6
        with pytest.raises(DuplicatesRefused, match="no batch number 77"):
            await batches.stop(WORKSPACE, 77)


async def _merged(house: House, least: int) -> bool:
    rows = await house.rows("select count(*) as n from duplicate_merge where state = 'merged'")
    return bool(rows[0]["n"] >= least)


async def test_leads_alone_become_a_user_and_users_are_never_merged(open_house: OpenHouse, database_url: str) -> None:
    people = [
        {"role": "lead", "external_id": f"l{number}", "name": name(1), "phone": phone(1)} for number in range(3)
    ] + [{"role": "user", "external_id": f"u{number}", "name": name(2), "phone": phone(2)} for number in range(2)]
    async with open_house() as house:
        await filled(house, database_url, iter(people))
        [leads] = await groups(house)
        assert [step.way for step in leads.steps] == ["promote", "merge"]
        batch = await house.leadline.duplicates.merge(WORKSPACE, leads.group_id, author="Maya")
        assert (batch.state, batch.merged) == ("done", 2)
        survivor = await house.ok("GET", f"/contacts/{leads.members[0].contact_id}")
        assert survivor["role"] == "user"
        [users] = [one for one in (await house.leadline.duplicates.review.groups(WORKSPACE)).groups if one.users]
        with pytest.raises(DuplicatesRefused, match="nothing to merge"):
            await house.leadline.duplicates.merge(WORKSPACE, users.group_id, author="Maya")


async def reviewed(house: House, evidence: str, same: int, different: int) -> None:
    """Pairs that people decided, all with this to be seen."""
    async with house.database.connection() as connection:
        for number in range(same + different):
            two = (f"x{number:05}", f"y{number:05}")
            verdict = "same" if number < same else "different"
            await judge(connection, WORKSPACE, [two], verdict, author="Maya", evidence={two: evidence})  # type: ignore[arg-type]


async def test_nothing_runs_unattended_until_the_workspaces_own_pairs_have_shown_it_safe(
    open_house: OpenHouse, database_url: str
) -> None:
    strong, weak = "same_phone:85:2,same_name:52:2", "same_phone:85:2"
    async with open_house() as house:
        await filled(house, database_url, twins(3))
        unattended = house.leadline.unattended
        assert await unattended.run_if_due(WORKSPACE) is None
        await reviewed(house, strong, ENOUGH - 1, 0)
        with pytest.raises(DuplicatesRefused, match=f"With {ENOUGH}"):
            await unattended.switch_on(WORKSPACE, score=12, author="Maya")
        await reviewed(house, strong, ENOUGH, 3)
        with pytest.raises(DuplicatesRefused, match="97%"):
            await unattended.switch_on(WORKSPACE, score=12, author="Maya")
        await reviewed(house, weak, ENOUGH, 3)
        await reviewed(house, strong, FEWEST, 0)
        with pytest.raises(DuplicatesRefused, match=f"With {FEWEST}"):
            await unattended.switch_on(WORKSPACE, score=20, author="Maya")
        switched = await unattended.switch_on(WORKSPACE, score=12, author="Maya")
        assert (switched.least, switched.shown, switched.pairs) == (120, 1.0, FEWEST)
        batch = await unattended.run(WORKSPACE, switched)
        assert batch is not None
        assert (batch.state, batch.merged, batch.unattended) == ("done", 3, True)
        await unattended.switch_off(WORKSPACE)
        assert await unattended.state(WORKSPACE) is None


async def switched_on(house: House, database_url: str, count: int) -> int:
    """An unattended batch on record, as it stands when the process that made it is killed at once."""
    await filled(house, database_url, twins(count))
    await reviewed(house, "same_phone:85:2,same_name:52:2", ENOUGH, 0)
    await house.leadline.unattended.switch_on(WORKSPACE, score=12, author="Maya")
    record = house.leadline.duplicates.record
    batch = await record.make(WORKSPACE, await groups(house), author="Leadline", unattended=True)
    assert (await record.batch(WORKSPACE, batch.batch_id)).state_in_words == "running, broken off"
    return batch.batch_id


async def test_an_unattended_batch_whose_process_was_killed_is_gone_on_with(
    open_house: OpenHouse, database_url: str
) -> None:
    async with open_house() as house:
        batch_id = await switched_on(house, database_url, 3)
        await house.leadline.unattended.go_on(WORKSPACE)
        batch = await house.leadline.duplicates.record.batch(WORKSPACE, batch_id)
        assert (batch.state_in_words, batch.merged) == ("done", 3)


async def test_switching_off_stops_an_unattended_batch_that_runs_and_one_that_broke_off(
    open_house: OpenHouse, database_url: str
) -> None:
    async with open_house() as house:
        batch_id = await switched_on(house, database_url, 6)
        duplicates, unattended = house.leadline.duplicates, house.leadline.unattended
        running = asyncio.create_task(duplicates.batches.run(WORKSPACE, batch_id))
        await until(lambda: _merged(house, 1), 30.0)
        assert (await duplicates.record.batch(WORKSPACE, batch_id)).at_work
        await unattended.switch_off(WORKSPACE)
        stopped = await running
        assert (stopped.state, 0 < stopped.merged < 6) == ("stopped", True)
        await unattended.go_on(WORKSPACE)
        with pytest.raises(DuplicatesRefused, match="switched off"):
            await duplicates.batches.run(WORKSPACE, batch_id)
        assert (await duplicates.record.batch(WORKSPACE, batch_id)).merged == stopped.merged
        acts = await house.rows("select act, actor from audit where act like 'duplicates.%' order by audit_id")
        assert [(row["act"], row["actor"]) for row in acts] == [
            ("duplicates.auto_on", "Maya"),
            ("duplicates.batch", "Leadline"),
        ]


async def test_an_undo_that_could_not_take_back_everything_says_which_and_why_and_is_tried_again(
    open_house: OpenHouse, database_url: str
) -> None:
    async with open_house() as house:
        await filled(house, database_url, twins(3))
        duplicates = house.leadline.duplicates
        batch_id = await batch_of(house, await groups(house))
        await duplicates.batches.run(WORKSPACE, batch_id)
        await house.fault(method="POST", path="/contacts", status=422, code="unprocessable_entity", message="Not now")
        batch = await duplicates.batches.undo(WORKSPACE, batch_id, author="Tom")
        assert (batch.state, batch.state_in_words, batch.undone, batch.merged) == (
            "partly_undone",
            "partly undone",
            2,
            1,
        )
        [left] = [one for one in await duplicates.record.merges(WORKSPACE, batch_id) if one.state == "merged"]
        assert "Not now" in left.explanation
        batch = await duplicates.batches.undo(WORKSPACE, batch_id, author="Tom")
        assert (batch.state, batch.undone, batch.merged) == ("undone", 3, 0)
        assert [one.state for one in await duplicates.record.merges(WORKSPACE, batch_id)] == ["undone"] * 3


async def test_that_a_merge_was_undone_and_that_the_two_are_not_the_same_is_one_commit(
    open_house: OpenHouse, database_url: str
) -> None:
    async with open_house() as house:
        await filled(house, database_url, twins(1))
        duplicates = house.leadline.duplicates
        batch_id = await batch_of(house, await groups(house))
        await duplicates.batches.run(WORKSPACE, batch_id)
        await house.run(
            "create function refuse() returns trigger language plpgsql as $$ begin raise 'the disk is full'; end $$"
        )
        await house.run("create trigger refuse before insert on duplicate_judgement execute function refuse()")
        with pytest.raises(psycopg.Error, match="disk is full"):
            await duplicates.batches.undo(WORKSPACE, batch_id, author="Tom")
        [merge] = await duplicates.record.merges(WORKSPACE, batch_id)
        assert merge.state == "merged", "not undone without the word that keeps the two apart"
        await house.run("drop trigger refuse on duplicate_judgement")
        assert (await duplicates.batches.undo(WORKSPACE, batch_id, author="Tom")).state == "undone"
        said = await house.rows("select verdict from duplicate_judgement")
        assert [row["verdict"] for row in said] == ["different", "different"]


async def test_what_was_learnt_changes_the_weights_and_is_taken_back_at_a_word(
    open_house: OpenHouse, database_url: str
) -> None:
    async with open_house() as house:
        duplicates = house.leadline.duplicates
        before = await duplicates.rules(WORKSPACE)
        with pytest.raises(DuplicatesRefused, match="Only 0 pairs"):
            await duplicates.learn(WORKSPACE, author="Maya")
        await reviewed(house, "same_phone:85:2,part_of_name:8:2", 5, 55)
        learnt = await duplicates.learn(WORKSPACE, author="Maya")
        assert learnt == await duplicates.rules(WORKSPACE)
        assert learnt.tenths("same_phone", 2) < before.tenths("same_phone", 2), "here a phone says less"
        assert learnt.tenths("same_email", 2) == before.tenths("same_email", 2), "nobody reviewed that"
        assert (await duplicates.shown(WORKSPACE))[0] == 60
        await duplicates.unlearn(WORKSPACE)
        assert await duplicates.rules(WORKSPACE) == before


async def test_groups_are_plain_values_for_pages(open_house: OpenHouse, database_url: str) -> None:
    async with open_house() as house:
        await filled(house, database_url, twins(1))
        [group] = await groups(house)
        assert msgspec.json.decode(msgspec.json.encode(group), type=GroupSeen) == group
