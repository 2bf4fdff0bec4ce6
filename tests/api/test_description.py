"""The description is true: it is asked at random, and a client that is made of it sends a message.

What takes long to import is imported in the one test that needs it: every process of a test run imports this file.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from leadline.api import Keys
from leadline.api.scopes import SCOPES
from tests.acceptance.conftest import Open
from tests.acceptance.town import until
from tests.api.caller import BEA, caller
from tests.api.generated import Client, Failed, types_of
from tests.api.test_sends import PARCEL, on_phones


async def test_the_description_is_openapi_and_needs_no_key(open_town: Open) -> None:
    import openapi_spec_validator

    async with open_town() as town:
        async with town.http.get(f"{town.places.leadline}/api/v1/openapi.json") as answer:
            description = await answer.json()
        openapi_spec_validator.validate(description)
        assert set(description["paths"]) == {each.path for each in town.leadline.api}
        assert "sandbox" not in str(description), "it tells nothing of the installation"


@pytest.mark.long
async def test_every_answer_is_one_that_the_description_names(open_town: Open) -> None:
    from tests.api.asking import fuzzed

    async with open_town() as town:
        one = await caller(town)
        base = f"{town.places.leadline}/api/v1"
        headers = {"Authorization": f"Bearer {one.token}"}
        told = await asyncio.to_thread(fuzzed, base, headers)
        assert told.keys() == {each.name for each in town.leadline.api}
        assert all(told.values()), told


async def test_a_client_made_of_the_description_sends_a_message(open_town: Open, tmp_path: Path) -> None:
    async with open_town() as town:
        key = await Keys(town.leadline.database, "sandbox").create("generated", [*SCOPES])
        async with town.http.get(f"{town.places.leadline}/api/v1/openapi.json") as answer:
            description = await answer.json()
        types = types_of(description, tmp_path)
        client = Client(town.http, town.places.leadline, description, types, key)
        assert {*client.operations} == {each.name for each in town.leadline.api}
        [channel] = [one for one in (await client.call("listChannels")).channels if one.name == town.sms.name]
        wanted = types.Send(channel=str(channel.channel_id), address=BEA, text=PARCEL)
        accepted = await client.call("sendMessage", wanted, Idempotency_Key="generated-1")
        again = await client.call("sendMessage", wanted, Idempotency_Key="generated-1")
        assert again == accepted

        async def delivered() -> bool:
            message = await client.call("getMessage", message_id=accepted.message_id)
            return bool(message.state.value == "delivered" and message.text == PARCEL)

        await until(delivered)
        assert on_phones(town) == [PARCEL]
        page = await client.call("listMessages", direction="out", count=1)
        assert [one.id for one in page.messages] == [accepted.message_id]
        with pytest.raises(Failed) as refused:
            await client.call("sendMessage", types.Send(channel="none", address=BEA), Idempotency_Key="generated-2")
        assert (refused.value.status, refused.value.told.code) == (422, "invalid")
        stranger = Client(town.http, town.places.leadline, description, types, "leadline_unknown")
        with pytest.raises(Failed, match="no_key"):
            await stranger.call("listChannels")
