"""Keys: a contact is found by every way of writing its line, and by nothing that is only like it. Pure."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.directory.keys import (
    Filing,
    Kind,
    bare_digits,
    entry,
    filed,
    hashed,
    of_account,
    of_bare,
    of_birth_year,
    of_email,
    of_external_id,
    of_line,
    sought,
)
from leadline.directory.records import record
from leadline.identity import phone_fields, resemblance, variants
from leadline.intercom.contacts import Contact
from leadline.model import Role
from tests.identity.examples import EXAMPLES

SPELLINGS = tomllib.loads((Path(__file__).parent / "spellings.toml").read_text("utf-8"))
FILING = Filing(phones=("whatsapp_number", "alt"), birthdays=("born", "birthday"), accounts=frozenset({"telegram_id"}))


def contact(phone: str = "", **fields: object) -> Contact:
    attributes = fields.pop("attributes", {})
    return Contact(contact_id="c", role=Role.USER, phone=phone, raw={"custom_attributes": attributes}, **fields)  # type: ignore[arg-type]


def found(one: Contact, number: str, *, region: str = "", whatsapp: bool = False) -> bool:
    return not set(entry(one, FILING).keys).isdisjoint(of_line(number, region=region, whatsapp=whatsapp))


@pytest.mark.parametrize(
    ("phone", "region", "number", "whatsapp"),
    [
        ("(+353) 86998 4708", "", "+353869984708", False),
        ("0984 4224808", "GB", "+449844224808", False),
        ("077-6109-0359", "GB", "+447761090359", False),
        ("086 998 4003", "IE", "+353869984003", False),
        ("869984003", "IE", "+353869984003", False),
        ("34611936811.0", "", "+34611936811", False),
        ("+353 86 998 4709 / +353 1 555 0100", "", "+35315550100", False),
        ("011 15 6677-3301", "AR", "+5491166773301", False),
        ("+54 11 6677 3301", "", "+5491166773301", False),
        ("+54 9 11 6677 3301", "", "+541166773301", True),
        ("+551170123456", "", "+5511970123456", True),
        ("241 07 12 34 56", "", "+24177123456", False),
        ("5215512345678", "", "+525512345678", False),
    ],
)
def test_a_line_is_found_in_any_spelling(phone: str, region: str, number: str, whatsapp: bool) -> None:
    assert found(contact(phone), number, region=region, whatsapp=whatsapp)


@pytest.mark.parametrize(("phone", "region", "number"), SPELLINGS["found"])
def test_a_line_is_found_in_the_spellings_of_the_world(phone: str, region: str, number: str) -> None:
    assert variants.same_line(phone, number, region=region, whatsapp=True)
    assert found(contact(phone), number, region=region, whatsapp=True)


@pytest.mark.parametrize(("phone", "region", "number"), SPELLINGS["nobody"])
def test_what_only_looks_like_a_line_finds_nobody(phone: str, region: str, number: str) -> None:
    assert not found(contact(phone), number, region=region, whatsapp=True)


@pytest.mark.parametrize(
    ("phone", "region", "number"),
    [
        ("086 998 4003", "", "+353869984003"),
        ("086 998 4003", "GB", "+353869984003"),
        ("+353 86 998 4004", "IE", "+353869984003"),
        ("86 998 4003", "IE", "+353869984004"),
    ],
)
def test_likeness_finds_nobody(phone: str, region: str, number: str) -> None:
    assert not found(contact(phone), number, region=region)


@given(st.sampled_from(sorted(EXAMPLES)))
def test_every_number_of_the_world_is_found_as_it_is_written(number: str) -> None:
    for text in (number, number[1:], f"00{number[1:]}", f"tel:{number}"):
        assert phone_fields.read(text) != (number,) or found(contact(text), number)


def test_phones_in_chosen_attributes_and_ids_on_channels_are_keys() -> None:
    attributes = {"alt": "+34 611 936 811", "other": "+34 611 936 812", "telegram_id": "9/77", "x": None}
    keys = entry(contact("+353869984708", external_id="crm-7", attributes=attributes), FILING).keys
    assert {353869984708, 34611936811, of_account("telegram_id", "9/77"), of_external_id("crm-7")} == set(keys)


def test_e_mails_of_one_mailbox_share_a_key_and_keep_what_tells_them_apart() -> None:
    one = entry(contact(email="Ana+shop@Example.com"), FILING)
    assert of_email("ana@example.com") in one.keys
    assert one.email == "ana+shop@example.com"
    assert of_email("nobody") is None


@given(st.text(alphabet="0123456789", min_size=6, max_size=17))
def test_a_number_without_a_code_can_be_read_back(digits: str) -> None:
    key = of_bare(digits)
    assert -(2**63) <= key < 0
    assert bare_digits(key) == digits


@given(st.text(), st.sampled_from(Kind))
def test_hashed_keys_are_negative_and_say_their_kind(text: str, kind: Kind) -> None:
    key = hashed(kind, text)
    assert -(2**63) <= key < 0
    assert -key & 7 == kind
    assert kind is Kind.BARE or not bare_digits(key)


def test_names_are_filed_with_their_sounds() -> None:
    assert filed("Philip Kelly") == "philip kelly/filip keli filip.k keli.f"
    assert filed("Ana Silva") == "ana silva/ana.s silva.a"
    assert filed("A. Murphy") == "a murphy/murfi murfi.a", "a letter is looked for beside no initial"
    assert filed("Ana") == "ana"
    assert filed("🌸") == ""
    long = filed("pabcdefghijklmno qabcdefghijklmno rabcdefghijklmno sabcdefghijklmno tabcdefghijklmno")
    assert len(long) <= 240
    assert {key[-2] for key in long.partition("/")[2].split() if "." in key} == {"."}, "no key is cut in the middle"


def test_a_search_for_words_quotes_whatever_a_workspace_is_called() -> None:
    assert sought("w'1", [("ana", "si*"), ("b*",)]) == "('w''1/ana' & 'w''1/si':*) | ('w''1/b':*)"
    assert sought("w", [("ana", "s*"), ("a*", "s*")]) == "('w/ana.s') | ('w/a':* & 'w/s':*)"
    assert sought("w", [("kelly", "c*")]) == "('w/keli.c') | ('w/keli.k')"


NAMES = st.lists(
    st.sampled_from(["Aoife", "Philip", "Filip", "Byrne", "Birne", "A", "K.", "Xavier", "Kelly", "Jo", "Cian", "Kian"]),
    min_size=2, max_size=4,
).map(" ".join)  # fmt: skip


@given(NAMES, NAMES)
def test_every_name_that_is_alike_is_found_by_a_key(one: str, other: str) -> None:
    """What `alike` asks of the index finds whatever `likeness` accepts."""
    if resemblance.likeness(one, other):
        words, _, more = filed(other).partition("/")
        known = {*words.split(), *more.split()}
        asked = [
            [word[3:-1] for word in each.strip("()").split(" & ")]
            for each in sought("w", resemblance.blocks(one)).split(" | ")
        ]
        assert any(all(word in known for word in each) for each in asked), (one, other)


def test_the_year_of_birth_is_kept_and_nobody_is_looked_for_by_it() -> None:
    made = entry(contact(name="Ana", attributes={"born": "", "birthday": "12 May 1961"}), FILING)
    assert [each for each in made.keys if each < 0 and -each & 7 == Kind.BIRTH_YEAR] == [of_birth_year(1961)]
    assert record(made, "").birth_year == 1961
    assert not made.phoned
    assert made.lines == ()
    assert record(entry(contact(name="Ana", attributes={"birthday": "soon"}), FILING), "").birth_year == 0
