"""What is there after a merge is what the preview said: put right where Leadline can, told where it cannot."""

from __future__ import annotations

from typing import Any

import pytest

from leadline.merging.desk import MergeRefused, Wishes
from tests.sandbox.conftest import MAYA

from .conftest import USER, WORKSPACE, House

HANDLE = "telegram:7/77"
NUMBER = "+353861111111"


async def attributes(house: House, *names: str) -> None:
    for name in names:
        await house.ok("POST", "/data_attributes", {"name": name, "model": "contact", "data_type": "string"})


async def contact(house: House, contact_id: str) -> Any:
    return await house.ok("GET", f"/contacts/{contact_id}")


async def merged(house: House, from_id: str, into_id: str, **more: Any) -> Any:
    return await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya", **more)


async def test_a_survivor_without_a_name_is_not_named_by_the_number_of_the_lead(house: House) -> None:
    from_id = await house.contact({"role": "lead", "name": NUMBER, "phone": NUMBER})
    into_id = await house.contact({key: value for key, value in USER.items() if key != "name"})
    done = await merged(house, from_id, into_id)
    found = await contact(house, into_id)
    assert (found["name"], found["phone"], done.differences) == (None, NUMBER, ())


async def test_a_refusal_of_the_lead_holds_for_the_survivor(house: House) -> None:
    from_id, into_id = await house.pair(unsubscribed_from_emails=True)
    [kind, *_] = (await house.ok("GET", "/subscription_types"))["data"]
    for contact_id, consent in ((from_id, "opt_out"), (into_id, "opt_in")):
        choice = {"id": kind["id"], "consent_type": consent}
        await house.ok("POST", f"/contacts/{contact_id}/subscriptions", choice)
    await house.ok("PUT", f"/contacts/{into_id}", {"unsubscribed_from_emails": False})
    plan = await house.merging.preview(WORKSPACE, from_id, into_id)
    assert len(plan.options[0].moves.refusals) == 1
    done = await merged(house, from_id, into_id)
    found = await contact(house, into_id)
    assert found["unsubscribed_from_emails"] is True
    assert [each["id"] for each in found["opted_out_subscription_types"]["data"]] == [kind["id"]]
    assert done.differences == ()


async def test_a_person_chooses_which_value_stays_and_an_undo_gives_the_other_back(house: House) -> None:
    await attributes(house, "tier", "city")
    from_id, into_id = await house.pair(email="anak@two.example", custom_attributes={"tier": "gold", "city": "Cork"})
    await house.ok("PUT", f"/contacts/{into_id}", {"custom_attributes": {"tier": "", "city": "Galway"}})
    before = await contact(house, into_id)
    wishes = Wishes(take=("name", "custom_attributes.tier"), keep_lost=True)
    plan = await house.merging.preview(WORKSPACE, from_id, into_id, wishes.take)
    told = {row.field: (row.outcome, row.result) for row in plan.options[0].changes}
    assert (told["name"], told["tier"]) == (("replaced", "anak"), ("replaced", "gold"))
    assert told["city"] == ("discarded", "Galway")
    done = await merged(house, from_id, into_id, wishes=wishes)
    found = await contact(house, into_id)
    assert (found["name"], found["custom_attributes"]) == ("anak", {"tier": "gold", "city": "Galway"})
    assert (found["email"], done.differences) == (USER["email"], ())
    [note] = (await house.ok("GET", f"/contacts/{into_id}/notes"))["data"]
    assert "city: Cork" in note["body"]
    assert "anak@two.example" in note["body"]
    await house.merging.undo(WORKSPACE, done.merge_id, author="Tom")
    after = await contact(house, into_id)
    assert {name: after[name] for name in ("name", "custom_attributes")} == {
        name: before[name] for name in ("name", "custom_attributes")
    }


async def test_a_merge_that_intercom_refuses_leaves_no_trace_of_what_was_chosen(house: House) -> None:
    await attributes(house, "tier")
    from_id, into_id = await house.pair(custom_attributes={"tier": "gold"})
    await house.ok("PUT", f"/contacts/{into_id}", {"custom_attributes": {"tier": "tin"}})
    await house.fault(method="POST", path="/contacts/merge", status=422, code="unprocessable_entity", message="No")
    with pytest.raises(MergeRefused):
        await merged(house, from_id, into_id, wishes=Wishes(take=("name", "custom_attributes.tier")))
    found = await contact(house, into_id)
    assert (found["name"], found["custom_attributes"]) == (USER["name"], {"tier": "tin"})


@pytest.mark.parametrize("field", ["external_id", "phone", "tags", "no such field"])
async def test_what_cannot_be_chosen_is_refused_before_anything_happens(house: House, field: str) -> None:
    from_id, into_id = await house.pair()
    with pytest.raises(MergeRefused) as refusal:
        await merged(house, from_id, into_id, wishes=Wishes(take=(field,)))
    assert (refusal.value.code, await house.rows("select 1 from merge")) == ("no_choice", [])


async def test_what_is_not_as_previewed_is_told_in_the_answer_the_history_and_the_conversation(house: House) -> None:
    """Intercom does not take the correction of a name: the difference stays, and everybody can read it."""
    from_id = await house.contact({"role": "lead", "name": NUMBER, "phone": NUMBER})
    into_id = await house.contact({key: value for key, value in USER.items() if key != "name"})
    await house.linked(HANDLE, from_id)
    conversation = await house.conversation(from_id, HANDLE)
    await house.fault(method="PUT", path=f"/contacts/{into_id}", status=400, code="parameter_invalid", message="No")
    done = await merged(house, from_id, into_id)
    difference = f"Name: the preview said empty, but Intercom has {NUMBER}."
    assert done.differences == (difference,)
    [record] = await house.merging.history(WORKSPACE)
    assert record.differences == (difference,)
    talk = await house.ok("GET", f"/conversations/{conversation}?display_as=plaintext")
    [note] = [part["body"] for part in talk["conversation_parts"]["conversation_parts"] if part["part_type"] == "note"]
    assert f"Different from the preview: {difference}" in note


async def test_a_pair_that_was_merged_before_is_told_with_its_day(house: House) -> None:
    from_id, into_id = await house.pair()
    done = await merged(house, from_id, into_id)
    assert done.merge_id == (await merged(house, from_id, into_id)).merge_id
    other = await house.contact({"role": "user", "external_id": "cust-2", "name": "Ben"})
    for pair in ((from_id, other), (other, from_id)):
        with pytest.raises(MergeRefused, match=r"anak was merged into Ana Kelly on \d+ \w+ \d{4}\."):
            await house.merging.preview(WORKSPACE, *pair)


async def test_an_archived_contact_can_be_restored_and_merged(house: House) -> None:
    from_id, into_id = await house.pair()
    await house.ok("POST", f"/contacts/{into_id}/archive")
    with pytest.raises(MergeRefused, match="archived"):
        await merged(house, from_id, into_id)
    assert await house.merging.restore(WORKSPACE, into_id)
    assert (await merged(house, from_id, into_id)).state == "merged"
    assert not await house.merging.restore(WORKSPACE, from_id)


async def rerouted(house: House) -> tuple[str, str, int]:
    from_id, _ = await house.pair()
    into_id = await house.contact({"role": "lead", "name": "Ben", "phone": "+353862222222"})
    return from_id, into_id, (await merged(house, from_id, into_id, way="reroute")).merge_id


async def test_a_reroute_is_undone_although_its_target_was_merged_since(house: House) -> None:
    from_id, into_id, merge_id = await rerouted(house)
    further = await house.contact({"role": "user", "external_id": "cust-3", "name": "Cleo"})
    await merged(house, into_id, further)
    assert await house.owner(HANDLE) == further
    done = await house.merging.undo(WORKSPACE, merge_id, author="Tom")
    assert await house.owner(HANDLE) == from_id
    assert (done.returned, done.lost) == (("Messages from Telegram 77 go to the lead again.",), ())


async def test_what_somebody_attached_elsewhere_since_is_in_the_way_of_an_undo_and_told(house: House) -> None:
    from_id, _, merge_id = await rerouted(house)
    other = await house.contact({"role": "user", "external_id": "cust-3", "name": "Cleo"})
    await house.leadline.corrections.attach(WORKSPACE, HANDLE, other, author="Ines")
    done = await house.merging.undo(WORKSPACE, merge_id, author="Tom")
    assert await house.owner(HANDLE) == other
    assert done.returned == ()
    [told] = done.lost
    assert f"still go to contact {other}: Ines linked them there" in told
    assert from_id != other


async def test_an_undo_says_that_what_a_deleted_survivor_had_is_gone_with_it(house: House) -> None:
    from_id, into_id = await house.pair()
    await house.conversation(from_id, HANDLE)
    await house.ok("POST", f"/contacts/{from_id}/notes", {"body": "<p>met</p>", "admin_id": MAYA})
    done = await merged(house, from_id, into_id)
    await house.ok("DELETE", f"/contacts/{into_id}")
    undone = await house.merging.undo(WORKSPACE, done.merge_id, author="Tom")
    assert undone.state == "undone"
    assert any("gone with it" in line for line in undone.lost)
    assert not any("stay with" in line or "stays with" in line for line in undone.lost)
