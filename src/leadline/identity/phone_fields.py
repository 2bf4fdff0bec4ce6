"""Every phone line that a field typed by people or programs holds. Used for what Intercom stores, never for senders.

A field may hold several numbers, words around them, an extension, or what a spreadsheet made of a number. A guess is
taken only where it leaves no digit over: half a number is nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from leadline.identity.e164 import CLEAN, is_valid
from leadline.identity.phone import canonical, latin

LONGEST_FIELD = 1_000
FEWEST_DIGITS, MOST_DIGITS = 6, 17
MOST_GROUPS = 12

_INNER = r"0-9().\s\-‐-―−/'’"
_PIECE = re.compile(rf"\(?\s?\++[{_INNER}]*|[(0-9][{_INNER}]*")
_WRITTEN_EXTENSION = re.compile(
    r"(?:;ext=|(?:\b|(?<=\d))(?:extension|extensión|extn?|xtn|anexo|ramal|доб|int|x)[ .:=]{0,3}|#[ .:]{0,2})"
    r"[0-9]{1,9}\b",
    re.IGNORECASE,
)
_DECIMALS = re.compile(r"(?<![0-9.,])(\+?[0-9]{7,17})[.,]0+(?![0-9])")
_EXPONENT = re.compile(r"(?<![0-9.,])([0-9])(?:[.,]([0-9]{1,16}))?E\+?([0-9]{1,2})(?![0-9])", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<![0-9,.+])[0-9]{1,3}(?:,[0-9]{3}){2,5}(?![0-9,.])")
_PARTED_CODE = re.compile(r"(\+\s?[0-9]{1,3})\s*[^\w\s+()]{1,2}\s*(?=[0-9])")
"""A country code with a sign behind it: `+353, 86 998 4709` is one number, and what follows is no number alone."""
_CARRIER = re.compile(r"0\s?(?:xx|\*\*)\s?(?=[1-9]{2})", re.IGNORECASE)
"""Where Brazilians put the digits of a carrier: `0xx11`."""
_LETTER_O = re.compile(r"(?<=[0-9])[oO](?=[0-9])")
_RANGE = re.compile(r"(?<=[0-9]{4})\s?~\s?[0-9]{1,3}(?![0-9])")
_BETWEEN = re.compile(r"[_·•*~]+")
_BRACKETS = str.maketrans("[]{}", "()()")
_FURTHER_ENDING = re.compile(r"(?<=[0-9])\s?[-‐-―−]\s?[0-9]{1,3}\s*$")
_OTHER_ENDING = re.compile(r"(?<=[0-9])\s?/\s?[0-9]{1,3}\s*$")


def read(field: str, *, region: str = "") -> tuple[str, ...]:
    """The lines of a field in E.164, in the order they stand there; empty where there is none.

    region: ISO country of numbers written without a country code.
    """
    if CLEAN.fullmatch(field):
        number = canonical(field)
        return (number,) if number else ()
    text = _plain(field)
    return _read(text, _pieces(text), region)


def bare(field: str) -> tuple[str, ...]:
    """The digits of what may be a number without a country code: what they mean depends on a region.

    Where several stand side by side, each of them and what they make together.
    """
    return _bare(_pieces(_plain(field)))


def read_and_bare(field: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What `read` finds without a region, and what `bare` finds, in one pass: for every contact of a workspace."""
    if CLEAN.fullmatch(field):
        return read(field), ()
    text = _plain(field)
    pieces = _pieces(text)
    return _read(text, pieces, ""), _bare(pieces)


def _read(text: str, pieces: Sequence[str], region: str) -> tuple[str, ...]:
    alone = len(pieces) == 1 and not any(map(str.isalpha, text))
    found = [number for piece in pieces for number in _lines(piece, region, alone)]
    return tuple(dict.fromkeys(found))


def _bare(pieces: Sequence[str]) -> tuple[str, ...]:
    apart = (each for piece in pieces for each in (piece.split("/") if "+" in piece else (piece,)))
    unmarked = (piece for piece in apart if "+" not in piece)
    texts = (
        text for piece in unmarked for text in (piece, *piece.split("/"), *piece.split(), _OTHER_ENDING.sub("", piece))
    )
    digits = (re.sub(r"\D", "", text) for text in texts)
    return tuple(dict.fromkeys(d for d in digits if FEWEST_DIGITS <= len(d) <= MOST_DIGITS and _may_be_bare(d)))


def _may_be_bare(digits: str) -> bool:
    """`00` begins a country code, but where people dial 0011 for that (Australia)."""
    return not digits.startswith("00") or digits.startswith("0011")


def _plain(field: str) -> str:
    """Latin digits, no invisible characters, lines kept apart, and a spreadsheet's damage undone."""
    text = re.sub(r"[\r\n\t\v\f]+", " ; ", latin(field[:LONGEST_FIELD]).strip())
    text = _RANGE.sub("", _LETTER_O.sub("0", _PARTED_CODE.sub(r"\1 ", _CARRIER.sub("", text))))
    text = _BETWEEN.sub(" ", text).translate(_BRACKETS)
    text = _THOUSANDS.sub(lambda match: match[0].replace(",", ""), _EXPONENT.sub(_whole_number, text))
    return _WRITTEN_EXTENSION.sub(" ; ", _DECIMALS.sub(r"\1", text))


def _whole_number(match: re.Match[str]) -> str:
    """`3.4611936811E+10` still has all its digits; `3.46119E+10` has lost some, and stays unreadable."""
    first, rest, power = match[1], match[2] or "", int(match[3])
    return first + rest if len(rest) == power else ";"


def _pieces(text: str) -> list[str]:
    found = (match[0].strip(" ./-'’") for match in _PIECE.finditer(text))
    return [piece for piece in found if sum(map(str.isdigit, piece)) >= FEWEST_DIGITS]


def _lines(piece: str, region: str, alone: bool) -> Iterator[str]:
    """One piece is one number, or several with nothing but spaces or slashes between; `/3` names another ending."""
    shorter = _OTHER_ENDING.sub("", piece)
    if sum(map(str.isdigit, shorter)) > FEWEST_DIGITS:
        piece = shorter
    number = canonical(piece, region=region)
    if not (number and is_valid(number)) and (further := _FURTHER_ENDING.sub("", piece)) != piece:
        shortened = canonical(further, region=region)
        number = shortened if shortened and is_valid(shortened) else number
    if number and is_valid(number):
        yield number
        return
    several = _divided([group for group in re.split(r"[\s/]+", piece) if group][: MOST_GROUPS + 1], region)
    if several := several or _apart(piece, region):
        yield from several
    elif number and (alone or "+" in piece or piece.startswith("00")):
        yield number


def _apart(piece: str, region: str) -> list[str]:
    """`+34 611 936 811 / 912 345 678`: what stands between slashes, each by itself; a country code opens the first."""
    first, slash, _ = piece.partition("/")
    if not slash or "+" not in first:
        return []
    read = (canonical(each, region=region) for each in piece.split("/") if region or "+" in each)
    return [number for number in read if number and is_valid(number)]


def _divided(groups: Sequence[str], region: str) -> list[str]:
    """The groups as valid numbers that use up all of them, the longest first; empty where they do not."""
    if not groups or len(groups) > MOST_GROUPS:
        return []
    for end in range(len(groups), 0, -1):
        number = canonical(" ".join(groups[:end]), region=region)
        if number is None or not is_valid(number):
            continue
        if end == len(groups):
            return [number]
        if rest := _divided(groups[end:], region):
            return [number, *rest]
    return []
