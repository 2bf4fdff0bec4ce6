"""Writes that survive everything: lost answers, late effects, clocks that differ, workers that freeze."""

from __future__ import annotations

import asyncio
import time

import pytest
from msgspec.structs import replace

from leadline.engine.holds import HOLD, LEASE, SAFETY, Hold, Place
from leadline.engine.session import Session
from leadline.errors import Lost, Retry, Waiting
from leadline.intercom import account
from leadline.intercom.outcomes import NotFound, OutcomeUnknown, Unavailable

from .conftest import PACE, Writing

REPLY = {"method": "POST", "path": "/conversations/[^/]+/reply"}


async def settled(writing: Writing, text: str = "Hello") -> str:
    """Come again before and after it can have taken effect, as lanes do."""
    with pytest.raises(Waiting):
        await writing.write(text)
    await writing.time_passes()
    return await writing.write(text)


async def put_clock(writing: Writing, seconds: float) -> None:
    """Intercom's clock is so far ahead of ours; Leadline has heard of it."""
    await writing.workspace.control("PUT", "/control", {"clock": seconds})
    await account.me(writing.workspace.client)


@pytest.mark.parametrize("clock", [-600.0, -10.0, 10.0, 600.0])
async def test_a_lost_answer_is_found_whatever_the_clocks_show(writing: Writing, clock: float) -> None:
    await put_clock(writing, clock)
    await writing.workspace.fault(**REPLY, when="after", drop=True)
    with pytest.raises(OutcomeUnknown):
        await writing.write()
    part = await settled(writing)
    assert await writing.texts() == ["Hello"]
    assert await writing.write() == part


@pytest.mark.parametrize("clock", [-600.0, 600.0])
async def test_an_older_message_of_the_same_text_is_not_taken_for_the_lost_one(writing: Writing, clock: float) -> None:
    await put_clock(writing, clock)
    older = await writing.write(owner="arrival:0")
    await put_clock(writing, clock + 4.0)  # Intercom's times are whole seconds
    await writing.workspace.fault(**REPLY, drop=True)
    with pytest.raises(OutcomeUnknown):
        await writing.write()
    assert await settled(writing) != older
    assert await writing.texts() == ["Hello", "Hello"]


@pytest.mark.parametrize("fault", [{"status": 504}, {"drop": True}])
async def test_an_effect_that_comes_after_the_answer_is_not_doubled_by_whoever_comes_early(
    writing: Writing, fault: dict[str, object]
) -> None:
    """The gateway gives up at once, Intercom writes later: a second call within the time finds nothing yet."""
    await writing.workspace.fault(**REPLY, **fault)
    with pytest.raises(OutcomeUnknown):
        await writing.write()
    for _ in range(3):
        with pytest.raises(Waiting) as early:
            await writing.write()
        assert 0 < (early.value.delay or 0) <= PACE.settled
    assert writing.looks == 0, "it was looked for while it could still take effect"
    late = await writing.write(owner="the late effect")
    assert await settled(writing) == late
    assert writing.looks == 1
    assert await writing.texts() == ["Hello"]


async def test_a_worker_that_froze_between_record_and_call_does_not_call(writing: Writing) -> None:
    await writing.workspace.control("DELETE", "/calls")
    writing.pace = replace(PACE, start=0.1)
    with pytest.raises(Waiting) as held_up:
        await writing.write(freeze=0.2)
    assert held_up.value.reason == "write_held_up"
    assert "POST /conversations/{id}/reply" not in await writing.workspace.calls()
    writing.pace = PACE
    await writing.write()
    assert await writing.texts() == ["Hello"]


async def test_a_worker_that_froze_leaves_the_record_of_its_successor_alone(writing: Writing) -> None:
    """The first worker thaws after its successor has begun the write anew."""
    frozen, gone_on = asyncio.Event(), asyncio.Event()

    async def thaw(_: object) -> tuple[str, str]:
        frozen.set()
        await gone_on.wait()
        raise Waiting("write_held_up", "thawed too late")

    async def never(_: float, __: str) -> None:
        return None

    first = asyncio.create_task(writing.steps().take(0, "reply", "Hello", thaw, never))
    await frozen.wait()
    await writing.time_passes()
    await writing.workspace.fault(**REPLY, when="after", drop=True)
    with pytest.raises(OutcomeUnknown):
        await writing.write()
    gone_on.set()
    with pytest.raises(Waiting):
        await first
    with pytest.raises(Waiting):
        await writing.write()
    await settled(writing)
    assert await writing.texts() == ["Hello"]


async def test_nothing_is_called_without_the_hold_on_the_lane(writing: Writing) -> None:
    """The lease has a tenth of a second less left than the call may take."""
    session = await Session.open(writing.store.url)
    async with writing.store.connection() as connection:
        await connection.execute("insert into lane (workspace_id, lane, ready, epoch) values ('sandbox', 'l', true, 1)")
    hold = Hold(session, "sandbox", [Place("l", 1)], time.monotonic() - (LEASE - SAFETY) + PACE.limit - 0.1)
    token = HOLD.set(hold)
    with pytest.raises(Lost):
        await writing.write()
    assert await writing.texts() == []
    hold.renewed(time.monotonic())
    await writing.write()
    async with writing.store.connection() as connection:
        await connection.execute("update lane set epoch = 2")
    with pytest.raises(Lost):
        await writing.write("World", owner="arrival:2")
    HOLD.reset(token)
    await session.close()
    assert await writing.texts() == ["Hello"]


@pytest.mark.parametrize("nothing", ["", "{}", '{"type":"conversation"}', '{"id":"1"}', '{"type":"error.list"}'])
async def test_a_look_that_is_answered_with_nothing_is_no_reason_to_write_again(writing: Writing, nothing: str) -> None:
    await writing.workspace.fault(**REPLY, when="after", drop=True)
    with pytest.raises(OutcomeUnknown):
        await writing.write()
    await writing.time_passes()
    await writing.workspace.fault(method="GET", path="/conversations/[^/]+", answer=nothing)
    with pytest.raises(Unavailable):
        await writing.write()
    await writing.write()
    assert await writing.texts() == ["Hello"]


async def test_a_repeat_that_is_refused_leaves_the_first_try_to_be_looked_for(writing: Writing) -> None:
    """The contact is merged away between a write whose answer was lost and its look-up, which then finds nothing."""

    async def refused(_: object) -> tuple[str, str]:
        raise NotFound(404, "not_found", "The contact was merged into another one")

    async def nothing(_: float, __: str) -> None:
        return None

    await writing.workspace.fault(**REPLY, when="after", drop=True)
    with pytest.raises(OutcomeUnknown):
        await writing.write()
    await writing.time_passes()
    with pytest.raises(NotFound):
        await writing.steps().take(0, "reply", "Hello", refused, nothing)
    await writing.write()
    assert await writing.texts() == ["Hello"]


async def test_a_refused_write_leaves_no_doubt_behind(writing: Writing) -> None:
    await writing.workspace.fault(**REPLY, status=429)
    with pytest.raises(Retry):
        await writing.write()
    await writing.write()
    assert writing.looks == 0
    assert await writing.texts() == ["Hello"]
