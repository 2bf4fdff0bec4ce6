"""Suggestions: which contacts, for which reasons, in which order; never somebody whom people called different."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.identity.suggest import MOST, STRENGTH, Subject, suggest
from leadline.model import Candidate, Role

ANA = Candidate(contact_id="lead", role=Role.LEAD, name="Ana Pérez")
PHONE = "+353888888999"
SUBJECT = Subject(
    contact=ANA,
    emails=frozenset({"Ana@Example.org"}),
    phones=frozenset({PHONE}),
    attested=frozenset({"+5541988887777"}),
    said={"bea@example.com": "mine is bea@example.com", "+35315550100": "or call 01 555 0100"},
    region="IE",
)


def other(contact_id: str, **fields: object) -> Candidate:
    return msgspec.convert({"contact_id": contact_id, "role": "user", **fields}, Candidate)


def codes(*found: Candidate, subject: Subject = SUBJECT, **lines: frozenset[str]) -> dict[str, list[str]]:
    return {s.contact.contact_id: [r.code for r in s.reasons] for s in suggest(subject, found, lines)}


@pytest.mark.parametrize(
    ("fields", "reasons"),
    [
        ({"email": "ana@example.org"}, ["same_email"]),
        ({"phone": "088 888 8999"}, ["same_phone"]),
        ({"phone": "+55 41 8888-7777"}, ["attested_phone"]),
        ({"name": "ana  perez"}, ["same_rare_name"]),
        ({"email": "ana@example.org", "name": "ANA PÉREZ"}, ["same_email", "same_rare_name"]),
        ({"name": "Ana"}, []),
        ({"name": "Perez, Ana"}, ["same_rare_name"]),
        ({"name": "Ana Pere"}, []),
        ({"name": "Ana Maria Perez"}, ["middle_name"]),
        ({"name": "A. Perez"}, ["initial"]),
        ({"name": "Анна Перез"}, ["similar_name"]),
        ({"name": "Carla Pérez"}, []),
        ({"email": "ana+shop@example.org"}, ["same_mailbox"]),
        ({"email": "bea@example.com"}, ["said_email"]),
        ({"phone": "01 555 0100"}, ["said_phone"]),
        ({"email": "info@example.org"}, []),
        ({"phone": "+353888888998"}, []),
        ({"email": "ana@example.com"}, []),
    ],
)  # fmt: skip
def test_what_counts_as_a_reason(fields: dict[str, object], reasons: list[str]) -> None:
    assert codes(other("b", **fields)) == ({"b": reasons} if reasons else {})


def test_a_name_that_two_others_have_is_not_rare() -> None:
    assert codes(other("b", name="Ana Perez"), other("c", name="Ana Pérez")) == {}
    assert codes(ANA, other("b", name="Ana Perez")) == {"b": ["same_rare_name"]}


def test_names_without_letters_say_nothing() -> None:
    emoji = msgspec.structs.replace(SUBJECT, contact=msgspec.structs.replace(ANA, name="🌸"))
    assert codes(other("b", name="🌸"), subject=emoji) == {}


def test_a_phone_that_leadline_linked_counts_like_a_stored_one() -> None:
    assert codes(other("b"), b=frozenset({PHONE})) == {"b": ["same_phone"]}
    assert codes(other("b"), b=frozenset({"+554188887777"})) == {"b": ["attested_phone"]}


def test_whoever_people_called_different_is_left_out_and_so_is_the_contact_itself() -> None:
    apart = msgspec.structs.replace(SUBJECT, different=frozenset({"b"}))
    assert codes(other("b", phone=PHONE), other("c", phone=PHONE), subject=apart) == {"c": ["same_phone"]}
    assert codes(other("lead", phone=PHONE)) == {}


def test_the_strongest_reason_comes_first_then_users_then_the_latest() -> None:
    found = [
        other("name", name="Ana Perez"),
        other("old", phone=PHONE, updated_at=1),
        other("new", phone=PHONE, updated_at=2),
        other("lead2", phone=PHONE, updated_at=3, role="lead"),
        other("mail", email="ana@example.org"),
        other("proven", phone="+5541988887777"),
    ]
    assert list(codes(*found)) == ["proven", "mail", "new", "old", "lead2"]


OTHERS = st.builds(
    Candidate,
    contact_id=st.sampled_from("abcdefgh"),
    role=st.sampled_from(Role),
    name=st.sampled_from(["", "Ana Perez", "Ben"]),
    email=st.sampled_from(["", "ana@example.org"]),
    phone=st.sampled_from(["", PHONE, "0888888999", "+5541988887777"]),
    updated_at=st.integers(0, 2),
)


@given(found=st.lists(OTHERS, max_size=8, unique_by=lambda one: one.contact_id), seed=st.randoms())
def test_suggestions_do_not_depend_on_the_order_of_what_was_found(found: list[Candidate], seed: object) -> None:
    made = suggest(SUBJECT, found)
    shuffled = list(found)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    assert suggest(SUBJECT, shuffled) == made
    assert len(made) <= MOST
    assert all({reason.code for reason in one.reasons} <= set(STRENGTH) for one in made)


def test_a_firms_mailbox_and_a_name_that_many_have_suggest_nobody() -> None:
    subject = msgspec.structs.replace(SUBJECT, emails=frozenset({"Info@Example.org", "family@example.org"}))
    assert codes(other("b", email="info@example.org"), subject=subject) == {}
    family = [other(name, email="family@example.org") for name in "bcdef"]
    assert codes(*family, subject=subject) == {}
    assert len(codes(*family[:3], subject=subject)) == 3
    assert codes(*(other(f"m{number}", name="Ana Perez") for number in range(400))) == {}
    assert codes(*(other(word, name=f"Ana {word} Perez") for word in ("Bea", "Eva", "Ida", "Uma"))) == {}


def test_what_was_said_is_quoted() -> None:
    [made] = suggest(SUBJECT, [other("b", email="BEA@example.com")])
    assert made.reasons[0].detail == "mine is bea@example.com"
