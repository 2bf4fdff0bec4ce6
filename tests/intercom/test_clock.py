"""Intercom's clock, as its answers tell it."""

from __future__ import annotations

import math

import pytest

from leadline.intercom.clock import Clock, read_date


@pytest.mark.parametrize(
    "date",
    [
        None,
        "",
        "yesterday",
        "Mon, 1 Jan 2024 99:00:00 GMT",
        "Mon, 99999999999999999999 Jan 2024 00:00:00 GMT",
        "Mon, 1 Jan 99999999999999 00:00:00 GMT",
        "Mon, 1 Jan 2024 00:00:00 +9999999999999999999",
    ],
)
def test_what_is_no_date_teaches_nothing(date: str | None) -> None:
    clock = Clock()
    clock.learn(date)
    assert read_date(date) is None
    assert clock.age == math.inf


def test_a_date_is_read_in_its_zone() -> None:
    assert read_date("Tue, 14 Nov 2023 22:13:20 GMT") == 1_700_000_000
    assert read_date("Wed, 15 Nov 2023 00:13:20 +0200") == 1_700_000_000
