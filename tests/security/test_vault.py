"""What is encrypted opens in its own place only, and a new key takes over while everything runs."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64encode

import msgspec
import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from leadline.alerts.targets import NewTarget, Targets
from leadline.channels import channel
from leadline.connections.switchboard import add_channel, typed_settings
from leadline.errors import SettingError
from leadline.store.channels import ChannelStore
from leadline.store.database import Database
from leadline.store.resealing import BOUND, TABLES, bind_former, reseal
from leadline.store.vault import Vault

KEY, NEXT = "4f9d2c7be18a60353c1b9e7a5d40f682", "b7e151628aed2a6abf7158809cf4f3c7"
PLACE = ("ws", "channel", "settings", 1)


def twilio(number: int) -> dict[str, str]:
    return {"account_sid": f"AC{number:032x}", "auth_token": f"token {number}", "number": f"+1415555{number:04}"}


async def connect(channels: ChannelStore, number: int) -> str:
    adapter = channel("twilio_sms")
    return (await add_channel(channels, "ws", adapter, f"n{number}", typed_settings(adapter, twilio(number)))).key


@pytest.fixture
async def connected(store: Database) -> Database:
    async with store.connection() as connection:
        await connection.execute("insert into workspace (workspace_id) values ('ws')")
    for number in (1, 2):
        await connect(ChannelStore(store, Vault(KEY)), number)
    return store


@given(st.binary(), st.integers(0, 200))
def test_a_changed_byte_or_another_place_does_not_open(clear: bytes, where: int) -> None:
    vault = Vault(KEY)
    sealed = vault.seal(clear, *PLACE)
    assert vault.open(sealed, *PLACE) == clear
    changed = bytearray(sealed)
    changed[where % len(changed)] ^= 1
    others = [("ws2", *PLACE[1:]), ("ws", "merge", *PLACE[2:]), (*PLACE[:3], 2), ("w", "schannel", "settings", 1)]
    for stored, place in [(bytes(changed), PLACE), *((sealed, other) for other in others)]:
        with pytest.raises(SettingError):
            vault.open(stored, *place)
    with pytest.raises(SettingError, match="LEADLINE_SECRET_KEY_FORMER"):
        Vault(NEXT).open(sealed, *PLACE)
    assert Vault(NEXT, [KEY]).open(sealed, *PLACE) == clear


async def test_the_settings_of_one_channel_do_not_open_in_anothers_row(connected: Database) -> None:
    async with connected.connection() as connection:
        await connection.execute("update channel set settings = (select settings from channel where channel_id = 1)")
    with pytest.raises(SettingError, match="somebody changed the database"):
        await ChannelStore(connected, Vault(KEY)).by_id("ws", 2)


async def test_a_webhook_key_is_found_and_does_not_stand_in_the_database(connected: Database) -> None:
    channels = ChannelStore(connected, Vault(KEY))
    rows = await channels.listed("ws")
    for row in rows:
        assert len(row.key) == 32
        assert await channels.by_key(row.key) == row
    async with connected.connection() as connection:
        found = await (await connection.execute("select channel::text as whole, key from channel")).fetchall()
    assert not [one for one in found if any(row.key in one["whole"] for row in rows)]
    assert await channels.by_key(found[0]["key"]) is None, "what stands in the database opens no door"


async def test_a_new_key_takes_over_under_load_and_nothing_is_lost(connected: Database) -> None:
    """Processes with the new key first, then the rotation, while channels are added, changed and asked for."""
    keys = [row.key for row in await ChannelStore(connected, Vault(KEY)).listed("ws")]
    both = Vault(NEXT, [KEY])
    channels, stop = ChannelStore(connected, both), asyncio.Event()

    async def ask() -> int:
        asked = 0
        while not stop.is_set():
            for key in keys:
                assert await channels.by_key(key) is not None
                asked += 1
        return asked

    async def work() -> list[str]:
        made = [await connect(channels, number) for number in range(10, 30)]
        for row in await channels.listed("ws"):
            changed = {**row.settings, "auth_token": f"new {row.channel_id}"}
            await channels.change(row, changed, address=row.address)
        return made

    asking, working = asyncio.create_task(ask()), asyncio.create_task(work())
    while not working.done():
        await reseal(connected, both)
    stop.set()
    assert await asking > 0
    made = await working
    assert (await reseal(connected, both)).lost == 0
    alone = ChannelStore(connected, Vault(NEXT))
    rows = await alone.listed("ws")
    assert {row.key for row in rows} == {*keys, *made}
    assert all(row.settings["auth_token"] == f"new {row.channel_id}" for row in rows)
    assert all([await alone.by_key(row.key) == row for row in rows])
    again = await reseal(connected, Vault(NEXT))
    assert (sum(again.counts.values()), again.lost) == (0, 0)


async def test_what_a_former_version_sealed_is_bound_once_and_not_taken_unbound_after_that(connected: Database) -> None:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"leadline channel settings").derive(KEY.encode())
    fernet = Fernet(urlsafe_b64encode(derived))
    former = [fernet.encrypt(msgspec.json.encode(twilio(number))) for number in (1, 2)]
    async with connected.connection() as connection:
        for number in (1, 2):
            await connection.execute(
                "update channel set settings = %s, key = %s, address_key = null where channel_id = %s",
                [former[number - 1], f"{number:032x}", number],
            )
        await connection.execute("delete from migration where name = %s", [BOUND])
    channels = ChannelStore(connected, Vault(KEY))
    with pytest.raises(SettingError):
        await channels.listed("ws")
    await bind_former(connected, Vault(KEY))
    assert [(row.key, row.settings["auth_token"]) for row in await channels.listed("ws")] == [
        (f"{number:032x}", f"token {number}") for number in (1, 2)
    ]
    async with connected.connection() as connection:
        await connection.execute("update channel set settings = %s where channel_id = 2", [former[0]])
    await bind_former(connected, Vault(KEY))
    with pytest.raises(SettingError):
        await channels.by_id("ws", 2)


UNSEALED = {
    ("raw", "body"), ("avatar", "content"), ("fetched", "content"),
    ("audit", "content_hash"), ("audit", "previous"), ("audit", "hash"),
    ("operator_link", "token_hash"), ("operator_session", "token_hash"), ("sign_in_try", "subject"),
    ("sign_in_return", "state_hash"), ("api_token", "token_hash"), ("api_send", "fingerprint"),
}  # fmt: skip
"""Bytes that are no sealed value."""


async def test_every_sealed_column_takes_the_new_key(connected: Database) -> None:
    """A new column of bytes is sealed anew with the others, or listed above."""
    sealed = {(one.table, column) for one in TABLES for column in one.columns}
    async with connected.connection() as connection:
        rows = await connection.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'public' and data_type = 'bytea'"
        )
        found = {(row["table_name"], row["column_name"]) async for row in rows}
    assert found == UNSEALED | sealed


async def test_the_addresses_of_alerts_open_after_the_former_key_is_gone(connected: Database) -> None:
    webhook = NewTarget(kind="webhook", name="ops", address="https://hooks.example.com/1")
    made = await Targets(connected, Vault(KEY), "ws").add(webhook)
    await Targets(connected, Vault(KEY), "ws").add(NewTarget(kind="mail", name="Ann", address="ann@example.com"))
    done = await reseal(connected, Vault(NEXT, [KEY]))
    assert (done.counts["alert_target"], done.lost) == (2, 0)
    listed = await Targets(connected, Vault(NEXT), "ws").listed()
    assert [(one.address, one.secret) for one in listed] == [(made.address, made.secret), ("ann@example.com", "")]
