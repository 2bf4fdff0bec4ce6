"""Intercom's Preview API where a workspace has it: its preview beside ours, users into users; without it as ever."""

from __future__ import annotations

from typing import Any

import pytest

from leadline.merging import Merging
from leadline.merging.desk import MergeRefused
from tests.merging.conftest import WORKSPACE, House, Open
from tests.merging.conftest import open_house as open_house

PHONE = "+353861111111"
STAYS = {"role": "user", "external_id": "cust-9", "name": "Ana Kelly", "phone": PHONE}
GOES = {"role": "user", "external_id": "cust-2", "name": "Ana K", "email": "ana@two.example"}


async def users(house: House, **goes: Any) -> tuple[str, str]:
    return await house.contact(GOES, **goes), await house.contact(STAYS)


async def code_of(merging: Merging, pair: tuple[str, str]) -> str:
    with pytest.raises(MergeRefused) as refusal:
        await merging.preview(WORKSPACE, *pair)
    return refusal.value.code


async def switched_on(house: House) -> None:
    await house.ok("PUT", "/_sandbox/control", {"preview": True})


async def calls(house: House) -> dict[str, int]:
    return dict((await house.ok("GET", "/_sandbox/calls"))["routes"])


async def test_nobody_is_asked_unless_the_setting_says_so(house: House) -> None:
    await switched_on(house)
    assert not (await house.merging.preview(WORKSPACE, *await house.pair())).checked
    assert await code_of(house.merging, await users(house, phone=PHONE)) == "user_to_user"
    assert "POST /contacts/merge/preview" not in await calls(house)


async def test_a_workspace_without_it_is_asked_once_and_all_goes_on_as_ever(open_house: Open) -> None:
    async with open_house(intercom_preview=True) as house:
        pair = await house.pair()
        for _ in range(2):
            plan = await house.merging.preview(WORKSPACE, *pair)
            assert (plan.checked, plan.apart, plan.options[0].way) == (False, (), "merge")
        assert await code_of(house.merging, await users(house, phone=PHONE)) == "user_to_user"
        assert (await calls(house))["POST /contacts/merge/preview"] == 1
        assert (await house.merging.merge(WORKSPACE, *pair, author="Ann")).state == "merged"


async def test_intercoms_preview_agrees_with_ours_and_with_what_the_merge_does(open_house: Open) -> None:
    async with open_house(intercom_preview=True) as house:
        await switched_on(house)
        from_id, into_id = await house.pair()
        await house.conversation(from_id, "telegram:7/77")
        plan = await house.merging.preview(WORKSPACE, from_id, into_id)
        assert (plan.checked, plan.apart) == (True, ())
        merged = await house.merging.merge(WORKSPACE, from_id, into_id, author="Ann", token=plan.token)
        assert (merged.state, merged.differences) == ("merged", ())


async def test_what_intercom_would_refuse_is_not_offered_and_messages_still_can_go_there(open_house: Open) -> None:
    async with open_house(intercom_preview=True) as house:
        await switched_on(house)
        from_id, into_id = await house.pair()
        await house.ok("POST", f"/_sandbox/contacts/{from_id}/origin", {"origin": "facebook"})
        plan = await house.merging.preview(WORKSPACE, from_id, into_id)
        assert [option.way for option in plan.options] == ["reroute"]
        assert plan.warnings[0].code == "intercom_refuses"
        assert "Facebook channel" in plan.warnings[0].detail


@pytest.mark.parametrize(
    ("goes", "origin", "code"),
    [({}, "", "users_unlike"), ({"phone": PHONE}, "external_channel", "whatsapp_source")],
)
async def test_two_users_that_intercom_would_not_merge_are_refused_with_its_reason(
    open_house: Open, goes: dict[str, str], origin: str, code: str
) -> None:
    async with open_house(intercom_preview=True) as house:
        await switched_on(house)
        pair = await users(house, **goes)
        if origin:
            await house.ok("POST", f"/_sandbox/contacts/{pair[0]}/origin", {"origin": origin})
        assert await code_of(house.merging, pair) == code


async def test_a_user_goes_into_a_user_and_comes_back_as_a_lead(open_house: Open) -> None:
    async with open_house(intercom_preview=True) as house:
        await switched_on(house)
        from_id, into_id = await users(house, phone="00353 86 111 1111")
        await house.linked("telegram:7/77", from_id)
        plan = await house.merging.preview(WORKSPACE, from_id, into_id)
        assert (plan.checked, plan.apart, plan.options[0].way) == (True, (), "merge")
        merged = await house.merging.merge(WORKSPACE, from_id, into_id, author="Ann", token=plan.token)
        assert (merged.state, merged.differences) == ("merged", ())
        assert await house.owner("telegram:7/77") == into_id
        assert (await house.call("GET", f"/contacts/{from_id}"))[0] == 410
        undone = await house.merging.undo(WORKSPACE, merged.merge_id, author="Ann")
        assert "It was a user, and comes back as a lead." in undone.lost
        assert await house.owner("telegram:7/77") == undone.contact_id
        back = await house.ok("GET", f"/contacts/{undone.contact_id}")
        assert (back["role"], back["name"], back["phone"]) == ("lead", "Ana K", "00353 86 111 1111")


async def test_while_intercom_is_away_a_leads_preview_waits_for_nobody(open_house: Open) -> None:
    async with open_house(intercom_preview=True) as house:
        await switched_on(house)
        pair = await house.pair()
        await house.fault(method="POST", path="/contacts/merge/preview", status=503)
        plan = await house.merging.preview(WORKSPACE, *pair)
        assert (plan.checked, plan.options[0].way) == (False, "merge")
        assert (await house.merging.preview(WORKSPACE, *pair)).checked, "it is asked again the next time"


async def test_an_undo_takes_nothing_off_whoever_the_survivor_was_merged_into_since(open_house: Open) -> None:
    """That one may have had the same name and tag before."""
    async with open_house(intercom_preview=True) as house:
        await switched_on(house)
        tag = await house.ok("POST", "/tags", {"name": "vip"})
        lead = await house.contact({"role": "lead", "name": "Ana Kelly"})
        await house.linked("telegram:7/77", lead)
        first = await house.contact({"role": "user", "external_id": "cust-2", "phone": PHONE})
        last = await house.contact(STAYS)
        for contact_id in (lead, last):
            await house.ok("POST", f"/contacts/{contact_id}/tags", {"id": tag["id"]})
        merged = await house.merging.merge(WORKSPACE, lead, first, author="Ann")
        assert (await house.merging.merge(WORKSPACE, first, last, author="Ann")).state == "merged"
        undone = await house.merging.undo(WORKSPACE, merged.merge_id, author="Ann")
        kept = await house.ok("GET", f"/contacts/{last}")
        assert (kept["name"], kept["tags"]["total_count"]) == ("Ana Kelly", 1)
        assert any("was merged into Ana Kelly since" in line for line in undone.lost)
        assert await house.owner("telegram:7/77") == undone.contact_id
