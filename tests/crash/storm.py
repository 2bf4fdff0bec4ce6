"""Plays a plan: traffic on one side, breakage on the other, then quiet until everything has settled.

Sandbox and providers live in this process and survive; Leadline's door and workers are processes that are killed,
frozen and cut off. A provider sends a webhook again until it is answered with success.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import psycopg

from leadline.sandbox.providers import Fault, TwilioFake, create
from leadline.serving import serving
from leadline.settings import Settings
from leadline.spaces import Book
from leadline.store.database import Database, ensure_database
from leadline.store.embedded import embedded
from tests.acceptance.test_crashes import town_without_leadline
from tests.acceptance.town import Town
from tests.crash.ledger import Ledger, Written, drawn_up, rows
from tests.crash.plan import Plan
from tests.nursery import Command, command, environ

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
WAITING = "select count(*) as n from arrival where state = 'waiting'"
TALKS = "select id from conversation order by id"
GREETINGS = ("Welcome to the storm!", "Nobody is here at the moment.")
PICTURE = bytes.fromhex("89504e470d0a1a0a")
LOST: list[dict[str, Any]] = [{"drop": True}, {"status": 503}, {"status": 504, "delay": 0.4}, {"delay": 2.0}]
WRITES = ["/contacts", "/conversations", "/conversations/[^/]+/reply", "/contacts/search"]


class Crew:
    """Leadline's processes: one door with a worker, and workers beside it, one of them with a clock of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._commands: dict[str, tuple[contextlib.ExitStack, Command]] = {}
        self._skewed: subprocess.Popen[bytes] | None = None

    def start(self, name: str) -> None:
        """Start this one, after ending what is left of it."""
        self.end(name)
        stack = contextlib.ExitStack()
        arguments = ("serve",) if name == "door" else ("worker",)
        self._commands[name] = (stack, stack.enter_context(command(self._settings, *arguments)))

    def end(self, name: str) -> None:
        if name in self._commands:
            self._commands.pop(name)[0].close()

    def pid(self, name: str) -> int:
        return self._commands[name][1].pid

    def ended(self) -> list[tuple[str, str]]:
        """Those that ended by themselves, with the last line each of them said."""
        gone = [(name, one) for name, (_, one) in self._commands.items() if one.ended() not in (None, -signal.SIGKILL)]
        return [(name, (one.said().strip().splitlines() or [""])[-1]) for name, one in gone]

    def start_skewed(self, seconds: int) -> None:
        """A worker whose clock is wrong by so much; nothing where there is no library for that."""
        if FAKETIME is None:
            return
        clock = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": f"{seconds:+}s", "DONT_FAKE_MONOTONIC": "1"}
        self._skewed = subprocess.Popen(
            [sys.executable, "-m", "leadline", "worker"],
            env=environ(self._settings) | clock,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        for name in list(self._commands):
            self.end(name)
        if self._skewed is not None:
            self._skewed.kill()
            self._skewed.wait()


class Storm:
    """One storm. `broken` counts what was broken, by kind."""

    def __init__(self, plan: Plan, town: Town, sandbox: Database, store: Database, server: Path, crew: Crew) -> None:
        self._plan = plan
        self._server = server
        self._town = town
        self._sandbox = sandbox
        self._store = store
        self._crew = crew
        self._random = random.Random(plan.seed)
        self.broken: Counter[str] = Counter()
        self.last_words: list[str] = []
        self.messages: list[str] = []
        self.replies: list[str] = []
        self.files = 0

    async def play(self) -> None:
        """Traffic and breakage side by side; returns when all was written and everything has settled."""
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._watch())
            writing = group.create_task(self._write())
            await group.create_task(self._break(writing))
            watching.cancel()
        await self._calm()

    async def _watch(self) -> None:
        """Start again what ended by itself, as a supervisor does: a start while the database is cut off fails."""
        while True:
            for name, said in self._crew.ended():
                self.broken[f"{name} ended by itself"] += 1
                self.last_words.append(said)
                self._crew.start(name)
            await asyncio.sleep(0.5)

    async def ledger(self) -> Ledger:
        written = Written(
            messages=tuple(self.messages), files=self.files, replies=tuple(self.replies), greetings=GREETINGS
        )
        return await drawn_up(written, self._sandbox, self._store, self._town.providers.phones.received())

    # -- traffic ------------------------------------------------------------------------------------------------------

    async def _write(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(self._plan.senders):
                chance = random.Random(self._plan.seed * 1_000_003 + number)
                group.create_task(self._customer(f"+35386{number:07d}", chance))
            group.create_task(self._teammates())
            group.create_task(self._merger())

    async def _customer(self, sender: str, chance: random.Random) -> None:
        """Writes one after the other: what comes next is sent when what came before was taken."""
        count, step = self._plan.messages // self._plan.senders, self._plan.pause * self._plan.breaks
        for number in range(count):
            await asyncio.sleep(chance.uniform(0, 2 * step / count))
            channel = "sms" if chance.random() < 0.7 else "whatsapp"
            text = f"{sender} {channel} {number}"
            post = self._webhook(sender, channel, number, text, picture=channel == "sms" and chance.random() < 0.1)
            await self._taken(post)
            if chance.random() < 0.1:  # providers repeat what was answered, too
                await self._taken(post)
            self.messages.append(text)

    def _webhook(
        self, sender: str, channel: str, number: int, text: str, *, picture: bool
    ) -> Callable[[], Awaitable[int]]:
        if picture:
            self.files += 1
            fake = self._town.providers.of(TwilioFake)
            headers, body = fake.webhook(fake.webhook_url, sender, text, [("image/png", PICTURE)])
            return lambda: self._posted(fake.webhook_url, headers, body)
        key = int(sender[6:]) * 100_000 + number
        if channel == "whatsapp":
            return lambda: self._town.whatsapp_in((sender[1:], text, f"wamid.{key}"))
        return lambda: self._town.sms_in(sender, text, key)

    async def _posted(self, url: str, headers: dict[str, str], body: bytes) -> int:
        async with self._town.http.post(url, data=body, headers=headers) as answer:
            return answer.status

    async def _taken(self, post: Callable[[], Awaitable[int]]) -> None:
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with asyncio.timeout(20):
                    if await post() == 200:
                        return
            await asyncio.sleep(0.3)

    async def _teammates(self) -> None:
        """Reply in conversations of customers, whoever is away meanwhile."""
        pause = self._plan.pause * self._plan.breaks / self._plan.replies
        for number in range(self._plan.replies):
            await asyncio.sleep(pause)
            while not (talks := await rows(self._sandbox, TALKS)):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.2)
            text = f"reply {number}"
            await self._town.teammate("reply", str(self._random.choice(talks)["id"]), text)
            self.replies.append(text)

    async def _merger(self) -> None:
        """Somebody merges leads in Intercom itself while their customers go on writing."""
        for number in range(self._plan.merges):
            await asyncio.sleep(self._plan.pause * self._plan.breaks / (self._plan.merges + 1))
            leads = [each for each in await self._town.contacts() if each["role"] == "lead" and each["phone"]]
            own = [each for each in leads if str(each["phone"]).startswith("+35386")]
            if not own:
                continue
            fields = {"role": "user", "external_id": f"crash-{number}", "name": f"User {number}"}
            with contextlib.suppress(AssertionError, aiohttp.ClientError):  # a fault that was meant for Leadline
                user = await self._town.intercom("POST", "/contacts", fields)
                pair = {"from": self._random.choice(own)["id"], "into": user["id"], "skip_duplicate_validation": True}
                await self._town.intercom("POST", "/contacts/merge", pair)

    # -- breakage -----------------------------------------------------------------------------------------------------

    async def _break(self, writing: asyncio.Task[None]) -> None:
        others = itertools.cycle([self._freeze, self._cut, self._lose, self._refuse, self._restart])
        breaks = [self._kill] * self._plan.kills
        breaks += itertools.islice(others, self._plan.breaks - self._plan.kills)
        self._random.shuffle(breaks)
        for break_one in breaks:
            await asyncio.sleep(self._random.uniform(0.5, 1.5) * self._plan.pause)
            await break_one()
        await writing

    async def _kill(self) -> None:
        name = self._random.choice(["door", "worker"])
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._crew.pid(name), signal.SIGKILL)
        self.broken[f"kill -9 of the {name}"] += 1
        await asyncio.sleep(self._random.uniform(0, 0.5))
        self._crew.start(name)

    async def _freeze(self) -> None:
        """Stands still in the middle of whatever it does, and goes on later as if nothing had been."""
        name = self._random.choice(["door", "worker"])
        pid = self._crew.pid(name)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
        self.broken[f"freeze of the {name}"] += 1
        await asyncio.sleep(self._random.choice([0.5, 2.0, 4.0]))
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)

    async def _cut(self) -> None:
        """All sessions of the database end at once."""
        with contextlib.suppress(psycopg.OperationalError):  # it is just starting again
            async with await psycopg.AsyncConnection.connect(self._store.url, autocommit=True) as connection:
                await connection.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and pid <> pg_backend_pid()"
                )
        self.broken["all database sessions ended"] += 1

    async def _restart(self) -> None:
        """PostgreSQL itself dies, and recovers from its log when it is started again."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it is just starting again
            os.kill(int((self._server / "pg" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        self.broken["kill -9 of PostgreSQL"] += 1

    async def _lose(self) -> None:
        """Intercom acts, and its answers are lost or late."""
        rule = {"method": "POST", "path": self._random.choice(WRITES), "when": "after"}
        await self._town.intercom("POST", "/_sandbox/faults", rule | self._random.choice(LOST))
        self.broken["answer of Intercom lost after its effect"] += 1

    async def _refuse(self) -> None:
        """The provider takes a message and its answer is lost, or it is away."""
        fault = self._random.choice([Fault(how="drop"), Fault(how="down", status=503)])
        self._town.providers.faults.plan(self._random.choice(["twilio_sms", "whatsapp_cloud"]), fault)
        self.broken[f"provider: {fault.how}"] += 1

    # -- quiet --------------------------------------------------------------------------------------------------------

    async def _calm(self) -> None:
        """Nothing is broken any more; wait until nothing waits and no reply is missing, or the time is over."""
        await self._town.intercom("DELETE", "/_sandbox/faults")
        for name in ("door", "worker"):
            self._crew.start(name)
        end = time.monotonic() + self._plan.quiet
        while time.monotonic() < end:
            await asyncio.sleep(1.0)
            with contextlib.suppress(psycopg.OperationalError):  # it may just be recovering
                [waiting] = await rows(self._store, WAITING)
                if not waiting["n"] and (await self.ledger()).holds:
                    return


@contextlib.asynccontextmanager
async def storm(plan: Plan, server: Path, sandbox_url: str) -> AsyncIterator[Storm]:
    """A storm over a town of its own, ready to be played. server: the folder of the PostgreSQL that Leadline gets."""
    with embedded(server) as url:
        async with (
            Database.open(await ensure_database(url, "crash")) as store,
            _storm(plan, store, server, sandbox_url) as played,
        ):
            yield played


@contextlib.asynccontextmanager
async def _storm(plan: Plan, store: Database, server: Path, sandbox_url: str) -> AsyncIterator[Storm]:
    async with town_without_leadline(store, sandbox_url, search_lag=1.0, retry_delay=0.5) as town:
        settings = _hurried(town.settings)
        await _greeting(store)
        crew = Crew(settings)
        async with (
            Database.open(sandbox_url) as sandbox,
            serving(create(town.providers), town.places.sockets["providers"]),
        ):
            try:
                crew.start_skewed(-90)
                for name in ("door", "worker"):
                    crew.start(name)
                yield Storm(plan, town, sandbox, store, server, crew)
            finally:
                crew.close()


async def _greeting(store: Database) -> None:
    """The channels welcome who writes, and say once that nobody is there."""
    book, (welcome, away) = Book(store), GREETINGS
    values = {"welcome": welcome, "out_of_office": away, "out_of_office_pause": "52 weeks"}
    for name, value in (values | {"opening_hours": "mon 00:00-00:01"}).items():
        await book.set("sandbox", name, value)


def _hurried(settings: Settings) -> Settings:
    changes: dict[str, Any] = {"reconcile_every": 3.0, "intercom_timeout": 2.0, "max_attempts": 30, "retry_base": 0.1}
    # What Intercom does after its time limit, and this much later, is beyond what Leadline promises. On a machine that
    # does other things at the same time the sandbox's effects come seconds late; the default is 10.
    changes |= {"intercom_settling": 6.0}
    return msgspec.structs.replace(settings, **changes)
