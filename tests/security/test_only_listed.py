"""Channels that nobody signs and that believe only what their provider lists: real messages arrive once, forged ones
wait, hold up nobody, and end before a person.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from leadline.channels import CHANNELS
from leadline.cli.channel_health import unsigned
from leadline.connections.switchboard import change_channel
from leadline.engine.arrival import NewArrival
from leadline.engine.parked import retry
from leadline.inbound import listing
from leadline.inbound.listing import held
from leadline.sandbox.providers import TextMagicFake
from tests.acceptance.all_channels import AllChannels
from tests.acceptance.all_channels import town as all_channels
from tests.acceptance.town import until

LISTED = ["africastalking", "textmagic"]
__all__ = ["all_channels"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(all_channels: AllChannels) -> AsyncIterator[AllChannels]:
    """With these channels set to believe only what is listed; their lists are asked often."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "LOOK", 0.3)
        for key in LISTED:
            all_channels.rows[key] = await set_listed(all_channels, key, "true")
        yield all_channels


async def set_listed(town: AllChannels, key: str, value: str) -> Any:
    row = await change_channel(town.store, town.rows[key], {"only_listed": value})

    async def seen() -> bool:
        connected = await town.leadline.switchboard.by_id("sandbox", row.channel_id)
        return connected is not None and connected.adapter.only_listed(connected.settings) is (value == "true")

    await until(seen)
    return row


async def states(town: AllChannels, text: str) -> dict[str, str]:
    """State by kind of everything kept with this text."""
    rows = await town.stored("select kind, state from arrival where content ->> 'text' = %s", text)
    return {row["kind"]: row["state"] for row in rows}


async def forge(town: AllChannels, key: str, sender: str, text: str, number: str) -> int:
    """What anybody can post who knows the address."""
    fields = {"id": number, "sender": sender, "from": sender, "text": text}
    url = f"{town.places.leadline}/in/{town.rows[key].key}"
    async with town.http.post(url, json=fields) as answer:
        return answer.status


async def test_the_setting_is_offered_where_nobody_signs_and_there_is_a_list() -> None:
    offered = {key for key, adapter in CHANNELS.items() if "only_listed" in adapter.settings.__struct_fields__}
    lists = {k for k, a in CHANNELS.items() if a.capabilities.polls and a.capabilities.signature == "none"}
    assert offered == lists == {*LISTED}


async def test_what_is_held_is_in_nobodys_lane_and_under_nobodys_key() -> None:
    message = NewArrival(
        source="channel:7",
        dedupe="m1",
        kind="message",
        lane="tel:+353861234567",
        content="{}",
        channel_id=7,
        also=("x",),
    )
    one, other = held(message), held(NewArrival(source="channel:7", dedupe="m1", kind="message", lane="x", content="1"))
    assert (one.kind, one.source, one.also) == ("unlisted", "channel:7", ())
    assert one.lane == one.dedupe
    assert len({one.dedupe, other.dedupe, "m1", message.lane}) == 4
    status = NewArrival(source="channel:7", dedupe="s", kind="status", lane="status:1", content="{}")
    assert held(status) is status


@pytest.mark.parametrize("key", LISTED)
async def test_a_real_message_arrives_once_and_in_the_words_of_the_list(town: AllChannels, key: str) -> None:
    sender, fake = town.customer(key, 31), town.fake(key)
    posted = await fake.write(sender, f"Real on {key}")
    assert posted.status == 200
    first = await town.arrived(f"Real on {key}")
    for _ in range(3):
        assert await town.again(posted) == 200

    async def settled() -> bool:
        return await states(town, f"Real on {key}") == {"unlisted": "done", "message": "done"}

    await until(settled)
    assert await town.texts(first["conversation_id"]) == [f"Real on {key}"]


@pytest.mark.parametrize("key", LISTED)
async def test_a_forged_message_waits_and_holds_up_neither_the_customer_nor_the_real_one(
    town: AllChannels, key: str
) -> None:
    sender, fake = town.customer(key, 32), town.fake(key)
    assert await forge(town, key, sender, f"Forged on {key}", "999999001") == 200
    await fake.write(sender, f"Genuine on {key}")
    real = await town.arrived(f"Genuine on {key}")
    assert await town.texts(real["conversation_id"]) == [f"Genuine on {key}"]
    [row] = await town.stored("select * from arrival where content ->> 'text' = %s", f"Forged on {key}")
    assert (row["kind"], row["state"], row["reason"] in ("", "not_listed_yet")) == ("unlisted", "waiting", True)


async def test_a_guess_of_the_next_id_does_not_take_the_place_of_the_real_message(town: AllChannels) -> None:
    sender, fake = town.customer("textmagic", 33), town.fake("textmagic")
    assert isinstance(fake, TextMagicFake)
    await fake.write(sender, "The one before")
    await town.arrived("The one before")
    following = int(fake.replies[-1]["id"]) + 1
    assert await forge(town, "textmagic", "447700900999", "Guessed", str(following)) == 200
    await fake.write(sender, "The real one under that id")
    await town.arrived("The real one under that id")
    assert fake.replies[-1]["id"] == following

    async def guessed() -> bool:
        return await states(town, "Guessed") == {"unlisted": "done"}

    await until(guessed)
    assert await town.stored("select 1 from conversation where sender = '447700900999'") == []


async def test_what_is_never_listed_is_parked_and_delivered_only_when_the_operator_says_so(
    town: AllChannels, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = town.customer("textmagic", 34)
    monkeypatch.setattr(listing, "WITHIN", 0.5)
    assert await forge(town, "textmagic", sender, "Never listed", "999999002") == 200

    async def parked() -> list[dict[str, Any]]:
        return await town.stored(
            "select arrival_id, explanation from arrival where state = 'parked' and reason = 'not_listed'"
            " and content ->> 'text' = 'Never listed'"
        )

    [row] = await until(parked)
    assert "TextMagic SMS does not list this message" in row["explanation"]
    assert "only_listed=false" in row["explanation"]
    town.rows["textmagic"] = await set_listed(town, "textmagic", "false")
    assert await retry(town.leadline.database, "sandbox", ids=[row["arrival_id"]]) == 1
    await town.arrived("Never listed")
    await town.at_rest()
    assert await states(town, "Never listed") == {"unlisted": "done", "message": "done"}
    town.rows["textmagic"] = await set_listed(town, "textmagic", "true")


async def test_while_the_provider_is_away_nothing_is_parked(town: AllChannels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "WITHIN", 0.0)
    row = await change_channel(town.store, town.rows["textmagic"], {"api_key": "a-wrong-api-key"})
    sender = town.customer("textmagic", 35)

    async def changed() -> bool:
        connected = await town.leadline.switchboard.by_id("sandbox", row.channel_id)
        return connected is not None and connected.row.settings["api_key"] == "a-wrong-api-key"

    await until(changed)
    assert await forge(town, "textmagic", sender, "While away", "999999003") == 200

    async def told() -> list[dict[str, Any]]:
        return await town.stored(
            "select explanation from arrival where state = 'waiting' and reason = 'list_not_had'"
            " and content ->> 'text' = 'While away'"
        )

    [waiting] = await until(told)
    assert "TextMagic did not list its replies (HTTP 401)" in waiting["explanation"]
    await change_channel(town.store, row, {"api_key": town.fake("textmagic").settings.api_key})


async def test_doctor_says_that_it_is_unsigned_and_what_to_do(town: AllChannels) -> None:
    for key in LISTED:
        assert "only messages that" in unsigned(town.rows[key])
    plain = await change_channel(town.store, town.rows["africastalking"], {"only_listed": "false"})
    assert "Set only_listed=true" in unsigned(plain)
    assert unsigned(town.rows["sinch"]) == "", "a header is agreed on with Sinch"
    bare = await change_channel(town.store, town.rows["sinch"], {"callback_authorization": ""})
    assert "set callback_authorization" in unsigned(bare)
    assert unsigned(town.rows["twilio_sms"]) == ""
