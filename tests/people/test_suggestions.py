"""Suggestions with the sandbox behind them: what is searched, how often, and what is left out."""

from __future__ import annotations

from typing import Any

import pytest

from leadline.identity.same_person_rules import LATEST
from leadline.sandbox.imports import import_contacts
from leadline.store.database import Database
from tests.people.conftest import WORKSPACE, Desk, OpenDesk
from tests.people.statements import counted

PHONE, BOT = "tel:+353861234567", "telegram:9/77"


async def names(desk: Desk, contact_id: str) -> dict[str, list[str]]:
    found = await desk.leadline.suggestions.of(WORKSPACE, contact_id)
    return {one.contact.contact_id: [each.code for each in one.likely.score.evidence] for one in found}


async def test_twins_are_found_by_mail_phone_and_rare_name_in_three_calls(desk: Desk) -> None:
    lead = await desk.contact(
        {"role": "lead", "external_id": "l", "name": "Zoë Quinn", "email": "zoe@example.org", "phone": PHONE[4:]}
    )
    mail = await desk.contact({"role": "user", "external_id": "m", "email": "zoe@example.org"})
    phone = await desk.contact({"role": "user", "external_id": "p", "phone": "00353 86 123 4567"})
    name = await desk.contact({"role": "user", "external_id": "n", "name": "zoe QUINN"})
    await desk.contact({"role": "user", "external_id": "o", "name": "Zoë Quincy"})
    await desk.calls()
    assert await names(desk, lead) == {mail: ["same_email"], phone: ["same_phone"], name: ["same_name"]}
    assert await desk.calls() == {"GET /contacts/{id}": 1, "POST /contacts/search": 2}


async def test_a_common_name_is_no_reason_and_a_contact_that_is_gone_has_none(desk: Desk) -> None:
    lead = await desk.contact({"role": "lead", "external_id": "l", "name": "Ana Silva"})
    for number in range(4):
        await desk.contact({"role": "user", "external_id": f"u{number}", "name": "Ana Silva"})
    assert await names(desk, lead) == {}
    await desk.ok("DELETE", f"/contacts/{lead}")
    assert await names(desk, lead) == {}


async def test_a_phone_linked_elsewhere_counts_although_intercom_does_not_have_it(desk: Desk) -> None:
    holder = await desk.contact({"role": "user", "external_id": "h", "name": "Holder"})
    await desk.write(PHONE)
    await desk.leadline.corrections.attach(WORKSPACE, PHONE, holder, author="Ann")
    lead = await desk.write(BOT, channel="telegram")
    await desk.write(BOT, channel="telegram", attested=[PHONE])
    assert (await names(desk, lead))[holder] == ["attested_phone"]


async def test_a_contact_called_different_is_not_suggested_again(desk: Desk) -> None:
    user = await desk.contact({"role": "user", "external_id": "u", "phone": PHONE[4:]})
    assert await desk.write(PHONE) == user
    made = await desk.leadline.corrections.detach(WORKSPACE, PHONE, author="Ann")
    lead = await desk.write(PHONE)
    assert user not in await names(desk, lead)
    assert lead not in await names(desk, user)
    await desk.leadline.corrections.undo(WORKSPACE, made.correction_id, author="Ann")
    assert (await names(desk, user))[lead] == ["same_phone"]


async def test_a_contact_called_different_among_the_duplicates_is_not_suggested_either(desk: Desk) -> None:
    one, other = sorted(
        [await desk.contact({"role": role, "external_id": role, "phone": PHONE[4:]}) for role in ("user", "lead")]
    )
    assert other in await names(desk, one)
    async with desk.leadline.database.connection() as connection:
        await connection.execute(
            "insert into duplicate_judgement (workspace_id, one_id, other_id, verdict, author)"
            " values (%s, %s, %s, 'different', 'Maya')",
            [WORKSPACE, one, other],
        )
    assert (await names(desk, one), await names(desk, other)) == ({}, {})


PAIRS = [
    ({"name": "José Álvarez"}, {"name": "Jose Alvarez"}, "same_name"),
    ({"name": "Byrne Nuala"}, {"name": "Nuala Byrne"}, "same_name"),
    ({"name": "Katherine Walsh"}, {"name": "Katherin Walsh"}, "similar_name"),
    ({"name": "A. Murphyson"}, {"name": "Aoife Murphyson"}, "initial"),
    ({"name": "Bob Kelly"}, {"name": "Robert Kelly"}, "nickname"),
    ({"name": "Ana Maria Silva"}, {"name": "Ana Silva"}, "middle_name"),
    ({"name": "Алексей Иванов"}, {"name": "Alexey Ivanov"}, "similar_name"),
    ({"email": "ana+shop@example.com"}, {"email": "ana@example.com"}, "same_mailbox"),
    ({"email": "a.na@gmail.com"}, {"email": "ana@gmail.com"}, "same_mailbox"),
    ({"phone": "+353869984709"}, {"custom_attributes": {"alt": "086 998 4709 (work)"}}, "same_phone"),
    ({"phone": "+353869984709"}, {"phone": "086 998 4709"}, "same_phone"),
]


@pytest.mark.parametrize(("lead", "user", "reason"), PAIRS, ids=[f"{pair[0]} {pair[2]}" for pair in PAIRS])
async def test_pairs_that_are_suggested_with_their_reason(
    open_desk: OpenDesk, lead: dict[str, Any], user: dict[str, Any], reason: str
) -> None:
    async with open_desk(default_region="IE", phone_attributes="alt") as desk:
        await desk.ok("POST", "/data_attributes", {"name": "alt", "model": "contact", "data_type": "string"})
        one = await desk.contact({"role": "lead"} | lead)
        other = await desk.contact({"role": "user", "external_id": "crm-7"} | user)
        await desk.leadline.directory.walk(desk.leadline.workspace)
        await desk.calls()
        assert await names(desk, one) == {other: [reason]}
        assert await desk.calls() == {"GET /contacts/{id}": 1, "POST /contacts/search": 1}


async def test_an_address_said_in_a_message_is_suggested_with_its_quote(desk: Desk) -> None:
    user = await desk.contact({"role": "user", "external_id": "crm-7", "email": "ana@example.com"})
    lead = await desk.write(BOT, channel="telegram", text="Hi, my e-mail is Ana@example.com")
    await desk.leadline.directory.walk(desk.leadline.workspace)
    [suggestion] = await desk.leadline.suggestions.of(WORKSPACE, lead)
    assert suggestion.contact.contact_id == user
    assert suggestion.likely.why == (
        f"6.0 points (rules {LATEST}): e-mail named in a message +6.0",
        "“Hi, my e-mail is Ana@example.com”",
    )


async def test_a_suggestion_costs_three_statements_whatever_is_found(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = await desk.contact({"role": "lead", "name": "Zoë Quinn", "email": "zoe@example.org", "phone": PHONE[4:]})
    for number in range(3):
        await desk.contact({"role": "user", "external_id": f"u{number}", "phone": PHONE[4:]})
    await desk.leadline.directory.walk(desk.leadline.workspace)
    assert len(await names(desk, lead)) == 3
    statements = await counted(monkeypatch, names(desk, lead))
    assert statements == {"suggestion_subject": 1, "links_of": 1, "directory_alike": 1}


async def test_it_is_scored_by_what_the_workspace_has_taught(desk: Desk) -> None:
    user = await desk.contact({"role": "user", "external_id": "u", "phone": PHONE[4:]})
    lead = await desk.contact({"role": "lead", "phone": PHONE[4:]})
    await desk.leadline.directory.walk(desk.leadline.workspace)
    async with desk.leadline.database.connection() as connection:
        await connection.execute(
            "insert into duplicate_rules (workspace_id, version, weights, pairs, author)"
            """ values (%s, '3, learnt from 60 pairs', '{"same_phone": [99]}', 60, 'Maya')""",
            [WORKSPACE],
        )
    [one] = await desk.leadline.suggestions.of(WORKSPACE, lead)
    assert one.contact.contact_id == user
    assert one.likely.why == ("9.9 points (rules 3, learnt from 60 pairs): same phone +9.9",)


NOBODY = [
    ({"name": "Ana Silva", "phone": "+353869984709"}, {"name": "Carla Silva", "phone": "+353869984710"}),
    ({"email": "info@firm.example"}, {"email": "info@firm.example"}),
    ({"name": "Martin Kelly"}, {"name": "Martina Kelly"}),
]


@pytest.mark.parametrize(("lead", "user"), NOBODY)
async def test_pairs_that_are_not_suggested(desk: Desk, lead: dict[str, Any], user: dict[str, Any]) -> None:
    one = await desk.contact({"role": "lead"} | lead)
    await desk.contact({"role": "user", "external_id": "crm-7"} | user)
    await desk.leadline.directory.walk(desk.leadline.workspace)
    assert await names(desk, one) == {}


async def test_a_name_that_hundreds_have_suggests_nobody(desk: Desk, database_url: str) -> None:
    async with Database.open(database_url) as sandbox:
        made = ({"role": "user", "external_id": f"m-{number}", "name": "Maria Silva"} for number in range(400))
        await import_contacts(sandbox, made)
    lead = await desk.contact({"role": "lead", "name": "Maria Silva"})
    await desk.leadline.directory.walk(desk.leadline.workspace)
    assert await names(desk, lead) == {}


@pytest.mark.parametrize(
    "text",
    [
        "Aoife Byrne", "aoi byr", "byrne", "\u200eAoife\u2060 Byrne\u200f", "aoife.byrne@example.com", "088 888 8999",
        "(+353) 88 888 8999", "cust-1001", "65a0000000000000000000a1", "AOIFE.BYRNE+news@example.com",
    ],
)  # fmt: skip
async def test_a_search_takes_whatever_a_person_has_at_hand(open_desk: OpenDesk, text: str) -> None:
    async with open_desk(default_region="IE") as desk:
        await desk.leadline.directory.walk(desk.leadline.workspace)
        found = await desk.leadline.search.find(WORKSPACE, text)
        assert [one.contact_id for one in found] == ["65a0000000000000000000a1"]
