"""`leadline key rotate` while messages come and go: killed, run twice, run too early, run with the wrong key."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import aiohttp
import pytest
from msgspec.structs import replace

from leadline.alerts.targets import NewTarget, Targets
from leadline.sandbox.providers import create
from leadline.serving import serving
from leadline.settings import Settings
from leadline.store.database import Database
from leadline.store.resealing import TABLES, reseal
from leadline.store.vault import Vault
from leadline.webhooks.subscriptions import NewWebhook, Webhooks
from tests.acceptance.test_crashes import process, town_without_leadline
from tests.acceptance.town import Town, until
from tests.crash.ledger import Ledger, Written, drawn_up, rows
from tests.nursery import Command, command

NEXT = "b7e151628aed2a6abf7158809cf4f3c7"
WORKSPACE = "sandbox"
SENDERS = 4
AT_A_LOCK = (
    "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    " and query like 'update channel set settings%'"
)


class Traffic:
    """Customers and a teammate who write without end, and what was taken so far."""

    def __init__(self, town: Town, sandbox: Database) -> None:
        self._town = town
        self._sandbox = sandbox
        self._stopped = asyncio.Event()
        self._writing: list[asyncio.Task[None]] = []
        self.messages: list[str] = []
        self.replies: list[str] = []

    async def some(self) -> None:
        """Until everybody has written a few more times."""
        messages, replies = len(self.messages) + 4 * SENDERS, len(self.replies) + 3

        async def written() -> bool:
            return len(self.messages) >= messages and len(self.replies) >= replies

        await until(written)

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            for number in range(SENDERS):
                self._writing.append(group.create_task(self._customer(f"+35386{number:07d}", 100_000 * number)))
            self._writing.append(group.create_task(self._teammate()))
            yield

    async def end(self) -> None:
        """Nobody writes any more, and what was written last is taken."""
        self._stopped.set()
        await asyncio.gather(*self._writing)

    async def settled(self, store: Database) -> Ledger:
        """What arrived of all that was written, once nothing is missing."""

        async def ledger() -> Ledger:
            written = Written(messages=tuple(self.messages), files=0, replies=tuple(self.replies))
            return await drawn_up(written, self._sandbox, store, self._town.providers.phones.received())

        async def all_there() -> Ledger | None:
            drawn = await ledger()
            return drawn if drawn.holds and drawn.delivered == len(self.messages) else None

        with contextlib.suppress(AssertionError):
            await until(all_there)
        return await ledger()

    async def _customer(self, sender: str, first: int) -> None:
        for number in itertools.count():
            channel = ("sms", "whatsapp")[number % 2]
            text = f"{sender} {channel} {number}"
            await self._taken(partial(self._post, channel, sender, text, first + number))
            self.messages.append(text)
            await asyncio.sleep(0.05)
            if self._stopped.is_set():
                return

    async def _post(self, channel: str, sender: str, text: str, number: int) -> int:
        if channel == "sms":
            return await self._town.sms_in(sender, text, number)
        return await self._town.whatsapp_in((sender[1:], text, f"wamid.{number}"))

    async def _taken(self, post: Callable[[], Awaitable[int]]) -> None:
        """A provider sends again what was not answered with success; a refusal would be a message lost."""
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with asyncio.timeout(10):  # nobody answers what a process took that was killed then
                    status = await post()
                assert status in {200, 503}, f"a channel was refused: {status}"
                if status == 200:
                    return
            await asyncio.sleep(0.2)

    async def _teammate(self) -> None:
        while not self._stopped.is_set():
            if talks := await rows(self._sandbox, "select id from conversation order by id"):
                number = len(self.replies)
                await self._town.teammate("reply", str(talks[number % len(talks)]["id"]), f"reply {number}")
                self.replies.append(f"reply {number}")
            await asyncio.sleep(0.2)


@asynccontextmanager
async def a_town(store: Database, sandbox_url: str) -> AsyncIterator[Town]:
    async with (
        town_without_leadline(store, sandbox_url) as town,
        serving(create(town.providers), town.places.sockets["providers"]),
    ):
        yield town


async def seal_something_of_everything(store: Database, settings: Settings) -> None:
    """A row in every table with sealed columns; the town has channels already."""
    vault = Vault(settings.secret_key)
    async with store.connection() as connection:
        await connection.execute(
            "update workspace set token = %s, client_secret = %s where workspace_id = %s",
            [
                vault.seal(settings.intercom_token.encode(), WORKSPACE, "workspace", "token"),
                vault.seal(settings.intercom_client_secret.encode(), WORKSPACE, "workspace", "client_secret"),
                WORKSPACE,
            ],
        )
        await connection.execute(
            "insert into merge (workspace_id, from_id, into_id, way, author, state, snapshot)"
            " overriding system value values (%s, 'a', 'b', 'merge', 'test', 'refused', null)",
            [WORKSPACE],
        )
        row = await (await connection.execute("select merge_id from merge")).fetchone()
        assert row is not None
        snapshot = vault.seal(b"{}", WORKSPACE, "merge", "snapshot", row["merge_id"])
        await connection.execute("update merge set snapshot = %s", [snapshot])
        secret = vault.seal(b"made up", WORKSPACE, "identity_provider", "client_secret", 1)
        await connection.execute(
            "insert into identity_provider (workspace_id, provider_id, key, name, issuer, client_id, client_secret)"
            " overriding system value values (%s, 1, 'key', 'Google', 'https://accounts.google.com', 'id', %s)",
            [WORKSPACE, secret],
        )
    await Targets(store, vault, WORKSPACE).add(NewTarget(kind="mail", name="Ann", address="ann@example.com"))
    webhooks = Webhooks(store, vault, WORKSPACE, allowed=frozenset({"127.0.0.1"}))
    await webhooks.add(NewWebhook(name="Shop", address="https://shop.example.com/hook"))


async def sealed_with(store: Database, vault: Vault) -> dict[str, set[bool]]:
    """By table whether this key sealed its rows; raises SettingError where one of those does not open."""
    found: dict[str, set[bool]] = {}
    for table in TABLES:
        for row in await rows(store, f"select * from {table.table}"):  # noqa: S608 - our own names
            for column in table.columns:
                if row[column] is None:
                    continue
                is_current = vault.is_current(row[column])
                found.setdefault(table.table, set()).add(is_current)
                if is_current:
                    vault.open(
                        row[column], row["workspace_id"], table.table, column, *([row[table.key]] if table.key else [])
                    )
    return found


async def ended(running: Command) -> tuple[int | None, str]:
    code = await asyncio.to_thread(running.ended, 60)
    return code, running.said()


async def rotated(settings: Settings) -> tuple[int | None, str]:
    with command(settings, "key", "rotate") as running:
        return await ended(running)


async def killed_in_the_middle(store: Database, settings: Settings) -> None:
    """A rotation dies at the last channel, which is held until it is dead."""
    async with store.connection() as holding:
        await holding.execute("select 1 from channel order by channel_id desc limit 1 for no key update")
        with command(settings, "key", "rotate") as running:

            async def waits() -> bool:
                assert running.ended() is None, running.said()
                return bool(await rows(store, AT_A_LOCK))

            await until(waits)
            os.kill(running.pid, signal.SIGKILL)
            await ended(running)


@pytest.mark.long
async def test_a_rotation_that_is_killed_under_load_loses_nothing(store: Database, database_url: str) -> None:
    async with a_town(store, database_url) as town, Database.open(database_url) as sandbox:
        before, new = town.settings, Vault(NEXT)
        both = replace(before, secret_key=NEXT, secret_key_former=before.secret_key)
        await seal_something_of_everything(store, before)
        traffic = Traffic(town, sandbox)
        async with traffic.flowing():
            async with process(town, before):
                await traffic.some()
            async with process(town, both):
                await traffic.some()
                await killed_in_the_middle(store, both)
                assert (await sealed_with(store, new))["channel"] == {True, False}
                await traffic.some()
                several = await asyncio.gather(*(rotated(both) for _ in range(2)))
                assert [code for code, _ in several] == [0, 0], several
                await traffic.some()
            async with process(town, replace(before, secret_key=NEXT)):
                await traffic.some()
                await traffic.end()
                ledger = await traffic.settled(store)
        assert ledger.holds, "\n".join(ledger.lines())
        assert (ledger.delivered, ledger.sent) == (len(traffic.messages), len(traffic.replies))
        assert await sealed_with(store, new) == {table.table: {True} for table in TABLES}


async def test_no_rotation_while_a_process_runs_with_the_former_key(store: Database, database_url: str) -> None:
    """It could not open what is sealed anew, and would refuse the webhooks of every channel."""
    async with a_town(store, database_url) as town:
        both = replace(town.settings, secret_key=NEXT, secret_key_former=town.settings.secret_key)
        async with process(town, town.settings) as pid:
            code, said = await rotated(both)
            assert (code, f"process {pid} on " in said) == (1, True), said
            assert (await sealed_with(store, Vault(NEXT)))["channel"] == {False}
            assert await town.sms_in("+353861234567", "still taken", 1) == 200
        code, said = await rotated(both)
        assert (code, "LEADLINE_SECRET_KEY_FORMER is no longer needed" in said) == (0, True), said
        assert (await sealed_with(store, Vault(NEXT)))["channel"] == {True}


async def test_a_wrong_former_key_changes_nothing_and_the_right_one_still_can(
    store: Database, database_url: str
) -> None:
    async with a_town(store, database_url) as town:
        right = replace(town.settings, secret_key=NEXT, secret_key_former=town.settings.secret_key)
        wrong = replace(right, secret_key_former="0f1e2d3c4b5a69788796a5b4c3d2e1f0")
        code, said = await rotated(wrong)
        assert (code, "2 could not be opened with any key" in said) == (1, True), said
        assert (await sealed_with(store, Vault(NEXT)))["channel"] == {False}
        assert (await rotated(right))[0] == 0
        assert (await sealed_with(store, Vault(NEXT)))["channel"] == {True}


@pytest.mark.parametrize("kind", ["serve", pytest.param("worker", marks=pytest.mark.long)])
async def test_a_process_with_a_wrong_key_does_not_start(store: Database, database_url: str, kind: str) -> None:
    """It would answer webhooks with 404 for ever, and leave in silence what waits."""
    async with a_town(store, database_url) as town:
        with command(replace(town.settings, secret_key=NEXT), kind) as running:
            code, said = await ended(running)
        assert (code, "LEADLINE_SECRET_KEY is not the one this was encrypted with" in said) == (1, True), said


async def test_what_a_process_with_the_former_key_changes_meanwhile_is_looked_at_again(store: Database) -> None:
    """It began before the rotation looked, and commits when the rotation has passed the row."""
    former, both = Vault("4f9d2c7be18a60353c1b9e7a5d40f682"), Vault(NEXT, ["4f9d2c7be18a60353c1b9e7a5d40f682"])
    targets = Targets(store, former, WORKSPACE)
    async with store.connection() as connection:
        await connection.execute("insert into workspace (workspace_id) values (%s)", [WORKSPACE])
    made = await targets.add(NewTarget(kind="mail", name="Ann", address="ann@example.com"))
    sealed = former.seal(b"bob@example.com", WORKSPACE, "alert_target", "address", made.target_id)
    async with store.connection() as changing:
        await changing.execute("update alert_target set address = %s", [sealed])
        resealing = asyncio.create_task(reseal(store, both))

        async def waits() -> bool:
            return bool(await rows(store, AT_A_LOCK.replace("channel set settings", "alert_target set address")))

        await until(waits)
    done = await resealing
    assert (done.counts["alert_target"], done.lost) == (1, 0)
    assert [one.address for one in await Targets(store, Vault(NEXT), WORKSPACE).listed()] == ["bob@example.com"]
