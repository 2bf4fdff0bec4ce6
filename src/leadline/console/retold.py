"""Sentences of other wings in the reader's language: why a message was parked, what a check found, what a merge does.

They are written and kept in English, so that the command line, logs and notes in Intercom show the same. The catalogues
know their templates (`deploy/sentences.py` reads them from the code); the one that a sentence was made from tells what
is fact in it. Facts stay as they are, and so does a sentence that no template fits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from leadline.console.language import ENGLISH, Borrowed, _, borrowed, language, numeral, plural, signed

LONGEST = 4000  # characters: what is longer is somebody's text, not a sentence
TOGETHER = 8  # sentences that one template may be
DEEPEST = 4  # facts within facts
SURE = 3  # letters that a template must have of its own for anything to be believed made from it
_NAME = re.compile(r"{(\w+)}")
_NEXT = re.compile(r"(?:(?<=[.!?…])| ?;) ")
_COUNT = re.compile(r"\d[\d,]*")
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+")
_POINTS = re.compile(r"(.+?)(?: ([+−]\d+\.\d))?")
_ENDS = (".", ":")


_ROLE = re.compile(r"(.+ \()(user|lead)\)")


class Template(NamedTuple):
    """A sentence with names in braces. words: both forms, where it has a number. literals: what stands between."""

    words: Borrowed
    literals: tuple[str, ...]
    names: tuple[str, ...]
    letters: int

    def may_be(self, text: str) -> bool:
        """Whether all that the template has of its own is somewhere in the text."""
        return all(each in text for each in self.literals)


class Match(NamedTuple):
    """What a piece of a text is in the reader's language, and how many letters of it were known.

    whole: sentences that were known, less those that were not.
    """

    words: str
    letters: int
    whole: int = 0

    @property
    def rank(self) -> tuple[int, int]:
        """The more is known the better; of two ways the one that tears no sentence apart."""
        return self.letters, self.whole


class Book(NamedTuple):
    """What one language knows. plain: sentences without facts; templates: the longest first.

    depth: how deep within facts of facts it is used.
    """

    plain: dict[str, str]
    templates: tuple[Template, ...]
    depth: int = 0

    def known(self, text: str) -> str:
        """A sentence without facts; empty where it is none. At the beginning of a text it may have a capital letter."""
        return self.plain.get(text) or self.plain.get(text.lower(), "")


def named(name: str) -> str:
    """A name, and its role behind it where that tells two contacts of one name apart."""
    found = _ROLE.fullmatch(name)
    return f"{found[1]}{_(found[2])})" if found else name


def retold(text: str) -> str:
    """A sentence, or several, that other wings composed."""
    return text if language() == ENGLISH or len(text) > LONGEST else _retold(language(), text)


@lru_cache(maxsize=4096)
def _retold(code: str, text: str) -> str:
    return _told(_book(code), text).words


@lru_cache
def _book(code: str) -> Book:
    plain: dict[str, str] = {}
    templates = []
    for words in borrowed(code):
        forms = dict.fromkeys((words.one, words.many or words.one))
        if not _NAME.search(words.one):
            plain[words.one] = words.told
            plain.setdefault(words.one.lower(), words.told)
        templates += [_template(words, form) for form in forms if _NAME.search(form)]
    return Book(plain, tuple(sorted(templates, key=lambda one: -one.letters)))


def _template(words: Borrowed, form: str) -> Template:
    parts = _NAME.split(form)
    letters = sum(char.isalpha() for part in parts[::2] for char in part)
    return Template(words, tuple(parts[::2]), tuple(parts[1::2]), letters)


def _told(book: Book, text: str) -> Match:
    """The way to cut a text into sentences by which most of it is known."""
    near = book._replace(templates=tuple(one for one in book.templates if one.letters >= SURE and one.may_be(text)))
    cuts = [(0, 0), *(found.span() for found in _NEXT.finditer(text)), (len(text), len(text))]
    best: dict[int, Match] = {len(cuts) - 1: Match("", 0)}
    for first in reversed(range(len(cuts) - 1)):
        ways = (
            _joined(_sentence(near, text[cuts[first][1] : cuts[last][0]]), text[slice(*cuts[last])], best[last])
            for last in range(first + 1, min(len(cuts), first + 1 + TOGETHER))
        )
        best[first] = max(ways, key=lambda way: way.rank)
    return best[0]


def _joined(one: Match, between: str, rest: Match) -> Match:
    whole = rest.whole + (1 if one.letters else -1)
    return Match(f"{one.words}{between}{rest.words}", one.letters + rest.letters, whole)


def _sentence(book: Book, text: str) -> Match:
    """One sentence. Its full stop may be the template's own, or have been put behind it."""
    ways = [_phrase(book, text)]
    if text.endswith(_ENDS):
        body = _phrase(book, text[:-1])
        ways.insert(0, Match(body.words + text[-1], body.letters))
    return max(ways, key=lambda way: way.letters)


def _phrase(book: Book, text: str) -> Match:
    """As a whole; else a few words, a colon and what they are about; else things with commas between them."""
    if known := book.known(text):
        return Match(_as_begun(known, text), len(text))
    found = [_filled(book, one, facts) for one in book.templates if (facts := _facts(one, text)) is not None]
    ways = (*found, _headed(book, text), _listed(book, text), Match(text, 0))
    return max((way for way in ways if way), key=lambda way: way.letters)


def _headed(book: Book, text: str) -> Match | None:
    head, _colon, rest = text.partition(": ")
    known = book.known(head)
    if not known or not rest:
        return None
    about = _fact(book, rest)
    return Match(f"{_as_begun(known, head)}: {about.words}", len(head) + about.letters)


def _listed(book: Book, text: str) -> Match | None:
    """Things of which each is known; each may be followed by its points, as reasons of duplicates are."""
    items = [_POINTS.fullmatch(item) for item in text.split(", ")]
    if len(items) == 1 and not (items[0] and items[0][2]):
        return None
    told = [_pointed(_fact(book, item[1]), item[2] or "") for item in items if item]
    if len(told) < len(items) or not all(each.letters for each in told):
        return None
    return Match(", ".join(each.words for each in told), sum(each.letters for each in told))


def _pointed(what: Match, points: str) -> Match:
    return Match(f"{what.words} {signed(float(points.replace('−', '-')))}", what.letters) if points else what


def _as_begun(told: str, words: str) -> str:
    """With a capital letter where the text had one."""
    return told[:1].upper() + told[1:] if words[:1].isupper() else told


def _facts(one: Template, text: str) -> list[str] | None:
    """What stands in place of the names, each as short as it can be; None where the text is not of this template."""
    first, *between, last = one.literals
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return None
    at, end, found = len(first), len(text) - len(last), []
    for literal in between:
        place = text.find(literal, at, end) if literal else end
        if place < 0:
            return None
        found.append(text[at:place])
        at = place + len(literal)
    found.append(text[at:end])
    return found if not one.words.many or _COUNT.fullmatch(found[one.names.index("count")]) else None


def _filled(book: Book, one: Template, facts: Sequence[str]) -> Match:
    quoted = [literal.endswith("“") for literal in one.literals]
    told = [Match(fact, 0) if as_it_is else _fact(book, fact) for fact, as_it_is in zip(facts, quoted, strict=False)]
    values = {name: fact.words for name, fact in zip(one.names, told, strict=True)}
    if one.words.many:
        count = int(facts[one.names.index("count")].replace(",", ""))
        words = plural(one.words.one, one.words.many, count, **{key: values[key] for key in values if key != "count"})
    else:
        words = one.words.told.format(**values)
    return Match(words, one.letters + sum(fact.letters for fact in told))


def _fact(book: Book, text: str) -> Match:
    """A fact may be a sentence, or a few words of one, itself; a name or a number is none."""
    words = text.strip()
    if _GROUPED.fullmatch(words):
        return Match(numeral(int(words.replace(",", ""))), 0)
    if _ROLE.fullmatch(words):
        return Match(text.replace(words, named(words)), 0)
    if book.depth == DEEPEST or (" " not in words and not book.known(words)):
        return Match(text, 0)
    told = _told(book._replace(depth=book.depth + 1), words)
    return Match(text.replace(words, told.words), told.letters)
