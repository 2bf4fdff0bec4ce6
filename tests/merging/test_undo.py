"""Undo: exact before Intercom was asked and for a re-route, a rebuilt lead after it. There and back again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from leadline.merging.desk import MergeRefused, Undone
from leadline.merging.journal import noticed
from leadline.model import Role
from leadline.people.links import Person
from tests.sandbox.conftest import MAYA

from .conftest import USER, WORKSPACE, House, Open

HANDLE = "telegram:7/77"


async def merged(house: House, from_id: str, into_id: str, **more: Any) -> int:
    return (await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya", **more)).merge_id


async def undone(house: House, merge_id: int) -> Undone:
    return await house.merging.undo(WORKSPACE, merge_id, author="Tom")


async def test_within_the_grace_time_an_undo_is_exact(open_house: Open) -> None:
    async with open_house(merge_grace=60.0) as house:
        from_id, into_id = await house.pair()
        before = await house.ok("GET", f"/contacts/{from_id}")
        planned = await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya")
        assert planned.state == "planned"
        assert "seconds" in planned.sentence
        done = await undone(house, planned.merge_id)
        assert (done.state, done.contact_id, done.lost) == ("cancelled", from_id, ())
        assert await house.ok("GET", f"/contacts/{from_id}") == before
        assert await house.owner(HANDLE) == from_id
        calls = (await house.ok("GET", "/_sandbox/calls"))["routes"]
        assert "POST /contacts/merge" not in calls
        with pytest.raises(MergeRefused, match="cancelled before"):
            await undone(house, planned.merge_id)
        again = await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya")
        assert again.merge_id != planned.merge_id


async def furnished(house: House) -> tuple[str, str, dict[str, str]]:
    """A lead that has everything a lead can have, and a user who has some of it."""
    await house.ok("POST", "/data_attributes", {"name": "plan", "model": "contact", "data_type": "string"})
    await house.ok("POST", "/data_attributes", {"name": "city", "model": "contact", "data_type": "string"})
    from_id, into_id = await house.pair(
        email="anak@two.example", language_override="ga", custom_attributes={"plan": "none", "city": "Cork"}
    )
    await house.ok("PUT", f"/contacts/{into_id}", {"custom_attributes": {"plan": "pro"}})
    keys = {name: (await house.ok("POST", "/tags", {"name": name}))["id"] for name in ("vip", "both")}
    for contact_id, names in ((from_id, ("vip", "both")), (into_id, ("both",))):
        for name in names:
            await house.ok("POST", f"/contacts/{contact_id}/tags", {"id": keys[name]})
    company = await house.ok("POST", "/companies", {"company_id": "acme", "name": "Acme"})
    await house.ok("POST", f"/contacts/{from_id}/companies", {"id": company["id"]})
    kinds = (await house.ok("GET", "/subscription_types"))["data"]
    for kind, consent in zip(kinds, ("opt_out", "opt_in"), strict=True):
        choice = {"id": kind["id"], "consent_type": consent}
        await house.ok("POST", f"/contacts/{from_id}/subscriptions", choice)
    for body in ("<p>met in Cork</p>", "<p>likes tea</p>"):
        await house.ok("POST", f"/contacts/{from_id}/notes", {"body": body, "admin_id": MAYA})
    return from_id, into_id, keys


def belongings(contact: dict[str, Any]) -> dict[str, Any]:
    lists = ("tags", "companies", "opted_out_subscription_types", "opted_in_subscription_types")
    return {
        **{name: contact[name] for name in ("name", "phone", "email", "language_override", "custom_attributes")},
        **{name: {each["id"] for each in contact[name]["data"]} for name in lists},
        "notes": contact["notes"]["total_count"],
    }


async def test_there_and_back_again(house: House) -> None:
    """Everything the lead had is on the new one, the survivor is as it was but for copies of notes and refusals."""
    from_id, into_id, _ = await furnished(house)
    conversation = await house.conversation(from_id, HANDLE)
    lead, user = [belongings(await house.ok("GET", f"/contacts/{key}")) for key in (from_id, into_id)]
    merge_id = await merged(house, from_id, into_id)
    assert belongings(await house.ok("GET", f"/contacts/{into_id}")) != user
    done = await undone(house, merge_id)
    assert done.state == "undone"
    assert belongings(await house.ok("GET", f"/contacts/{done.contact_id}")) == lead
    refused = lead["opted_out_subscription_types"]
    stays = {"notes": 2, "opted_out_subscription_types": refused}
    assert belongings(await house.ok("GET", f"/contacts/{into_id}")) == user | stays
    notes = (await house.ok("GET", f"/contacts/{done.contact_id}/notes"))["data"]
    assert [note["body"] for note in reversed(notes)] == ["<p>met in Cork</p>", "<p>likes tea</p>"]
    assert await house.owner(HANDLE) == done.contact_id
    [row] = await house.rows("select ended_at from conversation")
    assert row["ended_at"] is not None, "the next message opens a conversation of the new lead"
    shown = await house.ok("GET", f"/conversations/{conversation}?display_as=plaintext")
    said = shown["conversation_parts"]["conversation_parts"][-1]
    assert (said["part_type"], "Tom undid the merge" in said["body"]) == ("note", True)
    assert any("earlier conversations stay" in line for line in done.lost)
    assert any("cannot delete a note" in line for line in done.lost)
    assert done.returned[0] == "Messages from Telegram 77 go to the new lead."
    [record] = await house.merging.history(WORKSPACE)
    assert (record.state, record.undo_author, record.undo_contact_id) == ("undone", "Tom", done.contact_id)


async def test_the_preview_tells_what_intercom_then_does(house: House) -> None:
    from_id, into_id, _ = await furnished(house)
    plan = await house.merging.preview(WORKSPACE, from_id, into_id)
    await merged(house, from_id, into_id)
    after = await house.ok("GET", f"/contacts/{into_id}")
    told = {change.field: change.result for change in plan.options[0].changes}
    for field in ("name", "email", "phone", "external_id", "language_override"):
        assert told.get(field, "") == (after[field] or ""), field
    assert {name: told[name] for name in ("plan", "city")} == after["custom_attributes"]
    assert told["tags"] == "both, vip"
    assert told["companies"] == "Acme"
    assert (len(plan.options[0].moves.tags), plan.options[0].moves.notes) == (2, 2)


async def test_what_somebody_changed_on_the_survivor_since_stays(house: House) -> None:
    from_id, into_id, keys = await furnished(house)
    merge_id = await merged(house, from_id, into_id)
    await house.ok("PUT", f"/contacts/{into_id}", {"phone": "+353869999999", "custom_attributes": {"city": "Galway"}})
    await undone(house, merge_id)
    user = await house.ok("GET", f"/contacts/{into_id}")
    assert user["phone"] == "+353869999999"
    assert user["custom_attributes"] == {"plan": "pro", "city": "Galway"}
    assert {each["id"] for each in user["tags"]["data"]} == {keys["both"]}


async def test_what_the_workspace_has_deleted_is_told_and_not_waited_for(house: House) -> None:
    from_id, into_id, keys = await furnished(house)
    merge_id = await merged(house, from_id, into_id)
    assert (await house.call("DELETE", f"/tags/{keys['vip']}"))[0] == 200
    done = await undone(house, merge_id)
    assert done.state == "undone"
    assert any("the tag vip" in line for line in done.lost)


async def test_a_lead_that_intercom_does_not_know_everywhere_yet_is_waited_for(house: House) -> None:
    from_id, into_id, _ = await furnished(house)
    merge_id = await merged(house, from_id, into_id)
    late = {"status": 404, "code": "not_found", "message": "User Not Found"}
    await house.fault(method="POST", path="/contacts/[0-9a-f]+/notes", **late)
    done = await undone(house, merge_id)
    assert done.state == "undone"
    lead = await house.ok("GET", f"/contacts/{done.contact_id}")
    assert lead["notes"]["total_count"] == 2


async def test_what_intercom_refuses_to_give_back_does_not_hold_up_the_rest(house: House) -> None:
    from_id, into_id, _ = await furnished(house)
    await house.conversation(from_id, HANDLE)
    merge_id = await merged(house, from_id, into_id)
    for path in ("/contacts/[0-9a-f]+/notes", "/conversations/[^/]+/reply"):
        await house.fault(method="POST", path=path, status=403, code="forbidden", message="No permission")
    done = await undone(house, merge_id)
    assert done.state == "undone"
    assert len([line for line in done.lost if "No permission" in line]) == 2
    assert await house.owner(HANDLE) == done.contact_id


async def test_a_handle_that_somebody_gave_away_since_stays_there(house: House) -> None:
    from_id, into_id = await house.pair()
    await house.linked("telegram:7/88", from_id)
    merge_id = await merged(house, from_id, into_id)
    third = await house.contact(USER, external_id="cust-3", email="cy@three.example")
    await house.linked("telegram:7/88", third, Role.USER)
    done = await undone(house, merge_id)
    assert await house.owner(HANDLE) == done.contact_id
    assert await house.owner("telegram:7/88") == third


async def test_several_clicks_make_one_undo(house: House) -> None:
    from_id, into_id = await house.pair()
    merge_id = await merged(house, from_id, into_id)
    done = await asyncio.gather(*(undone(house, merge_id) for _ in range(4)))
    assert len({each.contact_id for each in done}) == 1
    leads = [each for each in (await house.ok("GET", "/contacts?per_page=150"))["data"] if each["name"] == "anak"]
    assert len(leads) == 1


async def test_a_lead_can_be_merged_again_after_an_undo(house: House) -> None:
    from_id, into_id = await house.pair()
    first = await undone(house, await merged(house, from_id, into_id))
    second = await undone(house, await merged(house, first.contact_id, into_id))
    assert second.contact_id not in {from_id, first.contact_id, into_id}
    assert await house.owner(HANDLE) == second.contact_id
    with pytest.raises(MergeRefused, match="no merge number 77"):
        await undone(house, 77)


async def leads(house: House) -> tuple[str, str]:
    from_id, _ = await house.pair()
    into_id = await house.contact({"role": "lead", "name": "Ben", "phone": "+353862222222"})
    return from_id, into_id


async def test_a_promotion_makes_the_other_lead_a_user_and_says_that_it_stays_one(house: House) -> None:
    from_id, into_id = await leads(house)
    plan = await house.merging.preview(WORKSPACE, from_id, into_id)
    assert [(option.way, option.reversible) for option in plan.options] == [("promote", False), ("reroute", True)]
    assert "lead_target" in [warning.code for warning in plan.warnings]
    merge_id = await merged(house, from_id, into_id, way="promote")
    assert (await house.ok("GET", f"/contacts/{into_id}"))["role"] == "user"
    assert await house.owner(HANDLE) == into_id
    done = await undone(house, merge_id)
    assert any("stays a user" in line for line in done.lost)
    assert (await house.ok("GET", f"/contacts/{done.contact_id}"))["role"] == "lead"


async def test_a_lead_whose_email_a_user_has_is_not_promoted(house: House) -> None:
    from_id, _ = await house.pair()
    into_id = await house.contact({"role": "lead", "name": "Ben", "email": USER["email"]})
    with pytest.raises(MergeRefused) as refusal:
        await merged(house, from_id, into_id, way="promote")
    assert refusal.value.code == "promote_conflict"
    assert (await house.ok("GET", f"/contacts/{into_id}"))["role"] == "lead"


async def test_a_reroute_changes_nothing_in_intercom_and_its_undo_is_exact(house: House) -> None:
    from_id, into_id = await leads(house)
    await house.conversation(from_id, HANDLE)
    before = await house.ok("GET", "/contacts?per_page=150"), await house.rows("select * from conversation")
    merge_id = await merged(house, from_id, into_id, way="reroute")
    assert await house.owner(HANDLE) == into_id
    assert (await house.rows("select ended_at from conversation"))[0]["ended_at"] is not None
    await house.conversation(into_id, HANDLE)
    done = await undone(house, merge_id)
    assert (done.state, done.contact_id, done.lost) == ("undone", from_id, ())
    assert await house.owner(HANDLE) == from_id
    [own, other] = await house.rows("select * from conversation order by opened_at")
    assert [own] == before[1]
    assert other["ended_at"] is not None
    after = await house.ok("GET", "/contacts?per_page=150")
    assert [c["id"] for c in after["data"]] == [c["id"] for c in before[0]["data"]]
    assert (await merged(house, from_id, into_id, way="reroute")) != merge_id


async def test_journals_are_forgotten_in_time_and_at_once(house: House) -> None:
    from_id, into_id = await house.pair()
    merge_id = await merged(house, from_id, into_id)
    assert await house.merging.forget() == 0
    await house.merging.erase(WORKSPACE, merge_id)
    [row] = await house.rows("select snapshot, moved, erased_at from merge")
    assert (row["snapshot"], row["moved"]) == (None, {})
    assert row["erased_at"] is not None
    record = await house.merging.record(WORKSPACE, merge_id)
    assert (record.from_name, record.from_id, record.undoable) == ("", from_id, False)
    with pytest.raises(MergeRefused, match="journal was deleted"):
        await undone(house, merge_id)
    second, third = await house.contact({"role": "lead"}), await house.contact(USER, external_id="c", email="c@c.c")
    await merged(house, second, third)
    async with house.database.connection() as connection:
        await connection.execute("update merge set settled_at = now() - interval '181 days'")
    assert await house.merging.forget() == 1
    assert [row["snapshot"] for row in await house.rows("select snapshot from merge")] == [None, None]


async def test_nothing_of_a_merge_made_in_intercom_and_of_a_refused_one_is_kept_longer(house: House) -> None:
    from_id, into_id = await house.pair()
    refused_id = await house.contact({"role": "lead", "name": "Ben Boland"})
    await house.fault(method="POST", path="/contacts/merge", status=400, code="facebook_user", message="no")
    with pytest.raises(MergeRefused, match="Ben Boland"):
        await merged(house, refused_id, into_id)
    async with house.database.connection() as connection:
        await noticed(connection, WORKSPACE, from_id, Person(contact_id=into_id, role=Role.USER))
    kept = await house.rows("select moved::text || explanation as text from merge order by state")
    assert ("telegram:7/77" in kept[0]["text"], "Ben Boland" in kept[1]["text"]) == (True, True)
    await house.run("update merge set settled_at = now() - interval '181 days'")
    assert await house.merging.forget() == 2
    assert {row["text"] for row in await house.rows("select moved::text || explanation as text from merge")} == {"{}"}
    assert await house.merging.forget() == 0
