"""What the directory has of a contact, as the scorer compares it. Pure.

Suggestions and duplicates ask; `merging/duplicates/bulk.py` makes the same of all at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leadline.directory.keys import BITS, Entry, Kind, bare_digits
from leadline.identity.compared import Record
from leadline.identity.e164 import is_valid
from leadline.identity.phone import canonical
from leadline.identity.variants import meeting


def record(entry: Entry, region: str) -> Record:
    """An entry of the directory for the scorer. region: of numbers that have no country code."""
    return Record(
        contact_id=entry.contact_id,
        role=entry.role,
        name=entry.words,
        email=entry.email,
        lines=frozenset(lines(entry.keys, region)),
        external_id=next(_of_kind(entry.keys, Kind.EXTERNAL_ID), 0),
        accounts=frozenset(_of_kind(entry.keys, Kind.ACCOUNT)),
        birth_year=next((-key >> BITS for key in _of_kind(entry.keys, Kind.BIRTH_YEAR)), 0),
        updated_at=entry.updated_at,
    )


def _of_kind(keys: Iterable[int], kind: Kind) -> Iterator[int]:
    return (key for key in keys if key < 0 and -key & 7 == kind)


def lines(keys: Iterable[int], region: str) -> Iterator[int]:
    """Its phone lines, each in one form however it was written."""
    known = [key for key in keys if key > 0]
    yield from map(meeting, known)
    for digits in filter(None, map(bare_digits, keys)):
        if not any(str(line).endswith(digits.lstrip("0")) for line in known) and (line := home_line(digits, region)):
            yield line


def home_line(digits: str, region: str) -> int | None:
    """The line of a number without a country code; None where it is none in this region."""
    number = canonical(digits, region=region) if region else None
    return meeting(int(number)) if number and is_valid(number) else None
