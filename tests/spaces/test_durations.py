"""Spans of time as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.spaces import durations


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("off", 0),
        ("Never", 0),
        ("36h", 129_600),
        ("2 weeks", 1_209_600),
        ("1 day 12 hours", 129_600),
        ("90min", 5_400),
        ("45 m", 2_700),
        ("5", None),
        ("soon", None),
        ("-3 days", None),
        ("3 months", None),
        ("", None),
    ],
)
def test_a_span_is_read(typed: str, seconds: int | None) -> None:
    assert durations.read(typed) == seconds


@given(st.integers(min_value=0, max_value=10**9))
def test_what_is_shown_reads_the_same(seconds: int) -> None:
    assert durations.read(durations.shown(seconds)) == seconds


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    assert (durations.read(text) or 0) >= 0
