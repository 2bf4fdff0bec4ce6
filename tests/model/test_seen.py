"""What people see of a text: whether it is anything, and a name on one line."""

from __future__ import annotations

import pytest

from leadline.model.seen import as_name, is_seen


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t", "\u00a0", "\u200b", "\ufeff", "\u2800", "\u3164", "\u202e\u202c", "\x00"]
)
def test_nothing_can_be_seen(text: str) -> None:
    assert not is_seen(text)
    assert as_name(text) == ""


@pytest.mark.parametrize("text", [" a ", ".", "👍", "한", "\u200f،", "☎\ufe0f"])
def test_something_can_be_seen(text: str) -> None:
    assert is_seen(text)


NAMES = {
    "  Ana   Kelly ": "Ana Kelly",
    "Ana\nKelly": "Ana Kelly",
    "\u202eylleK\u202c": "ylleK",
    "\u2067דנה\u2069": "דנה",
    "A\x00\x1b[31mna": "A[31mna",
    "👩\u200d🦰": "👩\u200d🦰",
    "Ana 🇮🇪": "Ana 🇮🇪",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_line_and_turns_nothing_around_it(name: str) -> None:
    assert as_name(name) == NAMES[name]
