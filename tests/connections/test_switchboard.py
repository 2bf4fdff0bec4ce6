"""The channels that are kept in memory: asked for once, forgotten when they change, whatever changed them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from leadline.channels import channel
from leadline.channels.twilio.account import TwilioSettings
from leadline.connections import switchboard
from leadline.connections.switchboard import Switchboard, add_channel
from leadline.store.channels import ChannelRow, ChannelStore
from leadline.store.database import Database
from leadline.store.vault import Vault
from tests.acceptance.town import until

ACCOUNT = TwilioSettings(account_sid="AC" + "0" * 32, auth_token="made-up-auth-token", number="+14155550100")


class Counting(ChannelStore):
    """A store that counts how often it was asked."""

    asked = 0

    async def by_key(self, key: str) -> ChannelRow | None:
        self.asked += 1
        return await super().by_key(key)


@pytest.fixture
async def channels(store: Database) -> Counting:
    async with store.connection() as connection:
        await connection.execute("insert into workspace (workspace_id) values ('w')")
    return Counting(store, Vault("k" * 32))


@pytest.fixture
async def row(channels: Counting) -> ChannelRow:
    return await add_channel(channels, "w", channel("twilio_sms"), "SMS", ACCOUNT)


@pytest.fixture
async def listening(store: Database, channels: Counting) -> AsyncIterator[Switchboard]:
    board = Switchboard(channels)
    task = asyncio.create_task(board.listen(store.changes("leadline_channels")))

    async def listens() -> bool:
        return board._listens

    await until(listens)
    yield board
    task.cancel()


async def test_however_many_ask_at_once_the_database_is_asked_once(channels: Counting, row: ChannelRow) -> None:
    board = Switchboard(channels)
    found = await asyncio.gather(*(board.by_key(row.key) for _ in range(300)))
    assert {each.channel_id for each in found if each} == {row.channel_id}
    assert channels.asked == 1


async def test_unknown_addresses_are_remembered_up_to_a_limit(
    channels: Counting, row: ChannelRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switchboard, "NOBODIES", 10)
    board = Switchboard(channels)
    await board.by_key(row.key)
    for number in range(25):
        for _ in range(3):
            assert await board.by_key(f"{number:032x}") is None
    assert channels.asked == 26
    assert len(board._nobody) <= 10
    assert await board.by_key(row.key) is not None
    assert channels.asked == 26, "guesses do not push out who is there"


async def test_a_change_by_another_process_is_heard(
    store: Database, channels: Counting, row: ChannelRow, listening: Switchboard
) -> None:
    assert await listening.by_key(row.key) is not None
    assert await listening.by_key("f" * 32) is None
    key = await channels.rotate("w", row.channel_id)

    async def moved() -> bool:
        return await listening.by_key(row.key) is None and await listening.by_key(key) is not None

    await until(moved)


async def test_without_notifications_an_answer_holds_for_a_moment_only(
    store: Database, channels: Counting, row: ChannelRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switchboard, "FRESH", 600.0)
    board = Switchboard(channels)
    assert await board.by_key(row.key) is not None
    await channels.remove("w", row.channel_id)
    assert await board.by_key(row.key) is not None, "nobody told"
    monkeypatch.setattr(switchboard, "FRESH", 0.0)  # the moment is over
    assert await board.by_key(row.key) is None


async def test_what_was_read_before_a_change_is_not_remembered_after_it(
    store: Database, channels: Counting, row: ChannelRow
) -> None:
    board, read, go_on = Switchboard(channels), asyncio.Event(), asyncio.Event()

    async def slowly() -> ChannelRow | None:
        found = await channels.by_key(row.key)
        read.set()
        await go_on.wait()
        return found

    asking = asyncio.create_task(board._asked(("key", row.key), slowly))
    await read.wait()
    await channels.change(row, msgspec.to_builtins(ACCOUNT) | {"auth_token": "another"}, address="+1")

    async def heard() -> AsyncIterator[bool]:
        yield True

    await board.listen(heard())
    go_on.set()
    assert await asking is not None
    found = await board.by_key(row.key)
    assert found is not None
    assert found.row.settings["auth_token"] == "another"
