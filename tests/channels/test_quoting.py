"""Quotes going out: shown as such where the channel can, through every channel's own API."""

from __future__ import annotations

import time

import pytest

from leadline.channels import CHANNELS, channel
from leadline.model import Outbound
from leadline.sandbox.providers import InstagramFake, MessengerFake

from .conftest import Town
from .content import QUOTED, quotes

NAMED = {"telegram": "5", "line": "token", "slack": "1763961500.000200"}


def test_these_channels_show_quotes() -> None:
    assert {key for key in CHANNELS if quotes(key)} == set(QUOTED)


@pytest.mark.parametrize("key", sorted(QUOTED))
async def test_a_quote_is_shown_above_the_first_piece_only(town: Town, key: str) -> None:
    adapter, settings = channel(key), town.settings(key)
    number, ref, to = QUOTED[key]
    customer = type(town.providers.fakes[key]).customer(7)
    number = number.replace(to, customer) if key in ("telegram", "slack") else number
    quoted = adapter.quotable(number, ref, customer, settings)
    assert quoted == NAMED.get(key, number)
    pieces = adapter.pieces(
        Outbound(id="0194a", to=customer, text="word " * 5000, quoted=quoted, at=time.time()), settings
    )
    assert [piece.quoted for piece in pieces] == [quoted] + [""] * (len(pieces) - 1)
    sent = await town.calls.perform(adapter.send(pieces[0], settings), fetch=town.teammates_file)
    assert sent.outcome == "accepted", sent
    (delivery,) = town.providers.phones.received()
    if key == "slack":
        assert delivery.to == f"{customer}:{quoted}", "in the thread of the message"
    else:
        assert delivery.quoted == quoted


async def test_a_message_that_line_took_can_be_quoted_by_its_token(town: Town) -> None:
    sent = await town.send("line", to=type(town.providers.fakes["line"]).customer(7))
    assert (sent.outcome, bool(sent.quote_ref)) == ("accepted", True)


@pytest.mark.parametrize(
    ("key", "number", "to"),
    [
        ("telegram", "77/5", "78"),
        ("telegram", "77/5/edited/1763961600", "77"),
        ("telegram", "77/reaction/1763961600/x", "77"),
        ("whatsapp_cloud", "", "353861234567"),
        ("vonage_whatsapp", "aaaa-1", "rcs:353861234567"),
        ("bird", "msg_1", "+353861234567"),
        ("vk", "5/edited/x", "77"),
        ("vk", "5", "2000000001"),
        ("line", "5", "U77"),
        ("slack", "C77:1763961500.000200", "C77:1763961400.000100"),
        ("slack", "D77:1763961500.000200/reaction_added/U1/eyes/1.2", "D77"),
        ("twilio_whatsapp", "SM1", "whatsapp:+353861234567"),
        ("messenger", "m_1/edited/2", "77"),
        ("instagram", "reaction/77/1763961600000/m_1", "77"),
    ],
)
def test_what_is_no_message_of_the_chat_is_not_quoted(town: Town, key: str, number: str, to: str) -> None:
    assert channel(key).quotable(number, "", to, town.settings(key)) == ""


@pytest.mark.parametrize("key", ["messenger", "instagram"])
async def test_an_answer_to_a_message_that_is_gone_goes_out_without_its_quote(town: Town, key: str) -> None:
    fake = town.providers.fakes[key]
    assert isinstance(fake, MessengerFake | InstagramFake)
    fake.gone.add("m_1")
    sent = await town.send(key, to=fake.customer(7), quoted="m_1")
    assert sent.outcome == "accepted", sent
    assert [(one.text, one.quoted) for one in town.providers.phones.received()] == [("Hi", "")]
