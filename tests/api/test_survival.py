"""Whoever asks again after a crash meets the same message: it is sent once, or was never kept."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import aiohttp
import pytest

from leadline.api import Keys
from leadline.api.scopes import SCOPES
from leadline.sandbox.providers import create
from leadline.serving import serving
from leadline.store.database import Database
from tests.acceptance.test_crashes import process, town_without_leadline
from tests.acceptance.town import Town, until
from tests.api.caller import BEA, Caller

TEXT = "Your parcel is here"
HELD = "lock table api_send in access exclusive mode"


async def asked(one: Caller) -> Any:
    return await one.send("parcel-1", channel=one.town.sms.name, address=BEA, text=TEXT)


def on_phones(town: Town) -> list[str]:
    return [delivery.text for delivery in town.providers.phones.received()]


@pytest.mark.parametrize("answered", [False, True])
async def test_killed_around_the_commit_the_same_request_is_one_message(
    store: Database, database_url: str, answered: bool
) -> None:
    """The process dies while its commit waits, or after it has answered and before any worker saw the message."""
    async with (
        town_without_leadline(store, database_url) as town,
        serving(create(town.providers), town.places.sockets["providers"]),
    ):
        one = Caller(town, await Keys(store, "sandbox").create("shop", [*SCOPES]))
        async with process(town, town.settings, "--no-with-worker") as pid:
            first = None
            if answered:
                first = await asked(one)
                assert first[0] == 202
                os.kill(pid, signal.SIGKILL)
            else:
                async with store.connection() as connection:
                    await connection.execute(HELD.encode())
                    waiting = asyncio.create_task(asked(one))
                    await asyncio.sleep(1.0)
                    assert not waiting.done(), "the request waits for its commit"
                    os.kill(pid, signal.SIGKILL)
                    with pytest.raises(aiohttp.ClientError):
                        await waiting
        async with process(town, town.settings):
            again = await asked(one)
            assert again[0] == 202
            assert first in (None, again)

            async def received() -> bool:
                return bool(on_phones(town))

            await until(received)
            assert await asked(one) == again
            await asyncio.sleep(1.0)
            assert on_phones(town) == [TEXT]
            assert [text for texts in (await town.threads()).values() for text in texts if text == TEXT] == [TEXT]
            assert len(await town.people_with(BEA)) == 1
