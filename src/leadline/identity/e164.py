"""Numbers that start with a plus: their settled form, and whether a numbering plan has them. Only phone.py calls this.

The phone library does it all, at 20 to 30 µs a call. Most numbers need none of it: with a known country code and no
national prefix in front a number is settled. The tests hold that both ways give the same answer.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberFormat

# Metadata holds more patterns than Python's regex cache (512), so without this numbers of many countries compile
# patterns anew. phonenumbers 9.0.43, README, "enable_pattern_cache", read 2026-11-24.
phonenumbers.enable_pattern_cache()

SHORTEST = 7
"""Digits, with country code, below which a number must be valid: short codes look like that (Niue's phones have 7)."""
CLEAN = re.compile(r"\+[1-9][0-9]{5,16}")


FORMER_PREFIXES = {
    "MX": re.compile(r"^(?:01|044|045)(?=[0-9]{10}$)"),
    "CL": re.compile(r"^0(?=9[0-9]{8}$)"),
    "UZ": re.compile(r"^8(?=[0-9]{9}$)"),
}
"""Dialled in front of national numbers until a plan changed, and still written (Mexico: IFT, 3 August 2019; Chile's
mobile lines and Uzbekistan have nine digits and nothing in front today)."""


REDUNDANT = (
    (re.compile(r"\+52(?:01|044|045)([0-9]{10})"), r"+52\1"),
    (re.compile(r"\+560(9[0-9]{8})"), r"+56\1"),
    (re.compile(r"\+9988([0-9]{9})"), r"+998\1"),
    (re.compile(r"\+5490([1-9][0-9]{9})"), r"+549\1"),
    (re.compile(r"\+549(?=[0-9]{12}$)([1-9][0-9]{1,3}15[0-9]{6,8})"), r"+54\1"),
)
"""What is dialled at home and written behind the country code all the same: former prefixes, and Argentina's 0 and 15,
which the 9 of its mobile lines stands for."""


@lru_cache(maxsize=4096)  # one message asks several times
def settle(number: str) -> str | None:
    """E.164 of `+digits` without redundant national prefixes; None where no country has its code."""
    if CLEAN.fullmatch(number) is None:
        return None
    number = _without_redundant(number)
    return number if is_settled(number) else settle_slowly(number)


def settle_slowly(number: str) -> str | None:
    """What `settle` does, by the library alone. One pass may leave a prefix, so it repeats until none is left."""
    seen = ""
    while number != seen:
        seen = number
        try:
            number = phonenumbers.format_number(phonenumbers.parse(seen), PhoneNumberFormat.E164)
        except NumberParseException:
            return None
    if CLEAN.fullmatch(number) is None:
        return None
    return number if len(number) > SHORTEST or is_valid(number) else None


def _without_redundant(number: str) -> str:
    """The number without a prefix that the library does not know; where that makes no line of a plan, as it is."""
    if not number.startswith(("+52", "+549", "+560", "+9988")):
        return number
    for pattern, rest in REDUNDANT:
        if match := pattern.fullmatch(number):
            shorter = settle_slowly(match.expand(rest))
            return shorter if shorter and is_valid(shorter) else number
    return number


def national(digits: str, region: str) -> str | None:
    """The E.164 form of a number written without country code in `region` (upper case), or dialled from there."""
    if region in FORMER_PREFIXES:
        digits = FORMER_PREFIXES[region].sub("", digits)
    code = _zero_at_home(region)
    if code is not None and digits[0] == "0" != digits[1:2]:
        number = code + digits[1:]
        if CLEAN.fullmatch(number) and is_settled(number) and is_valid(number):
            return number
    return national_slowly(digits, region)


def national_slowly(digits: str, region: str) -> str | None:
    """What `national` does, by the library alone."""
    try:
        return settle(phonenumbers.format_number(phonenumbers.parse(digits, region), PhoneNumberFormat.E164))
    except NumberParseException:
        return None


def is_settled(number: str) -> bool:
    """True where the library surely leaves the number as it is: a known country code and no national prefix."""
    end = _code_end(number)
    if not end or len(number) <= SHORTEST:
        return False
    match = _prefix(number[1:end]).match(number, end)
    return match is None or match.end() == end


def is_trunk_zero(number: str) -> bool:
    """Whether a zero after the country code is only dialled at home (not so in Italy)."""
    end = _code_end(number)
    return end > 0 and number[end : end + 1] == "0" and _prefix(number[1:end]).fullmatch("0") is not None


def without_zero(number: str) -> str:
    """The number without the zero after its country code, if it has one."""
    end = _code_end(number)
    return number[:end] + number[end + 1 :] if end and number[end : end + 1] == "0" else number


def is_valid(number: str) -> bool:
    """Whether a numbering plan has this settled number today."""
    return phonenumbers.is_valid_number(_value(number))


def is_possible(number: str) -> bool:
    """Whether this settled number has a length its country uses."""
    return phonenumbers.is_possible_number(_value(number))


def _code_end(number: str) -> int:
    """Where the country code of `+digits` ends; 0 where there is none. No code is the beginning of another."""
    if number[1:2] in _CODES:
        return 2
    if number[1:3] in _CODES:
        return 3
    return 4 if number[1:4] in _CODES else 0


def _value(number: str) -> PhoneNumber:
    """A settled number as the library's value, without parsing it a second time."""
    end = _code_end(number)
    digits = number[end:]
    zeros = min(len(digits) - len(digits.lstrip("0")), len(digits) - 1)
    return PhoneNumber(
        country_code=int(number[1:end]),
        national_number=int(digits),
        italian_leading_zero=True if zeros else None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )


_CODES = frozenset(map(str, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))


@cache  # of the countries that are met: the plans of all would be 4 MB for as long as a process runs
def _prefix(code: str) -> re.Pattern[str]:
    """What the library would take off or rewrite at the front of a national number of this country code."""
    region = phonenumbers.region_code_for_country_code(int(code))
    plan = PhoneMetadata.metadata_for_region_or_calling_code(int(code), region)
    return re.compile((plan and plan.national_prefix_for_parsing) or "(?!)")


@cache
def _zero_at_home(region: str) -> str | None:
    """`+code`, where people put 0 in front of national numbers and 00 in front of others, and nothing else."""
    plan = PhoneMetadata.metadata_for_region(region, None)
    prefixes = plan and (plan.national_prefix_for_parsing, plan.international_prefix)
    if plan and prefixes == ("0", "00") and not plan.national_prefix_transform_rule:
        return f"+{plan.country_code}"
    return None
