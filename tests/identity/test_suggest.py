"""Suggestions: which contacts, with which score and reasons, in which order; never somebody called different."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.directory.keys import Filing, entry
from leadline.directory.records import record
from leadline.identity.compared import Record, counts_of
from leadline.identity.same_person_rules import LATEST, RULES
from leadline.identity.suggest import LEAST, MOST, Likely, Subject, suggest
from leadline.intercom.contacts import Contact
from leadline.model import Role

PHONE = "+353888888999"
LINE, PROVEN = 353888888999, 5541988887777


def other(contact_id: str, **fields: object) -> Record:
    """A contact as the directory files it in Ireland."""
    given = msgspec.convert({"contact_id": contact_id, "role": "user", **fields}, Contact)
    return record(entry(given, Filing()), "IE")


ANA = other("lead", role="lead", name="Ana Pérez", email="Ana@Example.org", phone=PHONE)
SUBJECT = Subject(
    record=msgspec.structs.replace(ANA, lines=frozenset({LINE, min(PROVEN, 554188887777)})),
    emails=frozenset({"ana.perez@work.example"}),
    attested=frozenset({min(PROVEN, 554188887777)}),
    said={"bea@example.com": "mine is bea@example.com", "+35315550100": "or call 01 555 0100"},
)


def likely(*found: Record, subject: Subject = SUBJECT) -> tuple[Likely, ...]:
    return suggest(subject, found, counts_of([*found, subject.record]), RULES[LATEST])


def codes(*found: Record, subject: Subject = SUBJECT) -> dict[str, list[str]]:
    return {
        made.record.contact_id: [each.code for each in made.score.evidence] for made in likely(*found, subject=subject)
    }


@pytest.mark.parametrize(
    ("fields", "reasons"),
    [
        ({"email": "ana@example.org"}, ["same_email"]),
        ({"email": "ana.perez@work.example"}, ["same_email"]),
        ({"phone": "088 888 8999"}, ["same_phone"]),
        ({"phone": "+55 41 8888-7777"}, ["attested_phone"]),
        ({"name": "ana  perez"}, ["same_name"]),
        ({"email": "ana@example.org", "name": "ANA PÉREZ"}, ["same_email", "same_name"]),
        ({"name": "Ana"}, []),
        ({"name": "Perez, Ana"}, ["same_name"]),
        ({"name": "Ana Pere"}, []),
        ({"name": "Ana Maria Perez"}, ["middle_name"]),
        ({"name": "A. Perez"}, ["initial"]),
        ({"name": "Анна Перез"}, ["similar_name"]),
        ({"name": "Carla Pérez"}, []),
        ({"email": "ana+shop@example.org"}, ["same_mailbox"]),
        ({"email": "bea@example.com"}, ["said_email", "other_email"]),
        ({"phone": "01 555 0100"}, ["said_phone", "other_phone"]),
        ({"phone": "088 888 8999", "name": "Bruno Costa"}, []),
        ({"phone": "+55 41 8888-7777", "name": "Bruno Costa"}, ["attested_phone", "other_name"]),
        ({"email": "info@example.org"}, []),
        ({"phone": "+353888888998"}, []),
        ({"email": "ana@example.com"}, []),
    ],
)  # fmt: skip
def test_what_counts_as_a_reason(fields: dict[str, object], reasons: list[str]) -> None:
    assert codes(other("b", **fields)) == ({"b": reasons} if reasons else {})


def test_the_score_is_told_with_its_rules_its_reasons_and_what_was_said() -> None:
    [made] = likely(other("b", email="BEA@example.com", name="Ana Perez"))
    assert made.why == (
        f"9.2 points (rules {LATEST}): e-mail named in a message +6.0, same rare name +5.2, different e-mails −2.0",
        "“mine is bea@example.com”",
    )


def test_a_name_that_few_have_is_worth_less_the_more_have_it_and_then_nothing() -> None:
    namesakes = [other(f"m{number}", name="Ana Perez") for number in range(400)]
    points = {count: [made.score.points for made in likely(*namesakes[:count])] for count in (1, 2, 3, 4, 400)}
    assert points == {1: [5.2], 2: [4.2] * 2, 3: [4.2] * 3, 4: [], 400: []}
    phones = [other("x", name="Ana Perez", phone=PHONE), *namesakes]
    assert codes(*phones) == {"x": ["same_phone", "same_name"]}, "a phone still tells them apart"


def test_names_without_letters_say_nothing() -> None:
    emoji = msgspec.structs.replace(SUBJECT, record=msgspec.structs.replace(SUBJECT.record, name=""))
    assert codes(other("b", name="🌸"), subject=emoji) == {}


def test_contacts_that_people_called_different_are_left_out_and_so_is_the_contact_itself() -> None:
    apart = msgspec.structs.replace(SUBJECT, different=frozenset({"b"}))
    assert codes(other("b", phone=PHONE), other("c", phone=PHONE), subject=apart) == {"c": ["same_phone"]}
    assert codes(other("lead", phone=PHONE)) == {}


def test_the_best_score_comes_first_then_users_then_the_latest() -> None:
    found = [
        other("name", name="Ana Perez"),
        other("old", phone=PHONE, updated_at=1),
        other("new", phone=PHONE, updated_at=2),
        other("lead2", phone=PHONE, updated_at=3, role="lead"),
        other("mail", email="ana@example.org"),
        other("proven", phone="+5541988887777"),
    ]
    assert list(codes(*found)) == ["proven", "mail", "new", "old", "lead2"]


def test_a_family_on_one_mailbox_and_a_firms_mailbox_suggest_nobody() -> None:
    mailbox = msgspec.structs.replace(SUBJECT.record, email="info@example.org", lines=frozenset())
    subject = msgspec.structs.replace(SUBJECT, record=mailbox, emails=frozenset({"family@example.org"}))
    assert codes(other("b", email="info@example.org"), subject=subject) == {}
    named = codes(other("b", email="info@example.org", name="Ana Perez"), subject=subject)
    assert named == {"b": ["same_name", "firm_email"]}
    family = [other(f"f{given}", name=f"{given} Pérez", email="family@example.org") for given in ("Bea", "Carlos")]
    assert codes(*family, subject=subject) == {}


OTHERS = st.builds(
    other,
    st.sampled_from("abcdefgh"),
    role=st.sampled_from(["lead", "user"]),
    name=st.sampled_from(["", "Ana Perez", "Ben"]),
    email=st.sampled_from(["", "ana@example.org"]),
    phone=st.sampled_from(["", PHONE, "0888888999", "+5541988887777"]),
    updated_at=st.integers(0, 2),
)


@given(found=st.lists(OTHERS, max_size=8, unique_by=lambda one: one.contact_id), seed=st.randoms())
def test_suggestions_do_not_depend_on_the_order_of_what_was_found(found: list[Record], seed: object) -> None:
    made = likely(*found)
    shuffled = list(found)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    assert likely(*shuffled) == made
    assert len(made) <= MOST
    assert all(one.score.tenths >= LEAST for one in made)
    assert [one.score.tenths for one in made] == sorted((one.score.tenths for one in made), reverse=True)
    assert {Role.USER, Role.LEAD} >= {one.record.role for one in made}
