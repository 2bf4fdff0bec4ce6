"""Messages in parts and missed messages: joined in order, asked for again, never lost and never doubled."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
import pytest

from leadline.channels.exchange import Parsed
from leadline.connections.switchboard import usable
from leadline.engine.arrival import Raw
from leadline.engine.bell import Bell
from leadline.engine.keep import Keeper
from leadline.engine.lanes import Arrival
from leadline.errors import Waiting
from leadline.identity.policy import Policy
from leadline.inbound.arrivals import Sorter
from leadline.inbound.joining import Joining, joined, late
from leadline.inbound.story import tell
from leadline.model import Attachment, Handle, Inbound, Piece
from leadline.sandbox.providers import TwilioFake
from leadline.store.database import Database
from tests.acceptance.conftest import Open
from tests.acceptance.town import Town, until
from tests.clocks import clock

ANN = "+353861234567"


def part(number: int, text: str = "", *, total: int = 3, group: str = "7", wait: float = 30.0, **more: Any) -> Inbound:
    return Inbound(
        provider_id=f"{group}-{number}",
        sender=ANN,
        handles=(Handle("tel", ANN),),
        text=text or f"<{number}>",
        piece=Piece(group=group, number=number, total=total, wait=wait),
        **more,
    )


def test_parts_are_joined_in_order_whatever_order_they_came_in() -> None:
    assert joined([part(3), part(1), part(2), part(1, "again")]).text == "<1><2><3>"
    assert joined([part(3), part(1)]).text == "<1> [part 2 of 3 did not arrive] <3>"
    assert late(part(2), Piece(group="7", number=2, total=3)).text == "[part 2 of 3, late] <2>"
    files = [Attachment(ref=name) for name in "ab"]
    album = [part(9, "Look", total=0, attachments=(files[1],)), part(8, total=0, attachments=(files[0],))]
    album[1] = msgspec.structs.replace(album[1], text="")
    whole = joined(album)
    assert (whole.text, whole.attachments) == ("Look", tuple(files))


async def kept(town: Town, *messages: Inbound) -> None:
    """Messages kept as a webhook of the SMS channel brings them."""
    leadline = town.leadline
    connected = await leadline.switchboard.by_id("sandbox", town.sms.channel_id)
    assert connected is not None
    arrivals = await Sorter(leadline.switchboard).sort(connected, Parsed(messages=messages))
    raw = Raw(channel_id=connected.channel_id, method="POST", url="", headers={}, body=b"")
    await leadline.keeper.keep("sandbox", raw, arrivals)


async def texts(town: Town) -> list[str]:
    return [text for thread in (await town.threads()).values() for text in thread]


async def test_scrambled_parts_arrive_as_one_and_others_do_not_wait_for_them(open_town: Open) -> None:
    async with open_town() as town:
        await kept(town, part(3))
        await town.sms_in("+353867654321", "Somebody else", 1)

        async def other() -> bool:
            return await texts(town) == ["Somebody else"]

        await until(other)
        await kept(town, part(1))
        await kept(town, part(1))
        await kept(town, part(2))

        async def whole() -> bool:
            return sorted(await texts(town)) == ["<1><2><3>", "Somebody else"]

        await until(whole)
        leader, follower = [await tell(town.leadline.database, "sandbox", f"7-{n}", Policy()) for n in (3, 1)]
        assert follower["text"] == leader["text"] == "<1><2><3>"
        assert follower["decision"] == leader["decision"] is not None
        assert follower["parts"] == leader["parts"]
        assert {leader["message"], follower["message"]} < set(leader["parts"])


async def test_a_missing_part_is_waited_for_then_marked_and_comes_alone_when_late(open_town: Open) -> None:
    async with open_town() as town:
        await kept(town, part(1, wait=1.0), part(3, wait=1.0))

        async def marked() -> bool:
            return await texts(town) == ["<1> [part 2 of 3 did not arrive] <3>"]

        await until(marked)
        await kept(town, part(2, wait=1.0))

        async def alone() -> bool:
            return (await texts(town))[1:] == ["[part 2 of 3, late] <2>"]

        await until(alone)


@pytest.fixture
async def joining(store: Database) -> tuple[Joining, Keeper, Database]:
    return Joining(store), Keeper(store, Bell(store)), store


async def test_a_crash_after_the_claim_neither_loses_nor_doubles_a_part(
    joining: tuple[Joining, Keeper, Database],
) -> None:
    """What a killed process leaves is what the claim committed: a second Joining finds exactly that."""
    desk, keeper, store = joining
    await keep(keeper, part(1, wait=0.0), part(3, wait=0.0))
    leader = await first_waiting(store)
    message = msgspec.convert(leader.content, Inbound)
    assert message.piece
    before = await desk.complete(leader, message, message.piece)
    assert before.text == "<1> [part 2 of 3 did not arrive] <3>"
    await keep(keeper, part(2, wait=0.0))
    again = await Joining(store).complete(leader, message, message.piece)
    assert again == before, "what may be in Intercom already does not change"
    async with store.connection() as connection:
        rows = await (await connection.execute("select state, joined_by from arrival order by arrival_id")).fetchall()
    number = leader.arrival_id
    assert [(row["state"], row["joined_by"]) for row in rows] == [
        ("waiting", number),
        ("done", number),
        ("waiting", None),
    ]


async def test_a_reference_that_is_used_again_is_a_new_message(joining: tuple[Joining, Keeper, Database]) -> None:
    desk, keeper, store = joining
    for texts in (("one ", "two"), ("three ", "four")):
        parts = [part(number, text, total=2) for number, text in enumerate(texts, 1)]
        await keep(keeper, *(msgspec.structs.replace(each, provider_id=each.text) for each in parts))
        leader = await first_waiting(store)
        message = msgspec.convert(leader.content, Inbound)
        assert message.piece
        assert (await desk.complete(leader, message, message.piece)).text == "".join(texts)
        async with store.connection() as connection:
            await connection.execute("update arrival set state = 'done'")


async def test_parts_that_are_missing_are_waited_for(joining: tuple[Joining, Keeper, Database]) -> None:
    desk, keeper, store = joining
    await keep(keeper, part(1))
    leader = await first_waiting(store)
    message = msgspec.convert(leader.content, Inbound)
    assert message.piece
    with pytest.raises(Waiting) as waiting:
        await desk.complete(leader, message, message.piece)
    assert waiting.value.delay == pytest.approx(1.0)


@pytest.mark.parametrize("wrong", [7200, -7200])
async def test_parts_are_waited_for_as_long_whatever_the_workers_clock_shows(
    joining: tuple[Joining, Keeper, Database], monkeypatch: pytest.MonkeyPatch, wrong: float
) -> None:
    desk, keeper, store = joining
    clock(monkeypatch, wrong)
    await keep(keeper, part(1))
    leader = await first_waiting(store)
    message = msgspec.convert(leader.content, Inbound)
    assert message.piece
    with pytest.raises(Waiting):
        await desk.complete(leader, message, message.piece)
    async with store.connection() as connection:
        await connection.execute("update arrival set arrived_at = arrived_at - interval '1 minute'")
    assert "did not arrive" in (await desk.complete(leader, message, message.piece)).text


async def keep(keeper: Keeper, *messages: Inbound) -> None:
    from leadline.engine.arrival import NewArrival

    arrivals = [
        NewArrival(
            source="channel:1",
            dedupe=message.provider_id,
            kind="message",
            lane=f"tel:{ANN}",
            content=msgspec.json.encode(message).decode(),
            piece_group="1:7",
            channel_id=1,
        )
        for message in messages
    ]
    await keeper.keep("w", Raw(channel_id=1, method="POST", url="", headers={}, body=b""), arrivals)


async def first_waiting(store: Database) -> Arrival:
    first = "select * from arrival where state = 'waiting' order by arrival_id limit 1"
    async with store.connection() as connection:
        row = await (await connection.execute(first.encode())).fetchone()
    assert row is not None
    fields = ("workspace_id", "arrival_id", "channel_id", "kind", "lane", "content", "attempts")
    return Arrival(**{name: row[name] for name in fields}, arrived_at=row["arrived_at"].timestamp())


async def test_messages_missed_while_away_are_polled_once(open_town: Open) -> None:
    async with open_town(poll_every=0.0) as town:
        fake = town.providers.of(TwilioFake)
        await fake.write(ANN, "Before")
        place, fake.webhook_url = fake.webhook_url, f"{town.places.leadline}/in/{'0' * 32}"
        for number in range(3):
            await fake.write(ANN, f"Missed {number}")
        fake.webhook_url = place
        await fake.write(ANN, "After")
        leadline = town.leadline
        connected = await leadline.switchboard.by_id("sandbox", town.sms.channel_id)
        assert connected is not None
        assert await leadline.polls.poll(connected, since=time.time() - 3600) == 3
        assert await leadline.polls.poll(connected, since=time.time() - 3600) == 0

        async def all_there() -> bool:
            return sorted(await texts(town)) == sorted(["Before", "After", *(f"Missed {n}" for n in range(3))])

        await until(all_there)
        await town.at_rest()
        assert await all_there()
        async with leadline.database.connection() as connection:
            rows = await (await connection.execute("select body from raw where method = 'POLL'")).fetchall()
        assert [len(json.loads(bytes(row["body"]))) for row in rows] == [3]


async def test_the_worker_polls_at_its_start(open_town: Open) -> None:
    async with open_town() as town:

        async def ran() -> Any:
            async with town.leadline.database.connection() as connection:
                query = "select kind, trouble from channel_round where ran_at is not null order by kind"
                rows = await (await connection.execute(query)).fetchall()
            found = [(row["kind"], row["trouble"]) for row in rows]
            return found if len(found) >= 2 else None

        assert await until(ran) == [("poll", ""), ("templates", "")]
        async with town.leadline.database.connection() as connection:
            await connection.execute("update channel set provider = 'of_tomorrow' where provider = 'whatsapp_cloud'")
        connected = usable(await town.leadline.channels.listed("sandbox"))
        assert [each.row.provider for each in connected] == ["twilio_sms"], "one that cannot be served stops no other"
