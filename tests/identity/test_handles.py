"""Lanes and external ids: one line, one lane, one lead, whatever the channel and the spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.identity.handles import LONGEST_ID, external_id, lane, scoped
from leadline.model import Handle

BSUID = Handle("whatsapp", "US.13491208655302741918", "1098")
PHONE = Handle("tel", "+353888888999")


def test_a_phone_names_the_lane_wherever_it_stands() -> None:
    assert lane([PHONE]) == lane([BSUID, PHONE]) == lane([PHONE, BSUID]) == "tel:+353888888999"


def test_without_a_phone_the_first_address_names_the_lane() -> None:
    telegram = Handle("telegram", "77", "bot")
    assert lane([BSUID, telegram]) == "whatsapp:1098/US.13491208655302741918"
    assert lane([telegram]) != lane([Handle("telegram", "77", "other")])
    assert lane([Handle("sender", "AMAZON", "c1")]) == "sender:c1/AMAZON"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+554188887777", "+5541988887777"),
        ("+5215512345678", "+525512345678"),
        ("+22507123456", "+2250707123456"),
        ("+22997123456", "+2290197123456"),
        ("+353888888999", "00353 88 888 8999"),
        ("+353888888999", "353888888999"),
    ],
)
def test_two_spellings_of_one_line_have_one_lane_and_one_lead(one: str, other: str) -> None:
    assert lane([Handle("tel", one)]) == lane([Handle("tel", other)])
    assert external_id(Handle("tel", one)) == external_id(Handle("tel", other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("+554133334444", "+5541933334444"), ("+541123456789", "+5491123456789"), ("+390612345678", "+39612345678")],
)
def test_two_subscribers_have_two_lanes(one: str, other: str) -> None:
    assert lane([Handle("tel", one)]) != lane([Handle("tel", other)])


def test_a_message_needs_a_sender() -> None:
    with pytest.raises(ValueError, match="at least one handle"):
        lane([])


def test_a_phone_that_cannot_be_read_still_has_a_lane() -> None:
    assert lane([Handle("tel", "+999123456")]) == "tel:+999123456"


def test_external_ids_are_stable_and_say_whose_they_are() -> None:
    assert external_id(PHONE) == "leadline:tel:+353888888999"
    assert external_id(BSUID) == "leadline:whatsapp:1098/US.13491208655302741918"
    assert external_id(PHONE, attempt=2) == "leadline#2:tel:+353888888999"


LONG = st.builds(lambda text, times: text * times, st.text(max_size=9), st.sampled_from([1, 1, 2, 30, 50]))
HANDLES = st.builds(Handle, st.sampled_from(["telegram", "whatsapp", "sender"]), st.text(min_size=1, max_size=9), LONG)


@given(one=HANDLES, other=HANDLES, attempt=st.integers(0, 9))
def test_external_ids_fit_and_never_meet_by_chance(one: Handle, other: Handle, attempt: int) -> None:
    first, second = external_id(one, attempt), external_id(other, attempt)
    assert len(first) <= LONGEST_ID
    assert first == external_id(one, attempt)
    assert (first == second) == (str(one) == str(other))
    assert first != external_id(one, attempt + 1)


def test_long_addresses_are_shortened_to_a_digest() -> None:
    long = Handle("telegram", "7" * 400, "bot")
    assert external_id(long).startswith("leadline:telegram:sha256/")
    assert external_id(long) != external_id(Handle("telegram", "7" * 401, "bot"))


def test_scope_is_given_where_it_is_missing() -> None:
    bare, named = Handle("telegram", "77"), Handle("telegram", "78", "other")
    assert scoped([PHONE, bare, named], "bot") == (PHONE, Handle("telegram", "77", "bot"), named)
