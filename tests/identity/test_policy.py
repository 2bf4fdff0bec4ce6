"""Policies by name, and the numbers that identify nobody."""

from __future__ import annotations

import pytest

from leadline.errors import SettingError
from leadline.identity.policy import TIES, Policy, numbers, parse


def test_every_policy_is_found_by_its_name() -> None:
    assert [parse(name).tie for name in TIES] == list(TIES)
    assert parse("latest_updated") == Policy()


def test_names_are_read_as_people_write_them() -> None:
    assert parse(" Prefer-User ").tie == "prefer_user"


@pytest.mark.parametrize("name", ["", "newest", "prefer", "latest_updated,ask"])
def test_an_unknown_policy_names_the_known_ones(name: str) -> None:
    with pytest.raises(SettingError, match="latest_updated, name_then_latest, prefer_user, prefer_lead, ask"):
        parse(name)


def test_blocked_numbers_are_kept_by_their_line() -> None:
    assert numbers(["088 888 8999", "+554188887777"], region="IE") == {"+353888888999", "+5541988887777"}


def test_a_blocked_text_that_is_no_number_is_refused_by_name() -> None:
    with pytest.raises(SettingError, match="'reception' is not a phone number"):
        numbers(["+353888888999", "reception"])
