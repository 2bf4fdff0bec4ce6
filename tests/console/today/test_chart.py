"""Bars add up to what was counted, however it was cut, and the picture holds numbers and words of ours only."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.console.shell.spans import SPANS
from leadline.console.shown import OUTCOMES
from leadline.console.today.chart import DOWN, OUT, UP, WIDTH, bars, picture, totals

RECT = re.compile(r'<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.-]+)" height="([\d.-]+)"')
SINCE = datetime(2026, 11, 27, 5, 58, tzinfo=UTC)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"step": st.integers(0, 30), "name": st.sampled_from([*OUTCOMES]), "count": st.integers(0, 10**6)}
    )
)
SENT = st.lists(
    st.fixed_dictionaries({"step": st.integers(0, 30), "name": st.sampled_from([*OUT]), "count": st.integers(0, 10**6)})
)


@given(ROWS, SENT, st.sampled_from([*SPANS.values()]))
def test_bars_add_up_to_what_was_counted_and_stay_inside(into: list[dict], out: list[dict], span: object) -> None:  # type: ignore[type-arg]
    assert isinstance(span, type(SPANS["24h"]))
    drawn = bars(SINCE, span, into, out)
    assert len(drawn) == span.steps
    counts = totals(drawn)
    assert sum(counts.values()) == sum(row["count"] for row in into + out)
    for place in RECT.findall(picture(drawn, "spoken")):
        left, top, wide, tall = map(float, place)
        assert left >= 0
        assert left + wide <= WIDTH
        assert top >= -0.2
        assert top + tall <= UP + DOWN + 0.2


@pytest.mark.parametrize("name", SPANS)
def test_each_span_ends_now_and_its_steps_fill_it(name: str) -> None:
    span = SPANS[name]
    assert span.steps * span.step == span.hours * 3600
    drawn = bars(SINCE, span, [], [])
    assert drawn[0].begins == SINCE
    assert drawn[-1].begins + timedelta(seconds=span.step) == SINCE + timedelta(hours=span.hours)


def test_what_came_while_it_was_counted_stands_in_the_last_bar() -> None:
    drawn = bars(SINCE, SPANS["24h"], [{"step": 24, "name": "known", "count": 2}], [])
    assert (drawn[-1].into, totals(drawn)["known"]) == ({"known": 2}, 2)
