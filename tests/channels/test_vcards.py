"""What people see of a contact card."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.channels.vcards import facts, is_number


@pytest.mark.parametrize(
    ("card", "told"),
    [
        ("BEGIN:VCARD\r\nFN:Bo Lee\r\nORG:Acme;Sales\r\nEND:VCARD", ("Acme, Sales",)),
        ("TEL;TYPE=CELL:+353 86 1\nitem1.TEL:tel:+353861\nTEL:+353 86 1", ("+353 86 1", "+353861")),
        ("ADR;TYPE=WORK:;;1 High Street;Cork;;T12;Ireland", ("1 High Street Cork T12 Ireland",)),
        ("NOTE:one\\, two\\nthree\\; four", ("one, two three; four",)),
        ("ORG:Smith\\; Sons;Shop", ("Smith; Sons, Shop",)),
        ("NOTE:a long\n  line", ("a long line",)),
        ("EMAIL:a@example.com\nTITLE:Buyer", ("Buyer", "a@example.com")),
        ("PHOTO;ENCODING=b:AAAA\nVERSION:3.0\nno property", ()),
        ("", ()),
    ],
)
def test_facts(card: str, told: tuple[str, ...]) -> None:
    assert facts(card) == told


@given(st.text())
def test_any_text_can_be_read(card: str) -> None:
    assert all(fact.strip() for fact in facts(card))


def test_a_number_is_the_same_however_it_is_written() -> None:
    assert is_number("+353 86 123", "35386123")
    assert not is_number("+353 86 124", "35386123")
    assert not is_number("Acme", "")
