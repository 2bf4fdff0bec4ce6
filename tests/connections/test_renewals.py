"""Credentials that end are renewed while they are good, and an operator is told the date where that fails."""

from __future__ import annotations

import time

import msgspec
import pytest

from leadline.channels import channel
from leadline.cli.channel_health import channel_finding
from leadline.connections.renewals import EVERY, Renewals, begin_anew, outlook
from leadline.connections.rounds import Rounds
from leadline.connections.switchboard import Connected, add_channel, connect
from leadline.errors import ProviderTrouble
from leadline.sandbox.providers import InstagramFake
from leadline.store.channels import ChannelStore
from leadline.store.database import Database
from leadline.store.vault import Vault
from tests.channels.conftest import Town
from tests.channels.wire import settings_of

DAY = 86_400.0


async def connected_since(store: Database, channels: ChannelStore, town: Town, days: int) -> Connected:
    settings = town.settings("instagram")
    async with store.connection() as connection:
        await connection.execute(
            "insert into workspace (workspace_id, name, region, admin_id) values ('w', '', '', '1')"
        )
    row = await add_channel(channels, "w", channel("instagram"), "Instagram", settings)
    async with store.connection() as connection:
        await connection.execute("update channel set created_at = now() - make_interval(days => %s)", (days,))
    return await as_stored(channels, row.channel_id)


async def as_stored(channels: ChannelStore, channel_id: int) -> Connected:
    row = await channels.by_id("w", channel_id)
    assert row is not None
    return connect(row)


async def test_a_token_is_renewed_once_a_week_and_stored(store: Database, town: Town) -> None:
    channels, fake = ChannelStore(store, Vault("0" * 64)), town.providers.of(InstagramFake)
    renewals = Renewals(channels, town.calls, Rounds(store))
    before = await connected_since(store, channels, town, 50)
    ending = await outlook(store, before)
    assert ending is not None
    assert "was not renewed: is no worker running?" in ending.warning(time.time())
    assert await renewals.renew(before)
    after = await as_stored(channels, before.channel_id)
    assert after.settings == msgspec.structs.replace(before.settings, access_token=fake.tokens[-1])
    assert len(fake.tokens) == 2
    ending = await outlook(store, after)
    assert ending is not None
    assert ending.warning(time.time()) == ""
    assert ending.ends_at == pytest.approx(time.time() + 60 * DAY, abs=60)
    assert (await channel_finding(town.calls, store, after.row)).word.startswith(
        f"fine; the access token is valid until {ending.date} and is renewed before that"
    )
    assert not await renewals.renew(after)
    assert EVERY < 60 * DAY


async def test_a_token_that_cannot_be_renewed_is_told_with_its_date(store: Database, town: Town) -> None:
    channels = ChannelStore(store, Vault("0" * 64))
    renewals = Renewals(channels, town.calls, Rounds(store))
    connected = await connected_since(store, channels, town, 70)
    town.providers.of(InstagramFake).tokens.clear()
    with pytest.raises(ProviderTrouble, match="Error validating access token"):
        await renewals.renew(connected)
    trouble = (await channel_finding(town.calls, store, connected.row)).trouble
    assert trouble, "nor does it open anything any more"
    town.providers.of(InstagramFake).tokens.append(town.settings("instagram").access_token)
    ending = await outlook(store, connected)
    assert ending is not None
    warning = ending.warning(time.time())
    assert warning.startswith(f"its access token ended on {ending.date} and could not be renewed: Instagram says ")
    assert town.settings("instagram").access_token not in warning
    assert (await channel_finding(town.calls, store, connected.row)).trouble == f"Instagram: {warning}"
    await begin_anew(store, connected)
    ending = await outlook(store, connected)
    assert ending is not None
    assert ending.warning(time.time()) == "", "an operator gave it a new one"
    assert not await renewals.renew(connected)


async def test_a_young_token_is_left_alone_and_one_of_a_page_never_ends(store: Database, town: Town) -> None:
    channels = ChannelStore(store, Vault("0" * 64))
    renewals = Renewals(channels, town.calls, Rounds(store))
    assert not await renewals.renew(await connected_since(store, channels, town, 0))
    by_page = settings_of("instagram", api_url="https://graph.facebook.com", instagram_app_secret="")
    assert channel("instagram").abilities(by_page).credential_life is None
    by_login = settings_of("instagram", api_url="https://graph.instagram.com", instagram_app_secret="")
    assert channel("instagram").abilities(by_login).credential_life == 60 * DAY
