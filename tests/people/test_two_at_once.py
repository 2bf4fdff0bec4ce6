"""Two people correct the same sender at the same moment: one after the other counts, and nobody is overruled unseen."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import Any

import pytest

from leadline.identity import standing as rules
from leadline.model import Role
from leadline.people.corrections import CorrectionRefused, _correct
from leadline.people.standings import before_of, lock
from leadline.store.database import Database
from tests.acceptance.town import until
from tests.people.conftest import WORKSPACE, Desk

PHONE = "tel:+353861234567"
WAITERS = "select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


async def at_once(store: Database, *acts: Coroutine[Any, Any, Any]) -> list[Any]:
    """All of them have begun when the first one may go on, whichever that is. What each returned or raised."""
    tasks: list[asyncio.Task[Any]] = []
    async with store.connection() as connection:
        await lock(connection, WORKSPACE, [PHONE])
        for act in acts:
            tasks.append(asyncio.create_task(act))
            await waiting(store, len(tasks))
    return await asyncio.gather(*tasks, return_exceptions=True)


async def waiting(store: Database, count: int) -> None:
    async def all_wait() -> bool:
        async with store.connection() as connection:
            return bool([row async for row in await connection.execute(WAITERS)] == [{"n": count}])

    await until(all_wait)


async def users(desk: Desk) -> tuple[str, str, str]:
    """The contact that has the phone, and two others."""
    first = await desk.contact({"role": "user", "external_id": "a", "phone": PHONE.removeprefix("tel:")})
    others = [await desk.contact({"role": "user", "external_id": name}) for name in "bc"]
    assert await desk.write(PHONE, text="one") == first
    return first, others[0], others[1]


async def test_of_two_corrections_the_later_counts_and_undoing_it_brings_the_earlier_back(
    desk: Desk, store: Database
) -> None:
    first, ann, bob = await users(desk)
    corrections = desk.leadline.corrections
    made = await at_once(
        store,
        corrections.attach(WORKSPACE, PHONE, ann, author="Ann"),
        corrections.attach(WORKSPACE, PHONE, bob, author="Bob"),
    )
    earlier, later = sorted(made, key=lambda one: int(one.correction_id))
    assert (earlier.from_id, later.from_id, {earlier.into_id, later.into_id}) == (first, earlier.into_id, {ann, bob})
    assert await desk.write(PHONE, text="two") == later.into_id
    await corrections.undo(WORKSPACE, later.correction_id, author="Ann")
    assert await desk.write(PHONE, text="three") == earlier.into_id


async def test_an_undo_does_not_overrule_a_correction_made_while_it_was_asked_for(desk: Desk, store: Database) -> None:
    _, ann, bob = await users(desk)
    corrections = desk.leadline.corrections
    made = await corrections.attach(WORKSPACE, PHONE, ann, author="Ann")
    async with store.connection() as connection:
        before = await before_of(connection, WORKSPACE, PHONE)
        undoing = asyncio.create_task(corrections.undo(WORKSPACE, made.correction_id, author="Ann"))
        await waiting(store, 1)
        to_bob = partial(rules.attach, contact_id=bob, role=Role.USER)
        await _correct(connection, WORKSPACE, "attach", before, to_bob, "Bob")
    with pytest.raises(CorrectionRefused) as refused:
        await undoing
    assert refused.value.code == "later_correction"
    assert await desk.write(PHONE, text="two") == bob


async def test_of_two_undos_one_counts(desk: Desk, store: Database) -> None:
    first, ann, _ = await users(desk)
    corrections = desk.leadline.corrections
    made = await corrections.attach(WORKSPACE, PHONE, ann, author="Ann")
    undone = await at_once(
        store,
        corrections.undo(WORKSPACE, made.correction_id, author="Ann"),
        corrections.undo(WORKSPACE, made.correction_id, author="Bob"),
    )
    assert sorted(getattr(one, "code", "undone") for one in undone) == ["undone", "undone_already"]
    assert [each.kind for each in await corrections.listed(WORKSPACE)] == ["undo", "attach"]
    assert await desk.write(PHONE, text="two") == first
