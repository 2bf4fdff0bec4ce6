"""Three hosts and one PostgreSQL: one is cut off, one freezes, one dies. The ledger holds."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from leadline.sandbox.providers import create
from leadline.serving import bind, serving
from leadline.settings import Settings
from leadline.store.database import Database
from tests.acceptance.test_crashes import process, town_without_leadline
from tests.acceptance.town import Town, port_of, until
from tests.crash.hosts import NET, Host, hosts, missing
from tests.crash.ledger import Ledger, Written, drawn_up
from tests.nursery import environ

SENDERS, EACH = 12, 20
WHY_NOT = missing()


def free_port(host: str) -> int:
    with bind(host, 0) as listener:
        return int(listener.getsockname()[1])


@contextlib.asynccontextmanager
async def workers(
    town: Town, store: Database, machines: list[Host]
) -> AsyncIterator[tuple[list[subprocess.Popen[bytes]], Settings]]:
    """A worker on each host, which reaches this one through the bridge alone; yields them and their settings."""
    known = conninfo_to_dict(store.url)
    socket = f"{known['host']}/.s.PGSQL.{known.get('port', 5432)}"
    ports = [port_of(town.places.sandbox), port_of(town.places.providers)]
    pg = free_port(f"{NET}.1")
    pairs = [f"{NET}.1:{port} 127.0.0.1:{port}" for port in ports] + [f"{NET}.1:{pg} {socket}"]
    words = [word for pair in pairs for word in pair.split()]
    relay = subprocess.Popen([sys.executable, "-m", "tests.crash.relay", *words])
    url = make_conninfo(store.url, host=f"{NET}.1", port=pg)
    settings = msgspec.structs.replace(town.settings, database_url=url, reconcile_every=3.0, intercom_timeout=2.0)
    there = [word for port in ports for word in (f"127.0.0.1:{port}", f"{NET}.1:{port}")]
    for host in machines:
        host.run(["tests.crash.relay", *there], os.environ)
    try:
        yield [host.run(["leadline", "worker"], environ(settings)) for host in machines], settings
    finally:
        relay.kill()
        relay.wait()


async def customers(town: Town) -> list[str]:
    """Everybody writes for half a minute."""
    written: list[str] = []

    async def customer(number: int) -> None:
        sender = f"+35386{number:07d}"
        for turn in range(EACH):
            text = f"{sender} sms {turn}"
            assert await town.sms_in(sender, text, number * 1000 + turn) == 200
            written.append(text)
            await asyncio.sleep(1.5)

    await asyncio.gather(*map(customer, range(SENDERS)))
    return written


def leadline_of(started: subprocess.Popen[bytes]) -> int:
    """The pid of the worker itself: `ip netns exec` becomes the command it runs."""
    assert b"leadline" in Path(f"/proc/{started.pid}/cmdline").read_bytes()
    return started.pid


@pytest.mark.long
@pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)
@pytest.mark.xdist_group("hosts")
async def test_one_host_cut_off_one_frozen_one_killed_and_the_ledger_holds(store: Database, database_url: str) -> None:
    with hosts(3) as machines:
        async with (
            town_without_leadline(store, database_url, search_lag=1.0, retry_delay=0.5) as town,
            Database.open(database_url) as sandbox,
            serving(create(town.providers), town.places.sockets["providers"]),
            process(town, town.settings, "--no-with-worker"),
            workers(town, store, machines) as (started, settings),
        ):
            writing = asyncio.create_task(customers(town))
            await until(lambda: _some(sandbox))
            machines[0].cut()
            await asyncio.sleep(2)
            frozen = leadline_of(started[1])
            os.kill(frozen, signal.SIGSTOP)
            await asyncio.sleep(2)
            os.kill(leadline_of(started[2]), signal.SIGKILL)
            machines[2].run(["leadline", "worker"], environ(settings))
            written = tuple(await writing)
            await asyncio.sleep(10)  # longer than a lease, from the moment of the cut
            machines[0].heal()
            os.kill(frozen, signal.SIGCONT)

            async def settled() -> Ledger | None:
                found = await drawn_up(Written(messages=written, files=0, replies=()), sandbox, store, ())
                return found if found.holds else None

            with contextlib.suppress(AssertionError):
                await until(settled)
            await asyncio.sleep(3)  # whoever woke up late would write now
            ledger = await drawn_up(Written(messages=written, files=0, replies=()), sandbox, store, ())
    assert ledger.holds, "\n".join(ledger.lines())
    assert (ledger.delivered, ledger.parked) == (SENDERS * EACH, 0)


async def _some(sandbox: Database) -> bool:
    async with sandbox.connection() as connection:
        row = await (await connection.execute("select count(*) as n from conversation")).fetchone()
    return bool(row and row["n"] >= 4)
