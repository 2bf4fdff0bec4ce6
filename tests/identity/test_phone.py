"""Canonical phones: the table in phones.toml, and what holds for every text and every country's numbers."""

from __future__ import annotations

import tomllib
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from leadline.identity.e164 import (
    CLEAN,
    SHORTEST,
    is_possible,
    is_settled,
    is_valid,
    national,
    national_slowly,
    settle,
    settle_slowly,
)
from leadline.identity.phone import canonical
from tests.identity.examples import AT_HOME, EXAMPLES, REGIONS

GROUPS = tomllib.loads((Path(__file__).parent / "phones.toml").read_text("utf-8"))["group"]
CASES = [
    pytest.param(
        text, expected, group.get("region", ""), group.get("digits_only", False), id=f"{group['shows']}: {text}"
    )
    for group in GROUPS
    for text, expected in group["cases"]
]
CALLING_CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
MESSY = st.text(alphabet=st.sampled_from("0123456789+ -().,;/x#extel:\u00a0\u202a٣７"), max_size=40)
NUMBERS = st.builds(
    lambda code, digits: f"+{code}{digits}",
    st.sampled_from(CALLING_CODES),
    st.text(alphabet="0123456789", min_size=2, max_size=14),
)


@pytest.mark.parametrize(("text", "expected", "region", "digits_only"), CASES)
def test_table(text: str, expected: str, region: str, digits_only: bool) -> None:
    assert canonical(text, region=region, digits_only=digits_only) == (expected or None)


def test_table_is_large_enough_to_mean_something() -> None:
    assert len(CASES) >= 150


@given(text=st.one_of(MESSY, st.text(max_size=60), NUMBERS), region=st.sampled_from(["", *REGIONS]), bare=st.booleans())
@example(text="+1112125550100", region="", bare=False)
@settings(max_examples=3 * settings().max_examples)
def test_canonical_is_idempotent_and_well_formed(text: str, region: str, bare: bool) -> None:
    number = canonical(text, region=region, digits_only=bare)
    if number is None:
        return
    assert number[0] == "+"
    assert number[1:].isdecimal()
    assert number.isascii()
    for other_region in ("", region, "US", "DE", "AU"):
        assert canonical(number, region=other_region) == number
        assert canonical(number, region=other_region, digits_only=True) == number


@given(number=NUMBERS)
@settings(max_examples=10 * settings().max_examples)
def test_the_fast_path_says_what_the_library_says(number: str) -> None:
    assert canonical(number) == (settle_slowly(number) if CLEAN.fullmatch(number) else None)


@given(home=st.sampled_from(AT_HOME), tail=st.text(alphabet="0123456789", max_size=6), zero=st.booleans())
@settings(max_examples=10 * settings().max_examples)
def test_the_fast_path_at_home_says_what_the_library_says(home: tuple[str, str], tail: str, zero: bool) -> None:
    number, region = home[0], home[1] or "IE"
    digits = phonenumbers.national_significant_number(phonenumbers.parse(number))
    digits = "0" * zero + digits[: len(digits) - len(tail)] + tail
    assert national(digits, region) == national_slowly(digits, region)


@given(number=NUMBERS)
@settings(max_examples=10 * settings().max_examples)
def test_plans_are_asked_about_the_same_number_the_library_would_read(number: str) -> None:
    settled = settle(number)
    if settled is not None:
        parsed = phonenumbers.parse(settled)
        assert is_valid(settled) is phonenumbers.is_valid_number(parsed)
        assert is_possible(settled) is phonenumbers.is_possible_number(parsed)


def test_the_fast_path_takes_the_numbers_that_matter() -> None:
    taken = [number for number in EXAMPLES if is_settled(number)]
    assert len(taken) > 0.95 * len(EXAMPLES)


@pytest.mark.parametrize("kind", ["E164", "INTERNATIONAL", "NATIONAL", "RFC3966"])
def test_every_country_s_formats_read_back(kind: str) -> None:
    for number, region in AT_HOME:
        if kind == "NATIONAL" and not region:
            continue
        text = phonenumbers.format_number(phonenumbers.parse(number), getattr(PhoneNumberFormat, kind))
        assert canonical(text, region=region) == number, text


def test_every_country_s_numbers_read_back_without_plus_and_with_00() -> None:
    for number, region in AT_HOME:
        assert canonical("00" + number[1:]) == number
        if len(number) > SHORTEST:
            assert canonical(number[1:]) == number
            assert canonical(number[1:], region=region) == number
            assert canonical(number[1:], digits_only=True) == number


def test_every_country_s_significant_digits_read_back_in_their_own_region() -> None:
    for number, region in AT_HOME:
        digits = phonenumbers.national_significant_number(phonenumbers.parse(number))
        assert not region or canonical(digits, region=region) == number


@pytest.mark.parametrize("text", ["tel:" * 60, "+353" + " ." * 120 + "ext", "+" * 250, "x" * 10_000, "1" * 10_000])
def test_hostile_texts_are_no_phone(text: str) -> None:
    assert canonical(text, region="IE") is None
