"""Messages to customers and workers that stood still: whoever lost the lane meanwhile gives nothing to a provider."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from leadline.connections.provider_calls import LONGEST
from leadline.engine.holds import HOLD, LEASE, SAFETY, Hold, Place
from leadline.engine.lanes import Arrival
from leadline.engine.session import Session
from leadline.errors import Lost, Retry
from leadline.model import DeliveryState, Outbound, Sent
from leadline.outbound.outbox import Outbox, Target
from leadline.outbound.planning import Content
from leadline.store.database import Database
from tests.acceptance.conftest import Open
from tests.outbound.test_reply import ANN, on_the_phone
from tests.outbound.test_survival import opened

LANE = "conversation:1"
ARRIVAL = Arrival(
    workspace_id="sandbox", arrival_id=1, channel_id=1, kind="begun", lane=LANE, content=None, attempts=0, arrived_at=0
)
TARGET = Target(workspace_id="w", channel_id=1, handle="tel:+1", sender="+1")


@contextmanager
def holding(hold: Hold) -> Iterator[None]:
    token = HOLD.set(hold)
    yield
    HOLD.reset(token)


async def leased(store: Database, epoch: int) -> None:
    async with store.connection() as connection:
        await connection.execute(
            "insert into lane (workspace_id, lane, ready, epoch) values ('w', %(lane)s, true, %(epoch)s),"
            " ('sandbox', %(lane)s, true, %(epoch)s)"
            " on conflict (workspace_id, lane) do update set epoch = excluded.epoch",
            {"lane": LANE, "epoch": epoch},
        )


async def test_of_two_tries_at_the_same_moment_one_makes_the_call(store: Database) -> None:
    outbox = Outbox(store)
    [row] = await outbox.plan(TARGET, "part", (Outbound(id="o.1", to="+1", text="Hi"),), "Ann")
    await outbox.begin(row, again=False)
    with pytest.raises(Retry):
        await outbox.begin(row, again=False)
    await outbox.begin(row, again=True)
    await outbox.requeue(row)
    await outbox.begin(row, again=False)


async def test_a_worker_whose_lane_was_taken_while_it_stood_still_leaves_the_message_alone(store: Database) -> None:
    outbox, session = Outbox(store), await Session.open(store.url)
    [row] = await outbox.plan(TARGET, "part", (Outbound(id="o.1", to="+1", text="Hi"),), "Ann")
    await leased(store, 2)
    with holding(Hold(session, "w", [Place(LANE, 1)], time.monotonic())), pytest.raises(Lost):
        await outbox.begin(row, again=True)
    [row] = await outbox.of_part(TARGET, "part")
    assert row["state"] == DeliveryState.QUEUED
    with holding(Hold(session, "w", [Place(LANE, 2)], time.monotonic())):
        await outbox.begin(row, again=False)
    await session.close()


async def test_a_worker_that_thaws_in_the_middle_of_a_send_leaves_no_message_to_be_sent_again(store: Database) -> None:
    """Another worker has told it as unknown meanwhile; what the provider said to the first one is still true."""
    outbox = Outbox(store)
    for number, answer in enumerate(["not taken", "taken"]):
        [row] = await outbox.plan(TARGET, answer, (Outbound(id=f"o.{number}", to="+1", text="Hi"),), "Ann")
        await outbox.begin(row, again=False)
        await outbox.settle(row, Sent(outcome="unknown", reason="outcome_unknown"))
        if answer == "taken":
            await outbox.settle(row, Sent(outcome="accepted", provider_ids=("SM1",)))
        else:
            await outbox.requeue(row)
        [row] = await outbox.of_part(TARGET, answer)
        assert row["state"] == (DeliveryState.SENT if answer == "taken" else DeliveryState.UNKNOWN)
        with pytest.raises(Retry):
            await outbox.begin(row, again=True)


async def test_no_call_starts_that_could_outlast_the_lease(open_town: Open) -> None:
    """Its lane is the worker's for a tenth of a second less than the provider may take to answer."""
    async with open_town() as town:
        await town.sms_in(ANN, "Hello", 1)
        leadline, conversation = town.leadline, await opened(town)
        await leased(leadline.database, 1)
        target = Target(
            workspace_id="sandbox", channel_id=1, handle=f"tel:{ANN}", sender=ANN, conversation_id=conversation
        )
        session = await Session.open(leadline.database.url)
        hold = Hold(session, "sandbox", [Place(LANE, 1)], time.monotonic() - (LEASE - SAFETY) + LONGEST - 0.1)
        with holding(hold):
            with pytest.raises(Lost):
                await leadline.sending.send(ARRIVAL, target, "part", Content(text="Late"), author="Ann")
            assert [row["state"] for row in await leadline.sending.recent("sandbox", conversation)] == ["queued"]
            hold.renewed(time.monotonic())
            assert await leadline.sending.send(ARRIVAL, target, "part", Content(text="Late"), author="Ann") == "sent"
        await session.close()
        assert [delivery.text for delivery in await on_the_phone(town)] == ["Late"]
