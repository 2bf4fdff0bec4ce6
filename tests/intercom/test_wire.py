"""Single values of Intercom's JSON: total, whatever the value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.intercom import wire


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1_768_026_659, 1_768_026_659.0),
        ("1768026659", 1_768_026_659.0),
        ("2026-01-10T06:30:59.000+00:00", 1_768_026_659.0),
        ("2026-01-10T06:30:59Z", 1_768_026_659.0),
        ("2026-01-10T06:30:59", 1_768_026_659.0),
        ("yesterday", 0.0),
        ("", 0.0),
        ("nan", 0.0),
        (float("inf"), 0.0),
        (-5, 0.0),
        (10**400, 0.0),
        (None, 0.0),
        ({}, 0.0),
    ],
)
def test_times(value: object, moment: float) -> None:
    assert wire.seconds(value) == moment


@pytest.mark.parametrize(("value", "shown"), [("a", "a"), (7, "7"), (True, ""), (1.5, ""), (None, ""), (10**300, "")])
def test_ids(value: object, shown: str) -> None:
    assert wire.text(value) == shown


ANYTHING = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists)


@given(ANYTHING)
def test_nothing_is_raised(value: object) -> None:
    assert 0.0 <= wire.seconds(value) <= 253_402_300_799.0
    assert isinstance(wire.text(value), str)
    assert wire.mapping(value) == {}
    assert wire.items(value) == []
