"""What a customer may tap on: buttons where the channel has them, numbered lines everywhere else."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest

from leadline.channels import CHANNELS, channel
from leadline.channels.pieces import with_choices
from leadline.model import Inbound, Mark, Outbound, Quote
from leadline.sandbox.providers import SlackFake, TwilioWhatsAppFake

from .conftest import Town
from .wire import settings_of

SIZES = ("Small", "Large")
WITH_BUTTONS = {
    *("whatsapp_cloud", "whatsapp_360dialog", "vonage_whatsapp", "messagebird_whatsapp"),
    *("telegram", "messenger", "instagram", "line", "viber", "vk"),
    *("twilio_whatsapp", "bird", "slack", "http"),
}


def asked(key: str, text: str, choices: tuple[str, ...], to: str = "") -> tuple[Outbound, ...]:
    """The pieces of a question, as sending makes them."""
    adapter, settings = channel(key), settings_of(key)
    can = adapter.abilities(settings)
    whole = Outbound(id="0194a", to=to, text=text, choices=choices, at=time.time())
    return adapter.pieces(with_choices(whole, most=can.choices, length=can.choice_length), settings)


def test_these_channels_have_buttons() -> None:
    assert {key for key in CHANNELS if CHANNELS[key].capabilities.choices} == WITH_BUTTONS


@pytest.mark.parametrize("key", sorted(WITH_BUTTONS))
async def test_choices_reach_the_customer_as_buttons(town: Town, key: str) -> None:
    customer = type(town.providers.fakes[key]).customer(7)
    (piece,) = asked(key, "Which size?", SIZES, customer)
    sent = await town.calls.perform(channel(key).send(piece, town.settings(key)), fetch=town.teammates_file)
    assert sent.outcome == "accepted", sent
    (delivery,) = town.providers.phones.received()
    assert (delivery.text, delivery.choices) == ("Which size?", SIZES)


@pytest.mark.parametrize("key", sorted(set(CHANNELS) - WITH_BUTTONS))
def test_choices_are_numbered_lines_elsewhere(key: str) -> None:
    (piece,) = asked(key, "Which size?", SIZES, "+353861234567")
    assert piece.text == "Which size?\n1. Small\n2. Large"
    assert (piece.choices, piece.numbered) == (SIZES, True)


@pytest.mark.parametrize(
    ("choices", "numbered"), [(("😀" * 10, "y"), False), (("😀" * 11, "y"), True), (("Small\nor so", "y"), False)]
)
def test_a_choice_is_one_line_and_as_long_as_providers_count(choices: tuple[str, ...], numbered: bool) -> None:
    made = with_choices(Outbound(id="0194a", to="", text="Which?", choices=choices), most=3, length=20)
    assert made.numbered is numbered
    assert len(made.choices) == 2
    assert not any("\n" in choice for choice in made.choices)


@pytest.mark.parametrize("key", sorted(WITH_BUTTONS))
@pytest.mark.parametrize("choices", [tuple(f"Size {number}" for number in range(40)), ("x" * 170, "y")])
def test_more_or_longer_choices_than_a_channel_takes_are_numbered_lines(key: str, choices: tuple[str, ...]) -> None:
    pieces = asked(key, "Which size?", choices)
    lines = "\n".join(piece.text for piece in pieces).splitlines()
    assert lines == ["Which size?", *(f"{number}. {choice}" for number, choice in enumerate(choices, 1))]


@pytest.mark.parametrize("key", sorted(WITH_BUTTONS))
def test_a_long_question_has_its_choices_at_the_end(key: str) -> None:
    pieces = asked(key, "word " * 5000, SIZES)
    assert len(pieces) > 1
    assert [piece.choices for piece in pieces] == [()] * (len(pieces) - 1) + [SIZES]


@pytest.mark.parametrize("key", ["whatsapp_cloud", "twilio_whatsapp", "bird"])
async def test_a_list_where_whatsapp_has_no_buttons_for_so_many(town: Town, key: str) -> None:
    days = tuple(f"Day number {number}" for number in range(1, 9))
    (piece,) = asked(key, "Which day?", days, type(town.providers.fakes[key]).customer(7))
    sent = await town.calls.perform(channel(key).send(piece, town.settings(key)))
    assert sent.outcome == "accepted"
    assert town.providers.phones.received()[0].choices == days


async def test_twilio_keeps_one_content_for_a_question_however_often_it_is_asked(town: Town) -> None:
    fake = town.providers.of(TwilioWhatsAppFake)
    before, customer = len(fake.contents), fake.customer(7)
    for number, choices in enumerate((SIZES, SIZES, (*SIZES, "Huge"))):
        (piece,) = asked("twilio_whatsapp", "Which size?\nPlease choose.", choices, customer)
        piece = msgspec.structs.replace(piece, id=f"0194b.{number}")
        sent = await town.calls.perform(channel("twilio_whatsapp").send(piece, town.settings("twilio_whatsapp")))
        assert sent.outcome == "accepted"
    assert len(fake.contents) == before + 2
    assert [one.choices for one in town.providers.phones.received()] == [SIZES, SIZES, (*SIZES, "Huge")]


def test_what_twilio_would_take_for_a_variable_goes_as_numbered_lines() -> None:
    (piece,) = asked("twilio_whatsapp", "Is it {{1}}?", SIZES, "whatsapp:+353861234567")
    assert (piece.text, piece.numbered) == ("Is it {{1}}?\n1. Small\n2. Large", True)


@pytest.mark.parametrize("key", ["slack", "http", "bird"])
def test_a_connection_without_buttons_gets_numbered_lines(key: str) -> None:
    changes: dict[str, dict[str, Any]] = {
        "slack": {"buttons": False},
        "http": {"understands": "quotes"},
        "bird": {"medium": "sms"},
    }
    assert channel(key).abilities(settings_of(key, **changes[key])).choices == 0


async def test_a_pressed_button_of_slack_comes_back_as_an_answer(town: Town) -> None:
    fake = town.providers.of(SlackFake)
    customer = fake.customer(7)
    (piece,) = asked("slack", "Which size?", SIZES, customer)
    await town.calls.perform(channel("slack").send(piece, town.settings("slack")))
    await fake.press(customer, "Large")
    (answer,) = town.believed("slack")
    assert isinstance(answer, Inbound)
    (question,) = town.providers.phones.received()
    assert (answer.text, answer.sender, answer.quote) == ("Large", customer, Quote(provider_id=question.message_id))


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("whatsapp_cloud", "*Sale* ends today"),
        ("whatsapp_360dialog", "*Sale* ends today"),
        ("vonage_whatsapp", "*Sale* ends today"),
        ("messagebird_whatsapp", "*Sale* ends today"),
        ("twilio_whatsapp", "*Sale* ends today"),
        ("bird", "*Sale* ends today"),
        ("telegram", "Sale ends today"),
        ("slack", "Sale ends today"),
        ("twilio_sms", "Sale ends today"),
        ("line", "Sale ends today"),
    ],
)
async def test_what_stands_out_goes_in_the_channels_own_way(town: Town, key: str, text: str) -> None:
    customer = type(town.providers.fakes[key]).customer(7)
    whole = Outbound(id="0194a", to=customer, text="Sale ends today", marks=(Mark(0, 4, "bold"),))
    (piece,) = channel(key).pieces(whole, town.settings(key))
    call = channel(key).build(piece, town.settings(key))
    sent = await town.calls.perform(channel(key).send(piece, town.settings(key)))
    assert sent.outcome == "accepted", sent
    assert town.providers.phones.received()[0].text == text
    assert (b'"bold"' in call.body) == (key in ("telegram", "slack"))


def test_two_times_three_stays_what_it_is() -> None:
    for key in ("whatsapp_cloud", "telegram", "twilio_sms", "slack"):
        whole = Outbound(id="0194a", to="353861234567", text="2*3*4 and *this*")
        (piece,) = channel(key).pieces(whole, settings_of(key))
        assert "2*3*4" in channel(key).build(piece, settings_of(key)).body.decode().replace("%2A", "*")
