"""Example numbers of every region, every type, from the library's own metadata."""

from __future__ import annotations

from collections.abc import Iterator

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

REGIONS = tuple(sorted(phonenumbers.SUPPORTED_REGIONS))


def _at_home() -> Iterator[tuple[str, str]]:
    for region in REGIONS:
        for kind in PhoneNumberType.values():
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                yield phonenumbers.format_number(number, PhoneNumberFormat.E164), region
    for code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS:
        number = phonenumbers.example_number_for_non_geo_entity(code)
        if number is not None:
            yield phonenumbers.format_number(number, PhoneNumberFormat.E164), ""


AT_HOME = tuple(dict.fromkeys(_at_home()))
"""Numbers in E.164 and their region ('' for networks). Some territories share their numbers: each has them here."""
EXAMPLES = tuple(dict(AT_HOME))
