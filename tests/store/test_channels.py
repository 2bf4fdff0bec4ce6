"""Channels as rows: what a change of settings keeps, and what it may not touch."""

from __future__ import annotations

import msgspec
import pytest

from leadline.channels import channel
from leadline.connections.switchboard import add_channel, change_channel, typed_settings
from leadline.errors import SettingError
from leadline.store.channels import ChannelRow, ChannelStore
from leadline.store.database import Database
from leadline.store.vault import Vault

WHATSAPP = {
    "phone_number_id": "111",
    "business_account_id": "222",
    "display_number": "+14155550199",
    "access_token": "old",
    "app_secret": "made-up",
    "verify_token": "made-up",
}


@pytest.fixture
def channels(store: Database) -> ChannelStore:
    return ChannelStore(store, Vault("k" * 32))


@pytest.fixture
async def whatsapp(store: Database, channels: ChannelStore) -> ChannelRow:
    async with store.connection() as connection:
        await connection.execute(
            "insert into workspace (workspace_id, name, region, admin_id) values ('ws', '', '', '')"
        )
    adapter = channel("whatsapp_cloud")
    return await add_channel(channels, "ws", adapter, "WhatsApp", typed_settings(adapter, WHATSAPP))


async def test_new_credentials_leave_the_channel_what_it_is(channels: ChannelStore, whatsapp: ChannelRow) -> None:
    changed = await change_channel(channels, whatsapp, {"access_token": "new", "display_number": ""})
    assert changed == await channels.by_key(whatsapp.key)
    assert changed.settings["access_token"] == "new"
    assert changed.settings["app_secret"] == "made-up"
    assert ("display_number" in changed.settings, changed.address) == (False, "111"), "empty is the default again"
    assert msgspec.structs.replace(changed, settings=whatsapp.settings, address=whatsapp.address) == whatsapp


@pytest.mark.parametrize("values", [{"phone_number_id": "999"}, {"access_token": ""}])
async def test_another_account_or_a_missing_credential_is_refused(
    channels: ChannelStore, whatsapp: ChannelRow, values: dict[str, str]
) -> None:
    with pytest.raises(SettingError):
        await change_channel(channels, whatsapp, values)
    assert await channels.by_key(whatsapp.key) == whatsapp


async def test_under_a_lost_key_a_channel_can_still_be_named_and_removed(store: Database, whatsapp: ChannelRow) -> None:
    channels = ChannelStore(store, Vault("another key, for the former one is lost"))
    with pytest.raises(SettingError, match="remove and add"):
        await channels.listed("ws")
    assert await channels.names("ws") == {whatsapp.channel_id: "WhatsApp"}
    await channels.remove("ws", whatsapp.channel_id)
    assert await channels.names("ws") == {}
