"""Suggestions with the sandbox behind them: what is searched, how often, and what is left out."""

from __future__ import annotations

from tests.people.conftest import WORKSPACE, Desk

PHONE, BOT = "tel:+353861234567", "telegram:9/77"


async def names(desk: Desk, contact_id: str) -> dict[str, list[str]]:
    found = await desk.leadline.suggestions.of(WORKSPACE, contact_id)
    return {one.contact.contact_id: [reason.code for reason in one.reasons] for one in found}


async def test_twins_are_found_by_mail_phone_and_rare_name_in_three_calls(desk: Desk) -> None:
    lead = await desk.contact(
        {"role": "lead", "external_id": "l", "name": "Zoë Quinn", "email": "zoe@example.org", "phone": PHONE[4:]}
    )
    mail = await desk.contact({"role": "user", "external_id": "m", "email": "zoe@example.org"})
    phone = await desk.contact({"role": "user", "external_id": "p", "phone": "00353 86 123 4567"})
    name = await desk.contact({"role": "user", "external_id": "n", "name": "zoe QUINN"})
    await desk.contact({"role": "user", "external_id": "o", "name": "Zoë Quincy"})
    await desk.calls()
    assert await names(desk, lead) == {mail: ["same_email"], phone: ["same_phone"], name: ["same_rare_name"]}
    assert await desk.calls() == {"GET /contacts/{id}": 1, "POST /contacts/search": 2}


async def test_a_common_name_is_no_reason_and_a_contact_that_is_gone_has_none(desk: Desk) -> None:
    lead = await desk.contact({"role": "lead", "external_id": "l", "name": "Ana Silva"})
    for number in range(2):
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


async def test_whoever_was_called_different_is_not_suggested_again(desk: Desk) -> None:
    user = await desk.contact({"role": "user", "external_id": "u", "phone": PHONE[4:]})
    assert await desk.write(PHONE) == user
    made = await desk.leadline.corrections.detach(WORKSPACE, PHONE, author="Ann")
    lead = await desk.write(PHONE)
    assert user not in await names(desk, lead)
    assert lead not in await names(desk, user)
    await desk.leadline.corrections.undo(WORKSPACE, made.correction_id, author="Ann")
    assert (await names(desk, user))[lead] == ["same_phone"]
