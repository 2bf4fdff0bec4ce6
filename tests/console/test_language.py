"""The languages of the console: its texts are all in the catalogues, which are whole; whose language is spoken when."""

from __future__ import annotations

import asyncio
import re
import symtable
from collections.abc import Iterator
from copy import deepcopy
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from deploy import words
from leadline.console.language import ENGLISH, LANGUAGES, _, chosen, numeral, plural, speaking, weekdays
from tests.console.texts import unwrapped

OTHERS = [code for code in LANGUAGES if code != ENGLISH]
COMPLETE = ["de"]
NAMES = {
    *("Leadline", "Intercom", "Python", "English", "Deutsch", "{} · Leadline", "Europe/Dublin"),
    *("Google", "Microsoft", "Okta"),
}
"""The same in every language."""
NOT_READ = {
    "This needs the role admin\n": "an answer to an export without the right, for which no page shows a link",
    "Another page may not ask the console\n": "an answer to a foreign page's script",
    "An address of the console holds no NUL character\n": "an answer to a forged address, which no page links to",
    "Sign in to the console first\n": "an answer to a script; people are led to the form",
    "There is nothing here\n": "an answer outside of the console",
    "This address takes another method": "an answer to a script",
    "ops@example.com, https://…": "two addresses",
    "noopener noreferrer": "an attribute of links",
    "openid email": "what providers of sign-in are asked for",
    "Basic {}": "a header",
    "Bearer {}": "a header",
    "True": "how a provider of sign-in may write it",
    "userinfo of somebody else": "for the log: people are told in general",
    "the answer has no id_token": "for the log: people are told in general",
    "no usable sub": "for the log: people are told in general",
    "no key that can be used": "for the log: people are told in general",
    "example.com, example.org": "two domains",
    "https://shop.example.com/leadline": "an address",
    "public address": "a part of the doctor's findings, by which it is found",
    "from {}": "is hashed",
    "compared where there is no such person, so that both answers take as long": "is hashed",
}
"""Text → why nobody reads it, or reads it as it is."""
COMPREHENSIONS = ("listcomp", "genexpr", "dictcomp", "setcomp")
"""Names there are their own."""
_NAMED = re.compile(r"{\w+}")


def catalogue(code: str) -> Catalog:
    with words.place(code).open("rb") as written:
        return read_po(written, locale=code)


@cache
def collected() -> Catalog:
    return words.collected()


def texts_of(message: Message) -> list[str]:
    """Of a message's translation: one, or one for each form."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def test_every_text_that_people_read_is_in_the_catalogues() -> None:
    found = [each for each in unwrapped(words.CONSOLE) if each[2] not in NAMES | NOT_READ.keys()]
    assert found == []


def test_what_is_left_out_of_the_catalogues_is_still_there() -> None:
    assert NOT_READ.keys() <= {text for _file, _line, text in unwrapped(words.CONSOLE)}


def test_no_function_hides_the_one_that_translates() -> None:
    """A `_` that is unpacked into hides it in the whole function, and no type checker says so."""
    hidden = [
        f"{path.relative_to(words.CONSOLE)}: {scope.get_name()}"
        for path in words.CONSOLE.rglob("*.py")
        for scope in scopes(symtable.symtable(path.read_text("utf-8"), path.name, "exec"))
        if scope.get_type() == "function" and "_" in scope.get_identifiers() and scope.lookup("_").is_local()
    ]
    assert [each for each in hidden if not each.endswith(COMPREHENSIONS)] == []


def scopes(outer: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    """It, and all within."""
    yield outer
    for inner in outer.get_children():
        yield from scopes(inner)


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_holds_exactly_the_texts_of_the_code(code: str) -> None:
    written = words.as_written(words.updated(code, deepcopy(collected())))
    assert words.place(code).read_bytes() == written, "run: make words"


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_names_what_its_text_names_and_has_every_form(code: str) -> None:
    for message in filter(lambda each: each.id and words.is_translated(each), catalogue(code)):
        whole = message.id if isinstance(message.id, str) else message.id[1]
        assert {*map(named, texts_of(message))} == {named(whole)}, message.id
        assert len(texts_of(message)) == (1 if isinstance(message.id, str) else catalogue(code).num_plurals)


def named(text: str) -> frozenset[str]:
    return frozenset(_NAMED.findall(text))


@pytest.mark.parametrize("code", COMPLETE)
def test_a_complete_language_has_every_text(code: str) -> None:
    left = [each.id for each in catalogue(code) if each.id and (each.fuzzy or not words.is_translated(each))]
    assert left == []


@pytest.mark.parametrize(
    ("own", "accepted", "spoken"),
    [
        ("", "", "en"),
        ("", "de-AT,de;q=0.9,en;q=0.8", "de"),
        ("", "en;q=0.5, fr", "fr"),
        ("", "nl, pt-BR;q=0.3", "pt"),
        ("", "de;q=0, ar;q=0.1", "ar"),
        ("", "*", "en"),
        ("es", "de", "es"),
        ("tlh", "de", "de"),
        pytest.param("", "de" + " " * 60_000 + "x, fr", "fr", id="long and wrong"),
    ],
)
def test_ones_own_language_comes_before_the_browsers(own: str, accepted: str, spoken: str) -> None:
    assert chosen(own, accepted) == spoken


@given(st.text() | st.from_regex(r"([a-z]{2}(-[A-Z]{2})?(;q=[0-9.]{1,5})?,? ?)*"))
def test_whatever_a_browser_sends_some_language_is_spoken(accepted: str) -> None:
    assert chosen("", accepted) in LANGUAGES


async def test_tasks_beside_each_other_speak_each_its_own_language() -> None:
    both_speak = asyncio.Barrier(2)

    async def said(code: str) -> str:
        with speaking(code):
            await both_speak.wait()
            return await asyncio.create_task(later())

    async def later() -> str:
        return f"{_('Sign in')} {numeral(1234.5)}"

    assert [*await asyncio.gather(said("de"), said("en"))] == ["Anmelden 1.234,5", "Sign in 1,234.5"]
    assert await later() == "Sign in 1,234.5"


@pytest.mark.parametrize(("count", "told"), [(1, "1 Kontakt"), (2, "2 Kontakte"), (12345, "12.345 Kontakte")])
def test_numbers_and_forms_are_those_of_the_language(count: int, told: str) -> None:
    with speaking("de"):
        assert plural("{count} contact", "{count} contacts", count) == told
        assert weekdays()[0] == ("Montag", "Mo")


@pytest.mark.parametrize("code", OTHERS)
def test_what_is_not_translated_yet_is_told_in_english(code: str) -> None:
    with speaking(code):
        assert _("A text without a translation") == "A text without a translation"
        assert _("") == ""
        assert plural("{count} such text", "{count} such texts", 2) == "2 such texts"
