""" "Not this person", "it is another person", "yes, it is": through the panel, over HTTP, and taken back."""

from __future__ import annotations

from leadline.sandbox.seed import KNOWN_USER, LEAD_TWIN, OLDER_TWIN
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import Town
from tests.panel.teammate import Teammate, pressable
from tests.panel.test_home import conversation_with

SHARED = "+447700900123"


async def lands(town: Town, text: str, number: int) -> tuple[str, str]:
    """The conversation and contact of a message from the phone that three contacts have."""
    assert await town.sms_in(SHARED, text, number) == 200
    conversation_id = await conversation_with(town, text)
    found = await town.intercom("GET", f"/conversations/{conversation_id}")
    return conversation_id, str(found["contacts"]["contacts"][0]["id"])


async def test_not_this_person_gives_the_next_message_a_lead_and_undo_takes_it_back(open_town: Open) -> None:
    async with open_town() as town:
        conversation_id, contact_id = await lands(town, "First", 1)
        assert contact_id == LEAD_TWIN
        maya = Teammate(town)
        await maya.opens(conversation_id)
        shown = await maya.presses("detach")
        assert "The next messages from +44 7700 900123 go to a new lead, not to Liam M." in shown
        assert "What is already in Intercom stays as it is" in shown
        assert "creates a new lead" in await maya.confirms()
        second, stranger = await lands(town, "Second", 2)
        assert second != conversation_id
        assert stranger not in (LEAD_TWIN, OLDER_TWIN)

        home = await maya.opens(conversation_id)
        assert "+44 7700 900123 is not this person" in home
        await maya.presses(next(name for name in pressable(maya.shown) if name.startswith("uncorrect:")))
        assert "Undone" in await maya.confirms()
        _, again = await lands(town, "Third", 3)
        assert again == LEAD_TWIN


async def test_another_person_gets_the_next_messages(open_town: Open) -> None:
    async with open_town() as town:
        conversation_id, _ = await lands(town, "First", 1)
        maya = Teammate(town)
        await maya.opens(conversation_id)
        assert "Who is this?" in await maya.presses("attach")
        shown = await maya.presses("find", target="aoife.byrne@example.com")
        assert "The next messages from +44 7700 900123 go to **Aoife Byrne** (user)" in shown
        await maya.confirms()
        _, contact_id = await lands(town, "Second", 2)
        assert contact_id == KNOWN_USER
        assert (await town.intercom("GET", f"/contacts/{LEAD_TWIN}"))["name"] == "Liam M.", "Intercom is untouched"
        await maya.opens(conversation_id)
        assert "was linked to another contact" in await maya.presses("history")


async def test_a_doubtful_contact_is_confirmed_and_not_doubted_again(open_town: Open) -> None:
    async with open_town() as town:
        conversation_id, _ = await lands(town, "First", 1)
        maya = Teammate(town)
        assert "Leadline is not sure" in await maya.opens(conversation_id)
        assert "Leadline will not ask again" in await maya.presses("approve")
        assert "Leadline is not sure" not in await maya.opens(conversation_id)
        _, contact_id = await lands(town, "Second", 2)
        assert contact_id == LEAD_TWIN
        assert "Leadline is not sure" not in await maya.opens(conversation_id)


async def test_why_not_somebody_else_is_told_with_what_is_stored_and_how_it_reads(open_town: Open) -> None:
    async with open_town() as town:
        conversation_id, _ = await lands(town, "First", 1)
        await lands(town, "Second", 2)
        maya = Teammate(town)
        await maya.opens(conversation_id)
        assert "Why not somebody else?" in await maya.presses("why_not")
        shown = await maya.presses("find", target=OLDER_TWIN)
        assert "Stored as" in shown
        assert "which is +44 7700 900123" in shown
        assert "The message came from +44 7700 900123." in shown
        assert "several contacts have the number, and the contact that was updated last was taken" in shown, (
            "of the message by which the sender was linked, not of the last one"
        )
        await maya.opens(conversation_id)
        await maya.presses("why_not")
        shown = await maya.presses("find", target="aoife.byrne@example.com")
        assert "Aoife Byrne is a user in Intercom." in shown
        assert "None of its numbers is the sender's" in shown
        assert (await town.intercom("GET", f"/conversations/{conversation_id}"))["state"] == "open", "nothing changed"


async def test_a_correction_is_counted_by_the_reason_of_what_it_corrected(open_town: Open) -> None:
    token = "measures-and-nothing-else"
    async with open_town(metrics_token=token) as town:
        conversation_id, _ = await lands(town, "First", 1)
        maya = Teammate(town)
        await maya.opens(conversation_id)
        await maya.presses("detach")
        await maya.confirms()
        headers = {"Authorization": f"Bearer {token}"}
        async with town.http.get(f"{town.places.leadline}/metrics", headers=headers) as answer:
            assert 'leadline_corrections{reason="tie_latest_updated"} 1.0' in await answer.text()
