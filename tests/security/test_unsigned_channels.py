"""Channels whose provider signs nothing: restricted to networks, their keys in no record, and doctor says so."""

from __future__ import annotations

import pytest
from psycopg import sql

from leadline.channels import CHANNELS, channel
from leadline.channels.settings import Settings
from leadline.connections.switchboard import may_come_from, networks, typed_settings
from leadline.errors import SettingError
from leadline.sandbox.providers import accounts
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import Town, until
from tests.cli.test_cli import run, signed

TEXTMAGIC = {"username": "u", "api_key": "k"}


def restricted(allow_from: str) -> Settings:
    return typed_settings(channel("textmagic"), TEXTMAGIC | {"allow_from": allow_from})


@pytest.mark.parametrize(
    ("client", "allowed"),
    [
        ("203.0.113.9", True),
        ("::ffff:203.0.113.9", True),
        ("2001:db8::9", True),
        ("203.0.114.9", False),
        ("2001:db9::9", False),
        ("", False),
        ("203.0.113.9, 127.0.0.1", False),
        ("not an address", False),
    ],
)
def test_only_the_networks_named_get_in(client: str, allowed: bool) -> None:
    assert may_come_from(client, restricted("203.0.113.0/24, 2001:db8::/32")) is allowed


@pytest.mark.parametrize("wrong", ["203.0.113.9/24", "somewhere", "203.0.113.0/24;10.0.0.0/8"])
def test_an_invalid_network_is_named_in_the_error(wrong: str) -> None:
    with pytest.raises(SettingError, match="allow_from"):
        restricted(wrong)


@pytest.mark.parametrize("key", sorted(CHANNELS))
def test_every_channel_says_whether_it_is_signed(key: str) -> None:
    adapter = channel(key)
    settings = accounts("http://127.0.0.1:9", key)[key]
    assert networks(settings) == ()
    agreed = getattr(settings, "callback_authorization", "")  # Sinch: no signature, a header that was agreed on
    assert bool(adapter.unsigned(settings)) or adapter.capabilities.signature != "none" or agreed


async def rows_of(town: Town, table: str) -> list[str]:
    """Every row of a table, whole."""
    question = sql.SQL("select t::text as whole from {} t").format(sql.Identifier(table))
    async with town.leadline.database.connection() as connection:
        return [row["whole"] async for row in await connection.execute(question)]


async def test_a_stranger_is_refused_and_no_record_holds_a_channels_key(open_town: Open) -> None:
    async with open_town() as town:
        assert await town.sms_in("+353888888999", "Hello", 1) == 200

        async def there() -> bool:
            return bool(await town.threads())

        await until(there)
        [thread] = await town.threads()
        await town.teammate("reply", thread, "Hi")

        async def sent() -> object:
            return [row for row in await rows_of(town, "outbound") if "delivered" in row]

        await until(sent)
        url = f"{town.places.leadline}/in/{town.whatsapp.key}"
        async with town.http.post(url, data=b"{", headers=signed(b"{")) as answer:
            assert answer.status == 200
        for table in ("raw", "arrival", "outbound", "channel"):
            rows = await rows_of(town, table)
            assert rows
            assert not [key for key in (town.sms.key, town.whatsapp.key) if key in str(rows)], table
        code, said = await run(town.settings, "channel", "change", "SMS", "--set", "allow_from=203.0.113.0/24")
        assert code == 0, said

        async def refused() -> bool:
            return await town.sms_in("+353888888999", "Again", 2) == 403

        await until(refused)
        code, said = await run(town.settings, "doctor")
        assert "unsigned" not in said, "Twilio signs"
