"""Find, preview, merge, history: against the sandbox, with a real database."""

from __future__ import annotations

import asyncio

import pytest

from leadline.merging.desk import MergeRefused
from leadline.merging.journal import noticed
from leadline.model import Role
from leadline.people.links import Person, link
from leadline.sandbox.seed import KNOWN_USER, LEAD_TWIN, NEWER_TWIN, OLDER_TWIN
from tests.acceptance.town import until

from .conftest import USER, WORKSPACE, House, Open

FOUND: dict[str, list[str]] = {
    KNOWN_USER: [KNOWN_USER],
    f"  {KNOWN_USER.upper()}\n": [KNOWN_USER],
    f"https://app.intercom.com/a/apps/sandbox/users/{KNOWN_USER}/all-conversations": [KNOWN_USER],
    "cust-1001": [KNOWN_USER],
    "aoife.byrne@example.com": [KNOWN_USER],
    "00353 88 888-8999": [KNOWN_USER],
    "+447700900123": [OLDER_TWIN, NEWER_TWIN, LEAD_TWIN],
    "lead-2003": [LEAD_TWIN],
    "nobody@example.com": [],
    "0" * 24: [],
    "": [],
}


async def test_a_contact_is_found_by_what_people_have_at_hand(house: House) -> None:
    for text, found in FOUND.items():
        hits = await house.merging.find(WORKSPACE, text)
        assert sorted(hit.contact_id for hit in hits) == sorted(found), text


async def test_a_profile_of_another_workspace_is_refused(house: House) -> None:
    with pytest.raises(MergeRefused, match="another Intercom workspace"):
        await house.merging.find(WORKSPACE, f"https://app.intercom.com/a/apps/zzz9/users/{KNOWN_USER}")


async def test_the_preview_shows_both_sides_and_what_happens(house: House) -> None:
    from_id, into_id = await house.pair()
    await house.conversation(from_id, "telegram:7/77")
    plan = await house.merging.preview(WORKSPACE, from_id, into_id)
    assert [option.way for option in plan.options] == ["merge", "reroute"]
    changes = {change.field: (change.outcome, change.result) for change in plan.options[0].changes}
    assert changes["name"] == ("discarded", "Ana Kelly")
    assert changes["phone"] == ("adopted", "+353861111111")
    assert changes["email"] == ("kept", "ana@one.example")
    assert changes["external_id"] == ("discarded", "cust-1")
    assert len(plan.options[0].moves.conversations) == 1
    assert plan.options[0].moves.handles == ("telegram:7/77",)
    assert [warning.code for warning in plan.warnings] == ["different_names"]
    assert "cannot" in plan.final


async def test_a_merge_moves_handles_and_conversations_and_is_on_record(house: House) -> None:
    from_id, into_id = await house.pair()
    conversation = await house.conversation(from_id, "telegram:7/77")
    plan = await house.merging.preview(WORKSPACE, from_id, into_id)
    done = await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya", token=plan.token)
    assert (done.state, done.contact_id) == ("merged", into_id)
    assert (await house.call("GET", f"/contacts/{from_id}"))[0] == 410
    assert await house.owner("telegram:7/77") == into_id
    [row] = await house.rows("select * from conversation")
    assert (row["conversation_id"], row["contact_id"], row["ended_at"]) == (conversation, into_id, None)
    [record] = await house.merging.history(WORKSPACE)
    assert (record.from_name, record.into_name, record.author, record.state) == ("anak", "Ana Kelly", "Maya", "merged")
    assert record.handles == ("telegram:7/77",)
    assert await house.merging.history(WORKSPACE, contact_id=into_id) == [record]
    assert await house.merging.history(WORKSPACE, contact_id="0" * 24) == []


async def test_the_journal_is_written_before_intercom_is_asked_and_encrypted(open_house: Open) -> None:
    async with open_house(intercom_timeout=20.0) as house:
        from_id, into_id = await house.pair()
        await house.fault(method="POST", path="/contacts/merge", delay=600)
        merging = asyncio.create_task(house.merging.merge(WORKSPACE, from_id, into_id, author="Maya"))
        await until(house.held)
        [row] = await house.rows("select snapshot from merge where state = 'calling'")
        assert (await house.call("GET", f"/contacts/{from_id}"))[0] == 200, "not merged yet"
        assert b"ana@one.example" not in bytes(row["snapshot"])
        await house.ok("DELETE", "/_sandbox/faults")
        assert (await merging).state == "merged"


async def test_several_agents_and_double_clicks_make_one_merge(house: House) -> None:
    from_id, into_id = await house.pair()
    other = await house.contact(USER, external_id="cust-2", email="ben@two.example")
    tries = [house.merging.merge(WORKSPACE, from_id, into_id, author=f"agent {n}") for n in range(4)]
    tries += [house.merging.merge(WORKSPACE, from_id, other, author="another")]
    done = await asyncio.gather(*tries, return_exceptions=True)
    winners = {each.contact_id for each in done if not isinstance(each, BaseException)}
    assert len(winners) == 1
    assert all(isinstance(each, MergeRefused) for each in done if isinstance(each, BaseException))
    assert [row["state"] for row in await house.rows("select state from merge where state <> 'refused'")] == ["merged"]
    again = await house.merging.merge(WORKSPACE, from_id, winners.pop(), author="late")
    assert again.state == "merged"
    calls = (await house.ok("GET", "/_sandbox/calls"))["routes"]
    assert calls["POST /contacts/merge"] == 1


async def test_a_merge_made_while_another_reads_its_target_is_the_only_one(house: House) -> None:
    from_id, into_id = await house.pair()
    other = await house.contact(USER, external_id="cust-2", email="ben@two.example")
    await house.fault(method="GET", path=f"/contacts/{other}", when="after", delay=60.0)
    slow = asyncio.create_task(house.merging.merge(WORKSPACE, from_id, other, author="another"))
    await until(house.held)
    assert (await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya")).state == "merged"
    await house.ok("DELETE", "/_sandbox/faults")  # its target is read now
    with pytest.raises(MergeRefused) as refusal:
        await slow
    assert refusal.value.code == "already_merged"
    assert (await house.ok("GET", "/_sandbox/calls"))["routes"]["POST /contacts/merge"] == 1


async def test_asking_for_a_merge_that_somebody_else_is_making_says_that_it_is_made(house: House) -> None:
    from_id, into_id = await house.pair()
    await house.fault(method="GET", path=f"/contacts/{from_id}", when="before", delay=60.0)
    slow = asyncio.create_task(house.merging.merge(WORKSPACE, from_id, into_id, author="Tom"))
    await until(house.held)
    assert (await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya")).state == "merged"
    await house.ok("DELETE", "/_sandbox/faults")
    assert (await slow).state == "merged"
    assert [row["author"] for row in await house.rows("select author from merge")] == ["Maya"]


async def test_a_stale_preview_is_refused_and_a_new_message_does_not_make_it_stale(house: House) -> None:
    from_id, into_id = await house.pair()
    plan = await house.merging.preview(WORKSPACE, from_id, into_id)
    await house.conversation(from_id, "telegram:7/77")
    assert (await house.merging.preview(WORKSPACE, from_id, into_id)).token == plan.token
    await house.ok("PUT", f"/contacts/{into_id}", {"name": "Ben"})
    with pytest.raises(MergeRefused) as refusal:
        await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya", token=plan.token)
    assert refusal.value.code == "stale"
    assert await house.rows("select 1 from merge") == []


async def test_before_2_16_no_flag_is_sent_that_intercom_does_not_know(open_house: Open) -> None:
    async with open_house(intercom_version="2.15", sandbox={"version": "2.15"}) as house:
        from_id, into_id = await house.pair()
        done = await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya")
        assert done.state == "merged"


async def test_nothing_is_written_for_a_merged_contact_however_late(house: House) -> None:
    """A worker that decided before the merge and writes after it, whatever it writes and whoever wrote the code."""
    from_id, into_id = await house.pair()
    await house.conversation(from_id, "telegram:7/77")
    await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya")
    await house.linked("telegram:7/88", from_id)
    async with house.database.connection() as connection:
        await connection.execute("update conversation set contact_id = %s", [from_id])
    links = await house.rows("select contact_id, role from link where superseded_at is null")
    assert {(row["contact_id"], row["role"]) for row in links} == {(into_id, "user")}
    assert [row["contact_id"] for row in await house.rows("select contact_id from conversation")] == [into_id]


async def test_a_link_being_written_while_a_merge_is_recorded_goes_along(house: House) -> None:
    from_id, into_id = await house.pair()
    async with house.database.connection() as connection:
        person = Person(contact_id=from_id, role=Role.LEAD)
        await link(connection, WORKSPACE, ["telegram:7/88"], person, evidence="new_lead", author="leadline")
        merging = asyncio.create_task(house.merging.merge(WORKSPACE, from_id, into_id, author="Maya"))

        async def gone() -> bool:
            return (await house.call("GET", f"/contacts/{from_id}"))[0] == 410

        await until(gone)
        assert [row["state"] for row in await house.rows("select state from merge")] == ["calling"]
    assert (await merging).state == "merged"
    assert await house.owner("telegram:7/88") == into_id


async def test_a_merge_that_intercom_never_answers_is_given_up_and_has_not_happened(house: House) -> None:
    from_id, into_id = await house.pair()
    await house.fault(method="POST", path="/contacts/merge", status=503, times=9)
    waiting = await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya", wait=0.5)
    assert (waiting.state, "continues by itself" in waiting.sentence) == ("calling", True)
    await house.run("update merge set due_at = now() - interval '16 minutes', called_at = now() - interval '6 seconds'")
    with pytest.raises(MergeRefused, match="did not answer for 15 minutes"):
        await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya")
    assert await house.owner("telegram:7/77") == from_id
    await house.ok("DELETE", "/_sandbox/faults")
    assert (await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya")).state == "merged"


async def test_an_answer_that_is_lost_is_looked_up(house: House) -> None:
    from_id, into_id = await house.pair()
    await house.fault(method="POST", path="/contacts/merge", when="after", drop=True)
    waiting = await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya", wait=0.5)
    assert waiting.state == "calling"
    await house.run("update merge set called_at = now() - interval '6 seconds'")
    assert (await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya")).state == "merged"
    assert (await house.ok("GET", "/_sandbox/calls"))["routes"]["POST /contacts/merge"] == 1
    assert await house.owner("telegram:7/77") == into_id


async def test_a_merge_whose_answer_was_lost_and_whose_survivor_went_further_is_one_merge(house: House) -> None:
    """Noticed at its last survivor before anybody looks what became of the call: one row, made by Maya."""
    from_id, into_id = await house.pair()
    last = Person(contact_id=await house.contact(USER, external_id="c-2", email="c@two.example"), role=Role.USER)
    await house.fault(method="POST", path="/contacts/merge", when="after", drop=True)
    planned = await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya", wait=1.0)
    assert planned.state == "calling"
    async with house.database.connection() as connection:
        await noticed(connection, WORKSPACE, from_id, last)
        await noticed(connection, WORKSPACE, into_id, last)
    await house.run("update merge set called_at = now() - interval '1 minute' where state = 'calling'")
    done = await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya", wait=8.0)
    assert done.state == "merged"
    [row] = [row for row in await house.rows("select * from merge") if row["from_id"] == from_id]
    assert (row["author"], row["moved"]["handles"]) == ("Maya", ["telegram:7/77"])
    assert await house.owner("telegram:7/77") == last.contact_id
