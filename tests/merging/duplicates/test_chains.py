"""The chain from a contact to the one it goes into: the strongest there is, and what makes it hold no longer."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from leadline.identity.compared import Record
from leadline.merging.duplicates.chains import APART, UNSURE, UNTIED, Link, Ties, as_before, members, why_not
from leadline.merging.duplicates.grouping import Judged

NONE = Judged()
STRONG, WEAK = "same_phone:85:2,same_name:52:2", "same_name:52:2"
ANA = Record(contact_id="a", name="ana silva", lines=frozenset({1}))
BEA = Record(contact_id="b", name="ana silva", lines=frozenset({1}), email="ana@x.example")
CIA = Record(contact_id="c", name="ana silva", email="ana@x.example")
PEOPLE = {"a": ANA, "b": BEA, "c": CIA}
LINKS = (Link("c", "b", "same_email:80:2,same_name:52:2"), Link("b", "a", STRONG))


def said(**verdicts: str) -> Judged:
    """`same="ab bc"` and the like."""
    return Judged(**{name: frozenset((two[0], two[1]) for two in pairs.split()) for name, pairs in verdicts.items()})


def asked(
    links: tuple[Link, ...] = LINKS, judged: Judged = NONE, *, least: int = 60, people: Mapping[str, Record] = {}
) -> str:
    return why_not(links, {**PEOPLE, **people}, judged, least=least, unattended=False)


@pytest.mark.parametrize(
    ("pairs", "judged", "way"),
    [
        ({("a", "c"): STRONG}, NONE, "ca"),
        ({("a", "c"): WEAK, ("a", "b"): STRONG, ("b", "c"): STRONG}, NONE, "cba"),
        ({("a", "c"): STRONG, ("a", "b"): STRONG, ("b", "c"): STRONG}, NONE, "ca"),
        ({("b", "c"): STRONG}, said(same="ab"), "cba"),
        ({("a", "c"): STRONG}, said(different="ac"), ""),
        ({("a", "b"): STRONG}, NONE, ""),
    ],
    ids=["direct", "by way of another", "directly where that is as strong", "said", "not where they are apart", "none"],
)
def test_the_strongest_chain_is_taken(pairs: dict[tuple[str, str], str], judged: Judged, way: str) -> None:
    assert "".join(members(Ties(pairs, judged).chain("c", "a"))) == way


def test_a_chain_whose_links_all_hold_is_merged() -> None:
    assert asked() == ""


@pytest.mark.parametrize(
    "judged",
    [said(different="ac"), said(different="bc"), said(different="cx", same="ax"), said(different="xy", same="ax cy")],
    ids=["both", "a link", "two steps away", "three steps away"],
)
def test_not_the_same_stops_a_merge_however_far_away_it_was_said(judged: Judged) -> None:
    assert asked(judged=judged) == APART


def test_what_was_said_of_others_stops_nothing() -> None:
    assert asked(judged=said(different="xy cz", same="wx")) == ""


def test_unsure_stops_and_a_chain_of_nothing_too() -> None:
    assert asked(judged=said(unsure="ab")) == UNSURE
    assert asked(()) == UNTIED


def test_a_link_that_changed_stops_the_merge_although_the_two_share_nothing_themselves() -> None:
    assert "changed since the scan" in asked(
        people={"c": Record(contact_id="c", name="ana silva", email="other@y.example")}
    )
    assert "changed since the scan" in asked(
        people={"b": Record(contact_id="b", name="ana silva", lines=frozenset({1}))}
    )


def test_a_link_that_people_called_the_same_needs_no_evidence() -> None:
    nobody = Record(contact_id="b")
    assert asked(judged=said(same="ab bc"), people={"b": nobody}) == ""


def test_what_speaks_against_it_now_is_weighed_by_what_the_batch_asked_for() -> None:
    links = (Link("c", "a", STRONG),)
    lines = frozenset({1})
    people = {
        "a": Record(contact_id="a", name="ana silva", lines=lines, email="ana@x.example"),
        "c": Record(contact_id="c", name="ana silva", lines=lines, email="a.s@y.example"),
    }
    assert asked(links, least=60, people=people) == ""
    assert "Less speaks for it" in asked(links, least=135, people=people)


def test_two_of_a_chain_who_look_like_two_people_by_now_stop_it() -> None:
    links = (Link("c", "b", "same_phone:85:2"), Link("b", "a", "same_phone:85:2"))
    line = frozenset({1})
    people = {key: Record(contact_id=key, lines=line) for key in "abc"}
    assert asked(links, people=people) == ""
    named = people | {
        "a": Record(contact_id="a", name="sean kelly", lines=line),
        "c": Record(contact_id="c", name="bea kelly", lines=line),
    }
    assert "look like two people" in asked(links, people=named)


def test_what_a_merge_of_the_batch_brought_is_not_held_against_the_next_one() -> None:
    now = Record(contact_id="a", name="ana silva", lines=frozenset({1}), email="from@lead.example")
    assert as_before(now, ANA) == ANA
    moved = Record(contact_id="a", name="ana silva", lines=frozenset({2}))
    assert as_before(moved, ANA) == moved, "what somebody changed counts"
