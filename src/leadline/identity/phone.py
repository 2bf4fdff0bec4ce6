"""The canonical form of a phone number. Channels' senders, Intercom's stored phones and people's input pass through it.

It identifies, it does not validate: numbers that plans have outgrown, test ranges and old WhatsApp ids keep their
form, because providers still send them. Only guesses (no plus sign, a national number) must look like a real number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import phonenumbers
from phonenumbers import PhoneMetadata

from leadline.identity.e164 import (
    CLEAN,
    SHORTEST,
    is_possible,
    is_trunk_zero,
    is_valid,
    national,
    settle,
    without_zero,
)

SHORT_CODE = 8
"""Senders without plus up to this many digits are short codes unless a numbering plan says otherwise."""
LONGEST = 20
"""Digits, with 00 and a trunk zero, above which a text is no single number."""
LONGEST_TEXT = 250
UNSEEN = frozenset({"Cf", "Mn", "Me"})
"""Kinds of characters that change how others look: marks of direction, the frame around a keycap's digit."""


_SCHEME = re.compile(r"^(?:(?:tel|sms|smsto|callto|whatsapp) ?: ?(?://)?){1,2}", re.IGNORECASE)
_EXTENSION = re.compile(
    r"(?:;ext=[0-9]{1,15}|[,;]{1,2} ?[0-9]{1,6}#?| ?[ ,;.(\[] ?(?:extension|extensión|ext|extn|xtn|anexo|ramal|доб|int)"
    r"[ .:=]{0,3}[0-9]{1,9}[#)\]]?| ?(?:ext|x|#)[ .:]{0,2}[0-9]{1,7}#?) ?$",
    re.IGNORECASE,
)
_PUNCTUATION = re.compile(r"[\s\-‐-―−().\[\]/'’]+")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_NUMBER = re.compile(r"(\+*)([0-9]+)")
# Forms that are no longer possible but that WhatsApp ids and address books still hold; see lines.toml.
_OUTGROWN = re.compile(r"\+(?:521[0-9]{10}|225[0-9]{8}|229[0-9]{8})")


def canonical(raw: str, *, region: str = "", digits_only: bool = False) -> str | None:
    """E.164 of `raw` in any usual spelling, or None where it is no phone number (a short code, a sender name).

    region: ISO country of numbers written without a country code. digits_only: the provider leaves out the plus, so
    the digits start with a country code. Idempotent. Extensions are dropped: they do not tell lines apart for SMS.
    """
    if CLEAN.fullmatch(raw):
        return settle(raw)
    if len(raw) > LONGEST_TEXT:
        return None
    text = _plain(raw)
    match = _NUMBER.fullmatch(_PUNCTUATION.sub("", _EXTENSION.sub("", text, count=1)))
    if match is None or len(match[2]) > LONGEST:
        return None
    plus, digits = match.groups()
    if plus:
        number = "+" + digits.removeprefix("00")
        return _without_trunk_zero(number) if _TRUNK_ZERO.search(text) else settle(number)
    if digits.startswith("00"):
        return _dialled(digits, region.upper())
    return _guess(digits, region.upper(), digits_only)


def _plain(raw: str) -> str:
    """Latin digits and punctuation, without invisible characters and without `tel:` or `whatsapp:` in front."""
    return _SCHEME.sub("", " ".join(latin(raw).split()), count=1)


def latin(text: str) -> str:
    """The same in Latin digits and punctuation, without characters that only change how others look."""
    if text.isascii():
        return text
    kept = (char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) not in UNSEEN)
    return "".join(char if char.isascii() else str(unicodedata.digit(char, char)) for char in kept)


def _without_trunk_zero(number: str) -> str | None:
    """`+44 (0)20 …`: the zero is only dialled at home, except where it is part of the number (Italy)."""
    dropped = settle(without_zero(number))
    if is_trunk_zero(number):
        return dropped
    kept = settle(number)
    return kept if kept and is_valid(kept) else dropped


def _dialled(digits: str, region: str) -> str | None:
    """`00353…` is a plus everywhere but where people dial something longer: 0011 in Australia, 001 in Korea."""
    number = settle("+" + digits[2:])
    metadata = PhoneMetadata.metadata_for_region(region, None) if region else None
    match = re.match(metadata.international_prefix or "(?!)", digits) if metadata else None
    if match is None or match.end() == 2 or (number and is_valid(number)):
        return number
    local = settle("+" + digits[match.end() :])
    return local if local and is_valid(local) else number


def _guess(digits: str, region: str, digits_only: bool) -> str | None:
    """Read digits without a plus: with a country code, or national to `region`. The most plausible reading wins:
    the first that is valid, else the first of a possible length (texts long enough to be no short code), else an old
    form the country table knows."""
    if digits_only and not digits.startswith("0"):
        if len(digits) > SHORT_CODE:
            return settle("+" + digits)
        region = ""
    readings = []
    for number in _readings(digits, region):
        if is_valid(number):
            return number
        readings.append(number)
    if len(digits) > SHORT_CODE:
        for number in readings:
            if is_possible(number):
                return number
    return next((number for number in readings if _OUTGROWN.fullmatch(number)), None)


def _readings(digits: str, region: str) -> Iterator[str]:
    """What the digits may mean, likeliest first: digits that begin with the region's own code only lack their plus."""
    abroad = settle("+" + digits) if len(digits) >= SHORTEST else None
    home = str(phonenumbers.country_code_for_region(region)) if region else ""
    if abroad and home and digits.startswith(home):
        yield abroad
    if region and (number := national(digits, region)):
        yield number
    if abroad and not (home and digits.startswith(home)):
        yield abroad
    if home and digits.startswith("0" + home) and (number := settle("+" + digits[1:])):
        yield number
