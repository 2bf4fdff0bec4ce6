"""What Octopods left on a contact, as an import reads it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.intercom.contacts import Contact, read
from leadline.people.imports.octopods import MARK, likely, scheme_of
from leadline.people.imports.reading import Claim, Reader, Source, Way

BOT = Way(channel_id=3, name="Bot", scheme="telegram", scope="123456", ids=r"-?[1-9][0-9]{0,19}")
SHOP = Way(channel_id=4, name="Shop bot", scheme="telegram", scope="99", ids=r"-?[1-9][0-9]{0,19}")
LINE = Way(channel_id=5, name="LINE", scheme="line")
SMS = Way(channel_id=1, name="SMS", scheme="tel")
WHATSAPP = Way(channel_id=2, name="WhatsApp", scheme="tel")
WAYS = (SMS, WHATSAPP, BOT, LINE)
ID = "octopods_telegram_id"


def contact(attributes: dict[str, Any], phone: str = "") -> Contact:
    found = read({"id": "c1", "role": "lead", "phone": phone, "custom_attributes": attributes})
    assert found is not None
    return found


def claims(
    attributes: dict[str, Any], *sources: Source, phone: str = "", ways: tuple[Way, ...] = WAYS, region: str = ""
) -> list[Claim]:
    return [*Reader(sources, ways, mark=MARK, region=region).claims(contact(attributes, phone))]


def told(found: list[Claim]) -> list[tuple[str, str]]:
    return [(one.handle, one.outcome) for one in found]


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("WhatsApp", "tel"),
        ("twilio_whatsapp", "tel"),
        ("Twilio", "tel"),
        ("nexmo", "tel"),
        ("Africa's Talking", "tel"),
        ("Viber Business Messages", "tel"),
        ("Viber", "viber"),
        ("Facebook Messenger", "messenger"),
        ("Telegram", "telegram"),
        ("vkontakte", "vk"),
        ("whatsapp_cloud", "tel"),
        ("telegram", "telegram"),
        ("Twitter", ""),
        ("", ""),
    ],
)
def test_the_name_of_a_channel(name: str, scheme: str) -> None:
    assert scheme_of(name) == scheme


def test_attributes_that_octopods_made_are_found_by_their_words() -> None:
    known = [
        "octopods_channel",
        "Octopods Telegram Id",
        "octopods_fb_id",
        "telegram_id",
        "octopods_plan",
        "octopods_sms",
    ]
    assert likely(known) == ["Octopods Telegram Id", "octopods_fb_id"]


@pytest.mark.parametrize(
    ("given", "handle"),
    [
        ("77", "telegram:123456/77"),
        (" 77 ", "telegram:123456/77"),
        (77, "telegram:123456/77"),
        (77.0, "telegram:123456/77"),
    ],
)
def test_an_id_as_text_or_number(given: object, handle: str) -> None:
    assert told(claims({ID: given}, Source(attribute=ID, channel_id=3))) == [(handle, "")]


@pytest.mark.parametrize("given", ["@ann", "7 7", "077", "", 7.5, 2.0**60, True, ["77"], {"id": 77}, "7" * 300])
def test_what_is_no_id_is_told(given: object) -> None:
    found = claims({ID: given}, Source(attribute=ID, channel_id=3))
    assert told(found) == ([] if given == "" else [("", "unreadable")])
    assert all(len(one.value) <= 101 for one in found)


def test_the_mark_says_of_which_channel_an_id_is() -> None:
    source = Source(attribute="octopods_id")
    assert told(claims({"octopods_id": "77", MARK: "Telegram"}, source)) == [("telegram:123456/77", "")]
    assert told(claims({"octopods_id": "77", MARK: "WeChat"}, source)) == [("", "no_channel")]
    assert told(claims({"octopods_id": "77", MARK: "Telegram"}, source, ways=(BOT, SHOP))) == [("", "no_channel")]
    assert told(claims({"octopods_id": "+353861112223", MARK: "SMS"}, source))[0] == ("tel:+353861112223", "")


def test_an_account_that_only_a_message_tells_is_waited_for() -> None:
    line = "U" + "0" * 32
    assert told(claims({"line": line}, Source(attribute="line", channel_id=5))) == [("", "no_account")]


def test_phones_count_where_the_mark_names_a_channel_of_phones() -> None:
    assert told(claims({MARK: "WhatsApp"}, phone="+353 86 111 2223 / +353 86 111 2224")) == [
        ("tel:+353861112223", ""),
        ("tel:+353861112224", ""),
    ]
    assert told(claims({MARK: "twilio"}, phone="086 111 2223", region="IE")) == [("tel:+353861112223", "")]
    assert told(claims({MARK: "twilio"}, phone="ask reception")) == [("", "unreadable")]
    assert told(claims({MARK: "twilio"})) == [("", "no_id")]
    assert told(claims({MARK: "Telegram"}, phone="+353861112223")) == [("", "no_id")], "Octopods did not use the phone"
    assert told(claims({MARK: "Twitter"}, phone="+353861112223")) == [("", "no_channel")]
    assert claims({}, phone="+353861112223") == []


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(max_size=3), max_size=2)


@given(VALUES, VALUES, st.text(max_size=40), st.sampled_from([0, 1, 3, 5, 8]))
def test_no_contact_breaks_the_reading(mark: Any, value: Any, phone: str, channel_id: int) -> None:
    for one in claims({MARK: mark, ID: value}, Source(attribute=ID, channel_id=channel_id), phone=phone):
        assert bool(one.handle) is not bool(one.outcome)
        assert "\0" not in one.handle + one.value + one.channel, "no database keeps it"


def test_an_id_of_signs_that_nobody_sees_is_none() -> None:
    source = Source(attribute=ID, channel_id=LINE.channel_id)
    for unseen in ("\0", "U7\x007", "U7\u200b7"):
        assert told(claims({ID: unseen}, source, ways=(msgspec.structs.replace(LINE, scope="1"),))) == [
            ("", "unreadable")
        ]
