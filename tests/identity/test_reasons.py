"""Reasons: one sentence each, the same in the code and on the page, and shown to people as sentences."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from leadline.identity.names import differ, unlike
from leadline.identity.reasons import SENTENCES, TITLES, sentence, title, titles
from leadline.model import Reason

PAGE = Path(__file__).parents[2] / "docs/reference/reasons.md"
SOURCES = Path(__file__).parents[2] / "src/leadline/identity"


def test_the_page_lists_exactly_the_reasons_of_the_code() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| (.+?) \| (.+?)\. \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert rows == [(code, TITLES[code], text) for code, text in SENTENCES.items()]


def test_the_code_gives_no_reason_without_a_sentence() -> None:
    used = set()
    for name in ("case.py", "decide.py", "ties.py"):
        text = (SOURCES / name).read_text("utf-8")
        used |= set(re.findall(r'Reason\("([a-z_]+)"', text)) | set(re.findall(r'nobody\("([a-z_]+)"', text))
    assert used == set(SENTENCES)


@pytest.mark.parametrize("code", SENTENCES)
def test_codes_and_sentences_are_well_formed(code: str) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code)
    assert SENTENCES[code][0].isupper()
    assert not SENTENCES[code].endswith(".")
    assert len(set(SENTENCES.values())) == len(SENTENCES)


@pytest.mark.parametrize(
    ("reason", "end"),
    [
        (Reason("new_lead"), "so Leadline created a new lead."),
        (Reason("known_link", "tel:+353869984708, telegram:7001/77"), "contact: +353 86 998 4708, Telegram 77."),
        (Reason("exact_handle", "leadline#1:tel:+353869984708"), "for this sender: +353 86 998 4708."),
        (Reason("points_elsewhere", "6a1"), "a different contact: Liam M. (6a1)."),
        (Reason("points_elsewhere", "6a2"), "a different contact: contact 6a2."),
        (Reason("handle_conflict", "telegram:7/1 is 6a1"), "must decide: Telegram 1 belongs to Liam M. (6a1)."),
        (Reason("unconfirmed_link", "long_silence,name_differs"), "yet: long silence, different name."),
        (Reason("tie_prefer_user"), "Leadline preferred a user to a lead."),
    ],
)
def test_a_sentence_tells_its_detail_in_words(reason: Reason, end: str) -> None:
    said = sentence(reason, {"6a1": "Liam M."})
    assert said.endswith(end)
    assert not said.endswith("..")


def test_a_code_has_a_title_of_a_few_words() -> None:
    assert title("known_link") == "Known sender"
    assert titles("long_silence,name_differs") == "long silence, different name"
    assert set(TITLES) == set(SENTENCES)
    assert max(map(len, TITLES.values())) <= 40


def test_a_reason_of_a_newer_version_is_still_shown() -> None:
    assert sentence(Reason("from_the_future", "x")) == "from_the_future: x."


def test_relatives_are_unlike_and_short_forms_are_not() -> None:
    assert unlike("Maria Silva", "João Silva")
    assert unlike("Ana", "Ben")
    assert not unlike("Ana Silva", "ana")
    assert not unlike("José Luis Pérez", "Jose Perez")
    assert not unlike("", "Ana")


@pytest.mark.parametrize(
    ("one", "other", "different"),
    [
        ("Ana", "Ben", True),
        ("Ana Silva", "SILVA", False),
        ("José", "jose", False),
        ("Ana", "", False),
        ("", "", False),
        ("🌸", "Ana", False),
        ("A. Silva", "A. Santos", True),
        ("Łukasz", "łukasz K", False),
        ("山田太郎", "山田太郎", False),
        ("Анна", "АННА", False),
        ("J", "J", False),
    ],
)
def test_names_differ_only_when_both_say_something_else(one: str, other: str, different: bool) -> None:
    assert differ(one, other) is differ(other, one) is different
