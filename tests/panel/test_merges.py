"""Merging through the panel, over HTTP: found in every way, looked at, confirmed once, taken back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from leadline.panel import desk
from leadline.sandbox.seed import KNOWN_USER, LEAD_TWIN, NEWER_TWIN, OLDER_TWIN
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import Town, until
from tests.panel.teammate import Teammate, pressable
from tests.panel.test_home import conversation_with

STRANGER = "+353861234567"


async def lead_wrote(town: Town, text: str = "Hello, it is me") -> tuple[str, str]:
    """A lead wrote by SMS: its conversation, its id."""
    assert await town.sms_in(STRANGER, text, 1) == 200
    conversation_id = await conversation_with(town, text)
    return conversation_id, await contact_of(town, conversation_id)


async def contact_of(town: Town, conversation_id: str) -> str:
    found = await town.intercom("GET", f"/conversations/{conversation_id}")
    return str(found["contacts"]["contacts"][0]["id"])


async def next_message_lands(town: Town, text: str, number: int) -> tuple[str, str]:
    """The conversation and the contact of the customer's next message."""
    assert await town.sms_in(STRANGER, text, number) == 200
    conversation_id = await conversation_with(town, text)
    return conversation_id, await contact_of(town, conversation_id)


async def merges_asked(town: Town) -> int:
    """How often Intercom was asked to merge."""
    calls = (await town.intercom("GET", "/_sandbox/calls"))["routes"]
    return int(calls["POST /contacts/merge"])


async def test_found_by_every_kind_of_name(open_town: Open) -> None:
    async with open_town() as town:
        conversation_id, lead_id = await lead_wrote(town)
        maya = Teammate(town)
        await maya.opens(conversation_id)
        for typed in (
            KNOWN_USER,
            "cust-1001",
            "aoife.byrne@example.com",
            "+353 88 888 8999",
            "00353888888999",
            f"https://app.intercom.com/a/apps/sandbox/users/{KNOWN_USER}/all-conversations",
        ):
            await maya.presses("merge")
            shown = await maya.presses("find", target=f" {typed} ")
            assert "(lead) will be merged into **Aoife Byrne** (user)" in shown, f"{typed}: {shown}"
            assert "Intercom cannot undo this" in shown
            await maya.opens(conversation_id)
        assert await contact_of(town, conversation_id) == lead_id


async def test_the_panel_explains_no_hit_the_contact_itself_several_hits_and_another_workspace(open_town: Open) -> None:
    async with open_town() as town:
        conversation_id, lead_id = await lead_wrote(town)
        maya = Teammate(town)
        await maya.opens(conversation_id)
        await maya.presses("merge")
        assert "Type an id" in await maya.presses("find", target="  ")
        shown = await maya.presses("find", target="nobody@example.com")
        assert "No contact in Intercom has “nobody@example.com”" in shown
        assert "Find by: nobody@example.com" in shown, "what was typed stays"
        assert "That is this contact." in await maya.presses("find", target=lead_id)
        shown = await maya.presses("find", target=f"https://app.intercom.com/a/apps/other1/users/{KNOWN_USER}")
        assert "another Intercom workspace" in shown
        shown = await maya.presses("find", target="+44 7700 900123")
        assert "3 contacts fit “+44 7700 900123”" in shown
        assert {f"pick:{key}" for key in (OLDER_TWIN, NEWER_TWIN, LEAD_TWIN)} <= {*pressable(maya.shown)}
        assert "will be merged into **Liam Murphy** (user)" in await maya.presses(f"pick:{OLDER_TWIN}")


async def test_more_contacts_than_are_listed_are_never_passed_over_in_silence(open_town: Open) -> None:
    async with open_town() as town:
        conversation_id, _lead_id = await lead_wrote(town)
        client = town.leadline.workspace.client
        for number in range(12):
            person = {"role": "lead", "external_id": f"leadline:telegram:7/77{number}", "phone": "+353861110000"}
            await client.call("POST", "/contacts", body=person)
        maya = Teammate(town)
        await maya.opens(conversation_id)
        await maya.presses("merge")
        shown = await maya.presses("find", target="+353861110000")
        assert "These 10 contacts fit “+353861110000”, and there may be more." in shown
        assert len([key for key in pressable(maya.shown) if key.startswith("pick:")]) == 10


async def test_a_lead_goes_into_a_user_and_its_next_message_too_and_back_again(open_town: Open) -> None:
    async with open_town() as town:
        conversation_id, lead_id = await lead_wrote(town)
        maya = Teammate(town)
        await maya.opens(conversation_id)
        await maya.presses("merge")
        shown = await maya.presses("find", target="aoife.byrne@example.com")
        lost = "Phone | +353 88 888 8999 stays, +353861234567 is lost | Press to keep the lead's value instead"
        assert lost in shown
        assert "They have different phones" in shown
        assert "1 conversation" in shown
        assert "New messages from +353 86 123 4567 go to Aoife Byrne" in shown
        shown = await maya.confirms()
        assert shown.startswith("Done\n")
        assert "has been merged into Aoife Byrne" in shown
        assert await contact_of(town, conversation_id) == KNOWN_USER
        assert await next_message_lands(town, "Still me", 2) == (conversation_id, KNOWN_USER)

        home = await maya.opens(conversation_id)
        assert "Contact: Aoife Byrne (user)" in home
        assert "by Maya Lindqvist" in home
        undo = next(name for name in pressable(maya.shown) if name.startswith("undo:"))
        shown = await maya.presses(undo)
        assert "Intercom does not move them back" in shown
        shown = await maya.confirms()
        assert "Undone" in shown
        back_in, contact_id = await next_message_lands(town, "And once more", 3)
        assert contact_id not in (KNOWN_USER, lead_id)
        assert (await town.intercom("GET", f"/contacts/{contact_id}"))["role"] == "lead"
        assert back_in != conversation_id


async def test_two_teammates_and_double_presses_make_one_merge(open_town: Open) -> None:
    async with open_town() as town:
        conversation_id, _ = await lead_wrote(town)
        maya, tom = Teammate(town), Teammate(town, admin=1)
        for teammate in (maya, tom):
            await teammate.opens(conversation_id)
            await teammate.presses("merge")
            await teammate.presses("find", target="cust-1001")
        shown = await asyncio.gather(maya.confirms(), maya.confirms(), tom.confirms())
        assert all("has been merged into Aoife Byrne" in each for each in shown), shown
        assert await merges_asked(town) == 1
        assert await contact_of(town, conversation_id) == KNOWN_USER


async def test_a_contact_that_changed_since_the_preview_is_shown_anew(open_town: Open) -> None:
    async with open_town() as town:
        conversation_id, lead_id = await lead_wrote(town)
        maya = Teammate(town)
        await maya.opens(conversation_id)
        await maya.presses("merge")
        await maya.presses("find", target="cust-1001")
        await town.intercom("PUT", f"/contacts/{KNOWN_USER}", {"name": "Aoife O'Brien"})
        shown = await maya.confirms()
        assert shown.startswith("One of the two contacts has changed")
        assert "will be merged into **Aoife O'Brien** (user)" in shown
        assert await contact_of(town, conversation_id) == lead_id
        assert "has been merged into Aoife O'Brien" in await maya.confirms()


async def test_an_old_panel_of_a_lead_that_is_gone_says_so(open_town: Open) -> None:
    async with open_town() as town:
        conversation_id, _ = await lead_wrote(town)
        maya, tom = Teammate(town), Teammate(town, admin=1)
        for teammate, target in ((maya, KNOWN_USER), (tom, OLDER_TWIN)):
            await teammate.opens(conversation_id)
            await teammate.presses("merge")
            await teammate.presses("find", target=target)
        await maya.confirms()
        shown = await tom.confirms()
        assert "was merged into Aoife Byrne on" in shown
        assert "Contact: Aoife Byrne (user)" in await tom.presses("home")


@pytest.mark.parametrize("way", ["reroute", "promote"])
async def test_two_leads_can_be_promoted_or_rerouted(open_town: Open, way: str) -> None:
    async with open_town() as town:
        conversation_id, lead_id = await lead_wrote(town)
        maya = Teammate(town)
        await maya.opens(conversation_id)
        await maya.presses("merge")
        shown = await maya.presses("find", target=LEAD_TWIN)
        assert "are both leads" in shown
        shown = await maya.presses(f"way:{way}")
        assert ("You can undo this at any time" in shown) == (way == "reroute")
        assert ("Intercom cannot undo this" in shown) == (way == "promote")
        await maya.confirms()
        merged = await town.intercom("GET", f"/contacts/{LEAD_TWIN}")
        assert merged["role"] == ("user" if way == "promote" else "lead")
        _, contact_id = await next_message_lands(town, "Still me", 2)
        assert contact_id == LEAD_TWIN
        assert (await contact_of(town, conversation_id)) == (LEAD_TWIN if way == "promote" else lead_id)


async def test_beside_a_user_a_lead_is_taken_in_and_another_user_is_refused(open_town: Open) -> None:
    async with open_town() as town:
        assert await town.sms_in("+353888888999", "My parcel", 1) == 200
        conversation_id = await conversation_with(town, "My parcel")
        maya = Teammate(town)
        assert "Merge a lead into this user" in await maya.opens(conversation_id)
        await maya.presses("merge")
        shown = await maya.presses("find", target=OLDER_TWIN)
        assert "is a user, and Intercom merges only leads into others" in shown
        await maya.presses("merge")
        assert "**Liam M.** (lead) will be merged into **Aoife Byrne** (user)" in await maya.presses(
            "find", target=LEAD_TWIN
        )
        assert "Liam M. has been merged into Aoife Byrne" in await maya.confirms()


async def test_a_slow_answer_is_announced_and_refresh_shows_it(
    open_town: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_town(intercom_timeout=20.0) as town:
        conversation_id, _ = await lead_wrote(town)
        maya = Teammate(town)
        await maya.opens(conversation_id)
        await maya.presses("merge")
        await town.fault(method="POST", path="/contacts/search", delay=600)
        monkeypatch.setattr(desk, "LIMIT", 0.2)
        shown = await maya.sends("find", target="aoife.byrne@example.com")
        assert shown.startswith("Still working")
        monkeypatch.setattr(desk, "LIMIT", 60.0)
        await town.intercom("DELETE", "/_sandbox/faults")
        assert "will be merged into **Aoife Byrne** (user)" in await maya.ends()


async def test_a_slow_intercom_is_waited_for_without_asking_twice(open_town: Open) -> None:
    async with open_town(intercom_timeout=20.0) as town:
        conversation_id, _ = await lead_wrote(town)
        maya = Teammate(town)
        await maya.opens(conversation_id)
        await maya.presses("merge")
        await maya.presses("find", target=KNOWN_USER)
        await town.fault(method="POST", path="/contacts/merge", delay=600)
        shown = await maya.presses("confirm")
        assert shown.startswith("Still working")
        tom = Teammate(town, admin=1)
        assert "into Aoife Byrne: under way" in await tom.opens(conversation_id)
        await town.intercom("DELETE", "/_sandbox/faults")
        await town.at_rest()  # the test reads a conversation and then its contact, who must not be merged in between

        async def ended() -> bool:
            return "has been merged into Aoife Byrne" in await maya.presses("again")

        await until(ended)
        assert await merges_asked(town) == 1


async def test_every_field_can_be_reached_lost_ones_first_and_the_other_value_chosen(open_town: Open) -> None:
    async with open_town() as town:
        conversation_id, lead_id = await lead_wrote(town)
        names = [f"field_{number:02d}" for number in range(70)]
        for name in names:
            await town.intercom("POST", "/data_attributes", {"name": name, "model": "contact", "data_type": "string"})
        for contact_id, value in ((lead_id, "gold"), (KNOWN_USER, "tin")):
            fields = {"custom_attributes": dict.fromkeys(names, value)}
            await town.intercom("PUT", f"/contacts/{contact_id}", fields)
        maya = Teammate(town)
        await maya.opens(conversation_id)
        await maya.presses("merge")
        shown = await maya.presses("find", target="aoife.byrne@example.com")
        assert "Lost (72)" in shown  # the lead's id and its phone are lost too
        seen = {name for name in pressable(maya.shown) if name.startswith("take:")}
        more = next(name for name in pressable(maya.shown) if name.startswith("more:"))
        while more:
            await maya.presses(more)
            seen |= {name for name in pressable(maya.shown) if name.startswith("take:")}
            more = next((name for name in pressable(maya.shown) if name.startswith("more:")), "")
        assert seen == {"take:phone", *(f"take:custom_attributes.{name}" for name in names)}
        shown = await maya.presses("take:custom_attributes.field_69")
        assert "Lost (71)" in shown
        await maya.presses("keep_lost")
        await maya.confirms()
        user = await town.intercom("GET", f"/contacts/{KNOWN_USER}")
        kept = {name: user["custom_attributes"][name] for name in ("field_00", "field_69")}
        assert kept == {"field_00": "tin", "field_69": "gold"}

        async def noted() -> list[dict[str, Any]]:
            notes: list[dict[str, Any]] = (await town.intercom("GET", f"/contacts/{KNOWN_USER}/notes"))["data"]
            return notes

        [note] = await until(noted)
        assert note["body"].count("gold") == 69


async def test_an_archived_contact_is_offered_from_the_archive(open_town: Open) -> None:
    async with open_town() as town:
        conversation_id, _ = await lead_wrote(town)
        await town.intercom("POST", f"/contacts/{KNOWN_USER}/archive")
        maya = Teammate(town)
        await maya.opens(conversation_id)
        await maya.presses("merge")
        shown = await maya.presses("find", target=KNOWN_USER)
        assert "Restore it from Intercom's archive" in shown
        assert "Check before you merge" in await maya.presses(f"restore:{KNOWN_USER}")


async def test_two_conversations_that_a_merge_leaves_open_are_merged_by_the_panel(open_town: Open) -> None:
    async with open_town() as town:
        other_id, user_id = await next_message_lands_from(town, "+353888888999", "I am known", 2)
        assert user_id == KNOWN_USER
        conversation_id, _ = await lead_wrote(town)
        maya = Teammate(town)
        await maya.opens(conversation_id)
        await maya.presses("merge")
        await maya.presses("find", target=KNOWN_USER)
        shown = await maya.confirms()
        assert "There are two conversations on" in shown
        key = next(name for name in pressable(maya.shown) if name.startswith("join:"))
        assert key == f"join:{other_id}:{conversation_id}"
        shown = await maya.presses(key)
        assert "Intercom cannot undo this." in shown
        assert "go on in the conversation with +353 86 123 4567" in await maya.confirms()
        assert (await town.intercom("GET", f"/conversations/{other_id}"))["state"] == "closed"
        assert (await next_message_lands_from(town, "+353888888999", "And again", 3))[0] == conversation_id
        assert "two conversations" not in await maya.opens(conversation_id)


async def next_message_lands_from(town: Town, sender: str, text: str, number: int) -> tuple[str, str]:
    assert await town.sms_in(sender, text, number) == 200
    conversation_id = await conversation_with(town, text)
    return conversation_id, await contact_of(town, conversation_id)
