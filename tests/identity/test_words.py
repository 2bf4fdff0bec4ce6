"""What people read: phones in groups, addresses with their channel, right plurals, one full stop."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.identity.words import address, counted, ended, phone, user_id


@pytest.mark.parametrize(
    ("handle", "read"),
    [
        ("tel:+353869984708", "+353 86 998 4708"),
        ("+353869984708", "+353 86 998 4708"),
        ("tel:+14155550100", "+1 415-555-0100"),
        ("telegram:7001/77", "Telegram 77"),
        ("whatsapp:b1/US.1349", "WhatsApp US.1349"),
        ("sender:4/AMAZON", "sender AMAZON"),
        ("acme:9", "acme 9"),
        ("50123", "50123"),
        ("+999", "+999"),
    ],
)
def test_a_handle_is_read_as_an_address(handle: str, read: str) -> None:
    assert address(handle) == read


@pytest.mark.parametrize(
    ("external_id", "read"),
    [
        ("leadline:telegram:7001/77", "Telegram 77"),
        ("leadline#2:tel:+353869984708", "+353 86 998 4708"),
        ("cust-1001", "cust-1001"),
        ("leadline:promoted/65a0", "leadline:promoted/65a0"),
        ("", ""),
    ],
)
def test_the_user_id_of_a_lead_that_was_made_is_read_as_the_address_it_was_made_for(
    external_id: str, read: str
) -> None:
    assert user_id(external_id) == read


@given(st.text())
def test_any_text_can_be_an_address(text: str) -> None:
    assert isinstance(address(text), str)
    assert isinstance(phone(text), str)


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 senders"), (1, "1 sender"), (2, "2 senders"), (1200, "1,200 senders")],
)
def test_one_is_singular(count: int, words: str) -> None:
    assert counted(count, "sender") == words


def test_an_irregular_plural_is_given() -> None:
    assert (counted(1, "company", "companies"), counted(2, "company", "companies")) == ("1 company", "2 companies")


@pytest.mark.parametrize("end", [".", "!", "?", "…"])
def test_a_sentence_has_one_end(end: str) -> None:
    assert ended(f"This is Liam M{end}") == f"This is Liam M{end}"


@given(st.text(min_size=1))
def test_ending_a_sentence_twice_changes_nothing(text: str) -> None:
    assert ended(ended(text)) == ended(text)
