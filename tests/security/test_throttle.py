"""Guessing gets slow and floods are sent away, and no signed message with them."""

from __future__ import annotations

import asyncio
import time

import pytest
from prometheus_client import REGISTRY

from leadline.channels import channel
from leadline.connections.switchboard import add_channel, typed_settings
from leadline.door import throttle
from leadline.door.allowance import Allowance, network
from leadline.door.throttle import FREE, FREE_CHANNEL, LONGEST, UNSIGNED, UNSIGNED_CHANNEL, Throttle, TooMany
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.api.caller import caller


class Clock:
    """Stands still unless moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


@pytest.mark.parametrize("most", [1, 3, 7, 100, 600])
def test_so_many_are_allowed_at_once_and_then_one_each_step(clock: Clock, most: int) -> None:
    requests = Allowance("api", most=most, seconds=60)
    assert [requests.take("token") for _ in range(most)] == [0.0] * most
    assert requests.take("token") == pytest.approx(60 / most)
    assert requests.take("token") == pytest.approx(60 / most), "what is sent away costs nothing"
    assert requests.take("another token") == 0.0
    clock.now += 60 / most
    assert requests.take("token") == 0.0
    assert requests.take("token") > 0.0
    clock.now += 60
    assert [requests.take("token") for _ in range(most)] == [0.0] * most, "all of it is there again"


def test_a_sign_in_waits_longer_with_each_wrong_password_and_is_forgiven_by_the_right_one(clock: Clock) -> None:
    signins = Allowance("sign_in", most=10, seconds=900)
    waits = []
    for _ in range(200):
        waits.append(signins.wait("maya@example.org"))
        signins.count("maya@example.org")
    assert waits[:10] == [0.0] * 10
    assert waits == sorted(waits)
    assert waits[-1] <= 900 + 90, "nobody is locked out for good"
    signins.forget("maya@example.org")
    assert signins.wait("maya@example.org") == 0.0


def test_every_caller_that_has_to_wait_is_counted(clock: Clock) -> None:
    def counted() -> float:
        return REGISTRY.get_sample_value("leadline_throttled_total", {"what": "a_test"}) or 0.0

    one, before = Allowance("a_test", most=1, seconds=60), counted()
    assert [bool(one.take("a")) for _ in range(4)] == [False, True, True, True]
    assert counted() - before == 3


def test_a_million_keys_do_not_fill_the_memory() -> None:
    one = Allowance("api", most=1, seconds=60, keys=1000)
    for number in range(5000):
        one.count(str(number))
    assert len(one._free_at) == 1000
    assert one.wait("4999") > 0


@pytest.mark.parametrize(
    ("client", "key"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_all_addresses_of_one_owner_are_one_key(client: str, key: str) -> None:
    assert network(client) == key


def test_the_delay_grows_with_refusals_of_one_address_and_of_no_other(clock: Clock) -> None:
    one = Throttle()
    delays = [one.delay("203.0.113.9") for _ in range(FREE + 80)]
    assert delays[:FREE] == [0.0] * FREE
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST
    assert one.delay("203.0.113.10") == 0.0
    clock.now += 2 * throttle.WINDOW + 1
    assert one.delay("203.0.113.9") == 0.0, "who stops is forgiven"


def test_guesses_at_one_channel_get_slow_from_however_many_addresses_they_come(clock: Clock) -> None:
    one = Throttle()
    delays = [one.delay(f"203.0.{number >> 8}.{number & 255}", "w/1") for number in range(FREE_CHANNEL + 50)]
    assert delays[:FREE_CHANNEL] == [0.0] * FREE_CHANNEL
    assert delays[-1] == LONGEST
    assert one.delay("198.51.100.1", "w/2") == 0.0


def test_a_flood_of_unsigned_messages_is_sent_away_by_address_and_by_channel(clock: Clock) -> None:
    one = Throttle()
    for _ in range(UNSIGNED):
        one.unsigned("203.0.113.9", "w/1")
    with pytest.raises(TooMany, match="More unsigned messages"):
        one.unsigned("203.0.113.9", "w/1")
    for number in range(UNSIGNED_CHANNEL - UNSIGNED):
        one.unsigned(f"198.51.{number >> 8}.{number & 255}", "w/1")
    with pytest.raises(TooMany) as caught:
        one.unsigned("192.0.2.1", "w/1")
    assert caught.value.seconds == pytest.approx(throttle.WINDOW / UNSIGNED_CHANNEL)


async def test_while_an_address_guesses_its_signed_messages_are_taken_at_once(
    open_town: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "LONGEST", 3600.0)
    monkeypatch.setattr(throttle, "WINDOW", 360_000.0)
    async with open_town() as town:

        async def guess(path: str) -> int:
            async with town.http.post(f"{town.places.leadline}/{path}", data=b"{}") as answer:
                return answer.status

        assert {await guess(f"in/{number:032x}") for number in range(FREE)} == {404}
        paths = [f"in/{5:032x}", f"in/{town.sms.key}", "intercom/webhook", "intercom/inbox/submit", "nowhere"]
        waiting = [asyncio.create_task(guess(path)) for path in paths]
        for number in range(1, 6):
            assert await town.sms_in("+353888888999", f"Hello {number}", number) == 200
        await asyncio.sleep(0.2)
        assert not any(task.done() for task in waiting), "every refusal waits, whatever was guessed"
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_channel_that_nobody_signs_sends_a_flood_away_and_keeps_the_rest(
    open_town: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "UNSIGNED", 5)
    monkeypatch.setattr(throttle, "WINDOW", 360_000.0)
    adapter = channel("textmagic")
    async with open_town() as town:
        settings = typed_settings(adapter, {"username": "u", "api_key": "a-made-up-api-key"})
        row = await add_channel(town.store, "sandbox", adapter, "Unsigned", settings)
        url, answers = f"{town.places.leadline}/in/{row.key}", []
        for number in range(8):
            fields = {"id": str(number), "sender": "353861234567", "text": f"Hello {number}"}
            async with town.http.post(url, json=fields) as answer:
                answers.append((answer.status, answer.headers.get("Retry-After")))
        assert [status for status, _ in answers] == [200] * 5 + [429] * 3
        assert 71_000 < int(answers[-1][1] or 0) <= 72_000
        async with town.leadline.database.connection() as connection:
            found = await connection.execute(
                "select count(*) as n from arrival where channel_id = %s", [row.channel_id]
            )
            assert (await found.fetchone() or {})["n"] == 5
        assert await town.sms_in("+353888888999", "Signed", 1) == 200


async def test_a_key_that_asks_for_what_does_not_exist_counts_as_no_guessing(
    open_town: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowed: list[str] = []

    def delay(self: Throttle, client: str, channel: str = "") -> float:
        slowed.append(client)
        return 0.0

    monkeypatch.setattr(Throttle, "delay", delay)
    async with open_town() as town:
        one, reader = await caller(town), await caller(town, "read", name="reader")
        assert {(await one.call("GET", f"/messages/in-{number}"))[0] for number in range(1, 4)} == {404}
        assert (await reader.call("GET", "/resolve"))[0] == 403
        assert slowed == []
        one.token = "wrong"
        assert (await one.call("GET", "/channels"))[0] == 401
        assert len(slowed) == 1
