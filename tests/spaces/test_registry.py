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
