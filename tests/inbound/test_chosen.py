"""A customer answers a question that listed its choices: by number, however they write it."""

from __future__ import annotations

import pytest

from leadline.inbound.chosen import LONGEST, chosen, number_in

SIZES = ("Small", "Medium", "Large")


@pytest.mark.parametrize(
    "text", ["2", " 2. ", "2)", "(2)", "#2", "２", "2️⃣", "②", "٢", "२", "two", "Two!", "ZWEI", "dos", "deux", "“2”"]
)
def test_the_second_choice_is_meant(text: str) -> None:
    assert chosen(text, SIZES) == "Medium"


@pytest.mark.parametrize(
    "text",
    ["", "0", "4", "22", "123", "2 please", "1 or 2", "-2", "2.5", "½", "two of them", "Large", "Um", "²³", "eleven"],
)
def test_no_choice_is_meant(text: str) -> None:
    assert chosen(text, SIZES) == ""


def test_what_names_a_choice_by_its_words_is_left_as_it_is() -> None:
    assert chosen("2", ("1", "2")) == ""
    assert chosen("two", ("Three", "Two")) == ""
    assert chosen("one", ("Three", "Two")) == "Three"
    assert chosen("1", ()) == ""


def test_a_text_of_more_than_a_hundred_letters_is_no_number() -> None:
    assert number_in("." * (LONGEST - 1) + "2") == 2
    assert number_in("." * LONGEST + "2") is None
    assert number_in(" " * LONGEST + "2") == 2
