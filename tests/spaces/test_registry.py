"""What a person types for a setting is taken, or refused with what would be taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.errors import SettingError
from leadline.spaces import REGISTRY, Setting
from leadline.spaces.registry import Plain, setting


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("bot_replies", "ON", True),
        ("bot_replies", " no ", False),
        ("shared_limit", "12", 12),
        ("policy", "Prefer-User", "prefer_user"),
        ("default_region", "ie", "IE"),
        ("default_region", "", ""),
        ("channel_tag_name", " WhatsApp Berlin ", "WhatsApp Berlin"),
        ("welcome", "Hello!\r\nWe are there soon.", "Hello!\nWe are there soon."),
        ("may_send", "991267001,team:5101,", "991267001, team:5101"),
        ("may_send", "nobody", "nobody"),
    ],
)
def test_what_a_person_types_is_read(name: str, typed: str, value: Plain) -> None:
    assert setting(name).read(typed) == value


@pytest.mark.parametrize(
    ("name", "typed", "complaint"),
    [
        ("bot_replies", "maybe", "bot_replies takes on or off, not 'maybe'"),
        ("shared_limit", "0", "shared_limit takes a whole number from 1 to 1000"),
        ("shared_limit", "many", "shared_limit takes a whole number from 1 to 1000, not 'many'"),
        ("policy", "newest", "policy takes one of latest_updated, name_then_latest, prefer_user, prefer_lead, ask"),
        ("default_region", "UK", "default_region takes a country code of two letters, like IE, GB or BR, not 'UK'"),
        ("channel_tag_name", "x" * 101, "channel_tag_name takes a text of at most 100 characters"),
        ("polcy", "ask", "There is no setting 'polcy'. Did you mean policy?"),
        ("shared_limit", "1_0", "shared_limit takes a whole number from 1 to 1000, not '1_0'"),
        ("shared_limit", "１２", "shared_limit takes a whole number from 1 to 1000, not '１２'"),
        ("welcome", "Hello\x00", "welcome cannot hold the control character U+0000"),
        ("signature", "\x1b[2J", "signature cannot hold the control character U+001B"),
        ("welcome", "Hi \udc80", "welcome cannot hold the control character U+DC80"),
        ("channel_tag_name", "two\nlines", "channel_tag_name cannot hold a line break"),
        ("time_zone", "localtime", "'localtime' is not a time zone"),
        ("time_zone", "Factory", "'Factory' is not a time zone"),
        ("may_send", "team:x,;", "may_send takes ids of teammates or team:<id> with commas between them"),
        ("may_merge", "7, nobody", "It does not take 'nobody'"),
        ("may_undo", "team: 7", "It does not take 'team: 7'"),
        ("may_correct", " , ", "may_correct has nothing between its commas"),
        ("default_teammate", "Maya", "default_teammate takes the id of a teammate, like 991267001, not 'Maya'"),
        ("opening_hours", ";", "';' names no opening hours"),
        ("closed_dates", ",", "closed_dates has nothing between its commas"),
        ("blocked_numbers", ",,", "blocked_numbers has nothing between its commas"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_what_can(name: str, typed: str, complaint: str) -> None:
    with pytest.raises(SettingError) as refused:
        setting(name).read(typed)
    assert complaint in str(refused.value)


@pytest.mark.parametrize("one", REGISTRY.values(), ids=REGISTRY)
def test_every_setting_says_what_it_is_and_takes_its_own_default(one: Setting) -> None:
    assert one.meaning
    assert one.read(one.shown(one.default)) == one.default
    assert one.kind != "number" or None not in (one.least, one.most), "a number without bounds"


@given(one=st.sampled_from(list(REGISTRY.values())), typed=st.text())
def test_nothing_typed_breaks_a_setting(one: Setting, typed: str) -> None:
    try:
        value = one.read(typed)
    except SettingError:
        return
    assert one.read(one.shown(value)) == value
