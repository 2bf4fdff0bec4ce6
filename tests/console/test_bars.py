"""Each bar begins where the one above it ends, whatever agrees and disagrees."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leadline.console.duplicates.shown import NARROWEST, bars
from leadline.identity.same_person import Evidence, Score, unpacked


def test_the_bars_of_a_pair() -> None:
    found = bars(unpacked("same_phone:80:2,same_name:20:2,other_email:-20:0"))
    assert [(one.words, one.points, one.begin, one.width, one.kind) for one in found] == [
        ("same phone", "+8.0", 0.0, 80.0, "for"),
        ("same rare name", "+2.0", 80.0, 20.0, "for"),
        ("different e-mails", "−2.0", 80.0, 20.0, "against"),
        ("together", "+8.0", 0.0, 80.0, "sum"),
    ]


@given(st.lists(st.integers(-200, 200), max_size=8))
def test_no_bar_leaves_its_track(tenths: list[int]) -> None:
    for one in bars(Score(tuple(Evidence("same_phone", each) for each in sorted(tenths, reverse=True)))):
        assert one.begin >= 0
        assert one.begin + one.width <= 100.2 + NARROWEST
