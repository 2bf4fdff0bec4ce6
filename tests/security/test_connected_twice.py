"""The same account and number cannot be connected twice, however it is written: every message would come twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from leadline.channels import CHANNELS, channel
from leadline.cli.channel_health import doubled
from leadline.connections.switchboard import add_channel, change_channel, fingerprint, typed_settings
from leadline.errors import SettingError
from leadline.sandbox.providers import accounts
from leadline.store.channels import ChannelStore
from leadline.store.database import Database
from leadline.store.vault import Vault

TWILIO = {"account_sid": "AC" + "a1" * 16, "auth_token": "made-up-1", "number": "+14155550100"}
SPELLINGS = [
    "+14155550100",
    "14155550100",
    "+1 (415) 555-0100",
    "0014155550100",
    "+１４１５５５５０１００",
    " +1.415.555.0100 ",
]


@pytest.fixture
async def channels(store: Database) -> ChannelStore:
    async with store.connection() as connection:
        for name in ("ws", "ws2"):
            await connection.execute(
                "insert into workspace (workspace_id, name, region, admin_id) values (%s, '', '', '')", [name]
            )
    return ChannelStore(store, Vault("k" * 32))


async def connect(channels: ChannelStore, key: str, values: dict[str, Any], workspace_id: str = "ws") -> int:
    adapter = channel(key)
    typed = typed_settings(adapter, values)
    return (await add_channel(channels, workspace_id, adapter, "a name", typed)).channel_id


@pytest.mark.parametrize("number", SPELLINGS)
async def test_a_number_in_another_spelling_is_refused_with_the_channel_that_has_it(
    channels: ChannelStore, number: str
) -> None:
    first = await connect(channels, "twilio_sms", TWILIO)
    with pytest.raises(SettingError, match=f"leadline channel change {first}"):
        await connect(channels, "twilio_sms", TWILIO | {"number": number, "auth_token": "another"})
    assert len(await channels.listed("ws")) == 1


async def test_what_differs_is_not_refused(channels: ChannelStore) -> None:
    await connect(channels, "twilio_sms", TWILIO)
    await connect(channels, "twilio_sms", TWILIO | {"number": "+14155550101"})
    await connect(channels, "twilio_sms", TWILIO | {"account_sid": "AC" + "b2" * 16})
    await connect(channels, "twilio_whatsapp", TWILIO)
    await connect(channels, "twilio_sms", TWILIO, workspace_id="ws2")
    assert len(await channels.listed("ws")) == 4


async def test_a_removed_channel_may_be_connected_again_and_a_change_may_not_make_two_of_one(
    channels: ChannelStore,
) -> None:
    first = await connect(channels, "twilio_sms", TWILIO)
    await channels.remove("ws", first)
    second = await connect(channels, "twilio_sms", TWILIO)
    other = await connect(channels, "twilio_sms", TWILIO | {"number": "+14155550101"})
    row = await channels.by_id("ws", other)
    assert row is not None
    with pytest.raises(SettingError, match=f"as channel {second}"):
        await change_channel(channels, row, {"number": "1 415 555 0100"})


async def test_two_at_once_make_one(channels: ChannelStore) -> None:
    done = await asyncio.gather(
        *(connect(channels, "twilio_sms", TWILIO | {"number": number}) for number in SPELLINGS), return_exceptions=True
    )
    assert [type(one) for one in done if not isinstance(one, SettingError)] == [int]


async def test_two_of_a_former_version_stay_in_service_and_a_third_is_refused(
    channels: ChannelStore, store: Database
) -> None:
    await connect(channels, "twilio_sms", TWILIO)
    second = await connect(channels, "twilio_sms", TWILIO | {"number": "+14155550101"})
    row = await channels.by_id("ws", second)
    assert row is not None
    await channels.change(row, dict(TWILIO), address="+14155550100")
    async with store.connection() as connection:
        await connection.execute("update channel set fingerprint = ''")
    with pytest.raises(SettingError, match="connected already"):
        await connect(channels, "twilio_sms", TWILIO)
    rows = await channels.listed("ws")
    await change_channel(channels, rows[1], {"auth_token": "new"})
    assert [finding.part for finding in doubled(rows)] == ["channel a name"]


@pytest.mark.parametrize("key", sorted(CHANNELS))
def test_every_channel_knows_itself_and_shows_no_credential(key: str) -> None:
    adapter = channel(key)
    settings = accounts("http://127.0.0.1:9", key)[key]
    mark = fingerprint(adapter, settings)
    assert mark == fingerprint(adapter, settings)
    assert any(adapter.fingerprint(settings)), "without any mark all channels of the provider would be one"
    assert len(mark) == 64
