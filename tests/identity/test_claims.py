"""What becomes of an address that another product left on contacts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.identity.claims import LEFT, Outcome, settle
from leadline.identity.standing import Standing, Tie
from leadline.model import Role

HANDLE = "telegram:1/77"
IDS = st.sampled_from(["ann", "bea", "cas"])


def tied(contact_id: str) -> Standing:
    return Standing(handle=HANDLE, tie=Tie(contact_id=contact_id, role=Role.LEAD, evidence="operator"))


@pytest.mark.parametrize(
    ("standing", "blocked", "code"),
    [
        (Standing(handle=HANDLE), False, "linked"),
        (tied("ann"), False, "already"),
        (tied("bea"), False, "elsewhere"),
        (Standing(handle=HANDLE, different=frozenset({"bea"})), False, "linked"),
        (Standing(handle=HANDLE, different=frozenset({"ann"})), False, "denied"),
        (Standing(handle=HANDLE, own_lead=True), False, "own_lead"),
        (Standing(handle=HANDLE, shared=True), False, "shared"),
        (Standing(handle=HANDLE), True, "blocked"),
        (tied("ann"), True, "already"),
    ],
)
def test_one_contact_has_the_address(standing: Standing, blocked: bool, code: str) -> None:
    assert settle(["ann"], [standing], blocked=blocked)["ann"].code == code


def test_an_address_on_several_contacts_is_linked_to_none() -> None:
    assert settle(["bea", "ann", "ann"], [Standing(handle=HANDLE)], blocked=False) == {
        "ann": Outcome(code="several", other_id="bea"),
        "bea": Outcome(code="several", other_id="ann"),
    }


def test_a_link_of_another_form_of_the_line_stands_too() -> None:
    other = tied("bea")
    assert settle(["ann"], [Standing(handle="tel:+1"), other], blocked=False)["ann"] == Outcome(
        code="elsewhere", other_id="bea"
    )


STANDINGS = st.builds(
    Standing,
    handle=st.just(HANDLE),
    tie=st.none() | IDS.map(lambda one: Tie(contact_id=one, role=Role.USER, evidence="phone")),
    different=st.frozensets(IDS),
    own_lead=st.booleans(),
    shared=st.booleans(),
)


@given(st.lists(IDS, min_size=1), st.lists(STANDINGS, min_size=1, max_size=3), st.booleans())
def test_nothing_that_stands_is_touched_and_everything_else_has_a_reason(
    contact_ids: list[str], standings: list[Standing], blocked: bool
) -> None:
    outcomes = settle(contact_ids, standings, blocked=blocked)
    assert outcomes.keys() == {*contact_ids}
    assert all(one.code in {"linked", "already", *LEFT} for one in outcomes.values())
    linked = [contact_id for contact_id, one in outcomes.items() if one.code == "linked"]
    assert len(linked) <= 1
    if linked:
        assert not any(one.tie or one.shared or one.own_lead or linked[0] in one.different for one in standings)
        assert not blocked
