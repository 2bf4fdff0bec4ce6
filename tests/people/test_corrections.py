"""People correct whose a handle is: what Intercom then gets, and that an undo puts everything back."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from leadline.errors import BadHandle
from leadline.identity.evidence import Evidence
from leadline.people import quality, record
from leadline.people.corrections import CorrectionRefused
from leadline.people.leads import Leads
from leadline.people.links import Person
from leadline.people.look_up import LookUp
from tests.acceptance.town import until
from tests.people.conftest import WORKSPACE, Desk

PHONE, ACCOUNT, BOT = "tel:+353861234567", "whatsapp:222/IE.1349", "telegram:9/77"


async def standing(desk: Desk) -> dict[str, Any]:
    """Everything a correction may change."""
    links = await desk.rows("select handle, contact_id, evidence, doubt from link where superseded_at is null")
    pairs = await desk.rows("select handle, contact_id from distinct_pair where author <> 'leadline'")
    flags = await desk.rows("select handle, shared, own_lead from handle where shared or own_lead")
    running = await desk.rows("select conversation_id from conversation where ended_at is null")
    tables = {"links": links, "pairs": pairs, "flags": flags, "running": running}
    return {name: sorted(map(repr, rows)) for name, rows in tables.items()}


async def test_not_this_person_gives_a_lead_and_a_conversation_of_its_own(desk: Desk) -> None:
    user = await desk.contact({"role": "user", "external_id": "u", "phone": "+353861234567", "name": "Ana"})
    assert await desk.write(PHONE, text="one") == user
    made = await desk.leadline.corrections.detach(WORKSPACE, "086 123 4567".replace("0", "+353", 1), author="Ann")
    assert (made.handle, made.from_id, made.into_id) == (PHONE, user, "")
    lead = await desk.write(PHONE, text="two")
    assert lead not in {"", user}
    assert await desk.told() == (["own_lead"], False)
    assert await desk.threads(user) == [["one"]]
    assert await desk.threads(lead) == [["two"]]
    assert await desk.write(PHONE, text="three") == lead
    assert await desk.told() == (["known_link"], False)


async def test_not_this_person_said_of_its_own_lead_makes_another(desk: Desk) -> None:
    first = await desk.write(PHONE)
    await desk.leadline.corrections.detach(WORKSPACE, PHONE, author="Ann")
    second = await desk.write(PHONE)
    await desk.leadline.corrections.detach(WORKSPACE, PHONE, author="Ann")
    await desk.calls()
    third = await desk.write(PHONE)
    assert len({first, second, third}) == 3
    assert await desk.calls() == {
        "POST /contacts": 1,
        "POST /conversations": 1,
        "POST /conversations/{id}/tags": 1,
    }, "ids of leads that are not this person are not tried"


async def test_it_is_that_person_re_routes_and_intercom_only_reads(desk: Desk) -> None:
    lead = await desk.write(PHONE, text="one")
    user = await desk.contact({"role": "user", "external_id": "u", "name": "Ana"})
    await desk.calls()
    await desk.leadline.corrections.attach(WORKSPACE, PHONE, user, author="Ann")
    assert await desk.calls() == {"GET /contacts/{id}": 1}
    assert await desk.write(PHONE, text="two") == user
    assert (await desk.threads(lead), await desk.threads(user)) == ([["one"]], [["two"]])


async def test_a_message_that_is_under_way_does_not_take_a_correction_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = await desk.write(PHONE)
    user = await desk.contact({"role": "user", "external_id": "u"})
    look_up = LookUp.of

    async def meanwhile(asked: LookUp, *arguments: Any, whatsapp: bool) -> Evidence:
        await desk.leadline.corrections.attach(WORKSPACE, PHONE, user, author="Ann")
        return await look_up(asked, *arguments, whatsapp=whatsapp)

    with monkeypatch.context() as patch:
        patch.setattr(LookUp, "of", meanwhile)
        assert await desk.write(PHONE, text="under way") == lead
    assert await desk.owner(PHONE) == user
    assert await desk.write(PHONE, text="later") == user
    assert await desk.threads(user) == [["later"]]


async def test_all_addresses_of_one_sender_go_together(desk: Desk) -> None:
    lead = await desk.write(PHONE, ACCOUNT, channel="whatsapp")
    made = await desk.leadline.corrections.detach(WORKSPACE, ACCOUNT, author="Ann")
    assert set(made.handles) == {PHONE, ACCOUNT}
    other = await desk.write(PHONE)
    assert other != lead
    assert await desk.write(ACCOUNT, channel="whatsapp") == other


async def test_attaching_to_its_own_contact_confirms_what_was_in_doubt(desk: Desk) -> None:
    for number in range(2):
        await desk.contact({"role": "user", "external_id": f"u{number}", "phone": "+353861234567"})
    chosen = await desk.write(PHONE)
    await desk.write(PHONE)
    assert await desk.told() == (["known_link", "unconfirmed_link"], True)
    await desk.leadline.corrections.attach(WORKSPACE, PHONE, chosen, author="Ann")
    assert await desk.write(PHONE, text="three") == chosen
    assert await desk.told() == (["known_link"], False)
    assert len(await desk.threads(chosen)) == 1, "a confirmation does not break the conversation"


@pytest.mark.parametrize("kind", ["detach", "attach"])
async def test_an_undo_brings_contact_and_conversation_back(desk: Desk, kind: str) -> None:
    user = await desk.contact({"role": "user", "external_id": "u", "phone": "+353861234567"})
    other = await desk.contact({"role": "user", "external_id": "v"})
    await desk.write(PHONE, text="one")
    before = await standing(desk)
    corrections = desk.leadline.corrections
    if kind == "detach":
        made = await corrections.detach(WORKSPACE, PHONE, author="Ann")
    else:
        made = await corrections.attach(WORKSPACE, PHONE, other, author="Ann")
    assert await desk.write(PHONE, text="two") != user
    await corrections.undo(WORKSPACE, made.correction_id, author="Ben")
    assert await standing(desk) == before
    assert await desk.write(PHONE, text="three") == user
    assert await desk.threads(user) == [["one", "three"]]


async def test_corrections_in_any_order_undone_backwards_leave_no_trace(desk: Desk) -> None:
    targets = [await desk.contact({"role": "user", "external_id": f"u{number}"}) for number in range(2)]
    await desk.write(PHONE, ACCOUNT, channel="whatsapp")
    await desk.write(BOT, channel="telegram")
    before, dice = await standing(desk), random.Random(20261124)
    corrections, made, refusals = desk.leadline.corrections, [], set()
    for _ in range(25):
        handle, what = dice.choice([PHONE, ACCOUNT, BOT]), dice.choice(["detach", "attach", "share"])
        try:
            if what == "detach":
                made.append(await corrections.detach(WORKSPACE, handle, author="Ann"))
            elif what == "attach":
                made.append(await corrections.attach(WORKSPACE, handle, dice.choice(targets), author="Ann"))
            else:
                made.append(await corrections.share(WORKSPACE, handle, dice.random() < 0.5, author="Ann"))
        except CorrectionRefused as refused:
            refusals.add(refused.code)
    assert refusals <= {"not_linked", "nothing_to_change"}
    assert len(made) > 10
    for one in reversed(made):
        await corrections.undo(WORKSPACE, one.correction_id, author="Ben")
    assert await standing(desk) == before


async def test_a_correction_under_another_one_is_not_undone(desk: Desk) -> None:
    user = await desk.contact({"role": "user", "external_id": "u"})
    await desk.write(PHONE)
    corrections = desk.leadline.corrections
    first = await corrections.detach(WORKSPACE, PHONE, author="Ann")
    second = await corrections.attach(WORKSPACE, PHONE, user, author="Ann")
    with pytest.raises(CorrectionRefused, match=f"Correction {second.correction_id} was made after"):
        await corrections.undo(WORKSPACE, first.correction_id, author="Ann")
    undone = await corrections.undo(WORKSPACE, second.correction_id, author="Ann")
    await corrections.undo(WORKSPACE, first.correction_id, author="Ann")
    for again in (first, undone):
        with pytest.raises(CorrectionRefused, match="undone already"):
            await corrections.undo(WORKSPACE, again.correction_id, author="Ann")
    listed = await corrections.listed(WORKSPACE)
    assert [(one.kind, one.undone, one.undoes) for one in reversed(listed)] == [
        ("detach", True, None),
        ("attach", True, None),
        ("undo", False, second.correction_id),
        ("undo", False, first.correction_id),
    ]
    assert [one.kind for one in await corrections.listed(WORKSPACE, contact_id=user)] == ["undo", "attach"]


async def test_an_undo_finds_the_contact_that_was_merged_meanwhile(desk: Desk) -> None:
    lead = await desk.write(PHONE)
    user = await desk.contact({"role": "user", "external_id": "u"})
    made = await desk.leadline.corrections.detach(WORKSPACE, PHONE, author="Ann")
    await desk.ok("POST", "/contacts/merge", {"from": lead, "into": user, "skip_duplicate_validation": True})
    await desk.leadline.corrections.undo(WORKSPACE, made.correction_id, author="Ann")
    assert await desk.owner(PHONE) == user


async def test_what_cannot_be_corrected_says_why(desk: Desk) -> None:
    corrections = desk.leadline.corrections
    with pytest.raises(CorrectionRefused, match="linked to no contact"):
        await corrections.detach(WORKSPACE, PHONE, author="Ann")
    with pytest.raises(CorrectionRefused, match="is not in Intercom"):
        await corrections.attach(WORKSPACE, PHONE, "0" * 24, author="Ann")
    with pytest.raises(CorrectionRefused, match="no correction 7"):
        await corrections.undo(WORKSPACE, 7, author="Ann")
    for wrong in ("hello", "tel:hello"):
        with pytest.raises(BadHandle):
            await corrections.detach(WORKSPACE, wrong, author="Ann")


@pytest.mark.parametrize("typed", ["086 123 4567", "tel:086 123 4567", "86 1234567", "+353 86 123 4567", PHONE])
async def test_a_number_without_a_country_code_is_one_of_the_country_that_the_workspace_shows(
    desk: Desk, typed: str
) -> None:
    """The region is inferred: no setting says it."""
    for number in range(20):
        await desk.contact({"role": "user", "external_id": f"c{number}", "phone": f"+35386700{number:04}"})
    user = await desk.contact({"role": "user", "external_id": "u", "phone": "086 123 4567"})
    await desk.leadline.directory.walk(desk.leadline.workspace)
    assert desk.leadline.settings.default_region == ""
    assert await desk.write(PHONE) == user
    made = await desk.leadline.corrections.detach(WORKSPACE, typed, author="Ann")
    assert (made.handle, made.from_id) == (PHONE, user)


async def test_where_no_country_is_known_a_number_without_a_code_is_refused(desk: Desk) -> None:
    with pytest.raises(BadHandle, match="country code"):
        await desk.leadline.corrections.detach(WORKSPACE, "tel:086 123 4567", author="Ann")


async def test_corrections_are_counted_by_the_reason_of_what_they_corrected(desk: Desk) -> None:
    user = await desk.contact({"role": "user", "external_id": "u", "phone": PHONE[4:]})
    other = await desk.contact({"role": "user", "external_id": "o"})
    assert await desk.write(PHONE) == user
    await desk.write(PHONE)
    await desk.write(BOT)
    made = await desk.leadline.corrections.detach(WORKSPACE, PHONE, author="Ann")
    await desk.leadline.corrections.attach(WORKSPACE, BOT, other, author="Ann")

    async def counts() -> dict[str, tuple[int, int, int]]:
        found = await quality.by_reason(desk.database, WORKSPACE, 3600.0)
        return {one.reason: (one.decisions, one.corrected, one.confirmed) for one in found}

    assert await counts() == {"unique_phone": (1, 1, 0), "known_link": (1, 0, 0), "new_lead": (1, 1, 0)}
    assert await quality.corrected(desk.database, WORKSPACE) == {"unique_phone": 1, "new_lead": 1}
    await desk.leadline.corrections.undo(WORKSPACE, made.correction_id, author="Ann")
    assert await quality.corrected(desk.database, WORKSPACE) == {"new_lead": 1}, "one that was undone does not count"
    await desk.leadline.corrections.attach(WORKSPACE, BOT, other, author="Ben")
    assert await quality.corrected(desk.database, WORKSPACE) == {"new_lead": 1}, "nor one of what a person had said"


async def test_a_confirmation_is_no_correction(desk: Desk) -> None:
    user = await desk.contact({"role": "user", "external_id": "u", "phone": PHONE[4:]})
    await desk.write(PHONE)
    await desk.leadline.corrections.attach(WORKSPACE, PHONE, user, author="Ann")
    [one] = await quality.by_reason(desk.database, WORKSPACE, 3600.0)
    assert (one.reason, one.corrected, one.confirmed, one.share) == ("unique_phone", 0, 1, 0.0)


async def test_a_first_message_that_is_under_way_does_not_take_a_correction_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody says whose the number is while its first message is being decided: then it is decided again."""
    user = await desk.contact({"role": "user", "external_id": "u"})
    new, said = Leads.new, list[str]()

    async def meanwhile(leads: Leads, *arguments: Any) -> Person:
        made = await new(leads, *arguments)
        if not said:
            said.append("that person")
            await desk.leadline.corrections.attach(WORKSPACE, PHONE, user, author="Ann")
        return made

    monkeypatch.setattr(Leads, "new", meanwhile)
    assert await desk.write(PHONE, text="first") == user
    assert said
    assert await desk.owner(PHONE) == user
    assert await desk.threads(user) == [["first"]]
    [row] = await desk.rows("select author from link where superseded_at is null")
    assert row["author"] == "Ann"


async def test_a_correction_that_is_not_committed_yet_counts_for_a_first_message(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await desk.contact({"role": "user", "external_id": "u"})
    new, said = Leads.new, list[asyncio.Task[None]]()
    written = asyncio.Event()

    async def attach() -> None:
        async with desk.database.connection() as connection:
            await connection.execute(
                "insert into link (workspace_id, handle, contact_id, role, evidence, author)"
                " values ('sandbox', %s, %s, 'user', 'operator', 'Ann')",
                [PHONE, user],
            )
            written.set()
            await until(lambda: desk.rows("select 1 from pg_locks where not granted and locktype = 'transactionid'"))

    async def meanwhile(leads: Leads, *arguments: Any) -> Person:
        made = await new(leads, *arguments)
        if not said:
            said.append(asyncio.create_task(attach()))
            await written.wait()
        return made

    monkeypatch.setattr(Leads, "new", meanwhile)
    assert await desk.write(PHONE, text="first") == user
    await asyncio.gather(*said)
    assert await desk.owner(PHONE) == user


async def test_a_correction_waits_for_a_first_message_that_is_just_being_recorded(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await desk.contact({"role": "user", "external_id": "u"})
    link_all, said = record._link_all, list[asyncio.Task[Any]]()

    async def slowly(*arguments: Any) -> None:
        await link_all(*arguments)
        if not said:
            attaching = desk.leadline.corrections.attach(WORKSPACE, PHONE, user, author="Ann")
            said.append(asyncio.create_task(attaching))
            await until(lambda: desk.rows("select 1 from pg_locks where not granted and locktype = 'transactionid'"))

    monkeypatch.setattr(record, "_link_all", slowly)
    lead = await desk.write(PHONE, text="first")
    [made] = await asyncio.gather(*said)
    assert (made.from_id, made.into_id) == (lead, user)
    assert await desk.owner(PHONE) == user
    assert await desk.write(PHONE, text="second") == user
