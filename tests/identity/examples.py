"""Example numbers of every region, every type, from the library's own metadata: E.164 → region ('' for networks)."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

REGIONS = tuple(sorted(phonenumbers.SUPPORTED_REGIONS))


def _examples() -> dict[str, str]:
    found: dict[str, str] = {}
    for region in REGIONS:
        for kind in PhoneNumberType.values():
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                found.setdefault(phonenumbers.format_number(number, PhoneNumberFormat.E164), region)
    for code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS:
        number = phonenumbers.example_number_for_non_geo_entity(code)
        if number is not None:
            found[phonenumbers.format_number(number, PhoneNumberFormat.E164)] = ""
    return found


EXAMPLES = _examples()
