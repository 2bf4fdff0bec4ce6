"""E-mails and phones that customers name in their own words: a hint who they are, shown with the words. Pure.

`people/suggestions.py` reads a contact's last messages with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from leadline.identity import emails, phone_fields
from leadline.identity.e164 import is_valid

AROUND = 30
LONGEST = 10_000  # characters of one message: whoever writes more says who they are in the beginning
MOST_NUMBERS = 50  # of one message: a list of prices must not be read as a hundred phones
FEWEST_DIGITS = 9
"""Shorter numbers in a text are dates, prices and orders more often than phones."""
_EMAIL = re.compile(r"\w[\w.+'’-]{0,63}@(?:[^\W_]|-){1,63}(?:\.(?:[^\W_]|-){1,63})+")
_NUMBER = re.compile(r"\+?\(?[0-9][0-9\s().\-/]{7,24}[0-9]")


def mentions(texts: Iterable[str], *, region: str = "") -> dict[str, str]:
    """Address → the words around it, for every e-mail and valid phone (in E.164) in these texts; the first counts."""
    found: dict[str, str] = {}
    for text in (text[:LONGEST] for text in texts):
        latin = _latin(text)
        for address, start, end in (*_emails(latin), *_phones(latin, region)):
            found.setdefault(address, _quote(text, start, end))
    return found


def _latin(text: str) -> str:
    """Wide letters and the digits of other writings as those that are looked for, each in its place."""
    return text if text.isascii() else "".join(map(_latin_letter, text))


@lru_cache(maxsize=4096)
def _latin_letter(char: str) -> str:
    if (digit := unicodedata.decimal(char, None)) is not None:
        return str(digit)
    return unicodedata.normalize("NFKC", char) if "！" <= char <= "～" else char


def _emails(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _EMAIL.finditer(text):
        address = match[0].rstrip(".").replace("’", "'")
        if text[match.end() : match.end() + 1] == "_":  # emphasis around it
            address = address.removeprefix("_")
        if key := emails.key(address):
            yield key, match.start(), match.end()


def _phones(text: str, region: str) -> Iterator[tuple[str, int, int]]:
    for match in islice(_NUMBER.finditer(text), MOST_NUMBERS):
        if sum(map(str.isdigit, match[0])) >= FEWEST_DIGITS:
            lines = phone_fields.read(match[0], region=region)
            yield from ((line, match.start(), match.end()) for line in lines if is_valid(line))


def _quote(text: str, start: int, end: int) -> str:
    before, after = max(0, start - AROUND), min(len(text), end + AROUND)
    words = " ".join(text[before:after].split())
    return f"{'…' if before else ''}{words}{'…' if after < len(text) else ''}"
