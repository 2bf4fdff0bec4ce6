"""Other numbers and other spellings of one phone line: what Intercom is searched for, and what a hit must equal.

The rules are rows of `lines.toml`. Nothing is matched by suffix or likeness: only whole numbers, after a named rule.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import msgspec
import phonenumbers
from phonenumbers import PhoneNumberFormat

from leadline.identity import phone_fields
from leadline.identity.phone import canonical
from leadline.model import Struct

MOST_SPELLINGS = 30
"""Two groups of a contact search, each of which takes 15 filters (API 2.16 reference, read 2026-11-24)."""


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule of `lines.toml`, which explains the fields."""

    name: str
    country: str
    find: str
    make: str
    use: Literal["key", "search", "whatsapp"]
    date: str
    read: str
    source: str
    same: tuple[tuple[str, str], ...]
    different: tuple[str, ...]
    map: Mapping[str, str] = {}

    def apply(self, e164: str) -> str | None:
        """The other form of `e164` by this rule, or None where the rule does not speak of it."""
        match = re.fullmatch(self.find, e164[1:])
        if match is None or (self.map and match[1] not in self.map):
            return None
        if self.map:
            return "+" + match.expand(self.make.replace(r"\1", self.map[match[1]]))
        return "+" + match.expand(self.make)


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`lines.toml`: the rules, and how people group the digits of numbers that the phone library cannot format."""

    row: tuple[Row, ...]
    shapes: Mapping[str, Mapping[str, str]]


TABLE = msgspec.convert(tomllib.loads(files("leadline.identity").joinpath("lines.toml").read_text("utf-8")), Table)
ROWS = TABLE.row


def _rules(e164: str) -> tuple[Row, ...]:
    """Those of its country: most have none, and their numbers one form."""
    return _BY_CODE.get(e164[1:3]) or _BY_CODE.get(e164[1:4], ())


def _rows(e164: str) -> Iterator[tuple[Row, str]]:
    for row in _rules(e164):
        other = row.apply(e164)
        if other is not None and other != e164:
            yield row, other


def _by_code() -> dict[str, tuple[Row, ...]]:
    codes = {row.country: str(phonenumbers.country_code_for_region(row.country)) for row in ROWS}
    return {code: tuple(row for row in ROWS if row.country == country) for country, code in codes.items()}


_BY_CODE = _by_code()
COUNTRY_CODES = frozenset(_BY_CODE)
"""Of the countries that the rules speak of: a number of any other has one form."""


@lru_cache(maxsize=4096)  # one message asks several times
def line_key(e164: str) -> str:
    """The one name of all numbers that are surely this line: its current form. Names the lane and the lead."""
    return next((other for row, other in _rows(e164) if row.use == "key"), e164)


@lru_cache(maxsize=4096)
def lines(e164: str, *, whatsapp: bool = False) -> tuple[str, ...]:
    """The numbers under which this line may be known, its own form first, then the current one, then older ones.

    whatsapp: also those that are right for WhatsApp accounts and may be somebody else's line otherwise.
    """
    if not _rules(e164):
        return (e164,)
    key = line_key(e164)
    found = dict.fromkeys((e164, key))
    for number in (e164, key):
        found |= dict.fromkeys(other for row, other in _rows(number) if row.use != "whatsapp" or whatsapp)
    return tuple(found)


def spellings(e164: str, *, region: str = "", whatsapp: bool = False) -> tuple[str, ...]:
    """How Intercom may have stored this line, likeliest first, never more than two search groups take.

    Intercom keeps phones as they were typed; region is the workspace's, for numbers without a country code. A number
    of no country, which some gateways make up, is spelled as it is: no search may fail because of a sender.
    """
    sender = canonical(e164)
    if sender is None:
        return (e164, e164[1:])
    columns = [list(_written(number, region.upper())) for number in lines(sender, whatsapp=whatsapp)]
    deepest = max(map(len, columns))
    ranked = (column[depth] for depth in range(deepest) for column in columns if depth < len(column))
    return tuple(dict.fromkeys(ranked))[:MOST_SPELLINGS]


def _written(e164: str, region: str) -> Iterator[str]:
    """One number as people and programs write it, likeliest first."""
    number = phonenumbers.parse(e164)
    code, digits = number.country_code or 0, phonenumbers.national_significant_number(number)
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    grouped = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    at_home = bool(region) and code == phonenumbers.country_code_for_region(region)
    yield from (e164, e164[1:], "00" + e164[1:])
    if at_home:
        yield re.sub(r"\D", "", national)
    yield _shaped(code, digits) or grouped
    if at_home:
        yield from (national, digits)
    if national.startswith("("):
        yield f"+{code} {national}"
    yield from (grouped, grouped.replace("-", " "), grouped.replace(" ", "-"))
    if at_home:
        yield grouped.partition(" ")[2]
    if at_home and re.fullmatch(r"0\d+ .+", national):
        yield "({}) {}".format(*national.split(" ", 1))
    if national.startswith("0") and not digits.startswith("0"):
        yield f"+{code} (0){national[1:]}"


def _shaped(code: int, digits: str) -> str:
    """The number as its country wrote it before the plan changed; empty where the table tells no shape."""
    shape = TABLE.shapes.get(phonenumbers.region_code_for_country_code(code), {}).get(str(len(digits)), "")
    left = iter(digits)
    return shape and f"+{code} " + "".join(next(left) if char == "X" else char for char in shape)


def same_line(stored: str, e164: str, *, region: str = "", whatsapp: bool = False) -> bool:
    """Whether the phone field Intercom stores holds this line: read again with the workspace's region, and equal."""
    wanted = lines(canonical(e164) or e164, whatsapp=whatsapp)
    return any(number in wanted for number in phone_fields.read(stored, region=region))


@lru_cache(maxsize=65_536)
def meeting(line: int) -> int:
    """The form in which all numbers of one line meet, also those of former numbering plans; digits without the plus."""
    return min(map(int, lines(f"+{line}")))
