"""Several processes under one parent: replaced when one is killed, stopped together, never left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path

import aiohttp
import psutil
import pytest
from msgspec.structs import replace

from leadline.serving import bind
from leadline.settings import Settings
from leadline.store.database import Database
from tests.acceptance.test_crashes import town_without_leadline
from tests.acceptance.town import HOST, MEASURING, METRICS_TOKEN, Town, until
from tests.nursery import command, environ


@contextmanager
def parent(body: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A parent of three processes whose life is `body`."""
    code = f"""
    import os, signal, sys, time
    from leadline.cli.processes import WRONG_SETTINGS, Processes
    from leadline.errors import SettingError
    def live(number):
        {body}
    sys.exit(Processes(3, live).run())
    """
    with tempfile.NamedTemporaryFile() as said:
        running = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stderr=said)
        try:
            yield running, Path(said.name)
        finally:
            running.kill()
            running.wait()


async def children(process: subprocess.Popen[bytes], count: int) -> list[psutil.Process]:
    async def there() -> list[psutil.Process]:
        found = [each for each in psutil.Process(process.pid).children() if each.status() != psutil.STATUS_ZOMBIE]
        return found if len(found) == count else []

    found: list[psutil.Process] = await until(there)
    return found


async def test_one_that_is_killed_is_replaced_and_the_others_stay() -> None:
    with parent("time.sleep(1000)") as (process, _):
        before = await children(process, 3)
        before[1].kill()
        await asyncio.to_thread(before[1].wait, 120)
        after = await children(process, 3)
        assert {each.pid for each in before if each is not before[1]} < {each.pid for each in after}
        process.terminate()
        assert await asyncio.to_thread(process.wait, 120) == 0
        assert not [each for each in after if each.is_running()]


async def test_a_killed_parent_leaves_no_process_behind() -> None:
    with parent("time.sleep(1000)") as (process, _):
        there = await children(process, 3)
        process.kill()
        gone, alive = await asyncio.to_thread(psutil.wait_procs, there, 120)
        assert (len(gone), alive) == (3, [])


async def test_wrong_settings_end_all_of_them() -> None:
    with parent("raise SettingError('The port is taken')") as (process, said):
        assert await asyncio.to_thread(process.wait, 120) == 1
        assert "The port is taken" in said.read_text()


async def healthy(town: Town) -> bool:
    with suppress(aiohttp.ClientError):
        async with town.http.get(f"{town.places.leadline}/healthz", headers={"Connection": "close"}) as answer:
            return answer.status == 200
    return False


@pytest.mark.long
async def test_two_doors_on_one_port_outlive_the_death_of_one(store: Database, database_url: str) -> None:
    async with town_without_leadline(store, database_url) as town, AsyncExitStack() as stack:
        console = stack.enter_context(bind(HOST, 0))  # the port above the door's may be somebody else's
        settings = replace(town.settings, metrics_token=METRICS_TOKEN, console_port=console.getsockname()[1])
        command = [sys.executable, "-m", "leadline", "serve", "--processes", "2"]
        process = subprocess.Popen(command, env=environ(settings), start_new_session=True)
        try:
            await until(lambda: healthy(town))
            doors = await children(process, 2)
            for number in range(20):
                assert await town.sms_in(f"+35386000{number:04d}", "Hello", number) == 200
            doors[0].kill()
            for number in range(20, 40):
                await until(lambda number=number: sent(town, number))  # type: ignore[misc]
            await children(process, 2)
            async with town.http.get(f"{town.places.leadline}/metrics", headers=MEASURING) as answer:
                counted = await answer.text()
            assert 'leadline_door_requests_total{channel="twilio_sms",outcome="kept"} 40.0' in counted

            async def all_there() -> bool:
                return len(await town.threads()) == 40

            await until(all_there)
            process.terminate()
            assert await asyncio.to_thread(process.wait, 120) == 0
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


async def sent(town: Town, number: int) -> bool:
    """As a provider does: again where nobody answered."""
    with suppress(aiohttp.ClientError):
        return await town.sms_in(f"+35386000{number:04d}", "Hello", number) == 200
    return False


async def refused(settings: Settings) -> str:
    """What two processes with these settings said, which ended by themselves."""
    with command(settings, "serve", "--processes", "2") as running:
        assert await asyncio.to_thread(running.ended, 120) == 1, running.said()
        return running.said()


async def test_where_the_consoles_port_is_taken_no_door_opens(store: Database, database_url: str) -> None:
    async with town_without_leadline(store, database_url) as town:
        with bind(HOST, 0) as taken:
            taken.listen()
            port = taken.getsockname()[1]
            said = await refused(replace(town.settings, console_port=port))
        assert f"cannot listen on {HOST}:{port}: another program uses this port" in said
        assert "set another LEADLINE_CONSOLE_PORT" in said
        assert "webhooks go to" not in said


async def test_with_a_wrong_key_no_door_opens(store: Database, database_url: str) -> None:
    async with town_without_leadline(store, database_url) as town, AsyncExitStack() as stack:
        console = stack.enter_context(bind(HOST, 0))
        said = await refused(replace(town.settings, secret_key="0" * 32, console_port=console.getsockname()[1]))
        assert "LEADLINE_SECRET_KEY" in said
        assert "listens on" not in said
