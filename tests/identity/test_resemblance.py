"""Names alike: each kind by examples, and that the words looked for find every name that is called alike."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.identity.names import LONGEST_NAME, differ, folded, unlike
from leadline.identity.resemblance import blocks, compared, keys, likeness, shown, words

ALIKE = [
    ("José Álvarez", "Jose Alvarez", "same_name"),
    ("Byrne Aoife", "Aoife Byrne", "same_name"),
    ("BYRNE, Aoife", "aoife byrne", "same_name"),
    ("Seán O'Brien", "Sean OBrien", "same_name"),
    ("Dr. Ana Silva", "Ana Silva", "same_name"),
    ("Łukasz Nowak", "Lukasz Nowak", "same_name"),
    ("Γιώργος Παππάς", "Giorgos Pappas", "same_name"),
    ("Katherine Walsh", "Katherin Walsh", "similar_name"),
    ("Catherine Walsh", "Catehrine Walsh", "similar_name"),
    ("Алексей Иванов", "Alexey Ivanov", "similar_name"),
    ("Philip Kelly", "Filip Kelly", "similar_name"),
    ("Jürgen Müller", "Juergen Mueller", "similar_name"),
    ("Ana Maria Silva", "Ana Silva", "middle_name"),
    ("Silva, Ana Maria", "Ana Silva", "middle_name"),
    ("Bob Kelly", "Robert Kelly", "nickname"),
    ("Kelly, Bill", "William Kelly", "nickname"),
    ("Paco Ruiz", "Francisco Ruiz", "nickname"),
    ("Sasha Orlova", "Александра Орлова", "nickname"),
    ("Kasia Nowak", "Katarzyna Nowak", "nickname"),
    ("A. Murphy", "Aoife Murphy", "initial"),
    ("Murphy A", "Aoife Murphy", "initial"),
]
OTHERS = [
    ("Ana Silva", "Carla Silva"),
    ("Maria Silva", "Mario Silva"),
    ("Martin Kelly", "Martina Kelly"),
    ("A. M.", "Aoife Murphy"),
    ("A. Murphy", "Bea Murphy"),
    ("Ana", "Ana Silva"),
    ("Ana", "Anna"),
    ("Lee Wong", "Li Wang"),
    ("", "Ana"),
    ("🌸", "🌸"),
    ("+353861234567", "+353861234567"),
]


@pytest.mark.parametrize(("one", "other", "kind"), ALIKE)
def test_names_alike_both_ways_round(one: str, other: str, kind: str) -> None:
    assert likeness(one, other) == likeness(other, one) == kind


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_names_that_are_not_alike(one: str, other: str) -> None:
    assert likeness(one, other) == likeness(other, one) == ""


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("Jim M.", "James Murphy", "part_of_name"),
        ("Liz O", "Elizabeth O'Sullivan", "part_of_name"),
        ("Aofe Smith", "Aoife Smith", "near_name"),
        ("Mary Bell", "Mary Beall", "near_name"),
        ("Jo Kelly", "Bo Kelly", "relatives"),
        ("Jim B.", "James Murphy", "other_name"),
        ("Bridie O'Sullivan", "Liam O'Sullivan", "relatives"),
        ("Patrick Kelly Jr", "Patrick Kelly", "part_of_name"),
        ("Patrick Kelly Jr", "Patrick Kelly III", "other_generation"),
        ("Patrick Kelly Jr.", "Patrick Kelly Sr.", "other_generation"),
        ("Patrick Kelly II", "Patrick Kelly Snr", "other_generation"),
        ("Pat Kelly Jr", "Patrick Kelly Senior", "other_generation"),
        ("Patrick Kelly Jr", "Patrick J. Kelly III", "other_generation"),
        ("João Silva Filho", "João Silva Neto", "other_generation"),
        ("Patrick Kelly Jr", "Patrick Kelly Junior", "same_name"),
        ("Patrick Kelly II", "Patrick Kelly Jr.", "same_name"),
        ("Patrick Kelly", "Patrick Kelly Sr", "part_of_name"),
        ("Sr. Juan López", "Juan López", "same_name"),
        ("Patrick Kelly Jr", "Mary Kelly Sr", "relatives"),
        ("Junior Silva", "Junior", "part_of_name"),
        ("محمد علي", "Mohammed Ali", "part_of_name"),
        ("محمد علي", "Mahmoud Ali", "part_of_name"),
        ("محمد علي", "Ahmed Ali", "other_name"),
        ("Ivo Krk", "Iva Krk", "near_name"),
    ],
)
def test_what_names_say_that_are_not_alike(one: str, other: str, kind: str) -> None:
    assert compared(one, other) == compared(other, one) == kind


UNDIVIDED = tomllib.loads((Path(__file__).parent / "east_asian.toml").read_text("utf-8"))


@pytest.mark.parametrize("spellings", UNDIVIDED["one_person"], ids=lambda row: str(row[0]))
def test_a_name_that_no_space_divides_is_one_name_however_it_is_written(spellings: list[str]) -> None:
    assert len({words(each) for each in spellings}) == 1
    for one, other in combinations(spellings, 2):
        assert compared(one, other) == likeness(one, other) == "same_name", (one, other)
        assert not differ(one, other), (one, other)
        assert not unlike(one, other), (one, other)


@pytest.mark.parametrize(("one", "other", "kind"), UNDIVIDED["others"])
def test_what_names_say_that_no_space_divides(one: str, other: str, kind: str) -> None:
    assert compared(one, other) == compared(other, one) == kind


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("李小龍", "Li Xiaolong"),
        ("남궁민", "Namgung Min"),
        ("田中太郎 (Tokyo)", "Tianzhong Tailang Tokyo"),
        ("李", "Li"),
        ("Ana María Silva", "Ana Maria Silva"),
        ("", ""),
    ],
)
def test_a_name_is_shown_without_its_syllables(name: str, read: str) -> None:
    assert shown(name) == shown(" ".join(words(name))) == read


@given(st.text(alphabet="李小龍김민수たナ々・様 씨ＡaÄ", max_size=20))
def test_a_name_read_again_from_its_words_stays_as_it_is(name: str) -> None:
    assert words(" ".join(words(name))) == words(name)


def test_the_table_of_short_forms_holds_plain_words_once() -> None:
    tables = tomllib.loads(files("leadline.identity").joinpath("short_names.toml").read_text("utf-8"))
    for language, table in tables.items():
        for name, forms in table.items():
            assert [*map(words, (name, *forms))] == [(each,) for each in (name, *forms)], (language, name)
            assert len({name, *forms}) == 1 + len(forms), (language, name)


@pytest.mark.parametrize(("one", "other", "kind"), ALIKE)
def test_the_words_looked_for_find_every_name_alike(one: str, other: str, kind: str) -> None:
    for name, found in ((one, other), (other, one)):
        assert any(all(_has(found, word) for word in pair) for pair in blocks(name)), (name, found)


def _has(name: str, word: str) -> bool:
    return any(each.startswith(word[:-1]) if word.endswith("*") else each == word for each in keys(name))


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_the_same_both_ways_for_any_text(one: str, other: str) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert all(word.isascii() and word.isalpha() for word in words(one))


def test_what_is_behind_the_first_thousand_letters_is_no_part_of_a_name() -> None:
    name = "Ann " * (LONGEST_NAME // 4)
    assert len(name) == 1000
    assert words(f"  {name}Byrne") == words(name)
    assert folded(f"  {name}Byrne") == folded(name)
    assert words(f"{name[:-8]}Byrne")[-1] == "byrne"
