"""Which country numbers without a country code belong to, by the numbers that have one. Pure.

`rounds.py` infers it once the directory is filled, `leadline doctor` tells what it found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import phonenumbers

from leadline.directory.keys import bare_digits
from leadline.identity.e164 import is_valid
from leadline.identity.phone import canonical
from leadline.model import Struct

MOST_OF = 0.9
"""Share of the numbers without a code that must read as numbers of a country, before it is taken for theirs."""
CANDIDATES = 5


class Sample(Struct, frozen=True, kw_only=True):
    """Phones of some contacts: how many, how many of them without a country code, and how those read in `region`.

    region: empty where no country fits.
    """

    phones: int = 0
    bare: int = 0
    region: str = ""
    readable: int = 0


def sample(keys_of_contacts: Iterable[Iterable[int]], own_numbers: Iterable[str] = (), *, region: str = "") -> Sample:
    """Judge a sample. own_numbers: of the workspace's channels, in E.164. region: the setting, if there is one."""
    codes: Counter[str] = Counter(filter(None, map(region_of, own_numbers)))
    phones, bare = 0, []
    for keys in keys_of_contacts:
        lines = [f"+{key}" for key in keys if key > 0]
        digits = [text for text in map(bare_digits, keys) if text]
        phones += bool(lines or digits)
        codes.update(filter(None, map(region_of, lines)))
        bare += digits[:1] if not lines else []
    best = region or _fitting(codes, bare)
    return Sample(phones=phones, bare=len(bare), region=best, readable=_readable(bare, best))


def _fitting(codes: Counter[str], bare: list[str]) -> str:
    """The commonest country in which nearly all the bare numbers are numbers; empty where there is none."""
    for region, _ in codes.most_common(CANDIDATES):
        if _readable(bare, region) >= MOST_OF * len(bare):
            return region
    return ""


def _readable(bare: Iterable[str], region: str) -> int:
    read = (canonical(digits, region=region) for digits in bare) if region else ()
    return sum(number is not None and region_of(number) == region and is_valid(number) for number in read)


def region_of(e164: str) -> str:
    """The country of a number, by the number itself where several share its code; empty where it belongs to none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(e164)) or ""
    except phonenumbers.NumberParseException:
        return ""
