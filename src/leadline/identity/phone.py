"""The canonical form of a phone number. Channels' senders, Intercom's stored phones and people's input pass through it.

It identifies, it does not validate: numbers that plans have outgrown, test ranges and old WhatsApp ids keep their
form, because providers still send them. Only guesses (no plus sign, a national number) must look like a real number.
"""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat

# Metadata holds more patterns than Python's regex cache (512), so without this every few numbers compile one anew.
# https://github.com/daviddrysdale/python-phonenumbers#readme, "enable_pattern_cache", read 2026-11-24.
phonenumbers.enable_pattern_cache()

SHORTEST = 7
"""Digits, with country code, below which a number must be valid: short codes look like that (Niue's phones have 7)."""
SHORT_CODE = 8
"""Senders without plus up to this many digits are short codes unless a numbering plan says otherwise."""
LONGEST = 20
"""Digits, with 00 and a trunk zero, above which a text is no single number."""
LONGEST_TEXT = 250

_CLEAN = re.compile(r"\+[1-9][0-9]{5,16}")
_SCHEME = re.compile(r"^(?:(?:tel|sms|smsto|callto|whatsapp) ?: ?(?://)?){1,2}", re.IGNORECASE)
_EXTENSION = re.compile(
    r"(?:;ext=[0-9]{1,15}|[,;]{1,2} ?[0-9]{1,6}#?| ?[ ,;.(\[] ?(?:extension|extensión|ext|extn|xtn|anexo|ramal|доб|int)"
    r"[ .:=]{0,3}[0-9]{1,9}[#)\]]?| ?(?:ext|x|#)[ .:]{0,2}[0-9]{1,7}#?) ?$",
    re.IGNORECASE,
)
_PUNCTUATION = re.compile(r"[\s\-‐-―−().\[\]/'’]+")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_NUMBER = re.compile(r"(\+*)([0-9]+)")


def canonical(raw: str, *, region: str = "", digits_only: bool = False) -> str | None:
    """E.164 of `raw` in any usual spelling, or None where it is no phone number (a short code, a sender name).

    region: ISO country of numbers written without a country code. digits_only: the provider leaves out the plus, so
    the digits start with a country code. Idempotent. Extensions are dropped: they do not tell lines apart for SMS.
    """
    if _CLEAN.fullmatch(raw):
        return _settle(raw)
    if len(raw) > LONGEST_TEXT:
        return None
    text = _plain(raw)
    match = _NUMBER.fullmatch(_PUNCTUATION.sub("", _EXTENSION.sub("", text, count=1)))
    if match is None or len(match[2]) > LONGEST:
        return None
    plus, digits = match.groups()
    if plus:
        number = "+" + digits.removeprefix("00")
        return _without_trunk_zero(number, digits) if _TRUNK_ZERO.search(text) else _settle(number)
    return _guess(digits, region.upper(), digits_only)


def _plain(raw: str) -> str:
    """Latin digits and punctuation, without invisible characters and without `tel:` or `whatsapp:` in front."""
    if not raw.isascii():
        kept = (char for char in unicodedata.normalize("NFKC", raw) if unicodedata.category(char) != "Cf")
        raw = "".join(str(unicodedata.digit(char, char)) if not char.isascii() else char for char in kept)
    return _SCHEME.sub("", " ".join(raw.split()), count=1)


def _guess(digits: str, region: str, digits_only: bool) -> str | None:
    """Read digits without a plus: with 00, with a bare country code, or national to `region`; the best reading."""
    if digits.startswith("00") and not digits.startswith("000"):
        readings = ["+" + digits[2:], *_foreign_prefix(digits, region)]
    elif digits_only and not digits.startswith("0"):
        if len(digits) > SHORT_CODE:
            return _settle("+" + digits)
        readings = ["+" + digits] if len(digits) >= SHORTEST else []
    else:
        readings = _bare(digits, region)
    settled = [number for number in map(_settle, readings) if number]
    return _most_plausible(settled, short=len(digits) <= SHORT_CODE)


def _most_plausible(numbers: list[str], *, short: bool) -> str | None:
    """The first valid number, else the first possible one (not of a short text), else an outgrown one."""
    parsed = [(number, phonenumbers.parse(number)) for number in numbers]
    for number, value in parsed:
        if phonenumbers.is_valid_number(value):
            return number
    for number, value in parsed:
        if not short and phonenumbers.is_possible_number(value):
            return number
    return next((number for number in numbers if _OUTGROWN.fullmatch(number)), None)


# Forms that are no longer possible but that WhatsApp ids and address books still hold; see the country table.
_OUTGROWN = re.compile(r"\+(?:521[0-9]{10}|225[0-9]{8}|229[0-9]{8})")


def _bare(digits: str, region: str) -> list[str]:
    """Readings of digits that may be national or may only lack their plus; the country's own code decides the order."""
    abroad = ["+" + digits] if len(digits) >= SHORTEST else []
    home = str(phonenumbers.country_code_for_region(region)) if region else ""
    if home and digits.startswith(home):
        return [*abroad, *_national(digits, region)]
    return [*_national(digits, region), *abroad]


def _national(digits: str, region: str) -> list[str]:
    if not region:
        return []
    try:
        return [phonenumbers.format_number(phonenumbers.parse(digits, region), PhoneNumberFormat.E164)]
    except NumberParseException:
        return []


def _foreign_prefix(digits: str, region: str) -> list[str]:
    """The reading by the region's own dialling prefix where that is not 00: 0011 in Australia, 001 in Korea."""
    metadata = PhoneMetadata.metadata_for_region(region, None) if region else None
    match = re.match(metadata.international_prefix or "(?!)", digits) if metadata else None
    return ["+" + digits[match.end() :]] if match and match.end() != 2 else []


def _without_trunk_zero(number: str, digits: str) -> str | None:
    """`+44 (0)20 …`: the zero is only dialled at home, except where it is part of the number (Italy)."""
    for length in (1, 2, 3):
        code, rest = int(digits[:length]), digits[length:]
        if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE and rest.startswith("0"):
            kept, dropped = _settle(number), _settle(f"+{code}{rest[1:]}")
            return kept if kept and phonenumbers.is_valid_number(phonenumbers.parse(kept)) else dropped
    return _settle(number)


def _settle(number: str) -> str | None:
    """The E.164 form of a number with a plus, after every redundant national prefix is off; None without country."""
    if _CLEAN.fullmatch(number) is None:
        return None
    if _is_settled(number):
        return number
    return settle_slowly(number)


def settle_slowly(number: str) -> str | None:
    """What `_settle` does, by the library alone; the fast path is tested against it."""
    seen = ""
    while number != seen:
        seen = number
        try:
            number = phonenumbers.format_number(phonenumbers.parse(seen), PhoneNumberFormat.E164)
        except NumberParseException:
            return None
    return number if _CLEAN.fullmatch(number) and _is_long_enough(number) else None


def _is_long_enough(number: str) -> bool:
    return len(number) > SHORTEST or phonenumbers.is_valid_number(phonenumbers.parse(number))


def _prefixes() -> dict[str, re.Pattern[str]]:
    """Country code → what the library would take off or rewrite at the front of a national number."""
    found = {}
    for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        region = phonenumbers.region_code_for_country_code(code)
        metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        found[str(code)] = re.compile((metadata and metadata.national_prefix_for_parsing) or "(?!)")
    return found


_PREFIXES = _prefixes()


def _is_settled(number: str) -> bool:
    """True where the library surely leaves the number as it is: a known country code and no national prefix."""
    for end in (2, 3, 4):
        pattern = _PREFIXES.get(number[1:end])
        if pattern is not None:
            match = pattern.match(number, end)
            return (match is None or match.end() == end) and len(number) > SHORTEST
    return False
