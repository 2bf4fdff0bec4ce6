"""Pairs of contacts scored: each kind by examples with its reasons in words, and what holds for any pair."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.identity.compared import Counts, Record
from leadline.identity.same_person import (
    ADDRESSES,
    NAMES,
    WORDS,
    packed,
    reasons_in_words,
    rescored,
    score,
    two_people,
    unpacked,
)
from leadline.identity.same_person_rules import LATEST, RULES, Rules, step
from leadline.model import Role

ANA = Record(contact_id="a", name="Ana Silva", email="ana@silva.example", lines=frozenset({353861111111}))


def other(**fields: object) -> Record:
    return msgspec.convert({"contact_id": "b", **fields}, Record)


def codes(one: Record, two: Record) -> set[str]:
    return {each.code for each in score(one, two, Counts()).evidence}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"lines": {353861111111}}, {"same_phone"}),
        ({"lines": {353861111112}}, {"near_phone"}),
        ({"lines": {353868111111}}, {"near_phone"}),
        ({"lines": {34611936811}}, {"other_phone"}),
        ({"lines": {34611936811, 353861111111}}, {"same_phone"}),
        ({"email": "ana@silva.example"}, {"same_email"}),
        ({"email": "ana+shop@silva.example"}, {"same_mailbox"}),
        ({"email": "bea@silva.example"}, {"colleagues"}),
        ({"email": "ana@other.example"}, {"other_email"}),
        ({"name": "Silva, Ana"}, {"same_name"}),
        ({"name": "Ana Maria Silva"}, {"middle_name"}),
        ({"name": "A. Silva"}, {"initial"}),
        ({"name": "Ana"}, {"part_of_name"}),
        ({"name": "anasilva"}, {"part_of_name"}),
        ({"name": "anas"}, {"part_of_name"}),
        ({"name": "A. S."}, {"part_of_name"}),
        ({"name": "Anne S."}, {"part_of_name"}),
        ({"name": "Ama Silva"}, {"near_name"}),
        ({"name": "Ana Siva"}, {"near_name"}),
        ({"name": "Ana Kelly"}, {"half_name"}),
        ({"name": "Bruno Silva"}, {"relatives"}),
        ({"name": "Liam Byrne"}, {"other_name"}),
        ({"name": "+353 86 111 1111"}, set()),
        ({}, set()),
    ],
)
def test_what_agrees_and_what_does_not(fields: dict[str, object], found: set[str]) -> None:
    assert codes(ANA, other(**fields)) == codes(other(**fields), ANA) == found


def test_the_reasons_are_told_in_words_with_what_they_are_worth() -> None:
    twin = other(name="Ana Silva", email="ana@other.example", lines={353861111111})
    assert (
        reasons_in_words(score(ANA, twin, Counts())) == "same phone +8.5, same rare name +5.2, different e-mails −2.0"
    )
    common = Counts(names={"ana silva": 400}, lines={353861111111: 3})
    assert reasons_in_words(score(ANA, twin, common)) == (
        "same phone (3 names on it) +7.2, same name (400 have it) +0.5, different e-mails −2.0"
    )


def test_a_name_that_many_have_and_a_phone_that_many_use_are_worth_less() -> None:
    twin = other(name="Ana Silva", lines={353861111111})
    worth = [score(ANA, twin, Counts(names={"ana silva": n}, lines={353861111111: n})).tenths for n in (2, 4, 9, 40)]
    assert worth == sorted(worth, reverse=True)
    assert len({*worth}) == 4
    assert [step(count) for count in (0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 32, 33, 10**6)] == [
        0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"name": "Ana Silva", "lines": {1}}, {"name": "Bruno Silva", "lines": {1}}),
        ({"name": "Ana Silva", "email": "info@firm.example"}, {"name": "Liam Byrne", "email": "info@firm.example"}),
        ({"name": "Ana Silva", "email": "a@firm.example"}, {"name": "Ana Silva", "email": "b@firm.example"}),
        ({"name": "Ana Silva", "email": "ana@gmail.com"}, {"name": "Ana Silva", "email": "silva@gmail.com"}),
        ({"name": "Ana Silva", "email": "ana1980@x.example"}, {"name": "Ana Silva", "email": "ana1981@x.example"}),
        ({"name": "Ana Silva"}, {"name": "Ana Silva"}),
    ],
)
def test_a_family_on_one_phone_a_firms_mailbox_and_namesakes_stay_below_six_points(
    one: dict[str, object], two: dict[str, object]
) -> None:
    left = msgspec.convert({"contact_id": "a", **one}, Record)
    assert score(left, other(**two), Counts()).points < 6


RECORDS = st.builds(
    Record,
    contact_id=st.just("x"),
    role=st.sampled_from(Role),
    name=st.sampled_from(
        ["", "Ana Silva", "Silva Ana", "Bruno Silva", "A. Silva", "Ana", "Ana Maria Silva", "Liz Ó Béal"]
    ),
    email=st.sampled_from(
        ["", "ana@gmail.com", "a.na@gmail.com", "info@firm.example", "bea@firm.example", "x@y.example"]
    ),
    lines=st.frozensets(st.sampled_from([353861111111, 353861111112, 34611936811]), max_size=2),
    external_id=st.sampled_from([0, -10, -18]),
    accounts=st.frozensets(st.sampled_from([-3, -11]), max_size=1),
    birth_year=st.sampled_from([0, 1950, 1978, 1980]),
)
COUNTS = st.builds(
    Counts,
    lines=st.dictionaries(st.sampled_from([353861111111, 34611936811]), st.integers(1, 50)),
    names=st.dictionaries(st.sampled_from(["ana silva", "a silva"]), st.integers(1, 500)),
)


@given(RECORDS, RECORDS, COUNTS)
def test_a_score_is_the_same_both_ways_and_survives_being_stored(one: Record, two: Record, counts: Counts) -> None:
    made = score(one, two, counts)
    assert made == score(two, one, counts) == unpacked(packed(made)) == rescored(made, RULES[LATEST])
    assert {each.code for each in made.evidence} <= set(WORDS)
    assert all(
        part in reasons_in_words(made)
        for part in (WORDS[each.code] for each in made.evidence if each.code != "same_name")
    )


@given(RECORDS, RECORDS, COUNTS)
def test_nothing_passes_the_name_gate_on_a_phone_or_an_e_mail_alone(one: Record, two: Record, counts: Counts) -> None:
    made = score(one, two, counts)
    if made.passes_name_gate:
        agreed = {each.code for each in made.evidence if each.tenths > 0}
        assert agreed & NAMES
        assert agreed & ADDRESSES
    nameless = msgspec.structs.replace(two, name="")
    assert not score(one, nameless, counts).passes_name_gate


@pytest.mark.parametrize("version", RULES)
def test_every_version_of_the_rules_stays_callable_and_weighs_every_kind(version: str) -> None:
    rules = RULES[version]
    assert rules.version == version
    said = {"attested_phone", "said_email", "said_phone"} if version < "3" else set()
    assert set(rules.weights) == set(WORDS) - said - ({"other_birth_year"} if version < "4" else set())
    older, younger = (msgspec.structs.replace(ANA, birth_year=year) for year in (1950, 1980))
    assert score(older, older, Counts(), rules).tenths > 0
    assert score(older, younger, Counts(), rules).tenths >= score(older, younger, Counts()).tenths


@pytest.mark.parametrize(
    ("years", "named", "apart"),
    [((1950, 1980), False, True), ((1978, 1987), False, False), ((1980, 1980), True, False), ((0, 1980), True, False)],
)
def test_a_father_and_a_son_of_one_name_on_one_landline_are_told_apart_by_their_years_of_birth(
    years: tuple[int, int], named: bool, apart: bool
) -> None:
    """Some years may be a slip: then nothing is merged unattended, but people see the pair."""
    father, son = (msgspec.structs.replace(ANA, birth_year=year) for year in years)
    made = score(father, son, Counts())
    assert (made.passes_name_gate, two_people(father, son)) == (named, apart)
    assert ("different years of birth" in reasons_in_words(made)) is not named


@pytest.mark.parametrize(("one", "two"), [("Ana Silva Sr.", "Ana Silva Jr."), ("Ana Silva II", "Ana Silva III")])
def test_the_younger_and_the_older_of_a_name_are_two_people(one: str, two: str) -> None:
    older, younger = (msgspec.structs.replace(ANA, name=name) for name in (one, two))
    assert two_people(older, younger)
    assert not score(older, younger, Counts()).passes_name_gate


def test_an_old_score_can_be_made_again_by_its_rules() -> None:
    old = Rules(
        version="0", weights={code: tuple(2 * one for one in RULES["1"].weights[code]) for code in RULES["1"].weights}
    )
    made = score(ANA, ANA, Counts(), old)
    assert made.tenths == 2 * score(ANA, ANA, Counts(), RULES["1"]).tenths
    assert rescored(score(ANA, ANA, Counts()), old) == made
