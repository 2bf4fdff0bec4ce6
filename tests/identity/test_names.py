"""Names that may be one person's, however they are spelt, and names that are two people's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.identity.names import differ, unlike

SAME = [
    ("José Álvarez", "Jose Alvarez"),
    ("BYRNE, Aoife", "Aoife Byrne"),
    ("Jürgen Groß", "Juergen Gross"),
    ("Łukasz Żak", "Lukasz Zak"),
    ("Søren Ærø", "Soren Aero"),
    ("Işık", "ISIK"),
    ("Νίκος", "Nikos"),
    ("Алексей Иванов", "Alexey Ivanov"),
    ("Trần Văn An", "Tran Van An"),
    ("Mac Donald", "MacDonald"),
    ("anakelly", "Ana Kelly"),
    ("𝓐𝓷𝓪 𝓚𝓮𝓵𝓵𝔂", "Ana Kelly"),
    ("Ana Kelly 🌸", "Ana Kelly"),
    ("Ana S", "Ana Silva"),
]
OTHERS = [("Ana Kelly", "Ben Kelly"), ("Joel Kelly", "Joe Kelly"), ("王小明", "王大明"), ("Ana 🌸", "Ben 🌸")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_name_in_two_spellings(one: str, other: str) -> None:
    assert not unlike(one, other)
    assert not differ(one, other)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_two_names(one: str, other: str) -> None:
    assert unlike(one, other)


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_order_does_not_matter_and_a_name_is_like_itself(one: str, other: str) -> None:
    assert unlike(one, other) == unlike(other, one)
    assert differ(one, other) == differ(other, one)
    assert not unlike(one, one)
    assert unlike(one, other) or not differ(one, other), "who shares no word has words of their own"
