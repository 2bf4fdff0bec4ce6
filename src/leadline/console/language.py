"""The language of whoever reads: every text that the console shows goes through `_`, `plural` or `translated`.

English stands in the code. Each other language has a catalogue below `locale/`, which `make words` keeps complete.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from leadline.console import formats

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {
    ENGLISH: "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "pt": "Português",
    "ar": "العربية",
}
"""Each by its own name, so that people find theirs."""
RIGHT_TO_LEFT = frozenset({"ar"})
OTHERS = ("../", "oidc/")
"""Where texts come from that other wings say: their own files, and what the doctor says of providers of sign-in."""
# Of the task, not of the process: pages of several people are drawn side by side, and tasks pass it on.
_language: ContextVar[str] = ContextVar("language", default=ENGLISH)
# Possessive, so that no header of a stranger takes long.
_WISH = re.compile(r"([A-Za-z]{2,8})(?:-[\w-]*+)?(?:\s*+;\s*+q=([01](?:\.\d{0,3})?))?", re.ASCII)


class Borrowed(NamedTuple):
    """A text of another wing. many: its second form, where it has a number; told: the translation of the first."""

    one: str
    many: str
    told: str


def _(words: str, /, **values: object) -> str:
    """A text in the reader's language. values: what its names in braces stand for."""
    told = _catalogue(_language.get()).gettext(words) if words else ""  # a catalogue's header stands under no words
    return told.format(**values) if values else told


def plural(one: str, many: str, count: int, /, **values: object) -> str:
    """The form that fits the number, which `{count}` stands for; languages have up to six."""
    told = _catalogue(_language.get()).ngettext(one, many, count)
    return told.format(count=formats.numeral(count, _language.get()), **values)


def marked(words: str) -> str:
    """The same text; it is only found for the catalogues here, and goes through `_` where it is shown."""
    return words


def forms(one: str, many: str) -> tuple[str, str]:
    """Both forms of a text with a number, for `plural`; they are only found for the catalogues here."""
    return one, many


def translated(table: Mapping[str, str]) -> dict[str, str]:
    """A table of codes and marked texts, its texts in the reader's language."""
    return {code: _(words) for code, words in table.items()}


def numeral(count: float) -> str:
    """A number as the reader writes it: "1,200.5" in English, "1.200,5" in German."""
    return formats.numeral(count, _language.get())


def signed(number: float) -> str:
    """A number with one digit behind the comma and its sign: "+8.5" in English, "−2,0" in German."""
    return formats.signed(number, _language.get())


def weekdays() -> tuple[tuple[str, str], ...]:
    """The days from Monday on: the whole name, and its short form."""
    return formats.weekdays(_language.get())


def language() -> str:
    """The one that is spoken now."""
    return _language.get()


def speak(code: str) -> None:
    """From now on, in this task and those it begins."""
    _language.set(code)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Within this block."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


def direction(code: str) -> str:
    """Of writing, as HTML names it."""
    return "rtl" if code in RIGHT_TO_LEFT else "ltr"


def chosen(own: str, accepted: str) -> str:
    """Somebody's own choice, else the first of their browser's (the header Accept-Language) there is; else English."""
    if own in LANGUAGES:
        return own
    wishes = [found for wish in accepted.split(",")[:20] if (found := _WISH.fullmatch(wish.strip()))]
    wanted = sorted(wishes, key=lambda found: -float(found[2] or 1))
    known = (found[1].lower() for found in wanted if float(found[2] or 1) > 0)
    return next((code for code in known if code in LANGUAGES), ENGLISH)


def learn() -> None:
    """Read every catalogue now, so that nobody's page and no webhook waits for it; takes tenths of a second."""
    for code in LANGUAGES:
        _catalogue(code)


def borrowed(code: str) -> list[Borrowed]:
    """What other wings say, as far as this language knows it; `retold.py` finds their sentences by it."""
    known = _catalogue(code)
    texts = (_forms(each.id) for each in _source(code) if each.id and _is_borrowed(each.locations))
    found = [Borrowed(one, many, known.ngettext(one, many, 1) if many else known.gettext(one)) for one, many in texts]
    return [each for each in found if each.told != each.one]


def _is_borrowed(locations: Iterable[tuple[str, object]]) -> bool:
    return any(place.startswith(OTHERS) for place, _line in locations)


def _forms(words: str | Sequence[str]) -> tuple[str, str]:
    return (words, "") if isinstance(words, str) else (words[0], words[1])


@lru_cache
def _catalogue(code: str) -> gettext.NullTranslations:
    """Compiled from its source here: what is installed and what is developed are the same."""
    if code == ENGLISH:
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo  # only a console that speaks another language needs Babel

    compiled = io.BytesIO()
    write_mo(compiled, _source(code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@lru_cache
def _source(code: str) -> Catalog:
    from babel.messages.pofile import read_po

    source = files("leadline.console") / "locale" / code / "LC_MESSAGES" / "leadline.po"
    with source.open("rb") as written:
        return read_po(written, locale=code)
