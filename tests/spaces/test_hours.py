"""Opening hours over time zones and clock changes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leadline.errors import SettingError
from leadline.spaces import hours
from leadline.spaces.hours import FULL, Block, Hours, Week

ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc", "posix", "right")))
MOMENTS = st.integers(min_value=1_577_836_800, max_value=1_893_456_000)  # 2020 to 2029


@st.composite
def blocks(draw: st.DrawFn) -> tuple[Block, ...]:
    edges = sorted(draw(st.lists(st.integers(0, FULL), max_size=6, unique=True)))
    return tuple(Block(start, end) for start, end in zip(edges[::2], edges[1::2], strict=False))


WEEKS: st.SearchStrategy[Week] = st.tuples(*[blocks()] * 7)


def at(text: str, zone: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-27T08:59", False),
        ("2026-11-27T09:00", True),
        ("2026-11-27T12:29", True),
        ("2026-11-27T12:30", False),
        ("2026-11-27T13:30", True),
        ("2026-11-28T10:00", True),
        ("2026-11-29T10:00", False),
        ("2026-12-25T10:00", False),
    ],
)
def test_a_shop_in_dublin(moment: str, is_open: bool) -> None:
    week = hours.read("Mon-Fri 09:00-12:30, 13:30-18:00; sat 10:00-14:00")
    shop = Hours(week=week, zone="Europe/Dublin", closed=hours.dates("2026-12-25"))
    assert shop.is_open(at(moment, "Europe/Dublin")) is is_open


def test_it_opens_next_after_the_weekend_and_after_a_closed_date() -> None:
    week = hours.read("mon-fri 09:00-17:00")
    shop = Hours(week=week, zone="Europe/Berlin", closed=hours.dates("2026-12-25, 2026-12-28"))
    opens = shop.opens(at("2026-12-24T18:00", "Europe/Berlin"))
    assert opens is not None
    assert opens.isoformat() == "2026-12-29T09:00:00+01:00"
    assert Hours(week=hours.read(""), zone="UTC").opens(0) is None


def test_hours_that_the_clock_jumps_over_begin_with_the_first_minute_there_is() -> None:
    shop = Hours(week=hours.read("sun 02:15-04:00"), zone="Europe/Berlin")
    opens = shop.opens(at("2027-03-28T00:00", "Europe/Berlin"))
    assert opens is not None
    assert opens.isoformat() == "2027-03-28T03:00:00+02:00"


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("mon 9-17", "is not from one time to another"),
        ("mon 09:00-25:00", "is not from one time to another"),
        ("mon 17:00-09:00", "ends before it begins"),
        ("monday 09:00-17:00", "'monday' names no days"),
        ("mon 09:00-12:00, 11:00-13:00", "Two opening hours of mon overlap"),
        ("mon", "is not from one time to another"),
    ],
)
def test_hours_that_cannot_be_read_are_refused(typed: str, complaint: str) -> None:
    with pytest.raises(SettingError, match=complaint):
        hours.read(typed)


@given(WEEKS)
def test_a_week_that_is_shown_reads_the_same(week: Week) -> None:
    again = hours.read(hours.shown(week))
    assert again == week


@given(WEEKS, st.sampled_from(ZONES), MOMENTS)
def test_open_is_what_the_clock_on_the_wall_says(week: Week, zone: str, moment: int) -> None:
    local = datetime.fromtimestamp(moment, ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    there = any(minute in range(block.start, block.end) for block in week[local.weekday()])
    assert Hours(week=week, zone=zone).is_open(moment) is there


@given(WEEKS, st.sampled_from(ZONES), MOMENTS, st.frozensets(st.integers(0, 20), max_size=5))
def test_the_next_opening_is_the_first_minute_that_is_open_after_one_that_is_not(
    week: Week, zone: str, moment: int, closed_in: frozenset[int]
) -> None:
    today = datetime.fromtimestamp(moment, ZoneInfo(zone)).date()
    closed: frozenset[date] = frozenset(today + timedelta(days=days) for days in closed_in)
    shop = Hours(week=week, zone=zone, closed=closed)
    assume(not shop.is_open(moment))
    opens = shop.opens(moment)
    if opens is None:
        assert not any(week)
        return
    begin = int(opens.timestamp())
    assert shop.is_open(begin)
    assert begin > moment
    step = max(60, (begin - moment) // 500)
    assert not any(shop.is_open(between) for between in range(moment, begin, step))


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    try:
        week = hours.read(text)
    except SettingError:
        return
    assert len(week) == 7
