"""Lines: every row of the country table by its own test numbers, stored spellings, and no two subscribers in one."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadline.identity.e164 import is_valid
from leadline.identity.phone import canonical
from leadline.identity.variants import MOST_SPELLINGS, ROWS, TABLE, Row, line_key, lines, same_line, spellings
from tests.identity.examples import AT_HOME, EXAMPLES, REGIONS

GROUPS = tomllib.loads((Path(__file__).parent / "same_line.toml").read_text("utf-8"))["group"]
STORED = [
    pytest.param(
        *case, group.get("region", ""), group.get("whatsapp", False), id=f"{group['shows']}: {case[0]} {case[1]}"
    )
    for group in GROUPS
    for case in group["cases"]
]
TWO_NAMED = [(row, pair) for row in ROWS for pair in row.same]
VALID = st.builds(
    lambda number, tail: number[: len(number) - len(tail)] + tail,
    st.sampled_from(sorted(EXAMPLES)),
    st.text(alphabet="0123456789", min_size=1, max_size=7),
).filter(lambda number: number == canonical(number) and phonenumbers.is_valid_number(phonenumbers.parse(number)))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_row_by_its_own_numbers(row: Row) -> None:
    assert row.same, "a rule without test numbers proves nothing"
    assert row.different
    for number, other in row.same:
        assert row.apply(number) == other
        assert canonical(number) == number
        assert canonical(other) == other
    for number in row.different:
        assert row.apply(number) is None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_row_says_where_it_comes_from(row: Row) -> None:
    assert urlsplit(row.source).scheme == "https"
    assert date.fromisoformat(row.date) <= date.fromisoformat(row.read)
    assert row.country in phonenumbers.SUPPORTED_REGIONS
    assert row.find.startswith(str(phonenumbers.country_code_for_region(row.country)))


def test_row_names_are_unique() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(
    ("row", "pair"), TWO_NAMED, ids=lambda value: value.name if isinstance(value, Row) else value[0]
)
def test_a_pair_meets_where_its_row_says_so(row: Row, pair: tuple[str, str]) -> None:
    number, other = pair
    whatsapp = row.use == "whatsapp"
    assert lines(number, whatsapp=whatsapp)[0] == number
    assert other in lines(number, whatsapp=whatsapp)
    assert whatsapp == (other not in lines(number))
    if row.use == "key":
        assert line_key(number) == line_key(other) == other


def test_a_key_rule_never_joins_a_number_that_is_valid_today() -> None:
    """What makes a rule sure: the plan has no such number any more."""
    for row in ROWS:
        for number, _ in row.same:
            assert row.use != "key" or not phonenumbers.is_valid_number(phonenumbers.parse(number)), number


@pytest.mark.parametrize(("stored", "sender", "same", "region", "whatsapp"), STORED)
def test_stored_phones(stored: str, sender: str, same: bool, region: str, whatsapp: bool) -> None:
    assert same_line(stored, sender, region=region, whatsapp=whatsapp) is same


def test_tables_are_large_enough_to_mean_something() -> None:
    assert len(STORED) + len(TWO_NAMED) >= 90


def test_two_different_example_numbers_never_share_a_line() -> None:
    keys = defaultdict(set)
    for number in EXAMPLES:
        keys[line_key(number)].add(number)
    assert [numbers for numbers in keys.values() if len(numbers) > 1] == []


def test_a_search_takes_a_valid_number_for_another_only_where_both_are_forms_of_one_line() -> None:
    """Argentine mobiles with and without their 9, numbers of Gabon from before 2019: plans still list both."""
    valid = ((number, other) for number in EXAMPLES for other in lines(number)[1:] if is_valid(other))
    assert {number[:4] for number, _ in valid} == {"+549", "+241"}


@given(one=VALID, other=VALID)
@settings(max_examples=2 * settings().max_examples)
def test_two_different_valid_numbers_never_share_a_line(one: str, other: str) -> None:
    assert (line_key(one) == line_key(other)) == (one == other)


@given(number=VALID)
@settings(max_examples=2 * settings().max_examples)
def test_a_valid_number_names_its_own_line(number: str) -> None:
    assert line_key(number) == number
    assert all(line_key(other) in lines(number, whatsapp=True) for other in lines(number, whatsapp=True))


@given(number=VALID, region=st.sampled_from(["", *REGIONS]), whatsapp=st.booleans())
def test_spellings_fit_one_search_and_start_with_the_number(number: str, region: str, whatsapp: bool) -> None:
    found = spellings(number, region=region, whatsapp=whatsapp)
    assert found[0] == number
    assert number[1:] in found
    assert "00" + number[1:] in found
    assert len(set(found)) == len(found) <= MOST_SPELLINGS


def test_every_spelling_of_every_country_s_numbers_is_read_back_as_the_line() -> None:
    assert {region for _, region in AT_HOME} == {*REGIONS, ""}
    for number, region in AT_HOME:
        current = [line for line in lines(number) if phonenumbers.is_valid_number(phonenumbers.parse(line))]
        assert number in current
        for spelling in spellings(number):
            if len(spelling) > 6:
                assert same_line(spelling, number), (spelling, number)
        for spelling in spellings(number, region=region):
            found = canonical(spelling, region=region)
            if found not in lines(number):
                assert len(lines(number)) > 1, (spelling, number, found)


@pytest.mark.parametrize("number", sorted({number for _, pair in TWO_NAMED for number in pair}))
def test_both_forms_of_a_line_search_for_the_plain_spellings_of_both(number: str) -> None:
    found = spellings(number)
    for line in lines(number):
        assert {line, line[1:], "00" + line[1:]} <= set(found)


def test_shapes_fill_exactly_their_digits() -> None:
    for shapes in TABLE.shapes.values():
        for length, shape in shapes.items():
            assert shape.count("X") == int(length)


def test_old_forms_are_also_written_as_people_grouped_them() -> None:
    assert "+55 41 8888-7777" in spellings("+5541988887777")
    assert "+225 07 12 34 56" in spellings("+2250707123456")
    assert "+52 1 55 1234 5678" in spellings("+525512345678")


def test_the_workspace_s_own_country_adds_national_spellings() -> None:
    at_home = set(spellings("+12125550100", region="us"))
    assert {"2125550100", "(212) 555-0100", "212-555-0100", "+1 (212) 555-0100"} <= at_home
    argentine = spellings("+5491123456789", region="AR", whatsapp=True)
    assert {"(011) 15-2345-6789", "+54 11 2345 6789", "011 15-2345-6789"} <= set(argentine)
    assert "2125550100" not in spellings("+12125550100", region="IE")


def test_a_number_of_no_country_is_searched_as_it_is() -> None:
    assert spellings("+999123456789", region="IE") == ("+999123456789", "999123456789")
    assert not same_line("+999123456789", "+999123456789")
    assert line_key("+999123456789") == "+999123456789"


def test_a_sender_with_a_redundant_zero_is_the_same_line() -> None:
    assert spellings("+4402079460018") == spellings("+442079460018")
    assert same_line("+44 20 7946 0018", "+4402079460018")


def test_an_unknown_region_is_ignored() -> None:
    assert spellings("+353888888999", region="XX") == spellings("+353888888999")
    assert canonical("0888888999", region="XX") is None
