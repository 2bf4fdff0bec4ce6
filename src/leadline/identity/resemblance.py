"""How alike two names are, and which words find the names alike. For suggestions, searches and duplicates. Pure.

Nicknames: the table of the package `nicknames` (Carlton Northern and others, Apache-2.0, 1.0.1 of March 2026), which is
English, and `short_names.toml` for other languages.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from itertools import combinations, permutations
from typing import Literal

from anyascii import anyascii
from nicknames import NickNamer

from leadline.identity import east_asian, generations
from leadline.identity.names import LONGEST_NAME
from leadline.identity.slips import one_slip_apart

Likeness = Literal["same_name", "similar_name", "middle_name", "nickname", "initial", ""]
Comparison = Literal[
    "same_name", "similar_name", "middle_name", "nickname", "initial", "part_of_name", "near_name", "half_name",
    "other_generation", "relatives", "other_name", "",
]  # fmt: skip
KINDS: tuple[Likeness, ...] = ("same_name", "similar_name", "middle_name", "nickname", "initial")
"""The strongest first; a nickname and an initial are weak."""
WEAK = {"nickname", "initial"}
MOST_WORDS = 5
LONGEST_WORD = 40
SHORTEST_SLIP = 3
"""Letters from which two words one slip apart may be one that was mistyped."""
TITLES = {"mr", "mrs", "ms", "miss", "dr", "prof", "sr", "sra", "srta", "dona", "herr", "frau", "mme", "mlle"}
_VOWEL, _SOFT = re.compile(r"[aeiou]"), re.compile(r"[aeiouwy]")
_SAME_FIRST = ("ckq", "ijy", "vw", "fp")
_SOUNDS = (
    (r"x", "ks"),
    (r"([aou])e", r"\1"),
    (r"ph", "f"),
    (r"(?:ck|c(?![eiy])|q)", "k"),
    (r"[yj]", "i"),
    (r"w", "v"),
    (r"(.)\1+", r"\1"),
)


@lru_cache(maxsize=4096)  # who is compared with many is asked for as often
def words(name: str) -> tuple[str, ...]:
    """The words of a name in plain Latin letters, without case, accents and titles; in the order they were written.

    Of a name in Chinese, Japanese or Korean writing the given name comes first, and behind each of the two its
    syllables: none of them is a letter mistyped, so that 민수 and 민주 must not count as one slip apart.
    """
    given, family, rest = east_asian.parts(name.strip()[:LONGEST_NAME])
    joined = _joined(rest)
    found = re.findall(r"[a-z]+", joined.translate({ord(char): _latin(char) for char in set(joined)}).casefold())
    if found[1:] and found[-1] == "sr":
        found[-1] = "snr"  # in front it is a Spanish title
    kept = [word[:LONGEST_WORD] for word in found if word not in TITLES]
    spelt = [*_spelt(given, given), *_spelt(family, family if len(family) > 1 else "")]
    return (*spelt, *(kept or ([] if spelt else found)))


def _spelt(name: str, syllables: str) -> list[str]:
    """A name that no space divides, in Latin letters, and these syllables of it."""
    return [word[:LONGEST_WORD] for word in map(east_asian.spelt, (name, *syllables)) if word]


def shown(name: str) -> str:
    """The words of a name as people read them: without syllables, and then with the family name first."""
    found, read, spelt = [*words(name)], list[str](), False
    while found:
        word, end = found.pop(0), 1
        read.append(word)
        while end <= len(found) and word.startswith("".join(found[:end])) and "".join(found[:end]) != word:
            end += 1
        if "".join(found[:end]) == word:
            del found[:end]
            spelt = True
    return " ".join([*read[1:2], read[0], *read[2:]] if spelt else read).title()


def _latin(char: str) -> str:
    return anyascii(char) if char.isalpha() or unicodedata.category(char)[0] == "M" else " "


def _joined(name: str) -> str:
    """O'Brien is one word, however its apostrophe is written."""
    return re.sub(r"['’`´]", "", unicodedata.normalize("NFC", name))


def keys(name: str) -> tuple[str, ...]:
    """What a name is filed under: its words, and how they sound."""
    found = words(name)[:MOST_WORDS]
    return tuple(dict.fromkeys((*found, *map(_sound, found))))


def likeness(one: str, other: str) -> Likeness:
    """What makes two names one person's, the weakest of what was needed; empty where they are not alike.

    One word alone says too little to be anything but the same.
    """
    return _alike(words(one), words(other))


def compared(one: str, other: str) -> Comparison:
    """As `likeness`; where the names are not alike, what that says. Empty where one of them says nothing.

    part_of_name: all that the shorter says, the longer says too, if only by short forms, initials or consonants, or
    one of them is called the younger or the older. near_name: one word is one slip apart, and too short for that to be
    a mistake for sure. half_name: the same given name with another family name. other_generation: one name, of which
    one is called the younger and the other the older. relatives: the same family name with another given name.
    other_name: nothing in common.
    """
    left, right = words(one), words(other)
    if not left or not right:
        return ""
    older, younger = sorted(map(generations.generation, (left, right)))
    if older and younger:
        left, right = generations.without(left), generations.without(right)
    alike = _alike(left, right)
    if alike and 0 < older < younger:
        return "other_generation"
    if alike == "middle_name" and older != younger:
        return "part_of_name"
    return alike or _unlike(left, right)


def _unlike(left: tuple[str, ...], right: tuple[str, ...]) -> Comparison:
    shorter, longer = sorted((left, right), key=len)
    if set(shorter) <= set(longer) or "".join(shorter) == "".join(longer) or _hints(shorter, longer):
        return "part_of_name"
    if _stands_for(shorter, longer) or _same_consonants(left, right):
        return "part_of_name"
    if not set(left) & set(right):
        return "other_name"
    if _one_slip(left, right):
        return "near_name"
    return "half_name" if left[0] == right[0] else "relatives"


def _stands_for(shorter: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    """Whether every word of the shorter is a form of another word of the longer: Jim M for James Murphy."""
    if len(shorter) < 2 or len(longer) > MOST_WORDS:
        return False
    chosen = permutations(longer, len(shorter))
    return any(all(_word(one, other) for one, other in zip(shorter, each, strict=True)) for each in chosen)


def _same_consonants(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Whether one was written without vowels, as Arabic and Hebrew are, and may be the other: Muhammad, or Mahmoud."""
    if _VOWEL.search("".join(left)) and _VOWEL.search("".join(right)):
        return False
    one, other = [sorted(re.sub(r"(.)\1+", r"\1", _SOFT.sub("", word)) for word in each) for each in (left, right)]
    return one == other and len("".join(one)) > 2


def _one_slip(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Whether only one word differs, and that by one letter."""
    one, other = [[word for word in each if word not in rest] for each, rest in ((left, right), (right, left))]
    if len(one) != 1 or len(other) != 1 or min(len(one[0]), len(other[0])) < SHORTEST_SLIP:
        return False
    return one_slip_apart(one[0], other[0])


def _hints(shorter: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    """Whether the shorter is one name, a name with something behind it, or initials, of the longer."""
    if all(len(word) == 1 for word in shorter):
        return {*shorter} <= {word[0] for word in longer}
    [word, *more] = shorter
    forms = {form for each in longer for form in (each, *_nicknames(each)) if len(form) > 2}
    return not more and (word.startswith(tuple(forms)) or any(_word(word, each) for each in longer))


def _alike(left: tuple[str, ...], right: tuple[str, ...]) -> Likeness:
    shorter, longer = sorted((left, right), key=len)
    if not shorter:
        return ""
    if sorted(shorter) == sorted(longer):
        return "same_name"
    if len(shorter) < 2 or len(longer) > MOST_WORDS:
        return ""
    paired = (_paired(shorter, chosen) for chosen in permutations(longer, len(shorter)))
    best: Likeness = min((kind for kind in paired if kind), key=KINDS.index, default="")
    return "middle_name" if best in {"same_name", "similar_name"} and len(longer) > len(shorter) else best


def _paired(left: tuple[str, ...], right: tuple[str, ...]) -> Likeness:
    """The weakest link of these pairs; one of them may be weak, and one must be the very word."""
    kinds = [_word(one, other) for one, other in zip(left, right, strict=True)]
    if "" in kinds or sum(kind in WEAK for kind in kinds) > 1:
        return ""
    exact = any(one == other and len(one) > 2 for one, other in zip(left, right, strict=True))
    sounds = all(_sound(one) == _sound(other) for one, other in zip(left, right, strict=True))
    return max(kinds, key=KINDS.index) if exact or sounds else ""


def _word(one: str, other: str) -> Likeness:
    if one == other:
        return "same_name"
    if min(len(one), len(other)) == 1:
        return "initial" if one[0] == other[0] else ""
    if _sound(one) == _sound(other) or _mistyped(one, other):
        return "similar_name"
    short = {other, _sound(other)} & _nicknames(one) or {one, _sound(one)} & _nicknames(other)
    return "nickname" if short else ""


@lru_cache(maxsize=65_536)  # a workspace has many names and few words in them
def _sound(word: str) -> str:
    """A rough spelling by sound, so that transliterations of one name meet."""
    for pattern, sound in _SOUNDS:
        word = re.sub(pattern, sound, word)
    return word


def _mistyped(one: str, other: str) -> bool:
    """One slip in a word of five letters or more. Its first letter is seldom wrong, and the last vowel is often
    what tells a woman's name from a man's.
    """
    if min(len(one), len(other)) < 5 or one[0] != other[0]:
        return False
    gender = one.rstrip("aeio") == other.rstrip("aeio") and {one[-1], other[-1]} & {"a", "o"}
    return not gender and one_slip_apart(one, other)


@cache
def _english() -> NickNamer:
    return NickNamer()


@cache
def _short_names() -> dict[str, set[str]]:
    """The names of `short_names.toml`, short and long, with what people called so are also called."""
    tables = tomllib.loads(files("leadline.identity").joinpath("short_names.toml").read_text("utf-8"))
    found = defaultdict[str, set[str]](set)
    for name, forms in (row for language in tables.values() for row in language.items()):
        found[name].update(forms)
        for form in forms:
            found[form].add(name)
    return found


@cache
def _nicknames(word: str) -> frozenset[str]:
    """Names that people called so are also called, whichever of the two is the short one; and how those sound."""
    english = _english()
    names = english.nicknames_of(word) | english.canonicals_of(word) | _short_names().get(word, set())
    return frozenset(names | set(map(_sound, names)))


def blocks(name: str) -> tuple[tuple[str, str], ...]:
    """Pairs of words, of which every name that `likeness` calls alike has one pair among its keys.

    `a*` stands for any word that begins so.
    """
    found = words(name)[:MOST_WORDS]
    pairs = (pair for one, other in combinations(found, 2) for pair in _pairs(one, other))
    return tuple(dict.fromkeys(pairs))


def _pairs(one: str, other: str) -> Iterator[tuple[str, str]]:
    yield _sound(one), _sound(other)
    for exact, loose in ((one, other), (other, one)):
        if len(exact) > 2:
            starts = next((group for group in _SAME_FIRST if loose[0] in group), loose[0])
            yield from ((exact, f"{letter}*") for letter in starts)
            yield from ((exact, nickname) for nickname in sorted(_nicknames(loose)) if nickname[0] not in starts)
