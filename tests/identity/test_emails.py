"""E-mail addresses: equal whatever their case; tags and dots only lead to the same mailbox."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.identity.emails import LONGEST, firm, key, mailbox, shared


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


@pytest.mark.parametrize(
    "address",
    [
        "info@acme.example",
        "Kontakt@acme.example",
        "no-reply@acme.example",
        "customer.service@acme.example",
        "ventas+es@acme.example",
        "do_not_reply@acme.example",
    ],
)
def test_a_mailbox_of_a_firm_is_nobodys(address: str) -> None:
    assert shared(key(address))


@pytest.mark.parametrize("address", ["ana@acme.example", "info.kelly@acme.example", "ana.sales@acme.example"])
def test_a_mailbox_of_a_person(address: str) -> None:
    assert not shared(key(address))


@pytest.mark.parametrize(
    ("address", "its"), [("ana@acme.example", "acme.example"), ("ana@comcast.net", ""), ("ana@seznam.cz", "")]
)
def test_the_firm_of_an_address(address: str, its: str) -> None:
    assert firm(address) == its
