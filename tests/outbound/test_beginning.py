"""A teammate begins a conversation, and whoever opens it dies: what Intercom shows is sent, once."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from leadline.app import open_leadline
from leadline.sandbox.providers import create
from leadline.serving import serving
from leadline.settings import load
from leadline.store.database import Database
from tests.acceptance.test_crashes import process, town_without_leadline
from tests.acceptance.town import until
from tests.nursery import environ, forked

TEXT = "Your parcel is here"


def press(environment: dict[str, str], contact_id: str) -> None:
    """Somebody begins a conversation with this contact, in a process that is to be killed."""
    asyncio.run(_press(environment, contact_id))


async def _press(environment: dict[str, str], contact_id: str) -> None:
    async with open_leadline(load(environment)) as leadline:
        reaches = await leadline.reaches.of_contact("sandbox", contact_id)
        reach = next(each for each in reaches if each.provider == "twilio_sms")
        await leadline.proactive.begin(
            "sandbox", reach, text=TEXT, author="Ann", contact_id=contact_id, open_conversation=True
        )


@pytest.mark.long
async def test_killed_after_intercom_opened_it_the_message_still_goes_out_once(
    store: Database, database_url: str
) -> None:
    async with (
        town_without_leadline(store, database_url) as town,
        serving(create(town.providers), town.places.sockets["providers"]),
    ):
        [user] = [each for each in await town.contacts() if each["name"] == "Aoife Byrne"]
        fault = {"method": "POST", "path": "/messages", "when": "after", "delay": 60.0}
        await town.intercom("POST", "/_sandbox/faults", fault)

        async def acted() -> bool:
            return not (await town.intercom("GET", "/_sandbox/faults"))["faults"]

        async def shown() -> list[str]:
            return [text for texts in (await town.threads()).values() for text in texts if text == TEXT]

        async def received() -> bool:
            return bool(town.providers.phones.received())

        with forked(press, environ(town.settings), user["id"]) as one:
            await until(acted)
            await until(shown)
            assert one.pid is not None
            os.kill(one.pid, signal.SIGKILL)
        assert town.providers.phones.received() == []
        async with process(town, town.settings):
            await until(received)
            await asyncio.sleep(1.0)
            assert [delivery.text for delivery in town.providers.phones.received()] == [TEXT]
            assert await shown() == [TEXT]
