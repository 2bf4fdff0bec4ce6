"""A worker is frozen in the middle of giving a reply to the provider, and thaws when another one has taken over."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from leadline.sandbox.providers import create
from leadline.serving import serving
from leadline.store.database import Database
from tests.acceptance.test_crashes import process, town_without_leadline
from tests.acceptance.town import until
from tests.nursery import command
from tests.outbound.test_reply import notes


class Gate:
    """Before the providers: a send that comes while it is shut waits, before or after it is taken."""

    def __init__(self, app: ASGIApp, when: str) -> None:
        self._app = app
        self._when = when
        self.shut = False
        self.held = 0
        self._open = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        holds = self.shut and scope["type"] == "http" and scope["method"] == "POST" and "Messages" in scope["path"]
        if not holds:
            await self._app(scope, receive, send)
        elif self._when == "before it is taken":
            await self._wait()
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, self._late(send))

    def _late(self, send: Send) -> Callable[[Any], Awaitable[None]]:
        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                await self._wait()
            await send(message)

        return sent

    async def _wait(self) -> None:
        self.held += 1
        await self._open.wait()

    def open(self) -> None:
        self.shut = False
        self._open.set()


async def notifications_done(store: Database) -> int:
    async with store.connection() as connection:
        rows = await connection.execute("select 1 from arrival where kind = 'notification' and state = 'done'")
        return len(await rows.fetchall())


@pytest.mark.long
@pytest.mark.parametrize(("when", "told"), [("before it is taken", {1}), ("after it was taken", {0, 1})])
async def test_a_worker_that_was_frozen_while_it_gave_a_reply_to_the_provider_sends_it_no_second_time(
    store: Database, database_url: str, when: str, told: set[int]
) -> None:
    """told: how many notes say that nobody knows whether it arrived. Where the provider took it, its own report may be
    quicker, unless the frozen one has that, too.
    """
    async with town_without_leadline(store, database_url) as town:
        gate = Gate(create(town.providers), when)
        async with (
            serving(gate, town.places.sockets["providers"]),
            process(town, town.settings, "--no-with-worker"),
        ):
            with command(town.settings, "worker") as first:
                await town.sms_in("+353861234567", "Hello", 1)
                conversation = str(next(iter(await until(town.threads))))
                gate.shut = True
                await town.teammate("reply", conversation, "Once")

                async def held() -> bool:
                    return gate.held == 1

                await until(held)
                os.kill(first.pid, signal.SIGSTOP)
                with command(town.settings, "worker"):

                    async def worked_on(count: int) -> bool:
                        return await notifications_done(store) == count

                    await until(lambda: worked_on(1))
                    assert len(await notes(town, conversation)) in told
                    gate.open()
                    os.kill(first.pid, signal.SIGCONT)
                    await town.teammate("reply", conversation, "Another")
                    await until(lambda: worked_on(2))
                    await town.at_rest()
                    texts = [each.text for each in town.providers.phones.received()]
                    assert (texts.count("Once"), texts.count("Another")) == (1, 1)
                    assert len(await notes(town, conversation)) in told
