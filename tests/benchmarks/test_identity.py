"""The identity benchmark: its scorer on ledgers made by hand, its stream, what the default policy promises on it."""

from __future__ import annotations

import pytest

from benchmarks.identity.mix import build
from benchmarks.identity.run import Way, opened
from benchmarks.identity.scenarios import SCENARIOS
from benchmarks.identity.score import Landed, Ledger, routes, score, split


def landed(person: str, contact: str, calls: tuple[str, ...] = ("POST /conversations",), **more: bool) -> Landed:
    flags = {"doubtful": False, "known": True, "unknowable": False} | more
    return Landed(person=person, contact=contact, calls=calls, scenario="s", **flags)


def ledger(*messages: Landed) -> Ledger:
    made = Ledger(owners={"a": "Ana", "b": "Ben"}, stored={"Ana": {"a"}, "Ben": {"b"}})
    for message in messages:
        made.put(message)
    return made


def test_a_message_on_another_persons_contact_is_wrong_and_a_lead_is_its_makers() -> None:
    found = score(
        ledger(landed("Ana", "b"), landed("Ana", "b", doubtful=True), landed("Cleo", "new"), landed("Ben", "b"))
    )
    assert (found["wrong_rate"], found["undeclared_rate"], found["doubt_rate"]) == (0.5, 0.25, 0.25)
    assert score(ledger(landed("Cleo", "new"), landed("Ana", "new")))["wrong_rate"] == 0.5


def test_what_nothing_could_tell_is_counted_apart() -> None:
    found = score(ledger(landed("Ana", "b", unknowable=True), landed("Ana", "a")))
    assert (found["wrong_rate"], found["unknowable_wrong_rate"]) == (0.0, 0.5)


def test_a_person_is_split_by_two_contacts_or_by_a_lead_beside_the_one_on_file() -> None:
    assert split(ledger(landed("Cleo", "n1"), landed("Cleo", "n2"))) == {"Cleo"}
    assert split(ledger(landed("Ana", "n1"))) == {"Ana"}
    assert split(ledger(landed("Ana", "a"), landed("Ana", "a"))) == set()
    assert split(ledger(landed("Ana", "b"))) == set(), "wrong, not split"


def test_what_a_teammate_merged_is_one() -> None:
    made = ledger(landed("Ana", "n1"), landed("Ana", "a"))
    assert split(made) == {"Ana"}
    made.merged["n1"] = "a"
    assert split(made) == set()


def test_the_stream_is_the_same_for_a_seed_and_has_every_scenario() -> None:
    one, other = build(7, 60), build(7, 60)
    assert [vars(event) for event in one.events] == [vars(event) for event in other.events]
    assert {event.scenario for event in one.events} == set(SCENARIOS)
    assert [event.at for event in one.events] == sorted(event.at for event in one.events)
    assert any(event.repeats for event in one.events)


def test_messages_in_a_row_are_the_same_persons_within_the_minute_and_change_nobody() -> None:
    alone, rows = build(7, 60, (1,)), build(7, 60, (3,))
    assert rows.stored == alone.stored
    messages = [event for event in alone.events if event.kind == "message"]
    assert len(rows.events) == len(alone.events) + 2 * len(messages)
    for event in messages:
        near = [one for one in rows.events if one.person == event.person and 0 <= one.at - event.at < 60]
        assert len([one for one in near if (one.sender, one.name) == (event.sender, event.name)]) >= 3


def test_every_call_is_counted_by_its_route() -> None:
    calls = ("POST /conversations", "POST /conversations/{id}/tags")
    made = ledger(landed("Ana", "a", calls=calls), landed("Ben", "b", known=False))
    assert score(made)["calls_per_known_message"] == 2
    assert routes(made, known=True) == dict.fromkeys(calls, 1)


@pytest.mark.long
async def test_with_the_directory_every_wrong_choice_is_marked_doubtful_and_nobody_gets_two_contacts(
    server_url: str,
) -> None:
    async with opened("latest_updated", server_url, build(7, 1), Way(directory=True)) as play:
        found = score(await play.play())
    assert found["wrong_rate"] > 0, "families and recycled numbers are in it"
    assert found["undeclared_rate"] == 0
    assert found["split_rate"] == 0
    assert found["calls_per_known_message"] <= 1.25, "more than on a long stream: each oddity happens once"
