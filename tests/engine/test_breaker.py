"""Somebody is away: lanes wait without trying, one message at a time asks, and then all go on, live ones first."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict

import pytest

from leadline.engine import breaker as breakers
from leadline.engine import parked, worker
from leadline.engine.bell import Bell
from leadline.engine.breaker import INTERCOM, LIKELY, SURE, Breaker, Breakers
from leadline.engine.holds import HOLD, Hold, Place
from leadline.engine.keep import Keeper
from leadline.engine.lanes import Arrival, Limits
from leadline.engine.session import Session
from leadline.engine.shared import Engine
from leadline.errors import Outage, Retry
from leadline.store.database import Database
from tests.engine.working import RAW, arrival, count, opened, settled, until, working

WAITING = "select count(*) from lane where blocked_on = 'intercom'"


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is away is tried several times a second."""
    monkeypatch.setattr(worker, "TEND", 0.1)
    monkeypatch.setattr(breakers, "FIRST", 0.1)
    monkeypatch.setattr(breakers, "LONGEST", 0.2)


class Intercom:
    """It is away until it is told otherwise, and counts who asks."""

    def __init__(self, breaker: Breaker, *, sure: bool = True) -> None:
        self.breaker = breaker
        self.sure = sure
        self.away = True
        self.asked: Counter[str] = Counter()
        self.heard: dict[str, list[int]] = defaultdict(list)
        self.order: list[str] = []

    async def __call__(self, item: Arrival) -> None:
        self.breaker.check()
        self.asked[item.lane] += 1
        await asyncio.sleep(0)
        if self.away:
            why = Retry("intercom_unavailable", "Intercom answered 503")
            self.breaker.failed(why, sure=self.sure)
            raise why
        self.breaker.worked()
        self.heard[item.lane].append(item.content["number"])
        self.order.append(item.lane)


async def kept(keeper: Keeper, senders: range, messages: range) -> None:
    await asyncio.gather(
        *(keeper.keep("w", RAW, [arrival(n, f"tel:+35388{sender:04}") for n in messages]) for sender in senders)
    )


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("sure", [True, False])
async def test_while_somebody_is_away_no_lane_is_tried_twice_and_nothing_is_parked(
    store: Database, bell: Bell, sure: bool
) -> None:
    engine = opened(store, bell)
    intercom = Intercom(engine.breakers.of("w", INTERCOM), sure=sure)
    keeper = Keeper(store, bell)
    await kept(keeper, range(60), range(3))
    async with working(store, bell, intercom, Limits(attempts=4, base=0.05), engine=engine):
        await until(lambda: _count(store, WAITING, 60))
        await kept(keeper, range(60), range(3, 5))
        await until(lambda: _away(store, lanes=60))
        tries = await count(store, "select tries from breaker")
        before = sum(intercom.asked.values())
        await until(lambda: _count(store, "select tries from breaker", tries + 4, least=True))
        asked = sum(intercom.asked.values()) - before
        assert asked <= await count(store, "select tries from breaker") - tries + 1, "one try at a time"
        assert len(intercom.asked) < 60, "most are never asked for"
        assert await parked.parked(store, "w") == []
        intercom.away = False
        await until(lambda: settled(store))
    assert all(numbers == [0, 1, 2, 3, 4] for numbers in intercom.heard.values())
    assert len(intercom.heard) == 60
    assert await breakers.breakers(store, "w") == []
    assert await count(store, "select max(attempts) from arrival") <= (1 if sure else 3)


async def _away(store: Database, lanes: int) -> bool:
    found = [(row["breaker"], row["reason"], row["lanes"]) for row in await breakers.breakers(store, "w")]
    return found == [(INTERCOM, "intercom_unavailable", lanes)]


@pytest.mark.usefixtures("soon")
async def test_the_backlog_lets_live_messages_go_first(store: Database, bell: Bell) -> None:
    engine = opened(store, bell)
    intercom = Intercom(engine.breakers.of("w", INTERCOM))
    keeper = Keeper(store, bell)
    await kept(keeper, range(50), range(2))
    async with working(store, bell, intercom, engine=engine, slots=1):
        await until(lambda: _count(store, WAITING, 50))
        intercom.away = False
        await until(lambda: _count(store, "select count(*) from lane where priority = 1", 1, least=True))
        await kept(keeper, range(900, 901), range(1))
        await until(lambda: settled(store))
    assert intercom.order.index("tel:+353880900") < 40
    assert await count(store, "select count(*) from lane where priority = 1") == 0, "it is over"


@pytest.mark.usefixtures("soon")
async def test_other_workers_learn_who_is_away_and_who_is_there_again(store: Database) -> None:
    one, other = Engine(store), Engine(store)
    await other.breakers.tend(other.ledger)
    _fail(one.breakers.of("w", INTERCOM), SURE)
    for engine in (one, other):
        await engine.breakers.tend(engine.ledger)
    with pytest.raises(Outage, match="503"):
        other.breakers.of("w", INTERCOM).check()
    await until(lambda: _due(other.breakers, other))
    other.breakers.of("w", INTERCOM).close()
    for engine in (other, one):
        await engine.breakers.tend(engine.ledger)
    one.breakers.of("w", INTERCOM).check()
    for engine in (one, other):
        await engine.close()


async def _due(known: Breakers, engine: Engine) -> bool:
    """Only one worker is told to try."""
    return [trial.key for trial in await known.tend(engine.ledger)] == [("w", INTERCOM)]


def _fail(breaker: Breaker, times: int, **how: bool) -> Retry:
    why = Retry("intercom_unavailable", "Intercom answered 503")
    for _ in range(times):
        breaker.failed(why, **({"sure": True} | how))
    return why


def test_it_opens_after_failures_in_a_row_that_no_message_can_be_the_cause_of() -> None:
    breaker = Breaker(("w", INTERCOM))
    _fail(breaker, SURE - 1)
    breaker.worked()
    _fail(breaker, SURE - 1)
    before = breaker.is_open
    why = _fail(breaker, 1)
    assert (before, breaker.is_open) == (False, True)
    assert (why.breaker, why.sure) == (INTERCOM, True)


async def test_one_message_that_always_fails_opens_nothing_and_two_senders_messages_do(store: Database) -> None:
    session = await Session.open(store.url)
    breaker = Breaker(("w", INTERCOM))
    for lane, opens in (("tel:+1", False), ("tel:+2", True)):
        token = HOLD.set(Hold(session, "w", [Place(lane, 1)], 0.0))
        _fail(breaker, LIKELY, sure=False)
        HOLD.reset(token)
        assert breaker.is_open is opens
    await session.close()


def test_that_it_can_be_read_does_not_say_that_it_can_be_written_to() -> None:
    breaker = Breaker(("w", INTERCOM))
    for _ in range(SURE):
        _fail(breaker, 1, is_write=True)
        breaker.worked(is_write=False)
    assert breaker.is_open


def test_reads_that_fail_now_and_then_open_nothing() -> None:
    breaker = Breaker(("w", INTERCOM))
    for _ in range(SURE):
        _fail(breaker, 1, is_write=False)
        breaker.worked(is_write=False)
    assert not breaker.is_open


async def _count(store: Database, question: str, number: int, *, least: bool = False) -> bool:
    found = await count(store, question)
    return found >= number if least else found == number
