"""E-mail addresses: equal whatever their case; tags and dots only lead to the same mailbox."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.identity.emails import LONGEST, key, mailbox


@pytest.mark.parametrize(
    ("address", "as_key", "in_mailbox"),
    [
        ("Ana@Example.COM", "ana@example.com", "ana@example.com"),
        (" <ana@example.com> ", "ana@example.com", "ana@example.com"),
        ("mailto:ana@example.com", "ana@example.com", "ana@example.com"),
        ("ana+shop@example.com", "ana+shop@example.com", "ana@example.com"),
        ("a.na@gmail.com", "a.na@gmail.com", "ana@gmail.com"),
        ("A.N.A+x@GoogleMail.com", "a.n.a+x@googlemail.com", "ana@gmail.com"),
        ("a.na@example.com", "a.na@example.com", "a.na@example.com"),
        ("+353@example.com", "+353@example.com", "+353@example.com"),
        ("ana@example.com.", "ana@example.com", "ana@example.com"),
        ("ana", "", ""),
        ("ana@", "", ""),
        ("ana@host", "", ""),
        (f"{'a' * LONGEST}@example.com", "", ""),
        ("", "", ""),
    ],
)
def test_keys_and_mailboxes(address: str, as_key: str, in_mailbox: str) -> None:
    assert (key(address), mailbox(address)) == (as_key, in_mailbox)


@given(st.text(max_size=40))
def test_keys_and_mailboxes_do_not_change_again(address: str) -> None:
    assert key(key(address)) == key(address)
    assert mailbox(mailbox(address)) == mailbox(address)
