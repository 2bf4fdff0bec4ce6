"""What an act is, in words."""

from __future__ import annotations

from leadline.console.audit.words import ACTS, act, details


def test_every_act_has_words_and_a_new_one_is_readable() -> None:
    assert act("channel.removed") == ACTS["channel.removed"]
    assert act("moon.land_on") == "moon: land on"
    assert details(None) == []
    detail = {"after": {"role": "admin"}, "number": 7, "before": None, "names": ["a", "b"]}
    assert details(detail) == [("number", "7"), ("names", "a, b"), ("before", "none"), ("after", "role admin")]
