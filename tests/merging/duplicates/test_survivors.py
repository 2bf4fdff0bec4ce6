"""Who of a group stays by the rule, who may stay at a person's word, and which merges lead there."""

from __future__ import annotations

import pytest

from leadline.errors import SettingError
from leadline.identity.compared import Record
from leadline.merging.duplicates.group_seen import DuplicatesRefused, GroupSeen, Member, staying, why_not_into
from leadline.merging.duplicates.survivors import Step, order, ranked, steps, users_left
from leadline.model import Role

USER, LEAD = Role.USER, Role.LEAD
FIVE = [
    Record(contact_id="e", role=LEAD, name="Ana Maria Silva", email="ana@x.example", external_id=5, updated_at=9),
    Record(contact_id="d", role=USER, updated_at=5),
    Record(contact_id="c", role=USER, email="ana@x.example", updated_at=5),
    Record(contact_id="b", role=USER, external_id=7, updated_at=1),
    Record(contact_id="a", role=USER, updated_at=5, lines=frozenset({353861111111})),
]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("", "b c a d e"),
        ("user,user_id,email,oldest,latest", "b c a d e"),
        ("email,user_id", "c b a d e"),
        ("latest", "a c d b e"),
        ("phone,oldest", "a b c d e"),
        ("name , email", "c a b d e"),
    ],
)
def test_the_setting_says_what_counts_first_and_a_user_always_comes_before_a_lead(setting: str, expected: str) -> None:
    assert [one.contact_id for one in ranked(FIVE, order(setting))] == expected.split()


def test_a_rule_that_nobody_knows_is_refused_with_those_there_are() -> None:
    with pytest.raises(SettingError, match="'age' is none of user, user_id, email, oldest, latest, phone, name"):
        order("user,age")


def test_leads_go_into_the_one_that_stays_and_other_users_are_left() -> None:
    members = [FIVE[3], FIVE[2], FIVE[0]]
    assert steps(members) == (Step(from_id="e", into_id="b", way="merge"),)
    assert users_left(members) == ("c",)


def group(*members: tuple[str, Role]) -> GroupSeen:
    seen = tuple(
        Member(contact_id=contact_id, role=role, name=f"Ana {contact_id.upper()}", stays=not number)
        for number, (contact_id, role) in enumerate(members)
    )
    return GroupSeen(
        group_id="a", points=9.0, named=True, members=seen, pairs=(), steps=steps(seen), users=users_left(seen)
    )


def test_another_user_may_stay_and_the_leads_go_there() -> None:
    chosen = staying(group(("a", USER), ("b", USER), ("c", LEAD)), "b")
    assert [(one.contact_id, one.stays) for one in chosen.members] == [("b", True), ("a", False), ("c", False)]
    assert chosen.steps == (Step(from_id="c", into_id="b", way="merge"),)
    assert chosen.users == ("a",)


def test_any_of_leads_alone_may_stay_and_becomes_a_user_first() -> None:
    chosen = staying(group(("a", LEAD), ("b", LEAD), ("c", LEAD)), "c")
    assert chosen.steps == (
        Step(from_id="a", into_id="c", way="promote"),
        Step(from_id="b", into_id="c", way="merge"),
    )


@pytest.mark.parametrize(
    ("into", "why"),
    [
        ("c", "Ana C cannot stay: it is a lead, Ana A is a user, and Intercom never merges a user into a lead."),
        ("x", "Contact x is not in this group. It has: a, c."),
    ],
)
def test_a_contact_that_cannot_stay_is_refused_with_a_plain_reason(into: str, why: str) -> None:
    two = group(("a", USER), ("c", LEAD))
    assert why_not_into(two, into) == why
    with pytest.raises(DuplicatesRefused, match=why[:20]):
        staying(two, into)
