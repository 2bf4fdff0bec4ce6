"""Stored spellings: whoever writes is found, however their number stands in Intercom.

The directory finds each of them, whether or not Intercom can search `formatted_phone`, and that costs three calls.
"""

from __future__ import annotations

import pytest

from tests.people.conftest import Desk, OpenDesk

NBSP = "\u00a0"
# (as it is stored, region setting, who writes)
SPELLINGS = [
    ("(+353) 86998 4708", "", "+353869984708"),
    ("0984 4224808", "GB", "+449844224808"),
    ("077-6109-0359", "GB", "+447761090359"),
    ("tel:+34611936811", "", "+34611936811"),
    ("'+34 611 936 811", "", "+34611936811"),
    ("34611936811.0", "", "+34611936811"),
    ("mob: +27 82 312 1003", "", "+27823121003"),
    ("+27 82 312 1003 (mobile)", "", "+27823121003"),
    ("+353 86 998 4709 / +353 1 555 0100", "", "+353869984709"),
    ("+353 86 998 4709 / +353 1 555 0100", "", "+35315550100"),
    ("+34 611 936 811", "", "+34611936811"),
    (f"+34{NBSP}611{NBSP}936{NBSP}811", "", "+34611936811"),
    ("+34 611 936 811 ", "", "+34611936811"),
    ("+34 611 936 811 ext. 12", "", "+34611936811"),
    ("+34.611.936.811", "", "+34611936811"),
    ("+44 (0)20 7946 0958", "", "+442079460958"),
    ("0044 20 7946 0958", "", "+442079460958"),
    ("442079460958", "", "+442079460958"),
    ("(020) 7946 0958", "GB", "+442079460958"),
    ("020/79460958", "GB", "+442079460958"),
    ("0 2 0 7 9 4 6 0 9 5 8", "GB", "+442079460958"),
    ("phone 1: 020 7946 0958; phone 2: 0161 496 0000", "GB", "+441614960000"),
    ("+1-212-555-0123", "", "+12125550123"),
    ("1 (212) 555-0123", "", "+12125550123"),
    ("(212) 555-0123 x4", "US", "+12125550123"),
    ("011 15 6677-3301", "AR", "+5491166773301"),
    ("+55 41 8888-7777", "", "+5541988887777"),
    ("3.4611936811E+10", "", "+34611936811"),
]


# Every spelling is read by the pure tests (tests/identity/test_phone_fields.py); `make test` stores some of them.
SOME_AT_ONCE = [
    spelling if not number % 7 else pytest.param(*spelling, marks=pytest.mark.long)
    for number, spelling in enumerate(SPELLINGS)
]


async def stored(desk: Desk, phone: str) -> str:
    return await desk.contact({"role": "user", "external_id": "crm-7", "phone": phone})


@pytest.mark.parametrize("formatted", [True, False], ids=["formatted_phone", "plain"])
@pytest.mark.parametrize(("phone", "region", "number"), SOME_AT_ONCE)
async def test_the_directory_finds_every_spelling(
    open_desk: OpenDesk, phone: str, region: str, number: str, formatted: bool
) -> None:
    async with open_desk(default_region=region) as desk:
        await desk.ok("PUT", "/_sandbox/control", {"formatted_phone": formatted})
        contact = await stored(desk, phone)
        await desk.leadline.directory.walk(desk.leadline.workspace)
        await desk.calls()
        assert await desk.write(f"tel:{number}") == contact
        calls = await desk.calls()
        assert calls.pop("POST /tags", 0) + calls.pop("GET /tags", 0) <= 2, "once for each channel"
        assert calls == {"GET /contacts/{id}": 1, "POST /conversations": 1, "POST /conversations/{id}/tags": 1}


async def test_a_phone_in_a_chosen_attribute_counts_like_the_phone_field(open_desk: OpenDesk) -> None:
    async with open_desk(phone_attributes="other_phone, second") as desk:
        attribute = {"name": "other_phone", "model": "contact", "data_type": "string"}
        await desk.ok("POST", "/data_attributes", attribute)
        contact = await desk.contact(
            {"role": "user", "external_id": "crm-7", "custom_attributes": {"other_phone": "mob: +34 611 936 811"}}
        )
        await desk.leadline.directory.walk(desk.leadline.workspace)
        assert await desk.write("tel:+34611936811") == contact
        assert await desk.told() == (["unique_phone"], False)


async def test_a_national_number_is_read_in_the_region_the_workspace_shows(desk: Desk) -> None:
    for number in range(5):
        await desk.contact({"role": "lead", "phone": f"+35386998410{number}"})
    national = await stored(desk, "086 998 4003")
    await desk.leadline.directory.walk(desk.leadline.workspace)
    assert await desk.write("tel:+353869984003") == national


FORMS = [
    ("+5491166773301", "+541166773301"),
    ("+551170123456", "+5511970123456"),
    ("+24177123456", "+24107123456"),
    ("+5541988887777", "+554188887777"),
    ("+525512345678", "+5215512345678"),
    ("+2250101234567", "+22501234567"),
    ("+84321234567", "+841621234567"),
]
BOTH_WAYS = [pair for one, other in FORMS for pair in ((one, other), (other, one))]


# Which forms are one line is tested by tests/identity/same_line.toml; `make test` writes from one pair in both ways.
SOME_FORMS = [
    pair if number < 2 else pytest.param(*pair, marks=pytest.mark.long) for number, pair in enumerate(BOTH_WAYS)
]


@pytest.mark.parametrize("merged", [False, True], ids=["alone", "merged"])
@pytest.mark.parametrize(("first", "then"), SOME_FORMS)
async def test_all_forms_of_a_whatsapp_number_are_one_contact_and_one_conversation(
    open_desk: OpenDesk, first: str, then: str, merged: bool
) -> None:
    """With Intercom's search blind, and without a directory."""
    async with open_desk(sandbox={"search_lag": 600.0}) as desk:
        contact = await desk.write(f"tel:{first}", channel="whatsapp", text="one")
        if merged:
            user = await desk.contact({"role": "user", "external_id": "u", "phone": "+34611936811"})
            await desk.ok("POST", "/contacts/merge", {"from": contact, "into": user, "skip_duplicate_validation": True})
            await desk.leadline.following.notified("sandbox", "contact.merged", user, contact)
            contact = user
        assert await desk.write(f"tel:{then}", channel="whatsapp", text="two") == contact
        assert await desk.write(f"tel:{first}", channel="whatsapp", text="three") == contact
        assert len(await desk.rows("select distinct lane from arrival where kind = 'message'")) == 1
        assert len(await desk.rows("select 1 from conversation where ended_at is null")) == 1
        assert len(await desk.rows("select distinct contact_id from link where superseded_at is null")) == 1
        assert [row["count"] for row in await desk.rows("select count(*) from step where kind = 'open'")] == [1]


async def test_a_landline_without_the_nine_is_somebody_else_by_sms(desk: Desk) -> None:
    """Only WhatsApp keeps a mobile under the form without 9; an SMS from it comes from another line."""
    mobile = await desk.write("tel:+5491166773301")
    assert await desk.write("tel:+541166773301") not in {"", mobile}
