"""What a customer may tap on: buttons where the channel has them, numbered lines everywhere else."""

from __future__ import annotations

import pytest

from leadline.channels import CHANNELS, channel
from leadline.channels.pieces import with_choices
from leadline.model import Mark, Outbound

from .conftest import Town
from .wire import settings_of

SIZES = ("Small", "Large")
WITH_BUTTONS = {
    *("whatsapp_cloud", "whatsapp_360dialog", "vonage_whatsapp", "messagebird_whatsapp"),
    *("telegram", "messenger", "instagram", "line", "viber", "vk"),
}


def asked(key: str, text: str, choices: tuple[str, ...], to: str = "") -> tuple[Outbound, ...]:
    """The pieces of a question, as sending makes them."""
    adapter, settings = channel(key), settings_of(key)
    can = adapter.abilities(settings)
    whole = Outbound(id="0194a", to=to, text=text, choices=choices)
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


@pytest.mark.parametrize("key", sorted(WITH_BUTTONS))
@pytest.mark.parametrize("choices", [tuple(f"Size {number}" for number in range(40)), ("x" * 70, "y")])
def test_more_or_longer_choices_than_a_channel_takes_are_numbered_lines(key: str, choices: tuple[str, ...]) -> None:
    pieces = asked(key, "Which size?", choices)
    lines = "\n".join(piece.text for piece in pieces).splitlines()
    assert lines == ["Which size?", *(f"{number}. {choice}" for number, choice in enumerate(choices, 1))]


@pytest.mark.parametrize("key", sorted(WITH_BUTTONS))
def test_a_long_question_has_its_choices_at_the_end(key: str) -> None:
    pieces = asked(key, "word " * 4000, SIZES)
    assert len(pieces) > 1
    assert [piece.choices for piece in pieces] == [()] * (len(pieces) - 1) + [SIZES]


async def test_a_list_where_whatsapp_has_no_buttons_for_so_many(town: Town) -> None:
    days = tuple(f"Day number {number}" for number in range(1, 9))
    (piece,) = asked("whatsapp_cloud", "Which day?", days, "353861234567")
    sent = await town.calls.perform(channel("whatsapp_cloud").send(piece, town.settings("whatsapp_cloud")))
    assert sent.outcome == "accepted"
    assert town.providers.phones.received()[0].choices == days


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
