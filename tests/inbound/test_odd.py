"""Signed webhooks with what no provider sends: kept and shown to a person, never answered 503 for ever."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from leadline.channels.exchange import Parsed
from leadline.channels.twilio import sms
from leadline.engine import parked
from leadline.engine.arrival import LONGEST_KEY, bounded
from leadline.inbound.arrivals import Sorter
from leadline.model import Handle, Inbound, Profile
from leadline.store.database import Database
from tests.acceptance.conftest import Open

LONG = "x" * 5_000
MANY_BYTES = "漢" * 1_200


ODD: dict[str, tuple[str, dict[str, str], str]] = {
    "sender": (LONG, {}, "address_too_long"),
    "sender in bytes": (MANY_BYTES, {}, "address_too_long"),
    "id": ("+353861234567", {"MessageSid": "SM" + LONG}, ""),
    "id in bytes": ("+353861234567", {"MessageSid": "SM" + MANY_BYTES}, ""),
    "report": ("+353861234567", {"MessageSid": LONG, "MessageStatus": "delivered", "SmsStatus": "delivered"}, ""),
    "no sender": ("", {}, "no_sender"),
    "withheld sender": ("Unknown", {}, "no_sender"),
    "name as sender": ("AMAZON", {}, ""),
    "opt-out": (LONG, {"OptOutType": "STOP"}, "address_too_long"),
}


async def test_an_address_or_id_of_thousands_of_letters_is_kept_once(open_town: Open, store: Database) -> None:
    seen: set[int] = set()
    async with open_town() as town:
        for number, (name, (sender, fields, reason)) in enumerate(ODD.items()):
            for _ in range(2):
                assert await town.sms_in(sender, "Hello", number, **fields) == 200, name
            async with store.connection() as connection:
                rows = await (await connection.execute("select arrival_id, dedupe from arrival")).fetchall()
            fresh = {row["arrival_id"]: row["dedupe"] for row in rows if row["arrival_id"] not in seen}
            found = [row for row in await parked.parked(store, "sandbox") if row["arrival_id"] in fresh]
            assert {row["reason"] for row in found} == ({reason} if reason else set()), name
            assert len(fresh) == (2 if "OptOutType" in fields else 1), f"{name}: its redelivery meets the same key"
            assert all(len(dedupe.encode()) <= LONGEST_KEY for dedupe in fresh.values()), name
            seen |= fresh.keys()


def test_a_bounded_key_is_always_the_same_and_of_its_own() -> None:
    keys = [LONG, LONG + "y", MANY_BYTES, "short"]
    assert [bounded(key) for key in keys] == [bounded(key) for key in keys]
    assert len({bounded(key) for key in keys}) == len(keys)
    assert bounded("short") == "short"


async def test_messages_without_an_id_are_kept_each_and_their_redelivery_is_harmless(open_town: Open) -> None:
    async with open_town() as town:
        connected = await town.leadline.switchboard.by_id("sandbox", town.sms.channel_id)
        assert connected is not None
        hello = Inbound(provider_id="", sender="+353861234567", handles=(Handle("tel", "+353861234567"),), text="Hello")
        again = msgspec.structs.replace(hello, text="Are you there?")
        parsed = Parsed(messages=(hello, again, hello))
        first, second, repeated = await Sorter(town.leadline.switchboard).sort(connected, parsed)
        assert first.dedupe == repeated.dedupe
        assert first.dedupe != second.dedupe
        assert "" not in (first.dedupe, second.dedupe)


async def test_an_adapter_that_breaks_costs_no_message(
    open_town: Open, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("made up")

    async with open_town() as town:
        monkeypatch.setattr(sms.Twilio, "parse", broken)
        assert await town.sms_in("+353861234567", "Hello", 1) == 200
        [row] = await parked.parked(store, "sandbox")
        assert row["reason"] == "unreadable"
        assert "KeyError" in row["explanation"]
        async with store.connection() as connection:
            kept = await (await connection.execute("select body from raw")).fetchone()
        assert kept is not None
        assert b"Hello" in kept["body"]


async def test_a_message_of_white_space_is_delivered_as_empty(open_town: Open, store: Database) -> None:
    """Intercom takes no blank body, and a blank text must not keep the pictures behind it."""
    async with open_town() as town:
        for number, text in enumerate((" ", "\u200b", "\u3164")):
            assert await town.sms_in(f"+35386123456{number}", text, number) == 200
        await town.at_rest()
        assert await parked.parked(store, "sandbox") == []
        assert list((await town.threads()).values()) == [["[empty message]"]] * 3


async def test_a_name_of_which_nothing_is_seen_is_none(open_town: Open) -> None:
    """A contact would stand in the Inbox without anything to click on; it is named by its number instead."""
    async with open_town() as town:
        connected = await town.leadline.switchboard.by_id("sandbox", town.whatsapp.channel_id)
        assert connected is not None
        names = {"\u3164": "", " \u200b": "", "Ana\nKelly ": "Ana Kelly", "\u202eanA": "anA"}
        messages = tuple(
            Inbound(
                provider_id=f"m{number}",
                sender="353861234567",
                handles=(Handle("tel", "+353861234567"),),
                account="111",
                profile=Profile(name=name),
            )
            for number, name in enumerate(names)
        )
        arrivals = await Sorter(town.leadline.switchboard).sort(connected, Parsed(messages=messages))
        kept = [msgspec.json.decode(arrival.content, type=Inbound).profile.name for arrival in arrivals]
        assert kept == list(names.values())
