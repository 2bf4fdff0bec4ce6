"""`kill -9` of the serving process where it hurts, and lost answers of Intercom: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import psycopg
import pytest
from psycopg import sql

from leadline.app import open_leadline
from leadline.channels.exchange import Parsed
from leadline.engine.arrival import Raw
from leadline.inbound.arrivals import Sorter
from leadline.model import Handle, Inbound, Piece
from leadline.process import asgi
from leadline.sandbox.providers import create
from leadline.serving import bind, serving
from leadline.settings import Settings
from leadline.stage.town import Places, open_sandbox, town_settings
from leadline.store.database import Database
from tests.acceptance.conftest import HURRIED
from tests.acceptance.town import Town, port_of, until, vault_store
from tests.databases import make_attributes
from tests.nursery import Command, command


@asynccontextmanager
async def town_without_leadline(store: Database, sandbox_url: str, **sandbox: Any) -> AsyncIterator[Town]:
    """A town whose Leadline is started, killed and started again as a process of its own."""
    make_attributes(sandbox_url)
    with Places(0) as places:
        settings = town_settings(store.url, places, port=port_of(places.leadline), **HURRIED)
        async with aiohttp.ClientSession() as http, open_sandbox(sandbox_url, places, **sandbox):
            async with open_leadline(settings) as leadline:
                town = await Town(settings, places, http, vault_store(leadline)).connect()
            yield town


@asynccontextmanager
async def process(town: Town, settings: Settings, *arguments: str) -> AsyncIterator[int]:
    """A real serving process; yields its pid once it answers, kills it at the end."""
    with command(settings, "serve", *arguments) as running:
        await served(town, running)
        yield running.pid


async def served(town: Town, running: Command) -> None:
    """Wait until a process that was started answers; fails at once where it has ended."""

    async def healthy() -> bool:
        assert running.ended() is None, running.said()
        try:
            async with town.http.get(f"{town.places.leadline}/healthz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    await until(healthy)


async def kept(store: Database) -> int:
    async with store.connection() as connection:
        row = await (await connection.execute("select count(*) as n from arrival")).fetchone()
    assert row is not None
    return int(row["n"])


async def test_killed_between_keep_and_act(store: Database, database_url: str) -> None:
    async with town_without_leadline(store, database_url) as town:
        async with process(town, town.settings, "--no-with-worker") as pid:
            for number in range(3):
                assert await town.sms_in("+353861234567", f"{number}", number) == 200
            os.kill(pid, signal.SIGKILL)
        assert await kept(store) == 3
        assert await town.threads() == {}
        async with process(town, town.settings):

            async def through() -> bool:
                return list((await town.threads()).values()) == [["0", "1", "2"]]

            await until(through)


@pytest.mark.parametrize(
    "route",
    [
        "/conversations",
        pytest.param("/contacts", marks=pytest.mark.long),
        pytest.param("/conversations/[^/]+/reply", marks=pytest.mark.long),
    ],
)
async def test_killed_between_intercoms_answer_and_record(store: Database, database_url: str, route: str) -> None:
    """The sandbox commits, then holds its answer; the process dies while it waits for it."""
    async with town_without_leadline(store, database_url, search_lag=600.0) as town:
        fault = {"method": "POST", "path": route, "when": "after", "delay": 60.0}
        async with process(town, town.settings) as pid:
            await town.intercom("POST", "/_sandbox/faults", fault)
            for number in range(3):
                assert await town.sms_in("+353861234567", f"{number}", number) == 200

            await until(town.held)
            os.kill(pid, signal.SIGKILL)
        async with process(town, town.settings):

            async def through() -> bool:
                return list((await town.threads()).values()) == [["0", "1", "2"]]

            await until(through)
            await town.at_rest()
            assert await through()
            assert len(await town.people_with("+353861234567")) == 1


@pytest.mark.parametrize(
    "route", ["/contacts", "/conversations", pytest.param("/conversations/[^/]+/reply", marks=pytest.mark.long)]
)
@pytest.mark.parametrize(
    "fault", [{"drop": True}, *(pytest.param({"status": status}, marks=pytest.mark.long) for status in (503, 500))]
)
async def test_an_answer_that_is_lost_is_looked_up_not_repeated(
    store: Database, database_url: str, route: str, fault: dict[str, Any]
) -> None:
    rule = {"method": "POST", "path": route, "when": "after"} | fault
    async with (
        town_without_leadline(store, database_url, search_lag=600.0) as town,
        open_leadline(town.settings) as leadline,
        serving(asgi(leadline, with_worker=True), bind("127.0.0.1", town.settings.port)),
    ):
        await town.intercom("POST", "/_sandbox/faults", rule)
        for number in range(3):
            assert await town.sms_in("+353861234567", f"{number}", number) == 200

        async def through() -> bool:
            return list((await town.threads()).values()) == [["0", "1", "2"]]

        await until(through)
        assert len(await town.people_with("+353861234567")) == 1


async def test_replies_written_while_the_server_is_away_go_out_once_after_the_start(
    store: Database, database_url: str
) -> None:
    """All of Intercom's tries are over before it comes back: no webhook ever tells of these replies."""
    async with (
        town_without_leadline(store, database_url, retry_delay=0.1) as town,
        serving(create(town.providers), town.places.sockets["providers"]),
    ):
        async with process(town, town.settings):
            for number in range(4):
                await town.sms_in(f"+35386123456{number}", "Hello", number)

            async def opened() -> bool:
                return len(await town.threads()) == 4

            await until(opened)
        wanted = [f"{conversation}: {number:02}" for number in range(25) for conversation in await town.threads()]
        for text in wanted:
            await town.teammate("reply", text.partition(":")[0], text)

        async def given_up() -> bool:
            listed = await town.intercom("GET", "/_sandbox/webhooks?limit=1000&topic=conversation.admin.replied")
            return [each["state"] for each in listed["webhooks"]] == ["given_up"] * 100

        await until(given_up)
        async with process(town, town.settings):

            async def sent() -> bool:
                return len(town.providers.phones.received()) >= 100

            await until(sent)
            await town.at_rest()
        texts = [delivery.text for delivery in town.providers.phones.received()]
        assert sorted(texts) == sorted(wanted), "each once"
        for conversation in {text.partition(":")[0] for text in texts}:
            own = [text for text in texts if text.startswith(f"{conversation}:")]
            assert own == sorted(own), "in order"


async def test_killed_between_the_claim_of_parts_and_their_delivery(store: Database, database_url: str) -> None:
    """Exactly the claimed parts are delivered by the next process; the one that came meanwhile comes alone."""
    async with town_without_leadline(store, database_url) as town, open_leadline(town.settings) as leadline:
        town.leadline = leadline
        away = {"method": "POST", "path": "/conversations", "status": 503, "times": 1000}
        await town.intercom("POST", "/_sandbox/faults", away)
        async with process(town, town.settings) as pid:
            await keep_parts(town, 3, 1)

            async def claimed() -> bool:
                async with store.connection() as connection:
                    query = "select count(*) as n from arrival where joined_by is not null"
                    row = await (await connection.execute(query)).fetchone()
                return bool(row and row["n"] == 2)

            await until(claimed)
            os.kill(pid, signal.SIGKILL)
        await keep_parts(town, 2)
        await town.intercom("DELETE", "/_sandbox/faults")
        async with process(town, town.settings):

            async def through() -> bool:
                return list((await town.threads()).values()) == [
                    ["<1> [part 2 of 3 did not arrive] <3>", "[part 2 of 3, late] <2>"]
                ]

            await until(through)
            await town.at_rest()
            assert await through()


async def keep_parts(town: Town, *numbers: int) -> None:
    """Parts of one SMS, kept as a webhook brings them."""
    connected = await town.leadline.switchboard.by_id("sandbox", town.sms.channel_id)
    assert connected is not None
    parts = tuple(
        Inbound(
            provider_id=f"part-{number}",
            sender="+353861234567",
            handles=(Handle("tel", "+353861234567"),),
            text=f"<{number}>",
            piece=Piece(group="7", number=number, total=3, wait=0.0),
        )
        for number in numbers
    )
    raw = Raw(channel_id=connected.channel_id, method="POST", url="", headers={}, body=b"")
    arrivals = await Sorter(town.leadline.switchboard).sort(connected, Parsed(messages=parts))
    await town.leadline.keeper.keep("sandbox", raw, arrivals)


async def test_the_database_knows_no_secret_in_clear(store: Database, database_url: str) -> None:
    async with town_without_leadline(store, database_url):
        with psycopg.connect(store.url) as connection:
            for table in ("channel", "raw", "arrival", "workspace"):
                question = sql.SQL("select * from {}").format(sql.Identifier(table))
                assert not [row for row in connection.execute(question).fetchall() if "made-up" in str(row)]
