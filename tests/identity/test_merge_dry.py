"""Intercom's own preview beside ours: only real differences are told."""

from __future__ import annotations

from typing import Any

import pytest

from leadline.identity.merge_changes import changes
from leadline.identity.merge_dry import DryChange, DryRun, apart
from leadline.identity.merge_sides import Named, Side
from leadline.model import Role

LEAD = Side(
    contact_id="l", role=Role.LEAD, fields={"name": "Ana", "phone": "+447700900123"}, attributes={"orders": 50},
    companies=(Named("1", "Beta"),),
)  # fmt: skip
USER = Side(
    contact_id="u", role=Role.USER, fields={"name": "Ana Silva", "phone": "00447700900123"}, attributes={"orders": 0},
    companies=(Named("2", "Acme"),),
)  # fmt: skip


def told(*found: tuple[str, str, Any], take: tuple[str, ...] = (), **more: Any) -> tuple[str, ...]:
    run = DryRun(
        allowed=True,
        changes=tuple(DryChange(field=field, outcome=outcome, result=result) for field, outcome, result in found),
        total=len(found),
    )
    for name, value in more.items():
        run = DryRun(**{**{key: getattr(run, key) for key in run.__struct_fields__}, name: value})
    return apart(run, changes(LEAD, USER, take), conversations=2, notes=0)


@pytest.mark.parametrize(
    "found",
    [
        ("name", "discarded", "Ana Silva"),
        ("phone", "discarded", "+44 7700 900123"),
        ("orders", "discarded", 0),
        ("custom_attributes.orders", "discarded", 0),
        ("companies", "merged", ["Acme", "Beta"]),
        ("companies", "merged", [{"id": "2", "name": "Acme"}, {"id": "1", "name": "Beta"}]),
    ],
)
def test_the_same_is_no_difference(found: tuple[str, str, Any]) -> None:
    assert told(found) == ()


def test_a_field_that_intercom_would_leave_otherwise_is_told_with_both_values() -> None:
    assert told(("orders", "adopted", 50)) == ("orders: 50 in Intercom, 0 here.",)


def test_what_a_person_chose_intercom_cannot_know() -> None:
    assert told(("custom_attributes.orders", "discarded", 0), take=("custom_attributes.orders",)) == ()


def test_a_number_as_a_name_is_taken_off_after_the_merge() -> None:
    lead, user = (
        Side(contact_id="l", role=Role.LEAD, fields={"name": "+353861", "phone": "+353861"}),
        Side(contact_id="u", role=Role.USER, fields={"email": "a@one.example"}),
    )
    run = DryRun(allowed=True, changes=(DryChange(field="name", outcome="adopted", result="+353861"),), total=1)
    assert apart(run, changes(lead, user), conversations=0, notes=0) == ()


def test_fields_that_are_not_compared_here_are_named_and_never_cut_without_a_word() -> None:
    fields = [(name, "adopted", "x") for name in ("os", "browser", "referrer", "utm_source", "utm_term", "utm_medium")]
    assert told(*fields) == (
        "Intercom also names fields that Leadline does not compare: os, browser, referrer, utm_source, utm_term, and 1 "
        "more.",
    )
    assert told(total=51) == ("Intercom would change 51 more fields than it lists.",)


def test_other_counts_are_told() -> None:
    assert told(moved={"conversations": 3, "notes": 0, "tickets": 1}) == (
        "Intercom would move 3 conversations, and Leadline found 2.",
    )
