"""Names in Chinese, Japanese and Korean writing, with and without a space, whichever name comes first. Pure.

`names.py` and `resemblance.py` read names here. Where the family name ends is told by rule, not by meaning: 田中誠 is
cut in the wrong place, but in the same place whether it has a space or not, so that it meets itself.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from importlib.resources import files
from typing import NamedTuple

from anyascii import anyascii

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002fa1f"
_HANGUL = "\uac00-\ud7a3"
_KANA = "\u3041-\u3096\u30a1-\u30fa\u30fc"
_ANY = re.compile(f"[{_HAN}{_HANGUL}{_KANA}\u1100-\u11ff\u3131-\u318e\uf900-\ufaff\uff01-\uff9f]")
_RUN = re.compile(f"[{_HAN}{_HANGUL}{_KANA}]+")
_HAN_FIRST = re.compile(f"([{_HAN}]+)[{_KANA}]")
_ONLY_HANGUL = re.compile(f"[{_HANGUL}]+")
_SOME_KANA = re.compile(f"[{_KANA}]")
LONGEST, LONGEST_KANA = 6, 16
"""Letters above which a name is a firm's or a sentence."""
_TOLD = tomllib.loads(files("leadline.identity").joinpath("east_asian.toml").read_text("utf-8"))
COMPOUND = frozenset[str](_TOLD["compound"])
FAMILIES = frozenset[str](_TOLD["families"])
ATTACHED = tuple[str, ...](_TOLD["titles"])
ALONE = frozenset[str]([*ATTACHED, *_TOLD["titles_alone"]])


class Parts(NamedTuple):
    """A name taken apart. given, family: empty where none of it is in such writing. rest: what else stands there."""

    given: str
    family: str
    rest: str


def parts(name: str) -> Parts:
    """The name without its titles, full-width letters made plain."""
    if not _ANY.search(name):
        return Parts("", "", name)
    text = unicodedata.normalize("NFKC", name)
    rest = _RUN.sub(" ", text)
    runs = _untitled(_RUN.findall(text), beside=any(map(str.isalpha, rest)))
    whole = re.sub("(.)々", r"\1\1", "".join(reversed(runs) if _family_last(runs) else runs))
    if not whole or len(whole) > (LONGEST_KANA if _SOME_KANA.search(whole) else LONGEST):
        return Parts("", "", text if whole else rest)
    cut = _family(whole)
    return Parts(whole[cut:], whole[:cut], rest)


def spelt(name: str) -> str:
    """A name in such writing in Latin letters, as one word. What is written in several ways but read as one is one."""
    return re.sub("[^a-z]", "", anyascii(name).casefold())


def _untitled(runs: list[str], *, beside: bool) -> list[str]:
    """Without what the last of them ends in, as long as a name is left. beside: whether there are other letters."""
    if not runs:
        return runs
    *first, last = runs
    if last in ALONE and (first or beside):
        return first
    title = next((each for each in ATTACHED if last.endswith(each)), "")
    left = last.removesuffix(title)
    enough = len("".join(first) + left) >= (2 if len(title) == 1 else 1)
    return [*first, left] if title and left and enough else runs


def _family_last(runs: list[str]) -> bool:
    """Whether they stand as in the West: 小龍 李, 민수 김."""
    if len(runs) != 2:
        return False
    first, last = runs
    korean = bool(_ONLY_HANGUL.fullmatch(first)) and len(first) == 2  # no family but a compound one is so long
    begins_like_one = not korean and first[0] in FAMILIES
    return (last in FAMILIES or last in COMPOUND) and first[:2] not in COMPOUND and not begins_like_one


def _family(whole: str) -> int:
    """How many of its letters are the family name; all of a single one."""
    if whole[:2] in COMPOUND and len(whole) > 2:
        return 2
    if _ONLY_HANGUL.fullmatch(whole):
        return 1
    if _SOME_KANA.search(whole):
        han = _HAN_FIRST.match(whole)
        return len(han[1]) if han else max(1, len(whole) // 2)
    return 1 if len(whole) < 4 else 2
