"""Years of birth as teams write them into custom attributes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.identity.birthdays import FIRST, LAST, year


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (315532800, 1980),
        (-499132800, 1954),
        (315532800.0, 1980),
        ("315532800", 1980),
        ("1954-03-02", 1954),
        ("02/03/1954", 1954),
        ("2 March 1954", 1954),
        ("1954-03-02T00:00:00.000+00:00", 1954),
        (1954, 1954),
        ("1954", 1954),
        ("02.03.54", 0),
        ("1954 or 1955", 0),
        ("1900-01-01", 0),
        ("1970-01-01", 0),
        (0, 0),
        (None, 0),
        (True, 0),
        ([1954], 0),
        ("", 0),
    ],
)
def test_a_year_of_birth_is_read(value: object, told: int) -> None:
    assert year(value) == told


@given(st.one_of(st.text(), st.integers(), st.floats(), st.text(alphabet="0123456789-/. ")))
def test_whatever_stands_there_is_a_possible_year_or_none(value: object) -> None:
    assert year(value) == 0 or FIRST <= year(value) <= LAST
