"""Phone fields: every kind of dirt by example, and by properties what holds for numbers of all countries."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.identity.phone import canonical
from leadline.identity.phone_fields import LONGEST_FIELD, bare, read
from tests.identity.examples import EXAMPLES

GROUPS = tomllib.loads((Path(__file__).parent / "fields.toml").read_text("utf-8"))["group"]
CASES = [
    pytest.param(field, lines, group.get("region", ""), id=f"{group['shows']}: {field!r}")
    for group in GROUPS
    for field, lines in group["cases"]
]
NUMBERS = st.sampled_from(sorted(EXAMPLES))
AROUND = [
    "{}",
    "tel:{}",
    "mob: {}",
    "{} (mobile)",
    "'{}",
    "{} ext. 12",
    "{}\u00a0",
    "call {} please",
    "\u200e{}",
    "<{}>",
]
BETWEEN = [" / ", ", ", "; ", "\n", " or ", " & ", "|", " "]


@pytest.mark.parametrize(("field", "lines", "region"), CASES)
def test_the_lines_of_a_field(field: str, lines: list[str], region: str) -> None:
    assert list(read(field, region=region)) == lines


@given(NUMBERS, st.sampled_from(AROUND), st.sampled_from(["+", "00"]))
def test_words_around_a_number_leave_its_line(number: str, around: str, prefix: str) -> None:
    assert read(around.format(prefix + number[1:])) == (number,)


@given(st.lists(NUMBERS, min_size=2, max_size=4, unique=True), st.sampled_from(BETWEEN))
def test_every_number_of_a_field_is_read(numbers: list[str], between: str) -> None:
    assert read(between.join(numbers)) == tuple(numbers)


@given(st.text(max_size=60), st.sampled_from(["", "IE", "DE", "US", "BR"]))
def test_any_text_is_read_and_what_comes_out_is_canonical(text: str, region: str) -> None:
    for number in read(text, region=region):
        assert canonical(number) == number


@given(st.text(alphabet="+0123456789 ()-./x,E", max_size=40), st.sampled_from(["", "IE", "DE", "US"]))
def test_no_digit_is_made_up(text: str, region: str) -> None:
    """Without a region every line stands in the field, digit by digit."""
    digits = "".join(filter(str.isdigit, text))
    assert region or all(number[1:6] in digits for number in read(text))


def test_what_is_bare_waits_for_a_region() -> None:
    assert bare("086 998 4003") == ("0869984003",)
    assert bare("0869984709 / 015550100") == ("0869984709", "015550100")
    assert bare("+353 86 998 4003") == ()
    assert bare("0034 611 936 811") == ()
    assert bare("34611936811") == ("34611936811",), "an old national number may look like one with a country code"


def test_a_novel_in_the_field_is_read_only_so_far() -> None:
    assert read("+353869984709 " + "x" * 100_000) == ("+353869984709",)
    assert read("x" * LONGEST_FIELD + " +353869984709") == ()
