"""Schedules: hours with a name that several channels share, over time zones and clock changes."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.errors import SettingError
from leadline.spaces import Schedules, WorkspaceSettings, hours
from leadline.spaces.hours import Hours, Week
from leadline.store.acting import acting
from leadline.store.database import Database
from tests.spaces.test_book import book_of
from tests.spaces.test_hours import MOMENTS, WEEKS, ZONES

SHOP = "mon-fri 09:00-17:00"
MONDAY_TEN = datetime(2026, 11, 30, 10, tzinfo=ZoneInfo("Europe/Dublin")).timestamp()


async def test_several_channels_go_by_one_schedule_and_a_change_of_it_counts_for_all(store: Database) -> None:
    book = await book_of(store)
    schedules = Schedules(book)
    await book.set("w", "out_of_office", "Nobody is there.")
    await schedules.add("w", "Shop", SHOP, "Europe/Dublin")
    for channel_id in (1, 2):
        await book.set("w", "schedule", "Shop", channel_id=channel_id)
    assert [book.of("w", each).opening_hours for each in (1, 2, 3)] == [SHOP, SHOP, ""]
    assert book.of("w", 1).out_of_office == "Nobody is there.", "the workspace's, where the schedule says nothing"
    await book.set("w", "out_of_office", "The shop is closed.", schedule="Shop")
    await book.set("w", "opening_hours", "sat 10:00-14:00", schedule="Shop")
    assert {(book.of("w", each).opening_hours, book.of("w", each).out_of_office) for each in (1, 2)} == {
        ("sat 10:00-14:00", "The shop is closed.")
    }
    await book.set("w", "out_of_office", "SMS is closed.", channel_id=1)
    assert (book.of("w", 1).out_of_office, book.of("w", 2).out_of_office) == ("SMS is closed.", "The shop is closed.")
    assert schedules.overruled("w", 1) == ("out_of_office",)
    origins = {one.setting.name: one.origin for one in book.values("w", 1)}
    assert (origins["opening_hours"], origins["out_of_office"], origins["policy"]) == ("schedule", "channel", "default")
    [listed] = schedules.listed("w", at=MONDAY_TEN)
    assert (listed.users, listed.now) == ((1, 2), "closed until Saturday 2026-12-05 10:00")


async def test_the_workspaces_schedule_is_that_of_its_channels_until_they_have_another_or_none(store: Database) -> None:
    book = await book_of(store)
    schedules = Schedules(book)
    await schedules.add("w", "Shop", SHOP)
    await schedules.add("w", "Night", "mon-sun 00:00-24:00")
    await book.set("w", "opening_hours", "tue 09:00-10:00")
    await book.set("w", "schedule", "Shop")
    await book.set("w", "schedule", "Night", channel_id=1)
    await book.set("w", "schedule", "", channel_id=2)
    assert [book.of("w", each).opening_hours for each in (0, 1, 2, 3)] == [
        SHOP,
        "mon-sun 00:00-24:00",
        "tue 09:00-10:00",
        SHOP,
    ]
    assert [one.users for one in schedules.listed("w")] == [(1,), (0,)]
    assert book.schedules("v") == []


async def test_what_is_set_for_channels_goes_on_as_it_was(store: Database) -> None:
    """What stood before there were schedules."""
    book = await book_of(store)
    await book.set("w", "opening_hours", SHOP)
    await book.set("w", "opening_hours", "sat 10:00-14:00", channel_id=1)
    assert [book.of("w", each).opening_hours for each in (0, 1, 2)] == [SHOP, "sat 10:00-14:00", SHOP]


@pytest.mark.parametrize(
    ("name", "opening_hours", "zone", "complaint"),
    [
        ("", SHOP, "", "needs a name"),
        ("x" * 61, SHOP, "", "needs a name"),
        ("a\x07b", SHOP, "", "needs a name"),
        ("sHoP", SHOP, "", "There is a schedule 'Shop' already"),
        ("New", "", "", "needs opening hours"),
        ("New", "always", "", "names no days"),
        ("New", SHOP, "Europe/Dubin", "Did you mean Europe/Dublin"),
    ],
)
async def test_a_schedule_that_cannot_be_made_leaves_nothing(
    store: Database, name: str, opening_hours: str, zone: str, complaint: str
) -> None:
    book = await book_of(store)
    schedules = Schedules(book)
    await schedules.add("w", "Shop", SHOP)
    with pytest.raises(SettingError, match=complaint):
        await schedules.add("w", name, opening_hours, zone)
    assert book.schedules("w") == ["Shop"]


async def test_what_no_schedule_has_and_what_is_none_is_refused_with_what_was_meant(store: Database) -> None:
    book = await book_of(store)
    schedules = Schedules(book)
    await schedules.add("w", "Shop", SHOP)
    with pytest.raises(SettingError, match="Did you mean Shop"):
        await book.set("w", "schedule", "Shopp")
    with pytest.raises(SettingError, match="Did you mean Shop"):
        schedules.by_name("w", "shopp")
    assert schedules.by_name("w", " SHOP ") == "Shop"
    with pytest.raises(SettingError, match="welcome is no setting of a schedule"):
        await book.set("w", "welcome", "Hi", schedule="Shop")
    for typed in (None, ""):
        with pytest.raises(SettingError, match="needs opening"):
            schedules.check("opening-hours", typed)


async def test_a_schedule_in_use_is_not_removed_and_history_and_audit_tell_of_it(store: Database) -> None:
    book = await book_of(store)
    schedules = Schedules(book)
    with acting("ann", "console"):
        await schedules.add("w", "Shop", SHOP, "Europe/Dublin")
        await book.set("w", "schedule", "Shop", channel_id=7)
        with pytest.raises(SettingError, match="Shop is the schedule of channel 7"):
            await schedules.remove("w", "Shop")
        await book.reset("w", "schedule", channel_id=7)
        await schedules.remove("w", "Shop")
    assert book.schedules("w") == []
    changes = await book.history("w", "opening_hours")
    assert [(one.schedule, one.value, one.author) for one in changes] == [("Shop", None, "ann"), ("Shop", SHOP, "ann")]
    async with store.connection() as connection:
        rows = await connection.execute("select detail from audit where subject = 'opening_hours' order by audit_id")
        assert [row["detail"] async for row in rows] == [{"after": SHOP, "schedule": "Shop"}, {"schedule": "Shop"}]
    await schedules.add("w", "Shop", "sun 10:00-12:00")
    assert book.values("w", schedule="Shop")[1].origin == "default", "nothing of the former one is left"


@given(WEEKS, st.sampled_from(ZONES), WEEKS, st.sampled_from(ZONES), MOMENTS)
def test_a_schedule_that_is_read_back_from_its_settings_is_open_when_it_was(
    week: Week, zone: str, other: Week, other_zone: str, moment: int
) -> None:
    """Two schedules in two zones, as their settings keep them: each is open by its own clock."""
    for one, where in ((week, zone), (other, other_zone)):
        kept = WorkspaceSettings(opening_hours=hours.shown(one), time_zone=where).hours
        there = kept is None or kept.is_open(moment)
        assert there is (not any(one) or Hours(week=one, zone=where).is_open(moment))


@given(WEEKS.filter(any), st.sampled_from(ZONES), MOMENTS)
def test_over_a_day_with_a_changed_clock_it_is_open_exactly_in_the_minutes_of_its_blocks(
    week: Week, zone: str, moment: int
) -> None:
    """Every minute of two days around a moment, by a count that knows nothing of blocks that begin or end."""
    shop = Hours(week=week, zone=zone)
    begin = moment - moment % 60
    for at in range(begin, begin + 2 * 86_400, 1_740):
        local = datetime.fromtimestamp(at, ZoneInfo(zone))
        minute = local.hour * 60 + local.minute
        assert shop.is_open(at) is any(block.start <= minute < block.end for block in week[local.weekday()])
        if not shop.is_open(at) and (opens := shop.opens(at)) is not None:
            assert shop.is_open(opens.timestamp())
            assert not shop.is_open(opens.timestamp() - 1) or opens.timestamp() - 1 <= at
