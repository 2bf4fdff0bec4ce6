"""The first screen of the panel, over HTTP: who writes from where, why, and what became of the replies."""

from __future__ import annotations

import json

from leadline.sandbox.canvas_requests import signed
from leadline.sandbox.providers import Fault
from leadline.stage.town import CLIENT_SECRET
from leadline.store.database import Database
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import MEASURING, METRICS_TOKEN, Town, until
from tests.panel.teammate import Teammate


async def conversation_with(town: Town, text: str) -> str:
    """The id of the conversation that holds this text, as soon as there is one and Leadline knows it."""

    async def found() -> str:
        return next((key for key, texts in (await town.threads()).items() if text in texts), "")

    conversation_id = str(await until(found))
    await until(lambda: town.leadline.reaches.of_conversation("sandbox", conversation_id))
    return conversation_id


async def test_home_shows_channel_address_contact_and_why(open_town: Open) -> None:
    async with open_town() as town:
        assert await town.sms_in("+353888888999", "My parcel", 1) == 200
        maya = Teammate(town)
        shown = await maya.opens(await conversation_with(town, "My parcel"))
        assert shown.startswith("SMS\nWrites from: +353 88 888 8999\nContact: Aoife Byrne (user)\nReplies: Open")
        assert "This is the only contact with the sender's phone number" in shown
        assert "still loading" not in shown.lower()
        assert "Could not be loaded" not in shown


async def test_home_shows_what_became_of_replies_and_the_page_of_one_why(open_town: Open) -> None:
    async with open_town() as town:
        assert await town.sms_in("+353888888999", "My parcel", 1) == 200
        conversation_id = await conversation_with(town, "My parcel")
        town.providers.faults.plan("twilio_sms", Fault(how="late", code=21610, message="unsubscribed"))
        await town.teammate("reply", conversation_id, "On its *way* [now](https://x.example)")
        maya = Teammate(town)

        async def failed() -> str:
            shown = await maya.opens(conversation_id)
            return shown if "not delivered" in shown else ""

        shown = await until(failed)
        assert "On its *way* [now](https://x.example) | not delivered, just now | The customer opted out" in shown
        await maya.presses("sent")
        item = next(line for line in json.loads(maya.answers[-1])["canvas"]["content"]["components"] if "items" in line)
        page = await maya.presses(item["items"][0]["id"])
        assert "Provider's code: 21610" in page
        assert "START" in page
        assert "Sent messages" in await maya.presses("sent")
        assert "Writes from" in await maya.presses("home")


async def test_the_panel_says_when_a_conversation_did_not_come_through_leadline(open_town: Open) -> None:
    async with open_town() as town:
        body = {"from": {"type": "user", "id": "65a0000000000000000000a1"}, "body": "From the website"}
        made = await town.intercom("POST", "/conversations", body)
        shown = await Teammate(town).opens(made["conversation_id"])
        assert "did not come through Leadline" in shown
        assert "Contact: Aoife Byrne (user)" in shown


async def test_strangers_are_refused_and_counted_and_broken_bodies_get_words(open_town: Open) -> None:
    async with open_town(metrics_token=METRICS_TOKEN) as town:
        for path in ("initialize", "submit"):
            url = f"{town.places.leadline}/intercom/inbox/{path}"
            for headers in ({}, {"X-Body-Signature": "0" * 64}):
                async with town.http.post(url, data=b"{}", headers=headers) as answer:
                    assert answer.status == 403
            headers, body = signed({"no": "workspace"}, CLIENT_SECRET)
            async with town.http.post(url, data=body, headers=headers) as answer:
                canvas = await answer.json()
                assert answer.status == 200
                assert "names no workspace" in canvas["canvas"]["content"]["components"][1]["text"].replace(
                    "\u2060", ""
                )
        async with town.http.get(f"{town.places.leadline}/metrics", headers=MEASURING) as answer:
            assert 'leadline_door_requests_total{channel="panel",outcome="bad_signature"}' in await answer.text()


async def test_the_panel_names_what_could_not_be_loaded_and_shows_the_rest(open_town: Open, store: Database) -> None:
    async with open_town() as town:
        assert await town.sms_in("+353888888999", "My parcel", 1) == 200
        conversation_id = await conversation_with(town, "My parcel")
        async with store.connection() as connection:
            await connection.execute("alter table outbound rename to mislaid")
        shown = await Teammate(town).opens(conversation_id)
        assert "Could not be loaded: the latest messages. Press Refresh" in shown
        assert "Contact: Aoife Byrne (user)" in shown
        assert "This is the only contact" in shown
